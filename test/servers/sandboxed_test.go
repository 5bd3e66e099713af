//go:build linux

package servers

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireAsInThePod looks from outside at the process in a sandbox.
func requireAsInThePod(t *testing.T, s *sandbox) {
	t.Helper()
	process := s.process.Process.Pid
	children := strings.Fields(readProc(t, process, fmt.Sprintf("task/%d/children", process)))
	require.Len(t, children, 1, "of bwrap")
	inside := readProcOf(t, children[0])

	commandLine := strings.Split(strings.TrimSuffix(inside("cmdline"), "\x00"), "\x00")
	require.Equal(t, append([]string{s.program}, s.Args...), commandLine)
	require.Regexp(t, `(?m)^CapEff:\t0+$`, inside("status"))
	require.Equal(t, s.writable(), writableMounts(inside("mounts")))
}

// writable is where the container may write.
func (s *sandbox) writable() []string {
	var paths []string
	for _, mount := range s.VolumeMounts {
		if !mount.ReadOnly {
			paths = append(paths, mount.MountPath)
		}
	}
	slices.Sort(paths)
	return paths
}

// writableMounts are those of a process, but for the kernel's own.
func writableMounts(mounts string) []string {
	var paths []string
	for line := range strings.Lines(mounts) {
		fields := strings.Fields(line)
		path, options := fields[1], strings.Split(fields[3], ",")
		kernels := strings.HasPrefix(path, "/dev/") || path == "/proc" || strings.HasPrefix(path, "/proc/")
		if slices.Contains(options, "rw") && !kernels {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

func readProc(t *testing.T, pid int, name string) string {
	t.Helper()
	return readProcOf(t, fmt.Sprint(pid))(name)
}

// readProcOf returns a function that reads what the kernel tells of a process.
func readProcOf(t *testing.T, pid string) func(name string) string {
	t.Helper()
	return func(name string) string {
		t.Helper()
		content, err := os.ReadFile("/proc/" + pid + "/" + name)
		require.NoError(t, err)
		return string(content)
	}
}
