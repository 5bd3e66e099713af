//go:build linux

package servers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the folder below which everything is that the tests write.
var root string

// removeAtEnd removes a folder when its standard input ends: when this process closes it, or is gone. It tries again,
// because a server that was killed may still be writing.
const removeAtEnd = `cat; for _ in $(seq 100); do rm -rf -- "$1" && exit; sleep 0.1; done; exit 1`

// makeRoot makes the root, and the function that removes it. It is removed also if this process is killed.
func makeRoot() (remove func() error, err error) {
	if root, err = os.MkdirTemp("", "servers-"); err != nil {
		return nil, err
	}
	if err := giveAway(root); err != nil {
		return nil, err
	}
	janitor := exec.Command("sh", "-c", removeAtEnd, "sh", root)
	// Ctrl-C ends the whole group of the program that a terminal runs.
	janitor.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	life, err := janitor.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := janitor.Start(); err != nil {
		return nil, err
	}
	return func() error {
		if err := errors.Join(life.Close(), janitor.Wait()); err != nil {
			return fmt.Errorf("remove %s: %w", root, err)
		}
		return nil
	}, nil
}

// newFolder makes a folder for a test that the servers can write to.
func newFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp(root, "")
	require.NoError(t, err)
	require.NoError(t, giveAway(folder))
	return folder
}

// giveAway makes a file or folder that of the servers' user.
func giveAway(path string) error {
	credential, err := serverCredential()
	if err != nil || credential == nil {
		return err
	}
	return os.Chown(path, int(credential.Uid), int(credential.Gid))
}

// writeFile writes a file that the servers can read and change.
func writeFile(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	require.NoError(t, giveAway(path))
}
