package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// lifelineVariable tells a process of the cluster which of its file descriptors is the lifeline (../lifeline).
const lifelineVariable = "CONTROLPLANE_LIFELINE=3"

// lifelines are two pipes that carry nothing but their own end. They tie everything that the cluster consists of to this process, so
// that nothing is left when it ends, however it ends.
type lifelines struct {
	// Only this process holds the writing end of life; when it closes, the cluster's processes exit.
	life, lifeEnd *os.File
	// This process and all of the cluster's hold the writing end of presence; when the last one is gone, the janitor removes the
	// folder.
	presenceEnd *os.File

	janitor       *exec.Cmd
	janitorErrors bytes.Buffer
}

// newLifelines starts the janitor of the folder.
func newLifelines(controlPlane, folder string) (*lifelines, error) {
	life, lifeEnd, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	presence, presenceEnd, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, life.Close(), lifeEnd.Close())
	}
	l := &lifelines{life: life, lifeEnd: lifeEnd, presenceEnd: presenceEnd}
	l.janitor = exec.Command(controlPlane, folder)
	l.janitor.Args[0] = "janitor"
	l.janitor.Stdin = presence
	l.janitor.Stderr = &l.janitorErrors
	l.janitor.SysProcAttr = ownGroup()
	if err := errors.Join(l.janitor.Start(), presence.Close()); err != nil {
		return nil, errors.Join(err, life.Close(), lifeEnd.Close(), presenceEnd.Close())
	}
	return l, nil
}

// tie makes a command, not yet started, end with this process.
func (l *lifelines) tie(command *exec.Cmd) {
	command.ExtraFiles = []*os.File{l.life, l.presenceEnd}
	command.Env = append(command.Env, lifelineVariable)
	command.SysProcAttr = ownGroup()
}

// cut ends all that is tied, and returns when the folder is gone.
func (l *lifelines) cut() error {
	err := errors.Join(l.lifeEnd.Close(), l.life.Close(), l.presenceEnd.Close())
	if janitorErr := l.janitor.Wait(); janitorErr != nil {
		err = errors.Join(err, fmt.Errorf("janitor: %w: %s", janitorErr, l.janitorErrors.Bytes()))
	}
	return err
}

// ownGroup keeps Ctrl-C, which a terminal sends to the whole group of the program that it runs, from the cluster's processes: they end
// in the order in which Stop ends them, and the janitor last.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
