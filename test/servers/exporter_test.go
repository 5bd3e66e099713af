//go:build linux

package servers

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// exporter is the container beside a server that exports the server's metrics.
type exporter struct {
	container
	process *process
	program string
	port    string
}

// newExporter makes an exporter that does not run yet, in which the image's program has a path here.
func newExporter(t *testing.T, file, deployment string, secret corev1.Secret, program string) *exporter {
	t.Helper()
	containers := object[appsv1.Deployment](t, production, file, "Deployment", deployment).Spec.Template.Spec.Containers
	at := slices.IndexFunc(containers, func(c corev1.Container) bool { return c.Name == "exporter" })
	require.NotEqual(t, -1, at, "%s has no exporter", deployment)
	return &exporter{container: newContainer(t, containers[at], secret, busybox), program: program, port: freePort(t)}
}

// newPostgresExporter makes that of a PostgreSQL. It has the image's version: Debian's is too old to be a proof.
func newPostgresExporter(t *testing.T, of *postgres, secret corev1.Secret) *exporter {
	t.Helper()
	program, err := postgresExporter()
	require.NoError(t, err)
	e := newExporter(t, postgresFile, postgresName, secret, program)
	e.redirect(t, address(of.clusterPort()), address(of.port))
	return e
}

// newRedisExporter makes that of a Redis.
func newRedisExporter(t *testing.T, of *redis, secret corev1.Secret) *exporter {
	t.Helper()
	e := newExporter(t, redisFile, redisName, secret, "prometheus-redis-exporter")
	e.redirect(t, address(of.clusterPort()), address(of.port))
	return e
}

// redirect replaces the server's address, which one variable has.
func (e *exporter) redirect(t *testing.T, expected, replacement string) {
	t.Helper()
	var redirected []string
	for name, value := range e.env {
		if strings.Contains(value, expected) {
			e.env[name] = replaceOnce(t, value, expected, replacement)
			redirected = append(redirected, name)
		}
	}
	require.Len(t, redirected, 1, "variables with %s", expected)
}

// address is that of a port on this machine.
func address(port string) string { return net.JoinHostPort(loopback, port) }

// start runs the exporter, and waits until it lives.
func (e *exporter) start(t *testing.T) {
	t.Helper()
	arguments := append([]string{e.program}, e.arguments()...)
	last := &arguments[len(arguments)-1]
	*last = replaceOnce(t, *last, "=:"+e.clusterPort(), "="+address(e.port))
	e.process = start(t, e.env, arguments...)
	e.process.until(t, e.alive)
}

// alive asks what the liveness probe asks.
func (e *exporter) alive() error { return requireOK(e.url(e.LivenessProbe.HTTPGet.Path)) }

func (e *exporter) url(path string) string { return "http://" + address(e.port) + path }

// untilExports waits until a metric without labels has a value, and returns all that is exported then.
func (e *exporter) untilExports(t *testing.T, metric, value string) map[string]string {
	t.Helper()
	var exported map[string]string
	e.process.until(t, func() (err error) {
		exported, err = scrape(e.url("/metrics"))
		if err == nil && exported[metric] != value {
			return fmt.Errorf("%s is %q", metric, exported[metric])
		}
		return err
	})
	return exported
}

// metricsOf are the names of the metrics of samples.
func metricsOf(exported map[string]string) []string {
	var names []string
	for series := range exported {
		metric, _, _ := strings.Cut(series, "{")
		names = append(names, metric)
	}
	return names
}

func TestPostgresExporter(t *testing.T) {
	for name, values := range postgresSecrets {
		t.Run(name, func(t *testing.T) {
			secret := newSecret(t, production, values)
			server := startPostgres(t, production, secret)
			database := server.env["POSTGRES_DB"]
			server.must(t, "postgres", "REVOKE ALL ON DATABASE postgres, "+identifier(database)+" FROM PUBLIC")
			exporter := newPostgresExporter(t, server, secret)
			exporter.start(t)

			exported := exporter.untilExports(t, "pg_up", "1")
			requireMetrics(t, postgresName, metricsOf(exported))
			require.Contains(t, exported, `pg_database_size_bytes{datname="`+database+`"}`)
			require.NotEqual(t, "0", exported["pg_wal_size_bytes"])
			require.NotEmpty(t, exported["pg_wal_size_bytes"])
			require.NotContains(t, exporter.process.printed(t), "permission denied")

			require.NoError(t, server.process.stop(t, syscall.SIGINT))
			exporter.untilExports(t, "pg_up", "0")
			require.NoError(t, exporter.alive())

			server.start(t)
			exporter.untilExports(t, "pg_up", "1")
			requireSecretsUnprinted(t, exporter, secret, "database-password")
		})
	}
}

func TestRedisExporter(t *testing.T) {
	secret := newSecret(t, production, nil)
	server := startRedis(t, secret, busybox)
	exporter := newRedisExporter(t, server, secret)
	exporter.start(t)

	requireMetrics(t, redisName, metricsOf(exporter.untilExports(t, "redis_up", "1")))

	require.NoError(t, server.process.stop(t, syscall.SIGTERM))
	exporter.untilExports(t, "redis_up", "0")
	require.NoError(t, exporter.alive())

	server.start(t)
	exporter.untilExports(t, "redis_up", "1")
	requireSecretsUnprinted(t, exporter, secret, redisPasswordKey)
}

// requireSecretsUnprinted fails if the exporter shows a password in its log, or to all users of the machine.
func requireSecretsUnprinted(t *testing.T, exporter *exporter, secret corev1.Secret, key string) {
	t.Helper()
	require.NotContains(t, exporter.process.printed(t), secret.StringData[key])
	require.NotContains(t, commandLines(t), secret.StringData[key])
}
