//go:build linux

package servers

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// Where a Redis keeps what.
const (
	snapshotFile = "dump.rdb"
	appendFolder = "appendonlydir"
	manifestFile = appendFolder + "/appendonly.aof.manifest"
	oldAppend    = "appendonly.aof" // Of Redis 6 and older.
)

// volumes are the files that servers of this name left.
var volumes = map[string]map[string]string{}

// leave fills the volume with what a run of the server leaves; it runs once for all tests.
func (r *redis) leave(t *testing.T, name string, run func()) {
	t.Helper()
	if volumes[name] == nil {
		run()
		volumes[name] = r.files(t)
		return
	}
	for file, content := range volumes[name] {
		r.write(t, file, content)
	}
}

// stoppedRedis has run, and has a snapshot and append-only files of 1000 keys.
func stoppedRedis(t *testing.T, secret corev1.Secret, sh shell) *redis {
	t.Helper()
	r := newRedis(t, secret, sh)
	r.leave(t, "stopped", func() {
		r.start(t)
		r.process.until(t, r.answers(t))
		r.must(t, "EVAL", "for i = 1, 1000 do redis.call('SET', 'key' .. i, 'value' .. i) end", "0")
		require.NoError(t, r.process.stop(t, syscall.SIGTERM))
	})
	return r
}

func (r *redis) path(name string) string { return filepath.Join(r.data, name) }

func (r *redis) remove(t *testing.T, name string) {
	t.Helper()
	require.NoError(t, os.RemoveAll(r.path(name)))
}

func (r *redis) write(t *testing.T, name, content string) {
	t.Helper()
	r.makeFolder(t, filepath.Dir(name))
	writeFile(t, r.path(name), content)
}

func (r *redis) makeFolder(t *testing.T, name string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(r.path(name), 0o700))
	require.NoError(t, giveAway(r.path(name)))
}

func (r *redis) read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(r.path(name))
	require.NoError(t, err)
	return string(content)
}

// files are all that is on the volume, by their paths.
func (r *redis) files(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(r.data, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, relErr := filepath.Rel(r.data, path)
			require.NoError(t, relErr)
			found[name] = r.read(t, name)
		}
		return err
	}))
	return found
}

// requireKeys starts the server, and wants the keys of stoppedRedis, also after a write and the next start.
func (r *redis) requireKeys(t *testing.T) {
	t.Helper()
	r.start(t)
	r.process.until(t, r.answers(t))
	require.Equal(t, "1000", r.must(t, "DBSIZE"))
	require.Equal(t, "value7", r.must(t, "GET", "key7"))
	r.must(t, "SET", "later", "value")
	require.Error(t, r.process.stop(t, syscall.SIGKILL))

	r.start(t)
	r.process.until(t, r.answers(t))
	require.Equal(t, "1001", r.must(t, "DBSIZE"))
}

// A snapshot alone, for example of a Redis without append-only files, must not be taken for an empty volume.
func TestRedisLoadsASnapshot(t *testing.T) {
	secret := newSecret(t, production, nil)
	for _, sh := range shells {
		for name, prepare := range map[string]func(t *testing.T, r *redis){
			"alone":                         func(*testing.T, *redis) {},
			"beside an empty folder":        func(t *testing.T, r *redis) { r.makeFolder(t, appendFolder) },
			"beside a filesystem's own":     func(t *testing.T, r *redis) { r.write(t, "lost+found/#12", "") },
			"beside a snapshot not written": func(t *testing.T, r *redis) { r.write(t, "temp-12.rdb", "REDIS0010") },
			"on a volume without links":     func(t *testing.T, r *redis) { r.instead(t, "ln", "exit 1") },
		} {
			t.Run(string(sh)+"/"+name, func(t *testing.T) {
				r := stoppedRedis(t, secret, sh)
				r.remove(t, appendFolder)
				prepare(t, r)

				r.requireKeys(t)
			})
		}
	}
}

