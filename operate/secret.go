package operate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Secret is the Secret that the pods of an environment read.
type Secret struct {
	// Name is the name of the Secret. Required.
	Name string

	// Namespace is the namespace of the Secret. Required.
	Namespace string

	// New returns a manifest with new values, in stringData. If the Secret must not be created by hand, it returns an
	// error with the reason. Required.
	New func() ([]byte, error)

	// Fill adds all missing values that it can create, and changes none. Required.
	Fill func(values map[string]string) error

	// Rotations are the keys whose value the command can change. Defaults to none.
	Rotations map[string]Rotation

	// Help names the document about the Secret, for messages. Defaults to none.
	Help string
}

// Rotation is the procedure that follows a new value of a key.
type Rotation struct {
	// Derived are the keys whose values contain the value. They are recreated with it. Defaults to none.
	Derived []string

	// Steps are executed in order, after the value was written to the Secret. Required.
	Steps []Step
}

// Step restarts a Deployment and waits for its rollout, or runs a script in one of its pods.
type Step struct {
	// Deployment is the name of a Deployment. Required.
	Deployment string

	// Script is run by sh in Container. Defaults to none: the Deployment is restarted.
	Script string

	// Container runs the script. Required with Script.
	Container string

	// Purpose describes the script in the imperative. Required with Script.
	Purpose string
}

const secretLong = `Print the Secret of an environment with new passwords, for "kubectl create -f -". This needs no cluster.

--keep reads the Secret from the cluster, keeps every value, and adds the missing keys that the environment's manifests read; --renew also
gives one key a new value. It prints the result for "kubectl apply --server-side -f -", or with --renew for
"kubectl apply --server-side --force-conflicts -f -". A terminal shows only the names of the keys, unless --show is set. --yes writes
the Secret, and only the keys that change.

--rotate prints the commands that give a key a new value and make everything use it, in order. --yes runs them. If one fails, the
remaining commands are printed. --timeout then defaults to one minute, plus one minute for each step, plus the Deployment's
progressDeadlineSeconds for each restart.

--output=json prints the environment, the context of the cluster, and the namespace and name of the Secret. --keep adds the keys that were
kept, added, renewed and absent, and whether they were written; with --show also the values, in base64. --rotate adds the steps with
their commands, and with --yes the result of each step that was started: done, failed, or unknown if the API server's answer was lost, its
duration in seconds, and its error. This is also printed if a step fails. All other messages go to standard error.

A Secret that is immutable, being deleted, or filled by an operator is refused. If the Secret is lost while pods are running, --keep prints
a bash script that recovers it from their values, and names the keys that no ready pod has.

Permissions: get on Secrets, on Deployments (StatefulSets and DaemonSets if they read the Secret), and on the namespace. With --yes patch
on Secrets (create for a new one); for --rotate --yes also patch on Deployments, list on pods, and create on pods/exec.

Exit codes:
  0    done, or printed
  2    refused, a step failed, or other errors
  3    invalid command line
` + clusterExitCodes + `  9    timeout
  130  interrupted`

const secretExamples = `  ai-platform secret | kubectl create -f -
  ai-platform secret --keep
  ai-platform secret --keep | kubectl apply --server-side -f -
  ai-platform secret --keep --yes
  ai-platform secret --keep --output=json | jq '.added[]'
  ai-platform secret --rotate database-password
  ai-platform secret --rotate database-password --yes`

// secretCommandLine holds the flags of the command.
type secretCommandLine struct {
	connection
	app    Application
	keep   bool
	renew  string
	show   bool
	rotate string
	yes    bool
	output string
}

func secretCommand(app Application) *cobra.Command {
	s := &secretCommandLine{app: app}
	command := &cobra.Command{
		Use:     "secret " + argument,
		Short:   "Print the Secret of an environment, add keys to it, or rotate its passwords",
		Long:    secretLong + "\n\n" + app.namesHelp(),
		Example: secretExamples,
		Args:    cobra.MaximumNArgs(1),
		RunE:    s.execute,
	}
	flags := command.Flags()
	s.addFlags(flags)
	flags.BoolVar(&s.keep, "keep", false, "keep the values of the cluster's Secret, and add missing keys")
	flags.StringVar(&s.renew, "renew", "", "with --keep: give this `key` a new value")
	flags.BoolVar(&s.show, "show", false, "with --keep: also print values to a terminal")
	flags.StringVar(&s.rotate, "rotate", "", "print the commands that give this `key` a new value everywhere")
	flags.BoolVar(&s.yes, "yes", false, "with --keep: write the Secret; with --rotate: run the commands")
	flags.StringVarP(&s.output, "output", "o", "text", "with --keep or --rotate: `format`, text or json")
	return command
}

