package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnknownArgumentsShowTheUsage(t *testing.T) {
	for _, args := range [][]string{{"synt"}, {"secret", "staging", "more"}, {"--help"}} {
		var out bytes.Buffer
		err := run(args, nil, &out)
		require.ErrorContains(t, err, "usage: ai-platform")
		require.ErrorContains(t, err, args[0])
		require.Empty(t, out.String())
	}
}

func TestSecretOfUnknownEnvironmentNamesTheKnownOnes(t *testing.T) {
	err := run([]string{"secret", "prod"}, nil, &bytes.Buffer{})
	require.EqualError(t, err, `there is no environment "prod", only production, staging, development`)
}

// The variable names one folder: with several environments the last would win.
func TestSynthOfAllRefusesOneFolder(t *testing.T) {
	t.Setenv("CDK8S_OUTDIR", t.TempDir())
	require.ErrorContains(t, run([]string{"synth"}, nil, &bytes.Buffer{}), "CDK8S_OUTDIR")
}
