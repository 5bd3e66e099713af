//go:build linux

package servers

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"
)

// keysAtOnce is how many keys a script writes.
const keysAtOnce = 2000

// While the append-only file is rewritten, all that is overwritten is in memory twice. A server that is full, and whose clients
// overwrite everything meanwhile, must still not be killed for its memory.
func TestRedisRewritesItsFileWithinTheMemoryLimit(t *testing.T) {
	r := newRedis(t, newSecret(t, production, nil), busybox)
	r.start(t, "--save ''", "--auto-aof-rewrite-percentage 0") // No other child at the same time.
	r.process.until(t, r.answers(t))
	maximum := resource.MustParse(r.setting(t, "maxmemory"))

	written := 0
	for r.writeKeys(t, written) == nil {
		written += keysAtOnce
	}
	require.Greater(t, int64(written)*1000, maximum.Value()/2, "not full")
	// What makes room for overwriting.
	r.must(t, "EVAL", "for i = 1, 5000 do redis.call('DEL', 'key' .. i) end", "0")

	r.must(t, "BGREWRITEAOF")
	var child int
	r.process.until(t, func() (err error) {
		child, err = onlyChild(r.process.Process.Pid)
		return err
	})
	require.NoError(t, syscall.Kill(child, syscall.SIGSTOP)) // As slow as a CPU limit may make it.
	for from := 6000; from < written; from += keysAtOnce {
		require.NoError(t, r.writeKeys(t, from))
	}
	used := resource.NewQuantity(residentBytes(t, r.process.Process.Pid)+residentBytes(t, child), resource.BinarySI)
	require.NoError(t, syscall.Kill(child, syscall.SIGCONT))

	t.Logf("data %s, used %s, limit %s", &maximum, used, r.Resources.Limits.Memory())
	require.Greater(t, used.Value(), maximum.Value()/4*7, "the data is not there twice")
	require.Negative(t, used.Cmp(*r.Resources.Limits.Memory()), "%s are used", used)
	r.process.until(t, func() error {
		if !strings.Contains(r.must(t, "INFO", "persistence"), "aof_rewrite_in_progress:0") {
			return errors.New("the file is still written")
		}
		return nil
	})
	require.Contains(t, r.must(t, "INFO", "persistence"), "aof_last_bgrewrite_status:ok")
}

// writeKeys writes keysAtOnce values of 1000 bytes.
func (r *redis) writeKeys(t *testing.T, from int) error {
	t.Helper()
	script := fmt.Sprintf("for i = %d, %d do redis.call('SET', 'key' .. i, string.rep('x', 1000)) end", from+1, from+keysAtOnce)
	answer, err := r.ask(t, r.env["REDIS_PASSWORD"], "EVAL", script, "0")
	if err != nil {
		require.Contains(t, answer, "OOM command not allowed")
	}
	return err
}

// onlyChild is the process that a process has started.
func onlyChild(pid int) (int, error) {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(children)))
}

// residentBytes are those of a process, where it shares memory with others its part.
func residentBytes(t *testing.T, pid int) int64 {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(content)) {
		if fields := strings.Fields(line); fields[0] == "Pss:" {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			require.NoError(t, err)
			return kilobytes * 1024
		}
	}
	require.FailNow(t, "no Pss")
	return 0
}
