//go:build linux

package servers

import (
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/ai-platform/manifests/test/document"
	"github.com/ai-platform/manifests/test/externalsecrets"
)

const (
	postgresName = "ai-platform-database"
	postgresFile = "10-database.k8s.yaml"
)

// postgres is the PostgreSQL of an environment on this machine.
type postgres struct {
	container
	process *process
	port    string
	folder  string // Of the volume, of the socket, and of the files below.
	initSQL string // The files that are mounted for the first start.
	initSh  string
}

// startPostgres starts a server on an empty volume, and returns it when it answers.
func startPostgres(t *testing.T, from delivery, secret corev1.Secret) *postgres {
	t.Helper()
	p := newPostgres(t, from, secret)
	p.startFirst(t)
	return p
}

// startFirst does what the image's entrypoint does on an empty volume.
func (p *postgres) startFirst(t *testing.T) {
	t.Helper()
	p.initialise(t)
	p.startForInit(t)
	p.runInit(t)
	p.start(t)
}

// newPostgres makes a PostgreSQL with an empty volume.
func newPostgres(t *testing.T, from delivery, secret corev1.Secret) *postgres {
	t.Helper()
	deployment := object[appsv1.Deployment](t, from, postgresFile, "Deployment", postgresName)
	spec := deployment.Spec.Template.Spec.Containers[0]
	p := &postgres{container: newContainer(t, spec, secret, busybox), port: freePort(t), folder: newFolder(t)}

	relative, err := filepath.Rel(p.dataFolder(t), p.env["PGDATA"])
	require.NoError(t, err)
	require.True(t, filepath.IsLocal(relative), "%s is not on the volume", p.env["PGDATA"])
	p.env["PGDATA"] = filepath.Join(p.folder, "data", relative)
	// A client that names no host takes the socket, which the image has where its programs look for it.
	p.env["PGHOST"] = p.folder
	p.rewrite(t, "PGPORT", p.clusterPort(), p.port)

	files := object[corev1.ConfigMap](t, from, postgresFile, "ConfigMap", postgresName+"-files")
	folder, mounted := "/docker-entrypoint-initdb.d/", map[string]string{}
	for _, mount := range p.VolumeMounts {
		if mount.Name == "files" {
			mounted[mount.MountPath] = mount.SubPath
		}
	}
	require.Equal(t, map[string]string{folder + "exporter.sh": "exporter.sh", folder + "init.sql": "init.sql"}, mounted)
	p.initSh, p.initSQL = filepath.Join(p.folder, "exporter.sh"), filepath.Join(p.folder, "init.sql")
	writeFile(t, p.initSh, files.Data["exporter.sh"])
	writeFile(t, p.initSQL, files.Data["init.sql"])
	return p
}

// initialise makes the data folder as the image's entrypoint does. It trusts all clients on 127.0.0.1, of which those of the
// tests are some: in a container only the pod's own processes come from there.
// https://github.com/docker-library/postgres/blob/master/docker-entrypoint.sh
func (p *postgres) initialise(t *testing.T) {
	t.Helper()
	passwordFile := filepath.Join(p.folder, "password")
	writeFile(t, passwordFile, p.env["POSTGRES_PASSWORD"]+"\n")
	arguments := []string{"initdb", "--username=" + p.env["POSTGRES_USER"], "--pwfile=" + passwordFile, "--no-sync"}
	arguments = append(arguments, strings.Fields(p.env["POSTGRES_INITDB_ARGS"])...)
	printed, err := output(t, p.env, arguments...)
	require.NoError(t, err, printed)
	authentication := filepath.Join(p.env["PGDATA"], "pg_hba.conf")
	initial, err := os.ReadFile(authentication)
	require.NoError(t, err)
	writeFile(t, authentication, string(initial)+"\nhost all all all scram-sha-256\n")
}

// startForInit starts the server that listens on a socket only.
func (p *postgres) startForInit(t *testing.T) {
	t.Helper()
	p.run(t, "-c", "listen_addresses=")
	p.process.until(t, p.answersOn(t, p.folder))
}

// start starts the server that clients reach.
func (p *postgres) start(t *testing.T) {
	t.Helper()
	p.run(t, "-c", "listen_addresses="+loopback)
	p.process.until(t, p.answersOn(t, loopback))
}

func (p *postgres) run(t *testing.T, settings ...string) {
	t.Helper()
	// Not to wait for the disk makes no difference but to time.
	arguments := []string{"postgres", "-c", "unix_socket_directories=" + p.folder, "-c", "fsync=off"}
	p.process = start(t, p.env, slices.Concat(arguments, p.arguments(), settings)...)
}

// answersOn returns a question for process.until.
func (p *postgres) answersOn(t *testing.T, host string) func() error {
	t.Helper()
	return func() error {
		_, err := output(t, p.env, "pg_isready", "--host="+host)
		return err
	}
}

