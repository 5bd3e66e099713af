package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const verifyLong = `Verify that an environment works in the cluster, step by step:

  objects   all declared objects exist, and nobody has changed them by hand
  pods      all declared Deployments, StatefulSets and DaemonSets exist, are up to date as far as their updateStrategy says, and have
            all their pods ready
  services  all declared Services exist, and have a ready endpoint on each of their ports
  ingress   all hosts of declared Ingresses and HTTPRoutes answer, over HTTPS with a valid certificate if the Ingress, or the listener
            that the HTTPRoute attaches to, has TLS for them
  backends  from a pod of each workload that an Ingress or an HTTPRoute routes to, curl or wget gets the path of the readiness probe of
            each workload that the policies let it connect to, by the name of its Service

With --persistence, after the others:

  persistence  a marker that was written to the database survives the deletion of its pod, and is removed. Nothing is written or deleted
               if another step failed, if the data is not on a claim, if a claim is not Bound or is being deleted, or if the database has
               several pods. The step pods always runs, whatever --steps says.

A step that fails prints each cause, the affected objects, and what to do. Causes include images that cannot be pulled, missing Secrets and
keys, claims that do not bind, quotas, Pod Security, pods that cannot be scheduled, crashes, failing probes, selectors and ports that match
nothing, network policies, IngressClasses without a controller, Gateways, listeners and routes that are not accepted, names missing from
DNS, and certificates that cert-manager does not issue. verify also reports who changed an object since it was applied; "diff" shows all
differences.

Each host gets one request, for its shortest path, and redirects are not followed. --address replaces DNS, for an address that DNS does not
have yet; with a port, it also replaces that of HTTP or HTTPS, where a listener has another one. --ca trusts a test authority. The step
passes with any status below 500 except 400, 404 and 421. It warns about certificates that expire within 7 days.

--wait repeats the steps every second until all pass, and prints progress and causes to standard error. --timeout then defaults to ` + waitLimit + `,
as it does for --persistence --yes.

verify changes nothing without --persistence or --debug-image. --persistence names the pod that it would delete and the clients that this
interrupts; --yes deletes it. With --debug-image, a pod whose image has neither curl nor wget gets an ephemeral container, which stays
until the pod is replaced.

Permissions: get on declared objects (those that may not be read are not compared); list on deployments, replicasets, pods,
persistentvolumeclaims, services and endpointslices (statefulsets and daemonsets if declared). The step backends requires create on
pods/exec; --debug-image also requires get on pods and patch on pods/ephemeralcontainers, and --persistence --yes requires create on
pods/exec and delete on pods. Causes are more exact with list on events and storageclasses, and get on secrets and configmaps; for failed
requests also with list on networkpolicies, ingresses, ingressclasses, the kinds of Gateway API and cert-manager, endpointslices in
kube-system, and on namespaces, services and pods of the whole cluster. Without list on the Gateways of others to which HTTPRoutes attach,
a host has TLS if a route redirects to it, or if the name of its listener begins with "https".
Values of Secrets are not printed.

Exit codes:
  0    all steps passed
  1    a step failed
  2    other errors
  3    invalid command line
` + clusterExitCodes + `  9    timeout; with --wait, a step was still failing
  130  interrupted`

const verifyExamples = `  ai-platform verify
  ai-platform verify staging --context=staging
  ai-platform verify --wait --timeout=5m
  ai-platform verify --steps=ingress --address=203.0.113.7 --ca=authority.pem
  ai-platform verify --persistence --yes
  ai-platform verify --steps=backends --debug-image=docker.io/curlimages/curl
  ai-platform verify --output=json | jq '.steps[].findings'`

const (
	// waitTimeout is a Deployment's progressDeadlineSeconds by default, in which all pods are normally ready.
	waitTimeout = 10 * time.Minute
	waitLimit   = "10m"

	waitInterval = time.Second

	// patience is how long an API server may take to come back.
	patience = 15 * time.Second
)

// verify holds the flags of the command.
type verify struct {
	connection
	app    Application
	output string
	steps  []string
	wait   bool

	requests    requests
	debugImage  string
	persistence bool
	yes         bool
}

func verifyCommand(app Application) *cobra.Command {
	v := &verify{app: app}
	command := &cobra.Command{
		Use:     "verify " + argument,
		Short:   "Verify that an environment works in the cluster, and report causes",
		Long:    verifyLong + "\n\n" + app.namesHelp(),
		Example: verifyExamples,
		Args:    cobra.MaximumNArgs(1),
		RunE:    v.execute,
	}
	flags := command.Flags()
	v.addFlags(flags)
	flags.StringVarP(&v.output, "output", "o", "text", "`format`: text or json")
	flags.StringSliceVar(&v.steps, "steps", stepNames(), "run only these `steps`")
	v.requests.addFlags(flags)
	flags.StringVar(&v.debugImage, "debug-image", "", "`image` with curl or wget, for a container that is added to pods whose image has neither")
	flags.BoolVar(&v.persistence, "persistence", false, "test that the database keeps its data when its pod is deleted")
	flags.BoolVar(&v.yes, "yes", false, "with --persistence: delete the pod")
	flags.BoolVar(&v.wait, "wait", false, "wait until all steps pass, for --timeout or "+waitLimit)
	return command
}

