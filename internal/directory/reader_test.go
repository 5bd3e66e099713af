package directory

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

const generationSize = 7

// generationFiles are files whose names tell which replacement wrote them.
func generationFiles(generation int) map[string][]byte {
	var names []string
	for i := range generationSize {
		names = append(names, fmt.Sprintf("%d-%d.yaml", generation, i))
	}
	return contents(names...)
}

// Whoever reads the folder while it is replaced finds it there, and all files of one generation in it.
func TestReplaceWhileReading(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux exchanges folders in one step")
	}
	path := filepath.Join(t.TempDir(), "dist")
	require.NoError(t, Replace(path, generationFiles(0), anything))

	done := make(chan struct{})
	failed := make(chan error, 1)
	go func() { failed <- readUntil(done, path) }()
	for generation := range 200 {
		require.NoError(t, Replace(path, generationFiles(generation), anything))
	}
	close(done)
	require.NoError(t, <-failed)
	requireAlone(t, path)
}

func readUntil(done chan struct{}, path string) error {
	for {
		select {
		case <-done:
			return nil
		default:
			if err := readOnce(path); err != nil {
				return err
			}
		}
	}
}

// readOnce reads the folder once. What it read from one that has been replaced meanwhile does not count: that one is
// being removed.
func readOnce(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	names, problem := folder.Readdirnames(-1)
	read, err := folder.Stat()
	if err != nil {
		return err
	}
	current, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !os.SameFile(read, current) {
		return nil
	}
	return errors.Join(problem, checkOneGeneration(names))
}

func checkOneGeneration(names []string) error {
	generations := map[int]int{}
	for _, name := range names {
		var generation, number int
		if _, err := fmt.Sscanf(name, "%d-%d.yaml", &generation, &number); err != nil {
			return fmt.Errorf("read %q: %w", name, err)
		}
		generations[generation]++
	}
	if len(generations) != 1 || len(names) != generationSize {
		return fmt.Errorf("read files by generation: %v", generations)
	}
	return nil
}
