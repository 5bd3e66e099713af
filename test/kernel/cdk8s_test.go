package kernel

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/repository"
)

// node is the Node.js of package.json.
var node = repository.Path("node_modules", "node", "bin", "node")

// extractCDK8s extracts the JavaScript of cdk8s that its Go module carries, in the version that go.mod names, and returns its directory.
func extractCDK8s(t *testing.T) string {
	t.Helper()
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2").Output()
	require.NoError(t, err)
	archives, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(module)), "jsii", "*.tgz"))
	require.NoError(t, err)
	require.Len(t, archives, 1)
	folder := t.TempDir()
	extract(t, archives[0], folder)
	return filepath.Join(folder, "package")
}

func extract(t *testing.T, archive, folder string) {
	t.Helper()
	file, err := os.Open(archive)
	require.NoError(t, err)
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		if header.Typeflag != tar.TypeReg {
			continue
		}
		require.True(t, filepath.IsLocal(header.Name), header.Name)
		path := filepath.Join(folder, header.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		content, err := io.ReadAll(files)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, content, 0o644))
	}
}