func (v *verify) execute(command *cobra.Command, args []string) error {
	e, err := v.app.environment(args)
	if err != nil {
		return err
	}
	if err := v.check(e); err != nil {
		return Usage(err)
	}
	if err := v.requests.check(); err != nil {
		return err
	}
	if v.persistence && !slices.Contains(v.steps, "pods") {
		v.steps = append(v.steps, "pods") // Nothing is deleted where pods are not ready, or claims are.
	}
	if (v.wait || v.persistence && v.yes) && !command.Flags().Changed("timeout") {
		v.timeout = waitTimeout
	}
	return v.run(command, func(ctx context.Context) error { return v.verify(ctx, command, e) })
}

// check refuses flags that mean nothing.
func (v *verify) check(e Environment) error {
	if v.output != "text" && v.output != "json" {
		return fmt.Errorf("--output=%s: must be text or json", v.output)
	}
	if len(v.steps) == 0 {
		return fmt.Errorf("--steps=: must be one or more of %s", strings.Join(stepNames(), ", "))
	}
	for _, name := range v.steps {
		if !slices.Contains(stepNames(), name) {
			return fmt.Errorf("--steps=%s: must be one or more of %s", name, strings.Join(stepNames(), ", "))
		}
	}
	switch {
	case v.debugImage != "" && !slices.Contains(v.steps, "backends"):
		return errors.New("--debug-image requires the step backends")
	case v.persistence && e.Persistence == nil:
		return fmt.Errorf("--persistence: no database is configured for %s", e.Name)
	case v.yes && !v.persistence:
		return errors.New("--yes requires --persistence")
	}
	return nil
}

func (v *verify) verify(ctx context.Context, command *cobra.Command, e Environment) error {
	c, err := v.begin(ctx, command, e)
	if err != nil {
		return err
	}
	found, err := c.verify(ctx, nil)
	if err != nil {
		return err
	}
	if v.wait {
		if found, err = v.waitFor(ctx, c, found, command.ErrOrStderr()); err != nil {
			return err
		}
	}
	waitedFor := v.wait && !found.Passed
	var failure error
	if v.persistence {
		failure = c.persist(ctx, found, v.yes)
	}
	if err := v.write(command.OutOrStdout(), found); err != nil {
		return errors.Join(failure, err)
	}
	switch {
	case failure != nil:
		return failure
	case found.Passed:
		return nil
	case waitedFor:
		return exitError{fmt.Errorf("still failing after %s: increase --timeout to wait longer", v.timeout), ExitTimeout}
	}
	return errFound
}

// waitFor looks again until everything passes, or until the time is over, and prints what changes. It gives up if the API server does not
// answer for longer than it takes to restart.
func (v *verify) waitFor(ctx context.Context, c *verifier, last *verification, stderr io.Writer) (*verification, error) {
	p := progress{to: stderr, causes: map[string]bool{}}
	var lost time.Time
	for !last.Passed {
		if err := p.print(last); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(waitInterval):
		}
		found, err := c.again(ctx, last)
		switch {
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			return last, nil
		case err == nil:
			last, lost = found, time.Time{}
			continue
		case ctx.Err() != nil || !isTransient(err):
			return nil, err
		case lost.IsZero():
			lost = time.Now()
			if _, err := fmt.Fprintln(stderr, "trying again:", explain(err)); err != nil {
				return nil, err
			}
		case time.Since(lost) > patience:
			return nil, err
		}
	}
	return last, nil
}

// progress prints what changes while people wait.
type progress struct {
	to     io.Writer
	line   string
	causes map[string]bool // That were printed.
}

// print leaves out causes of which nobody need know unless they stay.
func (p *progress) print(v *verification) error {
	var lines []string
	if line := v.progress(); line != p.line {
		p.line = line
		lines = append(lines, line)
	}
	for _, s := range v.Steps {
		for _, f := range s.Findings {
			line := "  " + f.Object + ": " + f.Cause
			if f.Passes() || p.causes[line] {
				continue
			}
			p.causes[line] = true
			lines = append(lines, line)
		}
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(p.to, line); err != nil {
			return err
		}
	}
	return nil
}

func (v *verify) write(stdout io.Writer, found *verification) error {
	if v.output == "json" {
		return writeJSON(stdout, found)
	}
	return found.text(stdout, colored(stdout))
}
