//go:build linux

package servers

import (
	"fmt"
	"maps"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedisProbes(t *testing.T) {
	r := startRedis(t, newSecret(t, production, nil), busybox)
	for name, command := range r.probes(t) {
		t.Run(name, func(t *testing.T) {
			printed, err := r.probe(t, command, r.env)
			require.NoError(t, err, printed)

			for _, password := range []string{"", "another"} {
				wrong := maps.Clone(r.env)
				wrong["REDISCLI_AUTH"] = password
				printed, err = r.probe(t, command, wrong)
				require.Error(t, err, printed)
				require.Contains(t, printed, "NOAUTH")
			}
		})
	}

	require.NoError(t, r.process.stop(t, syscall.SIGTERM))
	for name, command := range r.probes(t) {
		printed, err := r.probe(t, command, r.env)
		require.Error(t, err, "%s passes without a server: %s", name, printed)
	}
}

// While it loads its data, the server answers every command with an error.
func TestRedisProbesFailWhileLoading(t *testing.T) {
	r := startRedis(t, newSecret(t, production, nil), busybox)
	probe := r.probes(t)["startup"]
	r.must(t, "EVAL", "for i = 1, 50000 do redis.call('SET', i, i) end", "0")
	require.NoError(t, r.process.stop(t, syscall.SIGTERM))

	// A wait of 100 µs at each key. The server looks at its connections after every 1024 keys.
	r.start(t, "--key-load-delay", "100")
	r.process.until(t, func() error {
		printed, err := r.probe(t, probe, r.env)
		require.Error(t, err, "the probe passed before it failed on the loading server")
		if !strings.Contains(printed, "LOADING") {
			return fmt.Errorf("not loading yet: %s", printed)
		}
		return nil
	})
	r.must(t, "CONFIG", "SET", "key-load-delay", "0")
	r.process.until(t, func() error {
		_, err := r.probe(t, probe, r.env)
		return err
	})
	require.Equal(t, "50000", r.must(t, "DBSIZE"))
}
