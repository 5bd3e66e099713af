//go:build linux

package servers

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"
)

// dumpTests are tests of the CronJob that dumps.
var dumpTests = map[string]func(backups){
	"writes a file":                 backups.writesAFile,
	"keeps the newest":              backups.keepsTheNewest,
	"removes half a dump":           backups.removesHalfADump,
	"leaves a dump that is made":    backups.leavesADumpThatIsMade,
	"fails with a wrong password":   backups.failsWithAWrongPassword,
	"fails without a server":        backups.failsWithoutAServer,
	"fails without a folder":        backups.failsWithoutAFolder,
	"fails on a full volume":        backups.failsOnAFullVolume,
	"leaves the dumps of namesakes": backups.leavesNamesakes,
	"leaves others' files":          backups.leavesOthersFiles,
	"refuses a template":            backups.refusesATemplate,
	"refuses a role with a newline": backups.refusesARoleWithANewline,
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

func (b backups) keepsTheNewest() {
	kept, err := strconv.Atoi(b.dump.env["BACKUPS_KEPT"])
	require.NoError(b.t, err)
	require.Less(b.t, kept, len(olderDumps), "there is nothing to remove")
	b.pretend(olderDumps...)
	for _, older := range olderDumps[1:] { // The first is of a release that dumped no roles.
		b.pretend(rolesOf(older))
	}
	b.pretend("shop-20190101T030000Z.roles.sql") // The dump could not be finished.

	name := b.mustDump()

	var expected []string
	for _, dump := range append(slices.Clone(olderDumps[len(olderDumps)-kept+1:]), name) {
		expected = append(expected, dump, rolesOf(dump))
	}
	require.Equal(b.t, expected, b.files())
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

func (b backups) failsWithAWrongPassword() {
	b.pretend(olderDumps...)

	printed := b.mustFail(b.dump, variables{"PGPASSWORD": "another"})

	require.Contains(b.t, printed, "password authentication failed")
	require.Equal(b.t, olderDumps, b.dumps())
}

func (b backups) failsWithoutAServer() {
	b.pretend(olderDumps...)

	printed := b.mustFail(b.dump, variables{"PGPORT": freePort(b.t)})

	require.Contains(b.t, printed, "Connection refused")
	require.Equal(b.t, olderDumps, b.dumps())
}

func (b backups) failsWithoutAFolder() {
	b.mustFail(b.dump, variables{"BACKUP_FOLDER": filepath.Join(b.folder, "missing")})
}

// A limit of the size of files, here one block, ends pg_dump in the midst of writing.
func (b backups) failsOnAFullVolume() {
	b.pretend(olderDumps...)
	limited := b.dump
	limited.Command = slices.Clone(limited.Command)
	limited.Command[len(limited.Command)-1] = "ulimit -f 1\n" + limited.Command[len(limited.Command)-1]

	b.mustFail(limited, nil)

	require.Equal(b.t, olderDumps, b.dumps())
	require.NotEqual(b.t, olderDumps, b.files(), "nothing was written")
}

// The dumps of a database whose name begins with this one's are not its own.
func (b backups) leavesNamesakes() {
	var namesakes []string
	for _, older := range olderDumps {
		namesakes = append(namesakes, "shop-eu"+older[len("shop"):])
	}
	b.pretend(namesakes...)

	b.mustDump()

	require.Subset(b.t, b.files(), namesakes)
}

func (b backups) leavesOthersFiles() {
	others := []string{"README", "before-migration.dump", "shop-before-migration.dump", "shop-before-migration.roles.sql", "shop-eu-20200101T030000Z.roles.sql"}
	b.pretend(others...)
	b.pretend(olderDumps...)

	b.mustDump()

	require.Subset(b.t, b.files(), others)
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
