// Command ai-platform writes the manifests of the ai-platform application, and helps to run it. Without arguments it writes production to
// dist/, which is what "cdk8s synth" runs; --help lists the commands.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ai-platform/manifests/apps/ai-platform/chart"
	"github.com/ai-platform/manifests/apps/ai-platform/persistence"
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/apps/ai-platform/secret"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/operate"
)

func main() {
	err := newCommand().Execute()
	constructs.Close()
	operate.Exit(err)
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "ai-platform",
		Short:         "Write the manifests of the ai-platform application, and run it",
		Long:          "Without a command, ai-platform writes production to dist/.",
		Args:          noArguments,
		RunE:          func(*cobra.Command, []string) error { return synth(platform.Production()) },
		SilenceUsage:  true,
		SilenceErrors: true, // main prints them.
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return operate.Usage(err) })
	root.AddCommand(synthCommand())
	root.AddCommand(operate.Commands(application())...)
	return root
}

// noArguments names the command that was probably meant.
func noArguments(command *cobra.Command, args []string) error {
	err := cobra.NoArgs(command, args)
	if err == nil {
		return nil
	}
	if similar := command.SuggestionsFor(args[0]); len(similar) > 0 {
		err = fmt.Errorf("%w: did you mean %s?", err, strings.Join(similar, " or "))
	}
	return operate.Usage(err)
}

// application is what the commands that run it are for.
func application() operate.Application {
	app := operate.Application{Program: "go run ./apps/ai-platform"}
	for _, e := range platform.Environments() {
		app.Environments = append(app.Environments, operate.Environment{
			Name: e.Name, Directory: e.Directory(), Secret: secret.Of(e), Persistence: persistence.Database(),
		})
	}
	return app
}

func synthCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "synth",
		Short: "Write every environment, the chart and Argo CD's objects",
		Long:  "Write production to dist/, and the other environments, the chart and Argo CD's objects to deploy/.",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return synthAll() },
	}
}

// synthAll goes on after a failure, so that one run names the problems of every environment.
func synthAll() error {
	if outdir := os.Getenv("CDK8S_OUTDIR"); outdir != "" {
		return fmt.Errorf("CDK8S_OUTDIR=%s names one folder, and the command synth writes several: unset it", outdir)
	}
	var errs []error
	for _, e := range platform.Environments() {
		errs = append(errs, synth(e))
	}
	errs = append(errs, chart.Write())
	if err := errors.Join(errs...); err != nil {
		return err // Argo CD's objects follow from the environments.
	}
	return synthArgoCD()
}

func synthArgoCD() error {
	a, err := platform.NewArgoCD(platform.Environments()...)
	if err != nil {
		return err
	}
	return errors.Join(
		constructs.Synth(platform.ApplicationSetDirectory, a.ComposeApplicationSet),
		constructs.Synth(platform.ApplicationsDirectory, a.ComposeApplications),
	)
}

func synth(e platform.Environment) error {
	if err := constructs.Synth(e.Directory(), e.Compose); err != nil {
		return fmt.Errorf("%s: %w", e.Name, err)
	}
	return nil
}
