//go:build linux

package servers

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	redisName        = "ai-platform-redis"
	redisFile        = "20-redis.k8s.yaml"
	redisPasswordKey = "redis-password"
)

// redis is the Redis of production on this machine. Its process comes and goes, its data stay.
type redis struct {
	container
	process *process
	port    string
	data    string
}

// newRedis makes a Redis that does not run yet.
func newRedis(t *testing.T, secret corev1.Secret, sh shell) *redis {
	t.Helper()
	deployment := object[appsv1.Deployment](t, production, redisFile, "Deployment", redisName)
	spec := deployment.Spec.Template.Spec.Containers[0]
	return &redis{container: newContainer(t, spec, secret, sh), port: freePort(t), data: newFolder(t)}
}

// startRedis makes a Redis and returns it when it answers.
func startRedis(t *testing.T, secret corev1.Secret, sh shell) *redis {
	t.Helper()
	r := newRedis(t, secret, sh)
	r.start(t)
	r.process.until(t, r.answers(t))
	return r
}

// start runs the emitted command, with further flags of redis-server.
func (r *redis) start(t *testing.T, flags ...string) {
	t.Helper()
	local := strings.Join(append([]string{"--port", r.port, "--bind", loopback}, flags...), " ")
	arguments := r.arguments()
	script := &arguments[len(arguments)-1]
	*script = replaceOnce(t, *script, "--port "+r.clusterPort(), local)
	require.Contains(t, *script, "\ncd "+r.dataFolder(t)+"\n")
	*script = strings.ReplaceAll(*script, r.dataFolder(t), r.data)
	r.process = start(t, r.env, arguments...)
}

// answers returns a question for process.until.
func (r *redis) answers(t *testing.T) func() error {
	t.Helper()
	return func() error {
		answer, err := r.ask(t, r.env["REDIS_PASSWORD"], "PING")
		if err == nil && answer != "PONG" {
			return fmt.Errorf("PING is answered with %q", answer)
		}
		return err
	}
}

// ask sends a command, after logging in if there is a password.
func (r *redis) ask(t *testing.T, password string, arguments ...string) (string, error) {
	t.Helper()
	env := variables{"PATH": r.env["PATH"]}
	if password != "" {
		env["REDISCLI_AUTH"] = password
	}
	answer, err := output(t, env, append([]string{"redis-cli", "-e", "-h", loopback, "-p", r.port}, arguments...)...)
	return strings.TrimSpace(answer), err
}

// must sends a command that has to succeed, with the server's password.
func (r *redis) must(t *testing.T, arguments ...string) string {
	t.Helper()
	answer, err := r.ask(t, r.env["REDIS_PASSWORD"], arguments...)
	require.NoError(t, err, answer)
	return answer
}

// setting returns a value of the server's configuration.
func (r *redis) setting(t *testing.T, name string) string {
	t.Helper()
	_, value, _ := strings.Cut(r.must(t, "CONFIG", "GET", name), "\n")
	return value
}

// probe runs one of the container's probes.
func (r *redis) probe(t *testing.T, command []string, env variables) (string, error) {
	t.Helper()
	var local []string
	for i, argument := range command {
		if i > 0 && command[i-1] == "-p" {
			require.Equal(t, r.clusterPort(), argument)
			argument = r.port
		}
		local = append(local, argument)
	}
	return output(t, env, local...)
}

// replaceOnce replaces what must be in a text exactly once.
func replaceOnce(t *testing.T, text, old, replacement string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(text, old), "%q in %s", old, text)
	return strings.Replace(text, old, replacement, 1)
}

func TestRedis(t *testing.T) {
	secret := newSecret(t, production, nil)
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			r := newRedis(t, secret, sh)
			// Otherwise the server hides its arguments, but only when it has started.
			r.start(t, "--set-proc-title", "no")
			r.process.until(t, r.answers(t))

			name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", r.process.Process.Pid))
			require.NoError(t, err)
			require.Equal(t, "redis-server\n", string(name), "the server has taken the shell's place")
			require.Contains(t, commandLines(t), "redis-server --port "+r.port)
			require.NotContains(t, commandLines(t), r.env["REDIS_PASSWORD"])

			answer, err := r.ask(t, "", "PING")
			require.Error(t, err)
			require.Contains(t, answer, "NOAUTH")
			answer, err = r.ask(t, "another", "PING")
			require.Error(t, err)
			require.Contains(t, answer, "WRONGPASS")
			// Nobody but this user, and nobody without a password.
			require.Regexp(t, `^user default on (sanitize-payload )?#[0-9a-f]{64} ~\* &\* \+@all$`, r.must(t, "ACL", "LIST"))
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

// oddPasswords are passwords that a shell, a configuration file or a URL might take for something else.
var oddPasswords = map[string]string{
	"quotes":        `it's "quoted"`,
	"spaces":        "  in and around  ",
	"comment":       "# none",
	"backslashes":   `\n\\ \`,
	"expansions":    "$HOME ${HOME} $(id) `id` $((1)) $$",
	"references":    "$(REDISCLI_AUTH)",
	"globs":         "/* ~* [a]?",
	"unicode":       "pässwörd☃",
	"leading dash":  "-n",
	"printf":        "%s%n%d",
	"lines":         "one\ntwo\n",
	"end of script": "\nEND\n",
	"another rule":  "x nopass",
	"percent":       "a%20b",
}

func TestRedisPasswords(t *testing.T) {
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			for name, password := range oddPasswords {
				t.Run(name, func(t *testing.T) {
					secret := newSecret(t, production, map[string]string{redisPasswordKey: password})
					r := startRedis(t, secret, sh)
					require.Equal(t, "PONG", r.must(t, "PING"))
					_, err := r.ask(t, password+"x", "PING")
					require.Error(t, err)
					if sh == busybox { // No shell starts the exporter.
						exporter := newRedisExporter(t, r, secret)
						exporter.start(t)
						exporter.untilExports(t, "redis_up", "1")
					}
				})
			}
		})
	}
}

func TestRedisURL(t *testing.T) {
	for _, from := range []delivery{production, staging} {
		t.Run(string(from), func(t *testing.T) {
			secret := newSecret(t, from, nil)
			r := startRedis(t, secret, busybox)
			address := backendURL(t, "REDIS_URL", secret, redisName, r.container, r.port)

			ping := func() (string, error) {
				return output(t, variables{"PATH": r.env["PATH"]}, "redis-cli", "-e", "--no-auth-warning", "-u", address.String(), "PING")
			}
			answer, err := ping()
			require.NoError(t, err, answer)
			require.Equal(t, "PONG\n", answer)

			address.User = url.UserPassword("default", "another")
			answer, err = ping()
			require.Error(t, err)
			require.Contains(t, answer, "WRONGPASS")
		})
	}
}

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
