package judges

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// acceptedFile is a manifest that no judge complains about. What a judge must refuse, a test makes out of it by one edit.
const acceptedFile = "testdata/accepted.yaml"

// edit replaces a piece of text that the accepted manifest holds exactly once.
type edit struct{ old, new string }

func (e edit) apply(t *testing.T) []byte {
	t.Helper()
	accepted, err := os.ReadFile(acceptedFile)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(accepted), e.old), "%q must stand once in %s", e.old, acceptedFile)
	return []byte(strings.Replace(string(accepted), e.old, e.new, 1))
}
