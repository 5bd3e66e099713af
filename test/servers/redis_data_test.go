//go:build linux

package servers

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedisKeepsItsData(t *testing.T) {
	secret := newSecret(t, production, nil)
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			for name, signal := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGKILL": syscall.SIGKILL} {
				t.Run(name, func(t *testing.T) {
					r := startRedis(t, secret, sh)
					r.must(t, "SET", "key", "value")

					err := r.process.stop(t, signal)
					require.Equal(t, signal == syscall.SIGTERM, err == nil, "%v", err)
					// A snapshot, which the server writes now and then, must not be what saves the data.
					require.NoError(t, os.RemoveAll(filepath.Join(r.data, "dump.rdb")))

					r.start(t)
					r.process.until(t, r.answers(t))
					require.Equal(t, "value", r.must(t, "GET", "key"))
				})
			}
		})
	}
}
