package operate

import (
	"bytes"
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
