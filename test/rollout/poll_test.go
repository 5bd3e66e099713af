package rollout

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// patience is how long a controller may take for anything. The slowest, the autoscaler, looks every 15 seconds.
	patience = time.Minute

	pollInterval = 100 * time.Millisecond
)

// eventually waits until nothing is amiss.
func eventually(t *testing.T, amiss func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := amiss()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			require.NoError(t, err, "still so after %s", patience)
		}
		time.Sleep(pollInterval)
	}
}
