package judges

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// buildOnce returns a function that returns the path of a program of the module tools/<name>. Its first call builds the
// program, unless Go has it in its cache.
func buildOnce(name string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		return runGo(name, "tool", "-n", name) // -n builds the tool, and prints its path instead of running it
	})
}

// runGo runs the go command in the module tools/<name> and returns what it prints.
func runGo(name string, args ...string) (string, error) {
	command := exec.Command("go", append([]string{"-C", filepath.Join("tools", name)}, args...)...)
	// A workspace around the repository would not list the module, and go refuses to work on a module it does not list.
	command.Env = append(os.Environ(), "GOWORK=off")
	var stderr bytes.Buffer
	command.Stderr = &stderr

	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, &stderr)
	}
	return strings.TrimSpace(string(output)), nil
}

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
