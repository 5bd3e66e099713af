package directory

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func anything(string) bool { return true }

func yaml(name string) bool { return strings.HasSuffix(name, ".yaml") }

// contents makes the files of a test from their names.
func contents(names ...string) map[string][]byte {
	files := map[string][]byte{}
	for _, name := range names {
		files[name] = []byte("content of " + name)
	}
	return files
}

// target is a folder of its own with files in it.
func target(t *testing.T, mode fs.FileMode, names ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dist")
	require.NoError(t, os.Mkdir(path, 0o777))
	for name, content := range contents(names...) {
		require.NoError(t, os.WriteFile(filepath.Join(path, name), content, 0o666))
	}
	require.NoError(t, os.Chmod(path, mode))
	return path
}

func requireHolds(t *testing.T, folder string, want map[string][]byte) {
	t.Helper()
	require.ElementsMatch(t, slices.Collect(maps.Keys(want)), namesIn(t, folder))
	for name, content := range want {
		got, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		require.Equal(t, string(content), string(got), name)
	}
}

func namesIn(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// requireAlone checks that nothing else lies beside the target: no staging folder.
func requireAlone(t *testing.T, target string) {
	t.Helper()
	require.Equal(t, []string{filepath.Base(target)}, namesIn(t, filepath.Dir(target)))
}

func TestReplace(t *testing.T) {
	tests := map[string]struct {
		old   []string
		files map[string][]byte
	}{
		"empty by files":         {files: contents("a.yaml", "b.yaml")},
		"files by others":        {old: []string{"a.yaml", "old.yaml"}, files: contents("a.yaml", "new.yaml")},
		"files by the same":      {old: []string{"a.yaml"}, files: contents("a.yaml")},
		"files by none":          {old: []string{"a.yaml"}, files: contents()},
		"files by other content": {old: []string{"a.yaml"}, files: map[string][]byte{"a.yaml": []byte("changed"), "empty.yaml": {}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := target(t, 0o755, test.old...)
			require.NoError(t, Replace(path, test.files, yaml))
			requireHolds(t, path, test.files)
			requireAlone(t, path)
		})
	}
}

func TestReplaceKeepsMode(t *testing.T) {
	for _, mode := range []fs.FileMode{0o700, 0o755, 0o775, 0o711, 0o300, 0o775 | fs.ModeSetgid} {
		t.Run(mode.String(), func(t *testing.T) {
			path := target(t, mode, "a.yaml")
			if mode&0o400 == 0 && os.Getuid() != 0 {
				t.Skip("only root lists such a folder")
			}
			require.NoError(t, Replace(path, contents("b.yaml"), yaml))
			info, err := os.Stat(path)
			require.NoError(t, err)
			require.Equal(t, mode, info.Mode()&^fs.ModeType)
			requireHolds(t, path, contents("b.yaml"))
		})
	}
}

// Folder and files have the modes that any program gives them: nothing of the private staging folder shows.
func TestReplaceMakesOrdinaryModes(t *testing.T) {
	parent := t.TempDir()
	ordinary := filepath.Join(parent, "ordinary")
	require.NoError(t, os.Mkdir(ordinary, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(ordinary, "a.yaml"), nil, 0o666))

	path := filepath.Join(parent, "dist")
	require.NoError(t, Replace(path, contents("a.yaml"), yaml))
	for _, name := range []string{".", "a.yaml"} {
		want, err := os.Stat(filepath.Join(ordinary, name))
		require.NoError(t, err)
		got, err := os.Stat(filepath.Join(path, name))
		require.NoError(t, err)
		require.Equal(t, want.Mode(), got.Mode(), name)
	}
}

func TestReplaceRefusesForeignFiles(t *testing.T) {
	path := target(t, 0o755, "a.yaml", "README.md", "notes.txt")
	require.NoError(t, os.Mkdir(filepath.Join(path, "folder.yaml"), 0o755))
	require.NoError(t, os.Symlink("a.yaml", filepath.Join(path, "link.yaml")))

	err := Replace(path, contents("b.yaml"), yaml)
	require.EqualError(t, err, "refusing to replace "+path+": it contains files that synthesis did not write: README.md, folder.yaml, link.yaml, notes.txt")
	require.ElementsMatch(t, []string{"README.md", "a.yaml", "folder.yaml", "link.yaml", "notes.txt"}, namesIn(t, path))
	requireAlone(t, path)
}

// The permission bits count even for root, for whom the system would not look at them.
func TestReplaceRefusesReadOnlyTarget(t *testing.T) {
	path := target(t, 0o555, "a.yaml")
	require.EqualError(t, Replace(path, contents("b.yaml"), yaml), path+" is read-only (mode 0555)")
	requireHolds(t, path, contents("a.yaml"))
	requireAlone(t, path)
}

func TestReplaceRefusesFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dist")
	require.NoError(t, os.WriteFile(path, []byte("mine"), 0o666))
	require.EqualError(t, Replace(path, contents("a.yaml"), anything), path+" is not a directory")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "mine", string(content))
	requireAlone(t, path)
}

