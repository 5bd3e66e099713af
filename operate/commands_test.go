package operate

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

func TestHelp(t *testing.T) {
	for _, command := range Commands(Application{Environments: []Environment{{Name: "production"}, {Name: "staging"}}}) {
		require.Contains(t, command.Long, "\nExit codes:\n  0  ")
		require.Contains(t, command.Long, "ENVIRONMENT is one of production, staging.")
		require.Contains(t, command.Example, "  ai-platform "+command.Name())
	}
}

// Importers' programs have other names.
func TestExamplesNameTheProgram(t *testing.T) {
	for program, want := range map[string]string{"": "shop", "go run ./shop": "go run ./shop"} {
		root := &cobra.Command{Use: "shop"}
		app := Application{Program: program, Environments: []Environment{{Name: "production", Directory: "dist", Secret: shopSecret()}}}
		root.AddCommand(Commands(app)...)
		for _, command := range Commands(app) {
			var out bytes.Buffer
			root.SetOut(&out)
			root.SetArgs([]string{command.Name(), "--help"})
			require.NoError(t, root.Execute())
			_, help, _ := strings.Cut(out.String(), "\nExamples:\n")
			examples, _, found := strings.Cut(help, "\n\n")
			require.True(t, found, out.String())
			for _, example := range strings.Split(examples, "\n") {
				require.Regexp(t, "^  "+want+" "+command.Name()+"( |$)", example)
			}
		}
	}
}

// A plain root command would print an error before Exit does, and the usage after each step that fails.
func TestCommandsPrintNoErrors(t *testing.T) {
	t.Setenv("KUBECONFIG", "/dev/null")
	folder := t.TempDir()
	write(t, filepath.Join(folder, "a.yaml"), shopServer)
	app := Application{Environments: []Environment{{Name: "production", Directory: folder, Secret: shopSecret()}}}
	found := Commands(app)[0]
	found.RunE = func(*cobra.Command, []string) error { return errFound }
	for want, c := range map[int]struct {
		command *cobra.Command
		args    []string
	}{
		ExitFound:      {found, nil},
		ExitUsage:      {Commands(app)[1], []string{"--unknown"}},
		ExitKubeconfig: {Commands(app)[3], []string{"--keep"}},
	} {
		root := &cobra.Command{Use: "shop"}
		root.AddCommand(c.command)
		var out bytes.Buffer
		root.SetOut(&out)
		root.SetErr(&out)
		root.SetArgs(append([]string{c.command.Name()}, c.args...))
		require.Equal(t, want, ExitCode(root.Execute()))
		require.Empty(t, out.String())
	}
}
