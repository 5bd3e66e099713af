package operate

import (
	"io"
	"slices"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

func TestVerifyUsage(t *testing.T) {
	app := Application{Environments: []Environment{{Name: "production", Directory: "dist"}}}
	for want, args := range map[string][]string{
		"--output=yaml: must be text or json":                                            {"--output=yaml"},
		"--steps=: must be one or more of objects, pods, services, ingress, backends":    {"--steps="},
		"--steps=pod: must be one or more of objects, pods, services, ingress, backends": {"--steps=services,pod"},
		"--ca=/missing: open /missing: no such file or directory":                        {"--ca=/missing"},
		"--yes requires --persistence":                                                   {"--yes"},
		"--persistence: no database is configured for production":                        {"--persistence"},
		"--debug-image requires the step backends":                                       {"--steps=pods", "--debug-image=curl"},
		`unknown environment "test": must be one of production`:                          {"test"},
		"accepts at most 1 arg(s), received 2":                                           {"production", "staging"},
		"unknown flag: --all":                                                            {"--all"},
		`invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"`:  {"--timeout=5"},
	} {
		commands := Commands(app)
		command := commands[slices.IndexFunc(commands, func(c *cobra.Command) bool { return c.Name() == "verify" })]
		command.SilenceErrors, command.SilenceUsage = true, true
		command.SetOut(io.Discard)
		command.SetErr(io.Discard)
		command.SetArgs(args)
		err := command.Execute()
		require.EqualError(t, err, want)
		require.Equal(t, ExitUsage, ExitCode(err))
	}
}
