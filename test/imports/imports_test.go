package imports

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestImportBesideConstructs fails if the versions of the CLI and of the Go packages do not go together: then what the CLI writes does not
// compile. The library's own version of cdk8s's constructs is older, because newer ones do not compile with the classes of cdk8s-plus-28.
func TestImportBesideConstructs(t *testing.T) {
	repository, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	folder := t.TempDir()
	for from, to := range map[string]string{
		"testdata/main.go.txt": "main.go", "testdata/widgets.yaml": "widgets.yaml", filepath.Join(repository, "go.sum"): "go.sum",
	} {
		content, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, to), content, 0o600))
	}
	// The repository's requirements, so that versions are the same.
	requirements, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	require.NoError(t, err)
	requirements = regexp.MustCompile(`(?m)^module .*$`).ReplaceAll(requirements, []byte("module example.com/shop"))
	requirements = append(requirements, "\nrequire github.com/ai-platform/manifests v0.0.0\n\nreplace github.com/ai-platform/manifests => "+repository+"\n"...)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go.mod"), requirements, 0o600))
	require.NoError(t, os.Symlink(filepath.Join(repository, "node_modules"), filepath.Join(folder, "node_modules")))

	run(t, folder, filepath.Join("node_modules", ".bin", "cdk8s"), "import", "widgets.yaml", "--language=go", "--output=imports")
	run(t, folder, "go", "get", "github.com/aws/constructs-go/constructs/v10@v10.6.0") // As the README says.
	run(t, folder, "go", "mod", "tidy")
	run(t, folder, "go", "run", ".")
	manifests, err := os.ReadFile(filepath.Join(folder, "dist", "shop.k8s.yaml"))
	require.NoError(t, err)
	require.Contains(t, string(manifests), "kind: Deployment\n")
	require.Regexp(t, `(?m)^---\napiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: \S+\n  namespace: shop\nspec:\n  color: blue\n  size: 3\n`, string(manifests))
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
