//go:build unix

package kernel

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A kernel that starts removes what others left that were killed, and nothing that is in use.
func TestMakeFolderRemovesAbandoned(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var made []*folder
	for range 3 {
		f, err := makeFolder()
		require.NoError(t, err)
		made = append(made, f)
	}
	inUse, abandoned, fresh := made[0], made[1], made[2]
	require.NoError(t, os.WriteFile(abandoned.path+"/preload.js", nil, 0o600))
	require.NoError(t, abandoned.lock.Close())
	require.NoError(t, fresh.lock.Close())
	old := time.Now().Add(-2 * folderAge)
	for _, f := range []*folder{inUse, abandoned} {
		require.NoError(t, os.Chtimes(f.path, old, old))
	}

	latest, err := makeFolder()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{inUse.path, fresh.path, latest.path}, folders(t))
	require.NoError(t, latest.remove())
	require.NoError(t, inUse.remove())
	require.Equal(t, []string{fresh.path}, folders(t))
}

// Node.js, which gets the directory's files by name, takes a relative path for the name of a package.
func TestMakeFolderIsAbsolute(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("tmp", 0o700))
	t.Setenv("TMPDIR", "tmp")
	f, err := makeFolder()
	require.NoError(t, err)
	require.True(t, filepath.IsAbs(f.path), f.path)
	require.NoError(t, f.remove())
}
