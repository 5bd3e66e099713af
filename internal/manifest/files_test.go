package manifest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The checksum changes with every change of names or contents, and with nothing else.
func TestFileChecksum(t *testing.T) {
	type files = map[string]string
	require.Empty(t, FileChecksum(nil))
	require.Equal(t, FileChecksum(files{"/a": "1", "/b": "2"}), FileChecksum(files{"/b": "2", "/a": "1"}))

	seen := map[string]files{}
	for _, f := range []files{
		{"/a": "1"}, {"/a": "2"}, {"/b": "1"}, {"/a": "1", "/b": ""}, {"/a": ""}, {"/a": "1 2 /b 1"}, {"/a": "1", "/b": "2"}, {"/a": "2", "/b": "1"},
	} {
		sum := FileChecksum(f)[ChecksumAnnotation]
		require.Len(t, sum, 64)
		require.NotContains(t, seen, sum, "%v and %v", f, seen[sum])
		seen[sum] = f
	}
}
