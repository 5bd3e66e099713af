//go:build linux

package servers

import (
	"debug/buildinfo"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

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
			exporter.requireMetrics(t, postgresName, exported)
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

	exporter.requireMetrics(t, redisName, exporter.untilExports(t, "redis_up", "1"))

	require.NoError(t, server.process.stop(t, syscall.SIGTERM))
	exporter.untilExports(t, "redis_up", "0")
	require.NoError(t, exporter.alive())

	server.start(t)
	exporter.untilExports(t, "redis_up", "1")
	requireSecretsUnprinted(t, exporter, secret, redisPasswordKey)
}

func TestRedisExporterPasswords(t *testing.T) {
	for name, password := range oddPasswords {
		t.Run(name, func(t *testing.T) {
			secret := newSecret(t, production, map[string]string{redisPasswordKey: password})
			exporter := newRedisExporter(t, startRedis(t, secret, busybox), secret)
			exporter.start(t)

			exporter.untilExports(t, "redis_up", "1")
		})
	}
}

// requireSecretsUnprinted fails if the exporter shows a password in its log, or to all users of the machine.
func requireSecretsUnprinted(t *testing.T, exporter *exporter, secret corev1.Secret, key string) {
	t.Helper()
	require.NotContains(t, exporter.process.printed(t), secret.StringData[key])
	require.NotContains(t, commandLines(t), secret.StringData[key])
}

// What is proven of the exporter is proven for the image if it holds the same version.
func TestPostgresExporterIsThatOfTheImage(t *testing.T) {
	program, err := postgresExporter()
	require.NoError(t, err)
	built, err := buildinfo.ReadFile(program)
	require.NoError(t, err)
	exporter := newExporter(t, postgresFile, postgresName, newSecret(t, production, nil), program)
	_, tag, _ := strings.Cut(exporter.Image, ":")
	require.Equal(t, tag, built.Main.Version, "tools/postgres-exporter has another version")
}
