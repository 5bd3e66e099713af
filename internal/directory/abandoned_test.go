//go:build unix

package directory

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a run leaves that was killed while it wrote, with and without the folder that its files go to.
func TestReplaceRemovesAbandoned(t *testing.T) {
	path := target(t, 0o755, "a.yaml")
	staged := filepath.Join(filepath.Dir(path), prefix(path)+"123", "new")
	require.NoError(t, os.MkdirAll(staged, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(staged, "half.yaml"), nil, 0o666))
	require.NoError(t, os.Mkdir(filepath.Join(filepath.Dir(path), prefix(path)+"456"), 0o700))

	require.NoError(t, Replace(path, contents("b.yaml"), yaml))
	requireHolds(t, path, contents("b.yaml"))
	requireAlone(t, path)
}

func TestReplaceKeepsStagingInUse(t *testing.T) {
	path := target(t, 0o755, "a.yaml")
	other, err := stage(path, contents("other.yaml"))
	require.NoError(t, err)

	require.NoError(t, Replace(path, contents("b.yaml"), yaml))
	requireHolds(t, other.folder(), contents("other.yaml"))

	require.NoError(t, other.moveTo(path, 0o755), "the other run can finish")
	require.NoError(t, other.remove())
	requireHolds(t, path, contents("other.yaml"))
	requireAlone(t, path)
}

// A process that is killed while it replaces a folder over and over leaves it whole, and no more than one run has to
// remove.
func TestReplaceSurvivesKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dist")
	for range 5 {
		replacer := exec.Command(os.Args[0], "-test.run=^TestReplacer$")
		replacer.Env = append(os.Environ(), replacerTarget+"="+path)
		stdout, err := replacer.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, replacer.Start())
		lines := bufio.NewScanner(stdout)
		for range 20 {
			require.True(t, lines.Scan(), "the replacer goes on")
		}
		require.NoError(t, replacer.Process.Kill())
		require.Error(t, replacer.Wait())

		generation := 0
		names := namesIn(t, path)
		require.Len(t, names, generationSize)
		_, err = fmt.Sscanf(names[0], "%d", &generation)
		require.NoError(t, err)
		requireHolds(t, path, generationFiles(generation))
		require.NoError(t, Replace(path, contents("a.yaml"), anything))
		requireAlone(t, path)
	}
}

// replacerTarget names the folder that TestReplacer replaces.
const replacerTarget = "FOLDER_TEST_TARGET"

// TestReplacer is not a test but the process that TestReplaceSurvivesKill kills.
func TestReplacer(t *testing.T) {
	path := os.Getenv(replacerTarget)
	if path == "" {
		t.Skip("run by TestReplaceSurvivesKill")
	}
	for generation := 1; ; generation++ {
		require.NoError(t, Replace(path, generationFiles(generation), anything))
		fmt.Println(generation)
	}
}