func TestReplaceFollowsLink(t *testing.T) {
	path := target(t, 0o755, "a.yaml")
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(path, link))

	require.NoError(t, Replace(link, contents("b.yaml"), yaml))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.Equal(t, fs.ModeSymlink, info.Mode().Type(), "the link stays a link")
	requireHolds(t, path, contents("b.yaml"))
	requireAlone(t, path)
	requireAlone(t, link)
}

func TestReplaceRefusesLinkToNowhere(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink("/no/where", link))
	require.EqualError(t, Replace(link, contents("a.yaml"), anything),
		link+" is a symbolic link to /no/where, which does not exist: create that directory, or remove the link")
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.Equal(t, fs.ModeSymlink, info.Mode().Type(), "the link stays a link")
	requireAlone(t, link)
}

func TestReplaceMakesParents(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "too", "dist")
	require.NoError(t, Replace(path, contents("a.yaml"), anything))
	requireHolds(t, path, contents("a.yaml"))
	requireAlone(t, path)
}

func TestReplaceTakesRelativePath(t *testing.T) {
	parent := t.TempDir()
	t.Chdir(parent)
	for range 2 {
		require.NoError(t, Replace("dist", contents("a.yaml"), anything))
	}
	requireHolds(t, filepath.Join(parent, "dist"), contents("a.yaml"))
	requireAlone(t, filepath.Join(parent, "dist"))
}

func TestReplaceFailsWhole(t *testing.T) {
	path := target(t, 0o755, "old.yaml")
	for range 3 { // One of the files fails; which are written before it is random.
		files := contents("a.yaml", "b.yaml", "no such folder/c.yaml")
		require.ErrorIs(t, Replace(path, files, anything), fs.ErrNotExist)
		requireHolds(t, path, contents("old.yaml"))
		requireAlone(t, path)
	}
}

// A name of which globbing would make something else finds its own staging folders, and no others.
func TestReplaceTakesNameLiterally(t *testing.T) {
	parent := t.TempDir()
	abandoned := filepath.Join(parent, ".di[st]*.new-1")
	other := filepath.Join(parent, ".dist-other.new-1")
	for _, folder := range []string{abandoned, other} {
		require.NoError(t, os.Mkdir(folder, 0o755))
	}
	path := filepath.Join(parent, "di[st]*")
	for range 2 {
		require.NoError(t, Replace(path, contents("a.yaml"), anything))
	}
	requireHolds(t, path, contents("a.yaml"))
	require.ElementsMatch(t, []string{filepath.Base(path), filepath.Base(other)}, namesIn(t, parent))
}

func TestExchangeByRenaming(t *testing.T) {
	parent := t.TempDir()
	a, b := filepath.Join(parent, "a"), filepath.Join(parent, "b")
	for _, folder := range []string{a, b} {
		require.NoError(t, os.Mkdir(folder, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "was in "+filepath.Base(folder)), nil, 0o666))
	}
	require.NoError(t, exchangeByRenaming(a, b))
	require.Equal(t, []string{"was in b"}, namesIn(t, a))
	require.Equal(t, []string{"was in a"}, namesIn(t, b))
	require.Equal(t, []string{"a", "b"}, namesIn(t, parent))
}

func TestExchangeByRenamingRestores(t *testing.T) {
	parent := t.TempDir()
	b := filepath.Join(parent, "b")
	require.NoError(t, os.Mkdir(b, 0o755))
	require.ErrorIs(t, exchangeByRenaming(filepath.Join(parent, "missing"), b), fs.ErrNotExist)
	require.Equal(t, []string{"b"}, namesIn(t, parent))
}
