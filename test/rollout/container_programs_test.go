package rollout

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// install puts a program into a container, that logs its command line and does what a shell script says.
func install(t *testing.T, container, program, script string) {
	t.Helper()
	folder := filepath.Join(programs, container)
	require.NoError(t, os.MkdirAll(folder, 0o700))
	content := "#!/bin/sh\necho \"${0##*/} $*\" >>\"${0%/*}/log\"\n" + script + "\n"
	file := filepath.Join(folder, program)
	require.NoError(t, os.WriteFile(file+".new", []byte(content), 0o700))
	require.NoError(t, os.Rename(file+".new", file)) // A file that is open for writing cannot be executed.
}

// uninstall removes all programs of containers.
func uninstall(t *testing.T) {
	t.Helper()
	require.NoError(t, os.RemoveAll(programs))
}

// executed are the command lines of a container's programs since the last time.
func executed(t *testing.T, container string) []string {
	t.Helper()
	log := filepath.Join(programs, container, "log")
	content, err := os.ReadFile(log)
	require.NoError(t, err)
	require.NoError(t, os.Remove(log))
	return strings.Split(strings.TrimSpace(string(content)), "\n")
}
