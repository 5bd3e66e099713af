// Package tool builds the programs that the tests run beside the module's own: judges and servers that compile only with
// modules of their own. Each has one below test/tools, named after the program. One comes from npm instead.
package tool

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/ai-platform/manifests/test/repository"
)

// BuildOnce returns a function that returns the path of a program of the module test/tools/<module>. Its first call builds
// the program, unless Go has it in its cache; that takes minutes the first time.
func BuildOnce(module, program string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		return Go(module, "tool", "-n", program) // -n builds the tool, and prints its path instead of running it
	})
}

// Go runs the go command in the module test/tools/<module> and returns what it prints.
func Go(module string, args ...string) (string, error) {
	command := exec.Command("go", append([]string{"-C", Folder(module)}, args...)...)
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

// Npm returns the folder of a package of npm that test/tools/<module> depends on. Its scripts are not run.
func Npm(module, name string) (string, error) {
	packages := filepath.Join(Folder(module), "node_modules")
	// npm's own record is newer than the lock file exactly if it installed what the file says.
	installed, err := os.Stat(filepath.Join(packages, ".package-lock.json"))
	locked, lockErr := os.Stat(filepath.Join(Folder(module), "package-lock.json"))
	if lockErr != nil {
		return "", lockErr
	}
	if err != nil || installed.ModTime().Before(locked.ModTime()) {
		command := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		command.Dir = Folder(module)
		if printed, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", command, err, printed)
		}
	}
	return filepath.Join(packages, filepath.FromSlash(name)), nil
}

// Folder is where a module is.
func Folder(module string) string {
	return repository.Path("test", "tools", module)
}
