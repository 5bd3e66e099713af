//go:build linux

package servers

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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
			for _, test := range slices.Concat(dumpTests, restoreTests) {
				t.Run(test.name, func(t *testing.T) { test.test(newBackups(t, server, sh, "shop")) })
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

// pretend makes files that only look like dumps.
func (b backups) pretend(names ...string) {
	b.t.Helper()
	for _, name := range names {
		writeFile(b.t, filepath.Join(b.folder, name), "not a dump")
	}
}

type backupTest struct {
	name string
	test func(backups)
}

// dumpTests are tests of the CronJob that dumps.
var dumpTests = []backupTest{
	{"dump writes a file", backups.writesAFile},
	{"dump keeps the newest and others' files", backups.keepsTheNewest},
	{"dump removes half a dump", backups.removesHalfADump},
	{"dump leaves a dump that is made", backups.leavesADumpThatIsMade},
	{"dump fails and removes nothing", backups.failsAndRemovesNothing},
	{"dump refuses a template", backups.refusesATemplate},
	{"dump refuses a role with a newline", backups.refusesARoleWithANewline},
}

// olderDumps are more than are kept.
var olderDumps = []string{
	"shop-20200101T030000Z.dump",
	"shop-20200102T030000Z.dump",
	"shop-20200102T030001Z.dump",
	"shop-20210101T030000Z.dump",
}

func (b backups) writesAFile() {
	b.sql("CREATE TABLE goods AS SELECT 'a table' AS name")

	name := b.mustDump()

	require.Equal(b.t, []string{name, rolesOf(name)}, b.files(), "something else is left")
	require.Regexp(b.t, `^shop-\d{8}T\d{6}Z\.dump$`, name)
	listed, err := output(b.t, b.dump.env, "pg_restore", "--list", filepath.Join(b.folder, name))
	require.NoError(b.t, err, listed)
	require.Contains(b.t, listed, "TABLE DATA public goods")
	for _, file := range b.files() {
		written, err := os.Stat(filepath.Join(b.folder, file))
		require.NoError(b.t, err)
		require.Equal(b.t, os.FileMode(0o600), written.Mode(), "%s can be read by others, and has hashes of passwords", file)
	}
}

// keepsTheNewest counts neither the dumps of a database whose name begins with this one's, nor files that only look like dumps.
func (b backups) keepsTheNewest() {
	kept, err := strconv.Atoi(b.dump.env["BACKUPS_KEPT"])
	require.NoError(b.t, err)
	require.Less(b.t, kept, len(olderDumps), "there is nothing to remove")
	b.pretend(olderDumps...)
	expected := []string{"README", "before-migration.dump", "shop-before-migration.dump", "shop-before-migration.roles.sql", "shop-eu-20200101T030000Z.roles.sql"}
	for _, older := range olderDumps {
		expected = append(expected, strings.Replace(older, "shop", "shop-eu", 1))
	}
	b.pretend(expected...)
	for _, older := range olderDumps[1:] { // The first is of a release that dumped no roles.
		b.pretend(rolesOf(older))
	}
	b.pretend("shop-20190101T030000Z.roles.sql") // The dump could not be finished.

	name := b.mustDump()

	for _, dump := range append(slices.Clone(olderDumps[len(olderDumps)-kept+1:]), name) {
		expected = append(expected, dump, rolesOf(dump))
	}
	require.ElementsMatch(b.t, expected, b.files())
}

func (b backups) removesHalfADump() {
	halves := []string{"shop-20200101T030000Z.dump.partial", "shop-20200101T030000Z.roles.sql.partial"}
	b.pretend(halves...)
	for _, half := range halves {
		left := time.Now().Add(-13 * time.Hour)
		require.NoError(b.t, os.Chtimes(filepath.Join(b.folder, half), left, left))
	}

	name := b.mustDump()

	require.Equal(b.t, []string{name, rolesOf(name)}, b.files())
}

// leavesADumpThatIsMade has one that someone started by hand write its files at the same time: before and between their last names.
func (b backups) leavesADumpThatIsMade() {
	made := []string{"shop-20200101T030000Z.dump.partial", "shop-20200101T030000Z.roles.sql", "shop-20200101T030001Z.dump.partial", "shop-20200101T030001Z.roles.sql.partial"}
	b.pretend(made...)

	name := b.mustDump()

	require.Equal(b.t, append(made, name, rolesOf(name)), b.files())
}

func (b backups) failsAndRemovesNothing() {
	// A limit of the size of files, here one block, ends pg_dump in the midst of writing, as a full volume does.
	limited := b.dump
	limited.Command = slices.Clone(limited.Command)
	limited.Command[len(limited.Command)-1] = "ulimit -f 1\n" + limited.Command[len(limited.Command)-1]
	b.pretend(olderDumps...)
	for _, test := range []struct {
		dump   container
		env    variables
		prints string
	}{
		{b.dump, variables{"PGPASSWORD": "another"}, "password authentication failed"},
		{b.dump, variables{"PGPORT": freePort(b.t)}, "Connection refused"},
		{b.dump, variables{"BACKUP_FOLDER": filepath.Join(b.folder, "missing")}, ""},
		{limited, nil, ""},
	} {
		require.Contains(b.t, b.mustFail(test.dump, test.env), test.prints)
		require.Equal(b.t, olderDumps, slices.DeleteFunc(b.files(), func(name string) bool { return filepath.Ext(name) != ".dump" }))
	}
	require.NotEqual(b.t, olderDumps, b.files(), "nothing was written before the volume was full")
}

// Whoever restored it would replace what every new database is copied from.
func (b backups) refusesATemplate() {
	b.database = "template1"

	printed := b.on(b.server).mustFail(b.on(b.server).dump, nil)

	require.Equal(b.t, "refusing to dump what cannot be restored: rename database template1\n", printed)
	require.Empty(b.t, b.files())
}

func (b backups) refusesARoleWithANewline() {
	b.sql("DO $$ BEGIN EXECUTE format('CREATE ROLE %I', E'two\\nlines'); END $$")
	b.t.Cleanup(func() { b.sql("DO $$ BEGIN EXECUTE format('DROP ROLE %I', E'two\\nlines'); END $$") })

	printed := b.mustFail(b.dump, nil)

	require.Equal(b.t, "refusing to dump what cannot be restored: rename role \"two\nlines\"\n", printed)
	require.Empty(b.t, b.files())
}
