//go:build linux

package servers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
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
