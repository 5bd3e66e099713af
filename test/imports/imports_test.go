package imports

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/repository"
)

// TestReadme does what the README says: it starts a module, adds the README's program and the modules that this needs, and runs it.
func TestReadme(t *testing.T) {
	folder := newModule(t)
	program := readmeProgram(t)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "main.go"), []byte(program), 0o600))

	run(t, folder, "go", "mod", "tidy")
	run(t, folder, "go", "run", ".")
	manifests, err := os.ReadFile(filepath.Join(folder, "dist", "shop.k8s.yaml"))
	require.NoError(t, err)
	require.Contains(t, string(manifests), "kind: Ingress\n")
	entries, err := os.ReadDir(filepath.Join(folder, "dist"))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func readmeProgram(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile(repository.Path("README.md"))
	require.NoError(t, err)
	program := regexp.MustCompile("(?s)```go\n(package main\n.*?)```").FindSubmatch(readme)
	require.NotNil(t, program)
	return string(program[1])
}

// TestImportBesideConstructs fails if the versions of the CLI and of the Go packages do not go together: then what the CLI writes does not
// compile. The library's own version of cdk8s's constructs is older, because newer ones do not compile with the classes of cdk8s-plus-28.
func TestImportBesideConstructs(t *testing.T) {
	folder := newModule(t)
	for from, to := range map[string]string{"testdata/main.go.txt": "main.go", "testdata/widgets.yaml": "widgets.yaml"} {
		content, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, to), content, 0o600))
	}

	run(t, folder, filepath.Join("node_modules", ".bin", "cdk8s"), "import", "widgets.yaml", "--language=go", "--output=imports")
	run(t, folder, "go", "get", "github.com/aws/constructs-go/constructs/v10@v10.6.0") // As docs/library.md says.
	run(t, folder, "go", "mod", "tidy")
	run(t, folder, "go", "run", ".")
	manifests, err := os.ReadFile(filepath.Join(folder, "dist", "shop.k8s.yaml"))
	require.NoError(t, err)
	require.Contains(t, string(manifests), "kind: Deployment\n")
	require.Regexp(t, `(?m)^---\napiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: \S+\n  namespace: shop\nspec:\n  color: blue\n  size: 3\n`, string(manifests))
}

// newModule is the folder of a module that requires the library as it is here, and has the repository's Node.js.
func newModule(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	sums, err := os.ReadFile(repository.Path("go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go.sum"), sums, 0o600))
	// The repository's requirements, so that versions are the same.
	requirements, err := os.ReadFile(repository.Path("go.mod"))
	require.NoError(t, err)
	requirements = regexp.MustCompile(`(?m)^module .*$`).ReplaceAll(requirements, []byte("module example.com/shop"))
	requirements = append(requirements, "\nrequire github.com/ai-platform/manifests v0.0.0\n\nreplace github.com/ai-platform/manifests => "+repository.Path()+"\n"...)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go.mod"), requirements, 0o600))
	require.NoError(t, os.Symlink(repository.Path("node_modules"), filepath.Join(folder, "node_modules")))
	return folder
}

func run(t *testing.T, folder, program string, args ...string) {
	t.Helper()
	command := exec.Command(program, args...)
	command.Dir = folder
	path := filepath.Join(folder, "node_modules", ".bin") + string(os.PathListSeparator) + os.Getenv("PATH")
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "PATH="+path) // The CLI is to find the project's Node.js.
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
}
