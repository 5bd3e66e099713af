package directory

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReplaceTree(t *testing.T) {
	path := target(t, 0o755, "Chart.yaml")
	require.NoError(t, os.Mkdir(filepath.Join(path, "old"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(path, "old", "service.yaml"), nil, 0o666))

	require.NoError(t, ReplaceTree(path, contents("Chart.yaml", "templates/service.yaml", "templates/tests/a.yaml"), anyContent))
	require.ElementsMatch(t, []string{"Chart.yaml", "templates"}, namesIn(t, path), "the folder of old files is gone")
	requireHolds(t, filepath.Join(path, "templates", "tests"), map[string][]byte{"a.yaml": []byte("content of templates/tests/a.yaml")})
	requireAlone(t, path)
}

func TestReplaceTreeRefusesForeignFiles(t *testing.T) {
	path := target(t, 0o755, "Chart.yaml")
	require.NoError(t, os.Mkdir(filepath.Join(path, "templates"), 0o755))
	for name, content := range map[string]string{"ours.yaml": "# ours", "theirs.yaml": "# theirs", "notes.md": "# ours"} {
		require.NoError(t, os.WriteFile(filepath.Join(path, "templates", name), []byte(content), 0o666))
	}
	require.NoError(t, os.Symlink("ours.yaml", filepath.Join(path, "templates", "link.yaml")))
	ours := func(name string, content []byte) bool {
		return name == "Chart.yaml" || (yaml(name) && string(content) == "# ours")
	}

	err := ReplaceTree(path, contents("Chart.yaml"), ours)
	require.EqualError(t, err, "refusing to replace "+path+": it contains files that synthesis did not write: templates/link.yaml, templates/notes.md, templates/theirs.yaml")
	requireAlone(t, path)
	require.FileExists(t, filepath.Join(path, "templates", "theirs.yaml"))
}

func anyContent(string, []byte) bool { return true }

func TestReplaceTreeFailsWhole(t *testing.T) {
	path := target(t, 0o755, "old.yaml")
	require.Error(t, ReplaceTree(path, contents("a", "a/b"), anyContent), "a name is a file and a folder")
	requireHolds(t, path, contents("old.yaml"))
	requireAlone(t, path)
}
