// Command ai-platform writes the manifests of the ai-platform application, and helps to operate it. Without arguments
// it writes production to dist/, as "cdk8s synth" requires; --help lists the commands.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ai-platform/manifests/apps/ai-platform/persistence"
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/apps/ai-platform/secret"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/operate"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // Commands end soon: a sixth of the time of synth went into collecting garbage.
	}
	err := newCommand().Execute()
	constructs.Close()
	operate.Exit(err)
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "ai-platform",
		Short:         "Write the manifests of the ai-platform application, and operate it",
		Long:          "Without a command, ai-platform writes the manifests of production to dist/.",
		Args:          noArguments,
		RunE:          func(c *cobra.Command, _ []string) error { return synthProduction(c) },
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
