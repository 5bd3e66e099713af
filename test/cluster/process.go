package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// logTail is how much of a failed component's log an error shows.
const logTail = 2000

// process is a component that runs.
type process struct {
	name    string
	log     string
	command *exec.Cmd
	ended   chan struct{} // closed when it is gone; then result is set
	result  error
}

// run starts a component.
func (c *Cluster) run(component component) error {
	p := &process{
		name: component.name,
		log:  filepath.Join(c.logFolder, component.name+".log"),
		// The context of the start does not end what it started.
		command: c.command(context.Background(), component.binary, component.name, component.flags...),
		ended:   make(chan struct{}),
	}
	log, err := os.Create(p.log)
	if err != nil {
		return err
	}
	p.command.Dir = c.folder
	p.command.Stdout, p.command.Stderr = log, log
	if err := errors.Join(p.command.Start(), log.Close()); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	c.components = append(c.components, p)
	go func() {
		p.result = p.command.Wait()
		close(p.ended)
	}()
	return nil
}

// command prepares a program of the cluster: it sees nothing of the user's configuration, and ends with the cluster.
func (c *Cluster) command(ctx context.Context, binary, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, binary, args...)
	command.Args[0] = name // how the control plane's binary knows what to be
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), // kubectl diff runs diff
		"HOME=" + c.folder,
		"TMPDIR=" + c.path("tmp"),
		"KUBECONFIG=" + c.Kubeconfig(),
	}
	c.lifelines.tie(command)
	return command
}

// failure describes the components that ended although nobody ended them.
func (c *Cluster) failure() error {
	var errs []error
	for _, p := range c.components {
		select {
		case <-p.ended:
			errs = append(errs, fmt.Errorf("%s has ended: %w\n%s", p.name, p.result, p.tail()))
		default:
		}
	}
	return errors.Join(errs...)
}

func (p *process) tail() []byte {
	content, err := os.ReadFile(p.log)
	if err != nil {
		return []byte(err.Error())
	}
	content = bytes.TrimSpace(content)
	return content[max(0, len(content)-logTail):]
}

// kill ends a process at once: nothing that it would save is kept, and an API server takes up to a minute to end politely.
func (p *process) kill() error {
	err := p.command.Process.Kill()
	<-p.ended
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
