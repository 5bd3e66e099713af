package folder

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

	require.NoError(t, ReplaceTree(path, contents("Chart.yaml", "templates/service.yaml", "templates/tests/a.yaml"), anything))
	require.ElementsMatch(t, []string{"Chart.yaml", "templates"}, namesIn(t, path), "the folder of old files is gone")
	requireHolds(t, filepath.Join(path, "templates", "tests"), map[string][]byte{"a.yaml": []byte("content of templates/tests/a.yaml")})
	requireAlone(t, path)
}

func TestReplaceTreeRefusesForeignFiles(t *testing.T) {
	path := target(t, 0o755, "Chart.yaml")
	require.NoError(t, os.Mkdir(filepath.Join(path, "templates"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(path, "templates", "notes.md"), nil, 0o666))
	require.NoError(t, os.Symlink("notes.md", filepath.Join(path, "templates", "link.yaml")))

	err := ReplaceTree(path, contents("Chart.yaml"), yaml)
	require.EqualError(t, err, path+" holds what synthesis did not write and would remove: templates/link.yaml, templates/notes.md")
	requireAlone(t, path)
}

func TestReplaceTreeFailsWhole(t *testing.T) {
	path := target(t, 0o755, "old.yaml")
	require.Error(t, ReplaceTree(path, contents("a", "a/b"), anything), "a name is a file and a folder")
	requireHolds(t, path, contents("old.yaml"))
	requireAlone(t, path)
}