// runInit makes the database, sources exporter.sh, runs init.sql, and stops the server.
func (p *postgres) runInit(t *testing.T) {
	t.Helper()
	if database := p.env["POSTGRES_DB"]; database != "postgres" {
		p.createDatabase(t, database)
	}
	printed, err := output(t, p.env, "bash", "-e", "-c", `. "$0"`, p.initSh) // The entrypoint's shell; the file is not executable.
	require.NoError(t, err, printed)
	p.runInitSQL(t, p.env["POSTGRES_DB"])
	require.NoError(t, p.process.stop(t, syscall.SIGINT))
}

// runInitSQL runs what is run once, on the first start.
func (p *postgres) runInitSQL(t *testing.T, database string) {
	t.Helper()
	p.psql(t, database, "--file="+p.initSQL)
}

func (p *postgres) createDatabase(t *testing.T, name string) {
	t.Helper()
	p.must(t, "postgres", "CREATE DATABASE "+identifier(name))
}

// must runs SQL and returns the values.
func (p *postgres) must(t *testing.T, database, sql string) string {
	t.Helper()
	return p.psql(t, database, "--command="+sql)
}

// psql connects as the owner, who needs no password on the socket.
func (p *postgres) psql(t *testing.T, database string, arguments ...string) string {
	t.Helper()
	env := maps.Clone(p.env)
	env["PGDATABASE"] = database // As an option, some names are taken for something else.
	printed, err := output(t, env, append([]string{
		"psql", "--no-psqlrc", "--no-password", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1",
		"--username=" + p.env["POSTGRES_USER"],
	}, arguments...)...)
	require.NoError(t, err, printed)
	return strings.TrimSpace(printed)
}

// identifier quotes a name for SQL.
func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

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
			require.NoError(t, p.answersOn(t, p.folder)())
			for name, command := range p.probes(t) { // It answers on its socket only, and is not ready for clients.
				printed, err := output(t, p.env, command...)
				require.Error(t, err, name)
				require.Contains(t, printed, "no response", name)
			}
			p.runInit(t)

			p.start(t)
			for _, sh := range shells {
				env := maps.Clone(p.env)
				env["PATH"] = sh.path()
				for name, command := range p.probes(t) {
					printed, err := output(t, env, command...)
					require.NoError(t, err, "%s %s: %s", sh, name, printed)
					require.Contains(t, printed, "accepting connections", name)
				}
			}
			// A probe with a name that the server does not know passes too, and fills the log with errors.
			require.NotContains(t, p.process.printed(t), "does not exist")
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

// requireLogin connects as the backend does.
func requireLogin(t *testing.T, p *postgres, secret corev1.Secret) {
	t.Helper()
	address := backendURL(t, "DATABASE_URL", secret, postgresName, p.container, p.port)

	whoAmI := func() (string, error) {
		return output(t, variables{"PATH": p.env["PATH"]}, "psql", "--no-psqlrc", "--no-password", "--no-align", "--tuples-only",
			"--command=SELECT current_user, current_database()", address.String())
	}
	printed, err := whoAmI()
	require.NoError(t, err, printed)
	require.Equal(t, p.env["POSTGRES_USER"]+"|"+p.env["POSTGRES_DB"]+"\n", printed)

	address.User = url.UserPassword(p.env["POSTGRES_USER"], "another")
	printed, err = whoAmI()
	require.Error(t, err)
	require.Contains(t, printed, "password authentication failed")
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

// TestChangingThePassword does what docs/secrets.md says: the Secret has another password, the database's pod is started with it, and within
// the pod a command tells it to PostgreSQL.
func TestChangingThePassword(t *testing.T) {
	for name, password := range map[string]string{"generated": "abcDEF123", "odd": `-p'a"s$$ #\w%o:r/d@☃`} {
		t.Run(name, func(t *testing.T) {
			p := startPostgres(t, production, newSecret(t, production, nil))
			values := map[string]string{
				"database-name": p.env["POSTGRES_DB"], "database-user": p.env["POSTGRES_USER"], "database-password": password,
			}
			values["database-url"] = databaseURL(values)
			secret := newSecret(t, production, values)
			for _, sh := range shells {
				env := maps.Clone(p.env)
				env["POSTGRES_PASSWORD"], env["PATH"] = password, sh.path()
				printed, err := output(t, env, "sh", "-c", passwordCommand(t))
				require.NoError(t, err, printed)
			}
			requireLogin(t, p, secret)
			require.NotContains(t, p.process.printed(t), password)
		})
	}
}

// passwordCommand is what the document has kubectl execute.
func passwordCommand(t *testing.T) string {
	t.Helper()
	scripts := document.Scripts(t, "secrets.md", "Changing passwords")
	found := regexp.MustCompile(`(?s)sh -c \\\n\s*'(.*psql.*)'`).FindStringSubmatch(strings.Join(scripts, "\n"))
	require.NotNil(t, found)
	return found[1]
}
