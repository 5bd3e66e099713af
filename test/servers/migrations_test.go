//go:build linux

package servers

import (
	"errors"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/ai-platform/manifests/constructs"
)

// TestMigrations runs the containers of a Job one after the other, as a kubelet does, and the init container that waits for them. Its tests
// share a server, and each has an empty database.
func TestMigrations(t *testing.T) {
	server := newPostgres(t, staging, newSecret(t, staging, map[string]string{"database-name": "shop"}))
	server.startFirst(t)
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			for name, test := range map[string]func(m migrations){
				"once":               migrations.runOnce,
				"failed":             migrations.fail,
				"rolled back":        migrations.rollBack,
				"restored":           migrations.areRestored,
				"lost the record":    migrations.loseTheRecord,
				"no database yet":    migrations.waitForTheDatabase,
				"URL of another":     migrations.readURLs,
				"no right to create": migrations.needASchema,
			} {
				t.Run(name, func(t *testing.T) { test(migrations{newBackups(t, server, sh, "shop")}) })
			}
		})
	}
}

// migrations are those of a backend with an empty database. Each image adds a table, and could not do so twice.
type migrations struct{ backups }

// release is what is deployed of one image.
type release struct {
	m                            migrations
	check, migrate, record, wait container
}

// release makes the manifests of an image and runs them under the test's shell.
func (m migrations) release(image, sql string) release {
	m.t.Helper()
	return m.releaseOf(constructs.BackendProps{Image: "api:" + image, Migrations: &constructs.Migrations{
		Command: []string{"psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname=$(DATABASE_URL)", "--command=" + sql},
	}})
}

func (m migrations) releaseOf(props constructs.BackendProps) release {
	m.t.Helper()
	folder := filepath.Join(newFolder(m.t), "manifests")
	require.NoError(m.t, constructs.Synth(folder, func(app cdk8s.App) {
		chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
		if props.Database == nil {
			props.Database = constructs.NewPostgres(chart, "database", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "shop"}})
		}
		constructs.NewBackend(chart, "api", props)
	}))
	user, password := m.server.env["POSTGRES_USER"], m.server.env["POSTGRES_PASSWORD"]
	secret := corev1.Secret{StringData: map[string]string{
		"database-name": m.database, "database-user": user, "database-password": password,
		"database-url": databaseURL(map[string]string{"database-name": m.database, "database-user": user, "database-password": password}),
	}}
	secret.Name = "shop"
	job := objectsIn[batchv1.Job](m.t, filepath.Join(folder, "shop.k8s.yaml"), "Job", "")[0]
	deployment := objectsIn[appsv1.Deployment](m.t, filepath.Join(folder, "shop.k8s.yaml"), "Deployment", "shop-api")[0]
	pod := job.Spec.Template.Spec
	require.Len(m.t, pod.InitContainers, 2)
	require.Len(m.t, pod.Containers, 1)
	r, temporary := release{m: m}, newFolder(m.t)
	for _, of := range []struct {
		at   *container
		spec corev1.Container
		name string
	}{
		{&r.check, pod.InitContainers[0], "check"},
		{&r.migrate, pod.InitContainers[1], "migrate"},
		{&r.record, pod.Containers[0], "record"},
		{&r.wait, deployment.Spec.Template.Spec.InitContainers[0], "migrations"},
	} {
		require.Equal(m.t, of.name, of.spec.Name)
		*of.at = m.onThisMachine(newContainer(m.t, of.spec, secret, m.sh), temporary)
	}
	return r
}

// onThisMachine has a container find the server, and a folder of the test instead of the pod's /tmp.
func (m migrations) onThisMachine(c container, temporary string) container {
	m.t.Helper()
	if _, has := c.env["PGHOST"]; has {
		c.rewrite(m.t, "PGHOST", "shop-database", loopback)
		c.rewrite(m.t, "PGPORT", "5432", m.server.port)
	}
	if url, has := c.env["DATABASE_URL"]; has {
		c.env["DATABASE_URL"] = strings.NewReplacer("ai-platform-database", loopback, ":5432", ":"+m.server.port).Replace(url)
	}
	for i, word := range c.Command {
		c.Command[i] = strings.ReplaceAll(word, "/tmp/", temporary+"/")
	}
	return c
}

