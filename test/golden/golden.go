// Package golden compares what a test produces with a file that was reviewed like code.
package golden

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Require compares a text with a file of the package's directory testdata. UPDATE_GOLDEN=1 writes the file first: read the difference before
// committing it.
func Require(tb testing.TB, name, got string) {
	tb.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(tb, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(tb, os.WriteFile(file, []byte(got), 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(tb, err)
	require.Equal(tb, string(want), got, "%s differs; if that is wanted, UPDATE_GOLDEN=1 writes it anew", file)
}
