//go:build linux

package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
