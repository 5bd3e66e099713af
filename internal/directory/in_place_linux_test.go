package directory

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// mountedVariable has this test binary mount something and replace the target.
const mountedVariable = "FOLDER_TEST_MOUNTED"

// mounts are ways in which a target cannot be moved.
var mounts = map[string]func(target string) error{
	"mount point": func(target string) error { return unix.Mount(target, target, "", unix.MS_BIND, "") },
	"read-only above": func(target string) error {
		above := filepath.Dir(target)
		if err := unix.Mount(above, above, "", unix.MS_BIND, ""); err != nil {
			return err
		}
		if err := unix.Mount(target, target, "", unix.MS_BIND, ""); err != nil {
			return err
		}
		return unix.Mount("", above, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, "")
	},
}

func TestReplaceInPlace(t *testing.T) {
	for name := range mounts {
		t.Run(name, func(t *testing.T) {
			path := target(t, 0o755, "a.yaml", "old.yaml", unfinished+"a.yaml")
			require.NoError(t, os.Mkdir(filepath.Join(path, "templates"), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(path, "templates", "old.yaml"), nil, 0o666))
			replacer := exec.Command(os.Args[0], "-test.run=^TestMounted$", "-test.v")
			replacer.Env = append(os.Environ(), mountedVariable+"="+name, replacerTarget+"="+path)
			replacer.SysProcAttr = &syscall.SysProcAttr{
				Cloneflags:  unix.CLONE_NEWNS | unix.CLONE_NEWUSER,
				UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
			}
			output, err := replacer.CombinedOutput()
			require.NoError(t, err, string(output))
			require.Contains(t, string(output), "--- PASS: TestMounted")

			want := contents("a.yaml", "b/c.yaml")
			for name, content := range want {
				got, err := os.ReadFile(filepath.Join(path, name))
				require.NoError(t, err)
				require.Equal(t, string(content), string(got))
			}
			require.ElementsMatch(t, []string{"a.yaml", "b"}, namesIn(t, path))
			require.Equal(t, []string{"c.yaml"}, namesIn(t, filepath.Join(path, "b")))
			requireAlone(t, path)
		})
	}
}

// TestMounted is not a test but the process that TestReplaceInPlace starts, with mounts of its own.
func TestMounted(t *testing.T) {
	name := os.Getenv(mountedVariable)
	if name == "" {
		t.Skip("run by TestReplaceInPlace")
	}
	require.NoError(t, mounts[name](os.Getenv(replacerTarget)))
	require.NoError(t, ReplaceTree(os.Getenv(replacerTarget), contents("a.yaml", "b/c.yaml"), func(string, []byte) bool { return true }))
}

// A file that cannot be written leaves the old ones.
func TestWriteInPlaceFailsWhole(t *testing.T) {
	path := target(t, 0o755, "a.yaml", "b.yaml")
	require.NoError(t, os.Mkdir(filepath.Join(path, unfinished+"b.yaml"), 0o755))
	files := map[string][]byte{"a.yaml": []byte("new"), "b.yaml": []byte("new")}
	require.ErrorContains(t, writeInPlace(path, files), filepath.Join(path, unfinished+"b.yaml"))
	requireHolds(t, path, contents("a.yaml", "b.yaml"))

	lock, err := Lock(path)
	require.NoError(t, err)
	require.ErrorContains(t, writeInPlace(path, files), path+" is being written by another process")
	require.NoError(t, lock.Close())
	require.NoError(t, writeInPlace(path, files))
	requireHolds(t, path, files)
}
