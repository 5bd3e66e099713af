//go:build linux

package rollout

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestSecretOnATerminal wants no value on it, except by --show.
func TestSecretOnATerminal(t *testing.T) {
	begin(t, development)
	serverSide.apply(t, filepath.Join(development.Path(), "00-namespace.k8s.yaml"))
	development.createSecret(t)
	password := string(development.secret(t).Data["redis-password"])
	for flag, shown := range map[string]bool{"--show": true, "--renew=database-password": false} {
		printed := onTerminal(t, "secret", "development", "--keep", flag)
		require.Contains(t, printed, "redis-password")
		if shown {
			require.Contains(t, printed, "kind: Secret")
			continue
		}
		require.NotContains(t, printed, "kind: Secret")
		require.NotContains(t, printed, password)
		require.Contains(t, printed, "no value is printed to a terminal: add --yes, or pipe into \"kubectl apply --server-side --force-conflicts -f -\"")
	}
}

// onTerminal runs the command on a terminal of its own, and returns what is on it in the end.
func onTerminal(t *testing.T, args ...string) string {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(t, err)
	defer screen.Close()
	require.NoError(t, unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	terminal, err := os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	printed := make(chan string)
	go func() {
		content, _ := io.ReadAll(screen) // It ends with an error when nobody has the terminal open.
		printed <- string(content)
	}()
	command := newProgram(t, root, control.Kubeconfig(), args...)
	command.Stdout, command.Stderr = terminal, terminal
	err = errors.Join(command.Run(), terminal.Close())
	content := <-printed
	require.NoError(t, err, content)
	return content
}
