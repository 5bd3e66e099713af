//go:build linux

package servers

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/document"
)

const (
	baseFile     = appendFolder + "/appendonly.aof.2.base.rdb"
	commandsFile = appendFolder + "/appendonly.aof.2.incr.aof"
)

// What a command of crashedRedis is in the file, and what goes before the first.
const (
	oneCommand  = "*2\r\n$4\r\nINCR\r\n$7\r\ncounter\r\n"
	firstSelect = "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"
)

// crashedRedis has a snapshot, and a base, of 1000 keys, and has then counted to 200.
func crashedRedis(t *testing.T, sh shell) *redis {
	t.Helper()
	secret := newSecret(t, production, nil)
	r := newRedis(t, secret, sh)
	r.leave(t, "crashed", func() {
		r.data = stoppedRedis(t, secret, sh).data
		r.start(t)
		r.process.until(t, r.answers(t))
		r.must(t, "BGREWRITEAOF")
		r.process.until(t, func() error {
			_, err := os.Stat(r.path(baseFile))
			return err
		})
		r.must(t, "-r", "200", "INCR", "counter")
		commands := firstSelect + strings.Repeat(oneCommand, 200)
		r.process.until(t, func() error { // Redis answers before it has written.
			if written := r.read(t, commandsFile); len(written) < len(commands) {
				return fmt.Errorf("%s has %d of %d bytes", commandsFile, len(written), len(commands))
			}
			return nil
		})
		require.Error(t, r.process.stop(t, syscall.SIGKILL))
		require.Equal(t, commands, r.read(t, commandsFile))
	})
	return r
}

// A node that loses power leaves a file whose last command is not whole. All else is loaded from the append-only files alone: keys from before
// the server was asked to end, and from before it was killed.
func TestRedisLoadsATruncatedFile(t *testing.T) {
	r := crashedRedis(t, busybox)
	r.remove(t, snapshotFile)
	commands := r.read(t, commandsFile)
	r.write(t, commandsFile, commands[:len(commands)-7])

	r.start(t)
	r.process.until(t, r.answers(t))
	require.Equal(t, "199", r.must(t, "GET", "counter"))
	require.Equal(t, "value7", r.must(t, "GET", "key7"))
	require.Equal(t, "1001", r.must(t, "DBSIZE"))
}

// TestRedisRepair damages append-only files, and repairs them as docs/runbooks.md says.
func TestRedisRepair(t *testing.T) {
	change := func(name string, change func(content []byte) []byte) func(t *testing.T, r *redis) {
		return func(t *testing.T, r *redis) { r.write(t, name, string(change([]byte(r.read(t, name))))) }
	}
	without := func(name string) func(t *testing.T, r *redis) {
		return func(t *testing.T, r *redis) { r.remove(t, name) }
	}
	for name, test := range map[string]struct {
		damage  func(t *testing.T, r *redis)
		says    string // The server.
		finds   string // The look at the files; a regular expression.
		counted string // Where the counter is after --fix; nowhere if that cannot help.
	}{
		"zeros at the end": {
			change(commandsFile, func(c []byte) []byte { return append(c, make([]byte, 4096)...) }),
			"Bad file format reading the append only file", "ok_up_to=5423, ok_up_to_line=1006, diff=4096", "200",
		},
		"garbage in the midst": {
			change(commandsFile, func(c []byte) []byte {
				at := len(firstSelect) + 100*len(oneCommand)
				return slices.Replace(c, at, at+10, []byte("0123456789")...)
			}),
			"Bad file format reading the append only file", "ok_up_to=2723, ok_up_to_line=506, diff=2700", "100",
		},
		"a changed base":   {change(baseFile, func(c []byte) []byte { c[4000] ^= 0xff; return c }), "Internal error in RDB reading", "RDB preamble of AOF file is not sane|RDB ERROR DETECTED", ""}, // By what the byte is in.
		"a truncated base": {change(baseFile, func(c []byte) []byte { return c[:4000] }), "Internal error in RDB reading", "RDB preamble of AOF file is not sane", ""},
		"no base":          {without(baseFile), "No such file or directory", "Cannot open file", ""},
		"no commands":      {without(commandsFile), "No such file or directory", "Cannot open file", ""},
		"no manifest":      {without(manifestFile), "is missing", "Cannot open file", ""},
	} {
		for _, sh := range shells {
			t.Run(string(sh)+"/"+name, func(t *testing.T) {
				r := crashedRedis(t, sh)
				test.damage(t, r)
				damaged := r.files(t)

				r.start(t)
				require.Error(t, r.process.wait(t))
				require.Contains(t, r.process.printed(t), test.says)
				printed, err := r.repair(t, "tar -cz")
				require.Error(t, err)
				require.Regexp(t, test.finds, printed)
				require.Equal(t, damaged, r.files(t))

				printed, err = r.repair(t, "--fix")
				if test.counted == "" {
					require.Error(t, err)
					require.Equal(t, damaged, r.files(t))
					printed, err = r.repair(t, "mv appendonlydir")
				}
				require.NoError(t, err, printed)
				r.start(t)
				r.process.until(t, r.answers(t))
				require.Equal(t, test.counted, r.must(t, "GET", "counter"))
				require.Equal(t, "value7", r.must(t, "GET", "key7"))
			})
		}
	}
}

// Without a snapshot the server starts empty, once the damaged files are out of the way.
func TestRedisRepairWithoutASnapshot(t *testing.T) {
	r := crashedRedis(t, busybox)
	r.remove(t, snapshotFile)
	require.NoError(t, os.Rename(r.path(appendFolder), r.path(appendFolder+".damaged")))

	r.start(t)
	r.process.until(t, r.answers(t))
	require.Equal(t, "0", r.must(t, "DBSIZE"))
}

// inThePod goes before a script. The pod that the document makes has the volume as its working folder.
const inThePod = `
kubectl() {
  while [ "$1" != -- ]; do shift; done
  shift
  (cd "$VOLUME" && "$@")
}
`

// repair runs the one script of the document that has a text in it, up to the first command that fails.
func (r *redis) repair(t *testing.T, text string) (string, error) {
	t.Helper()
	scripts := document.Scripts(t, "runbooks.md", "RedisDown")
	found := slices.DeleteFunc(scripts, func(script string) bool { return !strings.Contains(script, text) })
	require.Len(t, found, 1, text)
	env := variables{"PATH": r.env["PATH"], "VOLUME": r.data}
	return output(t, env, "sh", "-c", "set -e\ncd "+newFolder(t)+inThePod+found[0])
}
