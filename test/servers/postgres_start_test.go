//go:build linux

package servers

import (
	"maps"
	"net"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/ai-platform/manifests/test/externalsecrets"
)

// postgresSecrets are values that the Secret may have.
var postgresSecrets = map[string]map[string]string{
	"as printed": nil,
	"odd names": {
		"database-name":     "Shop-EU 1",
		"database-user":     "Shop Owner", // PostgreSQL itself refuses quotes in the first user's name.
		"database-password": `-p'a"s$$ #\w%o:r/d@☃`,
	},
}

func TestPostgres(t *testing.T) {
	for name, values := range postgresSecrets {
		t.Run(name, func(t *testing.T) {
			secret := newSecret(t, production, values)
			if values != nil {
				secret.StringData["database-url"] = databaseURL(values)
			}
			p := newPostgres(t, production, secret)
			p.initialise(t)

			p.startForInit(t)
			requireProbesFail(t, p)
			p.runInit(t)
			p.stopForInit(t)

			p.start(t)
			requireProbesPass(t, p)
			requireLogin(t, p, secret)
			require.Equal(t, "on", p.must(t, p.env["POSTGRES_DB"], "SHOW data_checksums"))
			require.Equal(t, "pg_trgm\npgcrypto\nplpgsql", p.must(t, p.env["POSTGRES_DB"], "SELECT extname FROM pg_extension ORDER BY 1"))
		})
	}
}

// The template of database-url escapes whatever a password may consist of.
func TestPostgresWithAGeneratedSecret(t *testing.T) {
	for name, values := range map[string]externalsecrets.Values{
		"generated": nil,
		"odd":       func(string) (string, error) { return `@/:%+"'$ &?#{{`, nil },
	} {
		t.Run(name, func(t *testing.T) {
			secret, err := generateSecret(values)
			require.NoError(t, err)
			requireLogin(t, startPostgres(t, staging, secret), secret)
		})
	}
}

// requireProbesFail holds the probes against a server that is not ready for clients, although it answers on its socket.
func requireProbesFail(t *testing.T, p *postgres) {
	t.Helper()
	require.NoError(t, p.answersOn(t, p.folder)())
	for name, command := range p.probes(t) {
		printed, err := output(t, p.env, command...)
		require.Error(t, err, name)
		require.Contains(t, printed, "no response", name)
	}
}

func requireProbesPass(t *testing.T, p *postgres) {
	t.Helper()
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			env := maps.Clone(p.env)
			env["PATH"] = sh.path()
			for name, command := range p.probes(t) {
				printed, err := output(t, env, command...)
				require.NoError(t, err, "%s: %s", name, printed)
				require.Contains(t, printed, "accepting connections", name)
			}
		})
	}
	// A probe with a name that the server does not know passes too, and fills the log with errors.
	require.NotContains(t, p.process.printed(t), "does not exist")
}

// requireLogin connects as the backend does.
func requireLogin(t *testing.T, p *postgres, secret corev1.Secret) {
	t.Helper()
	address := backendURL(t, "DATABASE_URL", secret, postgresName, p.container, p.port)

	printed, err := whoAmI(t, p, address)
	require.NoError(t, err, printed)
	require.Equal(t, p.env["POSTGRES_USER"]+"|"+p.env["POSTGRES_DB"]+"\n", printed)

	address.User = url.UserPassword(p.env["POSTGRES_USER"], "another")
	printed, err = whoAmI(t, p, address)
	require.Error(t, err)
	require.Contains(t, printed, "password authentication failed")
}

func whoAmI(t *testing.T, p *postgres, address *url.URL) (string, error) {
	t.Helper()
	return output(t, variables{"PATH": p.env["PATH"]}, "psql", "--no-psqlrc", "--no-password", "--no-align", "--tuples-only",
		"--command=SELECT current_user, current_database()", address.String())
}

// databaseURL is the value of the Secret's database-url that fits its other values.
func databaseURL(values map[string]string) string {
	address := url.URL{
		Scheme: "postgresql",
		User:   url.UserPassword(values["database-user"], values["database-password"]),
		Host:   net.JoinHostPort(postgresName, "5432"),
		Path:   "/" + values["database-name"],
	}
	return address.String()
}
