//go:build linux

package servers

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// variables are the environment of a process: all of it, so that nothing of the user's (PGHOST, …) is in it.
type variables map[string]string

// serverCredential is that of the user nobody if the tests run as root, whom PostgreSQL refuses; else nil.
var serverCredential = sync.OnceValues(func() (*syscall.Credential, error) {
	if os.Geteuid() != 0 || isOnlyUser() {
		return nil, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, uidErr := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(nobody.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(uidErr, gidErr)
})

// isOnlyUser reports whether this is a user namespace in which there is no other user: see inOwnNetwork.
func isOnlyUser() bool {
	users, err := os.ReadFile("/proc/self/uid_map")
	ranges := strings.Fields(string(users)) // Each is a first user in here, the same user outside, and the number.
	return err == nil && len(ranges) == 3 && ranges[2] == "1"
}

// newCommand prepares a program that runs as the servers' user and ends with this process, however that ends.
func newCommand(ctx context.Context, t *testing.T, env variables, arguments []string) *exec.Cmd {
	t.Helper()
	credential, err := serverCredential()
	require.NoError(t, err)

	// env(1) looks in the PATH that it is given, not in ours.
	command := exec.CommandContext(ctx, "env", arguments...)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		command.Env = append(command.Env, name+"="+env[name])
	}
	command.Dir = root
	command.SysProcAttr = &syscall.SysProcAttr{
		Credential: credential,
		// It makes PostgreSQL end its own processes, and is Redis's death too.
		Pdeathsig: syscall.SIGQUIT,
		Setsid:    true, // psql would ask for a password at the terminal.
	}
	// The whole group: a script's own processes too.
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = time.Second
	return command
}

// output runs a program to its end and returns what it printed.
func output(t *testing.T, env variables, arguments ...string) (string, error) {
	t.Helper()
	// Not the test's context, which ends before its Cleanup.
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	printed, err := newCommand(ctx, t, env, arguments).CombinedOutput()
	return string(printed), err
}
