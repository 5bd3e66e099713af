package yamldoc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSplit(t *testing.T) {
	found, err := Split([]byte("a: 1\n---\nb: |\n  ---\n---\nc: 3\n"))
	require.NoError(t, err)
	require.Equal(t, [][]byte{[]byte("a: 1\n"), []byte("b: |\n  ---\n"), []byte("c: 3\n")}, found)
}
