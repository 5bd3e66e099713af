package operate

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Application is the application that the commands operate.
type Application struct {
	// Environments are the deployments of the application. The first one is the commands' default. Required.
	Environments []Environment

	// Program is the shell command that runs the program, for the commands that it prints. Defaults to the name of the
	// root command.
	Program string

	// Executor runs commands in containers. Defaults to the API server.
	Executor Executor
}

// Environment is a deployment of the application.
type Environment struct {
	// Name is the argument of the commands: production. Required.
	Name string

	// Directory contains the manifests. Required.
	Directory string

	// Secret is the Secret that the pods read. Defaults to none: if no environment has one, there is no command secret.
	Secret *Secret

	// Persistence tests whether a database keeps its data. Defaults to none: verify then refuses --persistence.
	Persistence *Persistence
}

// secretHelp names the document about the Secret, if there is one.
func (e Environment) secretHelp() string {
	if e.Secret == nil {
		return ""
	}
	return e.Secret.Help
}

// Commands returns the commands. They leave it to Exit to print their errors, and print no usage with them. A root
// command with SilenceErrors also leaves errors of unknown commands to Exit.
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

// program is the shell command that runs the program of a command.
func (a Application) program(command *cobra.Command) string {
	return cmp.Or(a.Program, command.Root().Name())
}

// exampleProgram matches the program's name at the start of a line of the commands' examples.
var exampleProgram = regexp.MustCompile(`(?m)^  ai-platform `)

// nameProgram replaces the program's name in a command's help. Without Program, it is known only once the command has a
// root.
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

// argument stands for the environment in usage lines.
const argument = "[ENVIRONMENT]"

// namesHelp lists the values of the argument.
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