func (s *secretCommandLine) execute(command *cobra.Command, args []string) error {
	e, err := s.app.environment(args)
	if err != nil {
		return err
	}
	if e.Secret == nil {
		return Usage(fmt.Errorf("no Secret is configured for %s", e.Name))
	}
	if err := s.check(command.Flags()); err != nil {
		return err
	}
	if !s.keep && s.rotate == "" {
		manifest, err := e.Secret.New()
		if err != nil {
			return err
		}
		_, err = command.OutOrStdout().Write(manifest)
		return err
	}
	return s.withCluster(command, e)
}

// check refuses combinations of flags that mean nothing.
func (s *secretCommandLine) check(flags *pflag.FlagSet) error {
	renews, rotates := flags.Changed("renew"), flags.Changed("rotate")
	for _, wrong := range []struct {
		is  bool
		why string
	}{
		{rotates && s.rotate == "", "--rotate requires the name of a key"},
		{renews && s.renew == "", "--renew requires the name of a key"},
		{rotates && s.keep, "--rotate already keeps the other values: omit --keep"},
		{renews && !s.keep, "--renew requires --keep"},
		{s.show && !s.keep, "--show requires --keep"},
		{s.output != "text" && s.output != "json", "--output=" + s.output + ": must be text or json"},
		{s.show && s.yes, "--yes prints no values: omit --show"},
	} {
		if wrong.is {
			return Usage(errors.New(wrong.why))
		}
	}
	if s.keep || rotates {
		return nil
	}
	return refuseFlags(flags, "yes", "output", "kubeconfig", "context", "namespace", "timeout")
}

// refuseFlags wants no flags that mean something only with a cluster.
func refuseFlags(flags *pflag.FlagSet, names ...string) error {
	for _, name := range names {
		if flags.Changed(name) {
			return Usage(fmt.Errorf("--%s requires --keep or --rotate: otherwise a new Secret is printed, without a cluster", name))
		}
	}
	return nil
}

func (s *secretCommandLine) withCluster(command *cobra.Command, e Environment) error {
	if s.namespace != "" && s.namespace != e.Secret.Namespace {
		return Usage(fmt.Errorf("--namespace=%s: the Secret of %s is in %s", s.namespace, e.Name, e.Secret.Namespace))
	}
	objects, err := e.load()
	if err != nil {
		return err
	}
	read, err := readKeys(objects, *e.Secret)
	if err != nil {
		return err
	}
	if err := checkRotation(*e.Secret, read, s.key()); err != nil {
		return err
	}
	s.allowRollouts(command.Flags(), *e.Secret, objects)
	return s.run(command, func(ctx context.Context) error { return s.inCluster(ctx, command, e, read) })
}

// allowRollouts gives those of a rotation the time that they may take, unless the command line says how long.
func (s *secretCommandLine) allowRollouts(flags *pflag.FlagSet, secret Secret, objects []unstructured.Unstructured) {
	if s.rotate != "" && s.yes && !flags.Changed("timeout") {
		s.timeout = rotationTimeout(secret, s.rotate, objects)
	}
}

// key is the one that gets a new value: check admits one of both flags.
func (s *secretCommandLine) key() string { return s.renew + s.rotate }

func (s *secretCommandLine) inCluster(ctx context.Context, command *cobra.Command, e Environment, read keyReaders) error {
	connected, err := s.connect(ctx, command.ErrOrStderr())
	if err != nil {
		return err
	}
	c := &secretCluster{
		cluster: connected, environment: e.Name, secret: *e.Secret, read: read, renew: s.key(),
		shell: s.shell(command, e), executor: s.app.Executor, json: s.output == "json", stdout: command.OutOrStdout(), stderr: command.ErrOrStderr(),
	}
	if c.executor == nil {
		c.executor = remoteExecutor{connected.config}
	}
	if s.rotate != "" {
		return c.rotate(ctx, s.yes)
	}
	return c.keep(ctx, s.yes, s.show || !c.json && !isTerminal(c.stdout))
}

// checkRotation wants a key whose rotation is known, and that something reads.
func checkRotation(secret Secret, read keyReaders, key string) error {
	if key == "" {
		return nil
	}
	var known []string
	for name := range secret.Rotations {
		if _, is := read[name]; is {
			known = append(known, name)
		}
	}
	if slices.Contains(known, key) {
		return nil
	}
	slices.Sort(known)
	return Usage(fmt.Errorf("cannot change the value of key %q: must be one of %s", key, strings.Join(known, ", ")))
}