// instead puts a program of the same name before one that the script calls.
func (r *redis) instead(t *testing.T, program, script string) {
	t.Helper()
	folder := newFolder(t)
	require.NoError(t, os.WriteFile(filepath.Join(folder, program), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
	r.env["PATH"] = folder + ":" + r.env["PATH"]
}

// A start is killed before or after each of its steps; the next one has to find everything.
func TestRedisLoadsASnapshotAfterAKilledStart(t *testing.T) {
	secret := newSecret(t, production, nil)
	for _, sh := range shells {
		for _, step := range []string{"mkdir", "redis-check-rdb", "ln", "sync", "mv"} {
			for when, script := range map[string]string{
				"before": "kill -KILL $PPID",
				"after":  `PATH=${PATH#*:}; "$(basename "$0")" "$@"; kill -KILL $PPID`,
			} {
				t.Run(fmt.Sprintf("%s/%s %s", sh, when, step), func(t *testing.T) {
					r := stoppedRedis(t, secret, sh)
					r.remove(t, appendFolder)
					path := r.env["PATH"]
					r.instead(t, step, script)
					r.start(t)
					require.ErrorContains(t, r.process.wait(t), "signal: killed")

					r.env["PATH"] = path
					r.requireKeys(t)
				})
			}
		}
	}
}

// What is loaded may be more than the server may have: it is still there.
func TestRedisLoadsASnapshotAboveItsMaximum(t *testing.T) {
	r := stoppedRedis(t, newSecret(t, production, nil), busybox)
	r.remove(t, appendFolder)
	script := &r.Command[len(r.Command)-1]
	*script = replaceOnce(t, *script, "--maxmemory ", "--maxmemory 1 --maxmemory-clients ")

	r.start(t)
	r.process.until(t, r.answers(t))

	require.Equal(t, "1", r.setting(t, "maxmemory"))
	require.Equal(t, "1000", r.must(t, "DBSIZE"))
	answer, err := r.ask(t, r.env["REDIS_PASSWORD"], "SET", "later", "value")
	require.Error(t, err)
	require.Contains(t, answer, "OOM command not allowed")
}

// Redis converts the file of an older version by itself, and goes on with a conversion that was killed.
func TestRedisLoadsTheAppendOnlyFileOfAnOlderVersion(t *testing.T) {
	secret := newSecret(t, production, nil)
	for name, manifest := range map[string]string{"not begun": "", "begun": "file appendonly.aof seq 1 type b\n"} {
		t.Run(name, func(t *testing.T) {
			r := stoppedRedis(t, secret, busybox)
			commands := r.read(t, appendFolder+"/appendonly.aof.1.incr.aof")
			r.remove(t, appendFolder)
			r.write(t, oldAppend, commands)
			r.write(t, snapshotFile, "the append-only file is what counts")
			if manifest != "" {
				r.write(t, manifestFile, manifest)
			}

			r.requireKeys(t)
		})
	}
}

// A first start that was killed before it wrote its manifest has left nothing to lose.
func TestRedisStartsAfterAKilledFirstStart(t *testing.T) {
	r := startRedis(t, newSecret(t, production, nil), busybox)
	require.Error(t, r.process.stop(t, syscall.SIGKILL))
	require.Len(t, r.files(t), 3)
	r.remove(t, manifestFile)

	r.start(t)
	r.process.until(t, r.answers(t))
	require.Equal(t, "0", r.must(t, "DBSIZE"))
}

// On data that it cannot load, or does not know, the server must neither start empty nor change anything.
func TestRedisRefusesData(t *testing.T) {
	secret := newSecret(t, production, nil)
	snapshot := func(change func(string) string) func(t *testing.T, r *redis) {
		return func(t *testing.T, r *redis) {
			r.remove(t, appendFolder)
			r.write(t, snapshotFile, change(r.read(t, snapshotFile)))
		}
	}
	for name, test := range map[string]struct {
		prepare func(t *testing.T, r *redis)
		says    string
	}{
		"a truncated snapshot":          {snapshot(func(s string) string { return s[:len(s)/2] }), "dump.rdb does not load"},
		"an empty snapshot":             {snapshot(func(string) string { return "" }), "dump.rdb does not load"},
		"a changed snapshot":            {snapshot(func(s string) string { return strings.Replace(s, "value7", "value8", 1) }), "dump.rdb does not load"},
		"the snapshot of a newer Redis": {snapshot(func(s string) string { return "REDIS0099" + s[9:] }), "Can't handle RDB format version 99"},
		"the snapshot of a Valkey 9":    {snapshot(func(s string) string { return "VALKEY080" + s[9:] }), "Wrong signature"},
		"no manifest":                   {func(t *testing.T, r *redis) { r.remove(t, manifestFile) }, "appendonlydir/appendonly.aof.manifest is missing"},
		"an empty manifest":             {func(t *testing.T, r *redis) { r.write(t, manifestFile, "") }, "Found an empty AOF manifest"},
		"no base":                       {func(t *testing.T, r *redis) { r.remove(t, appendFolder+"/appendonly.aof.1.base.rdb") }, "base.rdb length. stat: No such file"},
		"no increment":                  {func(t *testing.T, r *redis) { r.remove(t, appendFolder+"/appendonly.aof.1.incr.aof") }, "incr.aof length. stat: No such file"},
		"files of another name": {func(t *testing.T, r *redis) {
			for name, content := range r.files(t) {
				r.remove(t, name)
				if name != snapshotFile {
					r.write(t, strings.ReplaceAll(name, "appendonly.aof", "cache.aof"), strings.ReplaceAll(content, "appendonly.aof", "cache.aof"))
				}
			}
		}, "appendonlydir/appendonly.aof.manifest is missing"},
		"a snapshot in a folder": {func(t *testing.T, r *redis) {
			r.remove(t, appendFolder)
			r.write(t, "redis/"+snapshotFile, r.read(t, snapshotFile))
			r.remove(t, snapshotFile)
		}, "neither append-only files nor dump.rdb, but redis"},
		"the files of another server": {func(t *testing.T, r *redis) {
			r.remove(t, appendFolder)
			r.remove(t, snapshotFile)
			r.write(t, "PG_VERSION", "15\n")
			r.write(t, "base/1", "")
		}, "neither append-only files nor dump.rdb, but PG_VERSION base"},
	} {
		for _, sh := range shells {
			t.Run(string(sh)+"/"+name, func(t *testing.T) {
				r := stoppedRedis(t, secret, sh)
				test.prepare(t, r)
				before := r.files(t)

				r.start(t)

				require.Error(t, r.process.wait(t))
				require.Contains(t, r.process.printed(t), test.says)
				require.Equal(t, before, r.files(t))
			})
		}
	}
}
