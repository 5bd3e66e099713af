//go:build linux

package servers

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// postgresExporter is the path of the program in the image, built from the module tools/postgres-exporter.
var postgresExporter = buildOnce("postgres-exporter", "postgres_exporter")

// buildOnce returns a function that returns the path of a program of the module tools/<module>. Its first call builds the
// program, unless Go has it in its cache.
func buildOnce(module, program string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		// -n builds the tool, and prints its path instead of running it.
		command := exec.Command("go", "-C", filepath.Join("tools", module), "tool", "-n", program)
		// A workspace around the repository would not list the module, and go refuses to work on a module it does not list.
		command.Env = append(os.Environ(), "GOWORK=off")
		var stderr bytes.Buffer
		command.Stderr = &stderr
		built, err := command.Output()
		if err != nil {
			return "", fmt.Errorf("%s: %w\n%s", command, err, &stderr)
		}
		return copyProgram(strings.TrimSpace(string(built)), program)
	})
}

// copyProgram puts a program where the servers' user can read it, which Go's cache may be hidden from.
func copyProgram(from, name string) (string, error) {
	content, err := os.ReadFile(from)
	if err != nil {
		return "", err
	}
	to := filepath.Join(root, name)
	return to, os.WriteFile(to, content, 0o755)
}
