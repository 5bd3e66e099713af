package cluster

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhoWaitsForABuildIsToldWhoseItIs(t *testing.T) {
	c := &cache{folder: t.TempDir()}
	for range 2 { // A former holder's name must not show through.
		unlock, err := c.lock(t.Context(), kwok, log.New(&bytes.Buffer{}, "", 0))
		require.NoError(t, err)

		var progress bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = c.lock(ctx, kwok, log.New(&progress, "", 0))
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, fmt.Sprintf("waiting for process %d (%s), which builds sigs.k8s.io/kwok …\n", os.Getpid(), filepath.Base(os.Args[0])), progress.String())
		require.NoError(t, unlock())
	}
}

func TestEstimateOfABuild(t *testing.T) {
	for estimate, want := range map[time.Duration]string{
		15 * time.Second:            "less than a minute",
		time.Minute:                 "less than a minute",
		time.Minute + time.Second:   "about 2 minutes",
		8*time.Minute + time.Second: "about 9 minutes",
	} {
		require.Equal(t, want, about(estimate))
	}
}
