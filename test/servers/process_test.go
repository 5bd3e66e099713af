//go:build linux

package servers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// deadline is for what takes far less on a machine that does nothing else.
	deadline = time.Minute

	// pollInterval is how long to wait between two questions.
	pollInterval = 10 * time.Millisecond
)

// process is a server that runs until its test ends.
type process struct {
	*exec.Cmd
	log   string
	ended chan struct{} // Closed when it is gone; then err is set.
	err   error
}

// start starts a server.
func start(t *testing.T, env variables, arguments ...string) *process {
	t.Helper()
	log, err := os.Create(filepath.Join(newFolder(t), "log"))
	require.NoError(t, err)
	p := &process{
		Cmd:   newCommand(context.Background(), t, env, arguments),
		log:   log.Name(),
		ended: make(chan struct{}),
	}
	p.Stdout, p.Stderr = log, log
	require.NoError(t, errors.Join(p.Start(), log.Close()))
	go p.end()
	t.Cleanup(func() {
		if err := p.quit(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// end waits for the process to end. All that it has started ends with it, as in a container when its first process ends.
func (p *process) end() {
	p.err = p.Wait()
	if err := p.Cancel(); !errors.Is(err, syscall.ESRCH) { // There is no group if there is nothing in it.
		p.err = errors.Join(p.err, err)
	}
	close(p.ended)
}

// quit ends the process at once.
func (p *process) quit() error {
	// A server that a test has stopped is gone already.
	if err := p.Process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(deadline):
		return errors.Join(fmt.Errorf("%s goes on after SIGQUIT", p), p.Cancel())
	}
}

// stop asks the process to end, and returns its result.
func (p *process) stop(t *testing.T, signal os.Signal) error {
	t.Helper()
	require.NoError(t, p.Process.Signal(signal))
	return p.wait(t)
}

// wait returns the result of a process that ends by itself.
func (p *process) wait(t *testing.T) error {
	t.Helper()
	select {
	case <-p.ended:
		return p.err
	case <-time.After(deadline):
		require.FailNow(t, "the process goes on", p.printed(t))
		return nil
	}
}

// until asks again and again, until the answer is no error.
func (p *process) until(t *testing.T, ask func() error) {
	t.Helper()
	p.within(t, deadline, ask)
}

// within is until with a deadline of its own.
func (p *process) within(t *testing.T, deadline time.Duration, ask func() error) {
	t.Helper()
	for begin := time.Now(); ; {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-p.ended:
			require.FailNow(t, "the server has ended", "%v\n%s", p.err, p.printed(t))
		case <-time.After(pollInterval):
			require.Less(t, time.Since(begin), deadline, "%v\n%s", err, p.printed(t))
		}
	}
}

// printed is what the process has printed.
func (p *process) printed(t *testing.T) string {
	t.Helper()
	log, err := os.ReadFile(p.log)
	require.NoError(t, err)
	return string(log)
}

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

// loopback is where the servers listen, and only there.
const loopback = "127.0.0.1"

// freePort returns a port that nothing on this machine listens to.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}
