package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os/signal"
	"strings"
	"syscall"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// rotationStep is one of the things that a rotation does, with the commands that do the same.
type rotationStep struct {
	What     string      `json:"what"`
	Commands []string    `json:"commands"`
	Result   *stepResult `json:"result,omitempty"` // Nil if it has not begun.

	do func(ctx context.Context) error
}

// stepResult is how a step ended.
type stepResult struct {
	State   string  `json:"state"` // One of the constants.
	Seconds float64 `json:"seconds"`
	Error   string  `json:"error,omitempty"`
}

const (
	stepDone    = "done"
	stepFailed  = "failed"
	stepUnknown = "unknown" // The Secret may be written: the answer was lost, or not waited for.
)

// rotate prints the steps, or does them.
func (c *secretCluster) rotate(ctx context.Context, yes bool) error {
	p, err := c.plan(ctx)
	if err != nil {
		return err
	}
	steps, err := c.rotationSteps(ctx, p)
	if err != nil {
		return err
	}
	if yes {
		if err := c.rehearse(ctx, p); err != nil {
			return err
		}
		err := c.doSteps(ctx, steps)
		if c.json {
			err = errors.Join(err, writeJSON(c.stdout, c.rotationReport(steps)))
		}
		return err
	}
	if c.json {
		err = writeJSON(c.stdout, c.rotationReport(steps))
	} else {
		_, err = fmt.Fprint(c.stdout, script(steps, 0))
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.stderr, "nothing was changed: run the commands, or add --yes")
	return err
}

func (c *secretCluster) rotationSteps(ctx context.Context, p *secretPlan) ([]rotationStep, error) {
	what := "write a new " + strings.Join(append([]string{c.renew}, c.secret.Rotations[c.renew].Derived...), " and ") + " to " + c.name()
	if len(p.added) > 0 {
		what += ", and add " + strings.Join(p.added, ", ")
	}
	steps := []rotationStep{{
		What: what, Commands: []string{c.shell.write(c.renew)}, do: func(ctx context.Context) error { return c.write(ctx, p) },
	}}
	for _, step := range c.secret.Rotations[c.renew].Steps {
		live, err := c.deployment(ctx, step.Deployment)
		if err != nil {
			return nil, err
		}
		if err := c.requireRolling(live); err != nil {
			return nil, err
		}
		manager := managerOfRestart(live)
		next := rotationStep{What: "restart Deployment " + step.Deployment + " and wait for it", Commands: c.shell.step(step, manager)}
		next.do = func(ctx context.Context) error { return c.restart(ctx, step.Deployment, manager) }
		if step.Script != "" {
			next.What = step.Purpose
			next.do = func(ctx context.Context) error { return c.runScript(ctx, step) }
		}
		steps = append(steps, next)
	}
	return steps, nil
}

// rotationTimeout is longer than a rotation takes unless something is stuck: a minute to read, one for each step, and for each restart what its
// Deployment may take until Kubernetes says that it makes no progress. It is 0 if one may take forever.
func rotationTimeout(secret Secret, key string, objects []unstructured.Unstructured) time.Duration {
	limit := defaultTimeout
	for _, step := range secret.Rotations[key].Steps {
		limit += defaultTimeout
		if step.Script != "" {
			continue
		}
		deadline := progressDeadline(objects, secret.Namespace, step.Deployment)
		if deadline == math.MaxInt32 { // Kubernetes takes it for none.
			return 0
		}
		limit += time.Duration(deadline) * time.Second
	}
	return limit
}

// progressDeadline is the declared progressDeadlineSeconds of a Deployment, or Kubernetes's default.
func progressDeadline(objects []unstructured.Unstructured, namespace, name string) int64 {
	for _, o := range objects {
		if o.GetKind() == "Deployment" && o.GetName() == name && (o.GetNamespace() == "" || o.GetNamespace() == namespace) {
			if seconds, declared, _ := unstructured.NestedInt64(o.Object, "spec", "progressDeadlineSeconds"); declared {
				return seconds
			}
		}
	}
	return 600
}

// script has the commands of steps, without those that are done.
func script(steps []rotationStep, done int) string {
	var text strings.Builder
	for i, step := range steps[done:] {
		fmt.Fprintf(&text, "# %d. %s%s\n%s\n", done+i+1, strings.ToUpper(step.What[:1]), step.What[1:], strings.Join(step.Commands, "\n"))
	}
	return text.String()
}

// rehearse finds out what would make a step fail before anything is changed: a missing permission, admission, no pod.
func (c *secretCluster) rehearse(ctx context.Context, p *secretPlan) error {
	if err := c.write(ctx, p, dryRunAll...); err != nil {
		return err
	}
	for _, step := range c.secret.Rotations[c.renew].Steps {
		var err error
		if step.Script == "" {
			err = c.patchRestart(ctx, step.Deployment, restartManager, dryRunAll...)
		} else {
			err = c.rehearseScript(ctx, step)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// doSteps says how long each took, and records its result. When one fails it says how things are, and what remains.
func (c *secretCluster) doSteps(ctx context.Context, steps []rotationStep) error {
	signal.Ignore(syscall.SIGPIPE) // Whoever reads the output may end, and the rotation must not.
	progress := c.stdout
	if c.json {
		progress = c.stderr
	}
	_, _ = fmt.Fprintf(progress, "%s (context %s)\n", c.name(), c.context)
	for i := range steps {
		step := &steps[i]
		_, _ = fmt.Fprintf(progress, "%d/%d %s ", i+1, len(steps), step.What)
		began := time.Now()
		err := step.do(ctx)
		took := time.Since(began).Round(100 * time.Millisecond)
		if err == nil {
			step.Result = &stepResult{State: stepDone, Seconds: took.Seconds()}
			_, _ = fmt.Fprintf(progress, "(%s)\n", took)
			continue
		}
		step.Result = &stepResult{State: stepFailed, Seconds: took.Seconds(), Error: err.Error()}
		_, _ = fmt.Fprintf(progress, "failed after %s\n", took)
		if i == 0 {
			if ctx.Err() == nil && !mayBeDone(err) {
				return err // The API server has not written the Secret.
			}
			step.Result.State = stepUnknown
		}
		_, _ = fmt.Fprint(c.stderr, c.state(steps, i))
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err // Its text is that of connection.run.
		}
		return fmt.Errorf("%s: %w", step.What, err)
	}
	_, err := fmt.Fprintf(progress, "done: %s is changed everywhere\n", c.renew)
	return err
}

// mayBeDone reports whether a request may have been carried out although it failed: its answer was lost.
func mayBeDone(err error) bool {
	var transport *url.Error
	if errors.As(err, &transport) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) {
		return true
	}
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Code >= http.StatusInternalServerError
}

// state tells how things are when a step failed, or was interrupted.
func (c *secretCluster) state(steps []rotationStep, failed int) string {
	if failed == 0 {
		return fmt.Sprintf("It is unknown whether %s has the new %s; nothing else was done. Start again with\n\n%s\n",
			c.name(), c.renew, script(steps, 0))
	}
	var done []string
	for i := range failed {
		done = append(done, fmt.Sprint(i+1))
	}
	return fmt.Sprintf("%s has the new %s. Done: %s of %d. Pods that were not restarted still have the former value. Continue with\n\n%s\n",
		c.name(), c.renew, strings.Join(done, ", "), len(steps), script(steps, failed))
}