// run is the Job: its containers until one fails.
func (r release) run() (string, error) {
	r.m.t.Helper()
	all := ""
	for _, c := range []container{r.check, r.migrate, r.record} {
		printed, err := output(r.m.t, c.env, c.arguments()...)
		all += printed
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func (r release) mustRun() string {
	r.m.t.Helper()
	printed, err := r.run()
	require.NoError(r.m.t, err, printed)
	return printed
}

// start starts a container. A shell that waits for a command does not notice that its test has ended.
func (m migrations) start(c container) *process {
	m.t.Helper()
	p := start(m.t, c.env, c.arguments()...)
	m.t.Cleanup(func() { _ = p.Cancel() })
	return p
}

// starts reports that a pod's program starts at once.
func (r release) starts() {
	r.m.t.Helper()
	require.NoError(r.m.t, r.m.start(r.wait).wait(r.m.t))
}

// waits returns a pod that has found no record.
func (r release) waits() *process {
	r.m.t.Helper()
	waiting := r.m.start(r.wait)
	waiting.until(r.m.t, func() error {
		if !strings.Contains(waiting.printed(r.m.t), "waiting for the Job shop-api-migrations-") {
			return errors.New("it does not say that it waits")
		}
		return nil
	})
	return waiting
}

func (m migrations) tables() string {
	m.t.Helper()
	return m.sql("SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'of_%'")
}

// newDatabase empties what newBackups leaves.
func (m migrations) newDatabase() migrations {
	m.t.Helper()
	m.sql("DROP SCHEMA IF EXISTS deployment CASCADE")
	return m
}

func (m migrations) first() release  { return m.newDatabase().release("1", "CREATE TABLE of_1 ()") }
func (m migrations) second() release { return m.release("2", "CREATE TABLE of_2 ()") }

func (m migrations) runOnce() {
	first := m.first()
	waiting := first.waits()
	require.Contains(m.t, first.mustRun(), "recorded the migrations of api:1")
	require.NoError(m.t, waiting.wait(m.t))
	require.Equal(m.t, "of_1", m.tables())

	// The Job is deleted, or its template changes, and it runs again.
	require.Contains(m.t, first.mustRun(), "the migrations of api:1 were applied before")
	require.Equal(m.t, "1", m.sql("SELECT count(*) FROM deployment.migrations"))
	first.starts()
}

// A pod that waits when migrations fail goes on when they have been repaired: by hand, and then by the Job.
func (m migrations) fail() {
	first := m.first()
	m.sql("CREATE TABLE of_1 ()")
	waiting := first.waits()
	printed, err := first.run()
	require.Error(m.t, err)
	require.Contains(m.t, printed, `relation "of_1" already exists`)
	require.Empty(m.t, m.sql("SELECT to_regclass('deployment.migrations')"), "nothing is recorded")

	m.sql("DROP TABLE of_1")
	first.mustRun()
	require.NoError(m.t, waiting.wait(m.t))
}

// The schema is that of the later image, and the earlier one's Job leaves it so.
func (m migrations) rollBack() {
	first := m.first()
	first.mustRun()
	second := m.second()
	second.waits()
	first.starts() // A pod of the former image that is replaced meanwhile.
	second.mustRun()

	first.starts()
	require.Contains(m.t, first.mustRun(), "the migrations of api:1 were applied before")
	require.Contains(m.t, second.mustRun(), "the migrations of api:2 were applied before")
	second.starts()
	require.Equal(m.t, "of_1 of_2", m.tables())
}

// A dump has the records of its time. Without the later image's migrations its pods would find the earlier schema.
func (m migrations) areRestored() {
	first := m.first()
	first.mustRun()
	m.mustDump()
	second := m.second()
	second.mustRun()
	m.mustRestore()

	first.starts()
	require.Equal(m.t, "of_1", m.tables())
	waiting := second.waits()
	second.mustRun()
	require.NoError(m.t, waiting.wait(m.t))
	require.Equal(m.t, "of_1 of_2", m.tables())

	// A dump of a later image is newer than the pods.
	m.mustDump()
	m.mustRestore()
	first.starts()
	second.starts()
}

// The pod is lost between the migrations and the record. What is repeated must be repeatable; this is not, and says so.
func (m migrations) loseTheRecord() {
	first := m.newDatabase().release("1", "CREATE TABLE IF NOT EXISTS of_1 ()")
	for _, c := range []container{first.check, first.migrate} {
		printed, err := output(m.t, c.env, c.arguments()...)
		require.NoError(m.t, err, printed)
	}
	first.waits()
	require.Contains(m.t, first.mustRun(), "recorded the migrations of api:1")
	first.starts()
}

// Everything is applied at once, and the database is there later.
func (m migrations) waitForTheDatabase() {
	first := m.first()
	port := first.check.env["PGPORT"]
	maps.Copy(first.check.env, variables{"PGPORT": freePort(m.t)})
	checking := m.start(first.check)
	checking.until(m.t, func() error {
		if !strings.Contains(checking.printed(m.t), "Connection refused") {
			return errors.New("it has not tried yet")
		}
		return nil
	})
	first.check.env["PGPORT"] = port
	first.mustRun()
}

// The URL of an ExternalPostgres is written for the application's driver.
func (m migrations) readURLs() {
	m.newDatabase()
	r := m.releaseOf(constructs.BackendProps{
		Image: "api:1",
		Database: constructs.ExternalPostgres{
			Server: constructs.ExternalServer{Host: "10.0.0.1", Port: 5432},
			URL:    constructs.SecretKeyRef{Secret: "shop", Key: "database-url"},
		},
		Migrations: &constructs.Migrations{Command: []string{"true"}},
	})
	for _, driver := range []string{"postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2"} {
		m.newDatabase()
		for _, c := range []container{r.check, r.record, r.wait} {
			_, rest, _ := strings.Cut(c.env["DATABASE_URL"], "://")
			c.env["DATABASE_URL"] = driver + "://" + rest
		}
		r.mustRun()
		r.starts()
	}
}

// A role that may not create schemas needs one.
func (m migrations) needASchema() {
	first := m.first()
	m.sql("DROP ROLE IF EXISTS modest")
	m.sql("CREATE ROLE modest LOGIN PASSWORD 'modest'; GRANT CREATE ON SCHEMA public TO modest")
	m.t.Cleanup(func() { m.sql("DROP OWNED BY modest; DROP ROLE modest") })
	for _, c := range []container{first.check, first.record, first.wait} {
		maps.Copy(c.env, variables{"PGUSER": "modest", "PGPASSWORD": "modest"})
	}
	printed, err := first.run()
	require.Error(m.t, err)
	require.Contains(m.t, printed, "permission denied for database shop")
	first.waits()

	m.sql("DROP TABLE of_1; CREATE SCHEMA deployment AUTHORIZATION modest")
	first.mustRun()
	first.starts()
}
