//go:build linux

package servers

import (
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"
)

// restoreTests are tests of the CronJob that restores.
var restoreTests = map[string]func(backups){
	"brings back what was changed":      backups.bringsBack,
	"fills a new database":              backups.fillsANewDatabase,
	"takes the newest dump":             backups.takesTheNewest,
	"takes the dump that is named":      backups.takesTheNamed,
	"changes nothing with half a dump":  backups.changesNothingWithHalfADump,
	"undoes what was built upon it":     backups.undoesWhatWasBuiltUponIt,
	"restores a schema of its own":      backups.restoresASchemaOfItsOwn,
	"says that there is no dump":        backups.saysThatThereIsNone,
	"says that the named one is absent": backups.saysThatItIsAbsent,
}

const (
	// fill makes one of everything that applications have.
	fill = `
		CREATE TABLE shelves (id serial PRIMARY KEY, name text);
		CREATE TABLE goods (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, shelf int REFERENCES shelves);
		CREATE INDEX ON goods USING gin (name gin_trgm_ops);
		CREATE VIEW full_shelves AS SELECT shelves.id, shelves.name, count(*) FROM shelves JOIN goods ON shelf = shelves.id GROUP BY shelves.id;
		INSERT INTO shelves (name) VALUES ('top');
		INSERT INTO goods (name, shelf) SELECT 'number ' || n, 1 FROM generate_series(1, 1000) n`

	// content tells whether all is there.
	content = `SELECT name, count FROM full_shelves`

	full = "top|1000"
)

func (b backups) bringsBack() {
	b.sql(fill)
	b.mustDump()
	b.sql(`DROP TABLE goods CASCADE; UPDATE shelves SET name = 'bottom'; INSERT INTO shelves (name) VALUES ('middle')`)

	b.mustRestore()

	require.Equal(b.t, full, b.sql(content))
	require.Equal(b.t, "top", b.sql("SELECT name FROM shelves"))
	require.Equal(b.t, "2", b.sql("INSERT INTO shelves (name) VALUES ('next') RETURNING id"), "the sequence goes on elsewhere")
}

func (b backups) fillsANewDatabase() {
	b.sql(fill)
	b.mustDump()
	b.server.dropDatabase(b.t, b.database)
	b.server.createDatabase(b.t, b.database)
	b.server.runInitSQL(b.t, b.database)

	b.mustRestore()

	require.Equal(b.t, full, b.sql(content))
}

func (b backups) takesTheNewest() {
	b.twoDumps()
	b.pretend("shop-eu-20500101T000000Z.dump", "shop-zzz.dump") // Another database's, and not a backup's.

	b.mustRestore()

	require.Equal(b.t, "new", b.sql("SELECT * FROM state"))
}

func (b backups) takesTheNamed() {
	older := b.twoDumps()

	printed, err := b.runJob(b.restore, variables{"BACKUP_FILE": older})

	require.NoError(b.t, err, printed)
	require.Contains(b.t, printed, "restored "+older)
	require.Equal(b.t, "old", b.sql("SELECT * FROM state"))
}

// twoDumps makes two dumps, changes what they hold, and returns the name of the older.
func (b backups) twoDumps() string {
	b.t.Helper()
	const older = "shop-20010101T000000Z.dump"
	b.sql("CREATE TABLE state AS SELECT 'old' AS value")
	require.NoError(b.t, os.Rename(filepath.Join(b.folder, b.mustDump()), filepath.Join(b.folder, older)))
	b.sql("UPDATE state SET value = 'new'")
	b.mustDump()
	b.sql("UPDATE state SET value = 'broken'")
	return older
}

func (b backups) changesNothingWithHalfADump() {
	b.sql(fill)
	path := filepath.Join(b.folder, b.mustDump())
	whole, err := os.Stat(path)
	require.NoError(b.t, err)
	require.NoError(b.t, os.Truncate(path, whole.Size()-100))
	listed, err := output(b.t, b.restore.env, "pg_restore", "--list", path)
	require.NoError(b.t, err, "the table of contents, which is read first, is damaged too: %s", listed)
	b.sql("UPDATE shelves SET name = 'bottom'")

	printed := b.mustFail(b.restore, nil)

	require.NotContains(b.t, printed, "restored")
	require.Equal(b.t, "bottom|1000", b.sql(content))
}

// The restore after a migration that went wrong: its tables depend on what the dump holds.
func (b backups) undoesWhatWasBuiltUponIt() {
	b.sql(fill)
	b.mustDump()
	b.sql("CREATE TABLE lamps (shelf int REFERENCES shelves); UPDATE shelves SET name = 'bottom'")

	b.mustRestore()

	require.Equal(b.t, full, b.sql(content))
	require.Equal(b.t, "f", b.sql("SELECT to_regclass('lamps') IS NOT NULL"))
}

// Emptying the old database instead would create the view before its schema.
func (b backups) restoresASchemaOfItsOwn() {
	b.sql(`DROP SCHEMA IF EXISTS app CASCADE; CREATE SCHEMA app; CREATE TABLE app.shelves (id serial PRIMARY KEY, name text);
		CREATE VIEW app.names AS SELECT id, name FROM app.shelves GROUP BY id; INSERT INTO app.shelves (name) VALUES ('top')`)
	b.mustDump()
	b.server.dropDatabase(b.t, b.database)
	b.server.createDatabase(b.t, b.database)

	b.mustRestore()

	require.Equal(b.t, "1|top", b.sql("SELECT * FROM app.names"))
}

func (b backups) saysThatThereIsNone() {
	b.pretend("shop-eu-20200101T030000Z.dump", "shop-20200101T030000Z.dump.partial")

	require.Contains(b.t, b.mustFail(b.restore, nil), "no dump of shop in "+b.folder)
}

func (b backups) saysThatItIsAbsent() {
	b.mustDump()

	printed := b.mustFail(b.restore, variables{"BACKUP_FILE": "shop-of-yesterday.dump"})

	require.Contains(b.t, printed, `could not open input file "shop-of-yesterday.dump"`)
}
