//go:build linux

package servers

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// TestBackups runs the two CronJobs. Its tests share a server, and each has an empty database and an empty folder.
func TestBackups(t *testing.T) {
	server := newPostgres(t, staging, newSecret(t, staging, map[string]string{"database-name": "shop"}))
	server.env["PATH"] = server.folder + ":" + server.env["PATH"] // Of what it runs: see refusesWithoutRoom.
	server.startFirst(t)
	for _, database := range oddNames {
		server.createDatabase(t, database)
	}
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			for name, test := range dumpTests {
				t.Run("dump "+name, func(t *testing.T) { test(newBackups(t, server, sh, "shop")) })
			}
			for name, test := range restoreTests {
				t.Run("restore "+name, func(t *testing.T) { test(newBackups(t, server, sh, "shop")) })
			}
			for _, database := range oddNames {
				t.Run("database "+database, func(t *testing.T) { newBackups(t, server, sh, database).bringsBack() })
			}
		})
	}
}

// oddNames are names that a shell, a command line or a glob might take for something else.
var oddNames = []string{"Shop", "shop-eu", "-shop", `shop's "*"`, "läden"}

// backups are the two CronJobs of staging, for one database of a server, and the folder of the dumps.
type backups struct {
	t        *testing.T
	sh       shell
	server   *postgres
	database string
	folder   string
	dump     container
	restore  container
}

// newBackups makes an empty folder, and makes the database what it was after its first start.
func newBackups(t *testing.T, server *postgres, sh shell, database string) backups {
	t.Helper()
	b := backups{t: t, sh: sh, database: database, folder: newFolder(t)}.on(server)
	b.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
	server.runInitSQL(t, database)
	return b
}

// on returns the CronJobs of another server that have the same volume.
func (b backups) on(server *postgres) backups {
	b.t.Helper()
	secret := newSecret(b.t, staging, map[string]string{
		"database-name":     b.database,
		"database-user":     server.env["POSTGRES_USER"],
		"database-password": server.env["POSTGRES_PASSWORD"],
	})
	b.server = server
	b.dump = b.container("ai-platform-database-backup", secret, b.sh)
	b.restore = b.container("ai-platform-database-restore", secret, b.sh)
	return b
}

func (b backups) container(cronJob string, secret corev1.Secret, sh shell) container {
	b.t.Helper()
	job := object[batchv1.CronJob](b.t, staging, postgresFile, "CronJob", cronJob)
	c := newContainer(b.t, job.Spec.JobTemplate.Spec.Template.Spec.Containers[0], secret, sh)
	c.rewrite(b.t, "PGHOST", postgresName, loopback)
	c.rewrite(b.t, "PGPORT", b.server.clusterPort(), b.server.port)
	c.rewrite(b.t, "BACKUP_FOLDER", c.dataFolder(b.t), b.folder)
	return c
}

// sql runs SQL in the database.
func (b backups) sql(sql string) string {
	b.t.Helper()
	return b.server.must(b.t, b.database, sql)
}

// runJob runs a container to its end, with further variables.
func (b backups) runJob(c container, further variables) (string, error) {
	b.t.Helper()
	env := maps.Clone(c.env)
	maps.Copy(env, further)
	return output(b.t, env, c.arguments()...)
}

// mustFail runs a container that has to fail, and returns what it printed.
func (b backups) mustFail(c container, further variables) string {
	b.t.Helper()
	printed, err := b.runJob(c, further)
	require.Error(b.t, err, printed)
	return printed
}

// mustDump makes a dump, which is two files, and returns its name.
func (b backups) mustDump() string {
	b.t.Helper()
	before := b.files()
	printed, err := b.runJob(b.dump, nil)
	require.NoError(b.t, err, printed)

	made := slices.DeleteFunc(b.files(), func(name string) bool { return slices.Contains(before, name) })
	require.Len(b.t, made, 2, printed)
	require.Equal(b.t, rolesOf(made[0]), made[1])
	require.Contains(b.t, printed, "wrote "+made[0])
	return made[0]
}

// rolesOf returns the name of the file of roles that belongs to a dump.
func rolesOf(dump string) string { return strings.TrimSuffix(dump, ".dump") + ".roles.sql" }

// mustRestore restores the newest dump.
func (b backups) mustRestore() {
	b.t.Helper()
	printed, err := b.runJob(b.restore, nil)
	require.NoError(b.t, err, printed)
	require.Contains(b.t, printed, "restored ")
}

// files returns the names of what is in the folder, sorted.
func (b backups) files() []string {
	b.t.Helper()
	entries, err := os.ReadDir(b.folder)
	require.NoError(b.t, err)
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// dumps returns the files that have the name of a dump.
func (b backups) dumps() []string {
	b.t.Helper()
	return slices.DeleteFunc(b.files(), func(name string) bool { return filepath.Ext(name) != ".dump" })
}

// pretend makes files that only look like dumps.
func (b backups) pretend(names ...string) {
	b.t.Helper()
	for _, name := range names {
		writeFile(b.t, filepath.Join(b.folder, name), "not a dump")
	}
}
