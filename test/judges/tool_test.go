package judges

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// readVerdict runs a judge and decodes the JSON that it prints.
func readVerdict(t *testing.T, judge *exec.Cmd, verdict any) {
	t.Helper()
	var stderr bytes.Buffer
	judge.Stderr = &stderr

	output, err := judge.Output()
	if !refused(err) {
		require.NoError(t, err, "%s: %s", judge, &stderr)
	}
	require.NoError(t, json.Unmarshal(output, verdict), "%s gave no verdict: %s", judge, &stderr)
}

// refused reports whether a judge ended with 1, as both do when they find fault with a manifest.
func refused(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.ExitCode() == 1
}
