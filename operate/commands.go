package operate

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Application is what the commands are for.
type Application struct {
	// Environments are the folders of manifests. The first is the one that commands take if none is named. Required.
	Environments []Environment

	// Program is how a shell calls the program, in the commands that it prints. Defaults to the name of the root command.
	Program string

	// Executor runs commands in containers. Defaults to the API server.
	Executor Executor
}

// Environment is a deployment of the application.
type Environment struct {
	// Name is what commands call it: production. Required.
	Name string

	// Directory is the folder of its manifests. Required.
	Directory string

	// Secret is the one that its pods read. Defaults to none: without any, there is no command secret.
	Secret *Secret

	// Persistence is how verify finds out whether a database keeps its data. Defaults to none: verify has no --persistence for it.
	Persistence *Persistence
}

// secretHelp names the document about the Secret, if there are both.
func (e Environment) secretHelp() string {
	if e.Secret == nil {
		return ""
	}
	return e.Secret.Help
}

// Commands returns a command for each thing to do. They leave it to Exit to print their errors, and print no usage with them. A root command
// with SilenceErrors leaves those of unknown commands to Exit, too.
func Commands(app Application) []*cobra.Command {
	commands := []*cobra.Command{diffCommand(app), graphCommand(app), verifyCommand(app)}
	if slices.ContainsFunc(app.Environments, func(e Environment) bool { return e.Secret != nil }) {
		commands = append(commands, secretCommand(app))
	}
	for _, command := range commands {
		app.nameProgram(command)
		command.SilenceErrors, command.SilenceUsage = true, true
		command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return Usage(err) })
		accepted := command.Args
		command.Args = func(command *cobra.Command, args []string) error {
			if err := accepted(command, args); err != nil {
				return Usage(err)
			}
			return nil
		}
	}
	return commands
}

// program is how a shell calls the program of a command.
func (a Application) program(command *cobra.Command) string {
	return cmp.Or(a.Program, command.Root().Name())
}

// exampleProgram is what the commands' examples call the program, at the beginning of a line.
var exampleProgram = regexp.MustCompile(`(?m)^  ai-platform `)

// nameProgram has a command's help call the program as a shell does. Without Program that is known once the command has a root.
func (a Application) nameProgram(command *cobra.Command) {
	examples := command.Example
	command.SetUsageFunc(func(command *cobra.Command) error {
		command.Example = exampleProgram.ReplaceAllLiteralString(examples, "  "+a.program(command)+" ")
		usage := new(cobra.Command).UsageFunc() // Cobra's own.
		if command.HasParent() {
			usage = command.Parent().UsageFunc()
		}
		return usage(command)
	})
}

// argument is how usage lines call the environment.
const argument = "[ENVIRONMENT]"

// namesHelp says what the argument may be.
func (a Application) namesHelp() string {
	var names []string
	for _, e := range a.Environments {
		names = append(names, e.Name)
	}
	return fmt.Sprintf("ENVIRONMENT is one of %s. The first one is the default.", strings.Join(names, ", "))
}

// environment finds the environment that the arguments name, or the default.
func (a Application) environment(args []string) (Environment, error) {
	if len(args) == 0 {
		return a.Environments[0], nil
	}
	var names []string
	for _, e := range a.Environments {
		if e.Name == args[0] {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return Environment{}, Usage(fmt.Errorf("unknown environment %q: must be one of %s", args[0], strings.Join(names, ", ")))
}
