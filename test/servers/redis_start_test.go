//go:build linux

package servers

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"
)

func TestRedisTakesTheShellsPlace(t *testing.T) {
	secret := newSecret(t, production, nil)
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			r := startRedis(t, secret, sh)

			name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", r.process.Process.Pid))
			require.NoError(t, err)
			require.Equal(t, "redis-server\n", string(name))
		})
	}
}

func TestRedisPasswordIsNotInTheProcessList(t *testing.T) {
	secret := newSecret(t, production, nil)
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			r := newRedis(t, secret, sh)
			// Otherwise the server hides its arguments, but only when it has started.
			r.start(t, "--set-proc-title", "no")
			r.process.until(t, r.answers(t))

			require.Contains(t, commandLines(t), "redis-server --port "+r.port)
			require.NotContains(t, commandLines(t), r.env["REDIS_PASSWORD"])
		})
	}
}

func TestRedisRefusesAnEmptyPassword(t *testing.T) {
	secret := newSecret(t, production, map[string]string{redisPasswordKey: ""})
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			r := newRedis(t, secret, sh)
			r.start(t)

			require.Error(t, r.process.wait(t))
			require.Contains(t, r.process.printed(t), "REDIS_PASSWORD: is empty")
			require.NoDirExists(t, filepath.Join(r.data, "appendonlydir"), "the server has run")
		})
	}
}

func TestRedisMemory(t *testing.T) {
	r := startRedis(t, newSecret(t, production, nil), busybox)
	script := r.Command[len(r.Command)-1]
	emitted := func(flag string) string {
		found := regexp.MustCompile(flag + ` (\S+)`).FindStringSubmatch(script)
		require.NotNil(t, found, flag)
		return found[1]
	}

	require.Equal(t, emitted("--maxmemory"), r.setting(t, "maxmemory"))
	require.Equal(t, emitted("--maxmemory-policy"), r.setting(t, "maxmemory-policy"))

	maximum := resource.MustParse(r.setting(t, "maxmemory"))
	require.Negative(t, maximum.Cmp(*r.Resources.Limits.Memory()), "the kernel kills the server before it is full")
	require.Positive(t, maximum.Sign(), "no maximum")
}

// commandLines are those of all processes of this machine.
func commandLines(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	var lines strings.Builder
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil {
			continue // The process has ended meanwhile.
		}
		fmt.Fprintln(&lines, strings.ReplaceAll(string(line), "\x00", " "))
	}
	return lines.String()
}
