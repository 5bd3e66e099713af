package main

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/operate"
)

// repository is the folder that dist/ and deploy/ are in, seen from this package.
const repository = "../.."

func TestMain(m *testing.M) {
	code := m.Run()
	constructs.Close()
	os.Exit(code)
}

// run runs the command with arguments.
func run(args []string, stdout io.Writer) error {
	command := newCommand()
	command.SetArgs(args)
	command.SetOut(stdout)
	return command.Execute()
}

func TestWrongArguments(t *testing.T) {
	for want, args := range map[string][]string{
		"unknown command \"synt\" for \"ai-platform\": did you mean synth?": {"synt"},
		"unknown command \"x\" for \"ai-platform synth\"":                   {"synth", "x"},
		"accepts at most 1 arg(s), received 2":                              {"secret", "staging", "more"},
		"unknown flag: --dist":                                              {"--dist"},
	} {
		var out bytes.Buffer
		err := run(args, &out)
		require.EqualError(t, err, want)
		require.Equal(t, operate.ExitUsage, operate.ExitCode(err), want)
		require.Empty(t, out.String())
	}
}

func TestHelpListsTheCommands(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run([]string{"--help"}, &out))
	for _, command := range []string{"synth", "secret", "diff", "graph"} {
		require.Regexp(t, `(?m)^  `+command+` +\w`, out.String())
	}
}

func TestSecretIsOfItsEnvironment(t *testing.T) {
	require.Equal(t, "ai-platform", inspect.At(t, secretOf(t), "metadata", "namespace"))
	require.Equal(t, "ai-platform-development", inspect.At(t, secretOf(t, "development"), "metadata", "namespace"))
}

func secretOf(t *testing.T, args ...string) inspect.Object {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(append([]string{"secret"}, args...), &out))
	secret := inspect.Object{}
	require.NoError(t, yaml.Unmarshal(out.Bytes(), &secret))
	return secret
}

func TestSecretOfUnknownEnvironmentNamesTheKnownOnes(t *testing.T) {
	err := run([]string{"secret", "prod"}, &bytes.Buffer{})
	require.EqualError(t, err, `unknown environment "prod": must be one of production, staging, development`)
}
