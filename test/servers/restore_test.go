//go:build linux

package servers

import (
	"maps"
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"
)

// restoreTests are tests of the CronJob that restores.
var restoreTests = []backupTest{
	{"restore brings back what was changed", backups.bringsBack},
	{"restore takes the newest dump, or the one that is named", backups.takesTheNewestOrTheNamed},
	{"restore changes nothing with half a dump", backups.changesNothingWithHalfADump},
	{"restore changes no role that exists", backups.changesNoRoleThatExists},
	{"restore brings back a role", backups.bringsBackARole},
	{"restore takes a dump without roles", backups.takesADumpWithoutRoles},
	{"restore takes a dump of another name", backups.takesADumpOfAnotherName},
	{"restore heeds no setting of its user", backups.heedsNoSettingOfItsUser},
	{"restore drops what a killed one left", backups.dropsWhatAKilledOneLeft},
	{"restore refuses without room", backups.refusesWithoutRoom},
	{"restore says which dump is absent", backups.saysWhichIsAbsent},
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
	b.sql(`DROP TABLE goods CASCADE; UPDATE shelves SET name = 'bottom'; INSERT INTO shelves (name) VALUES ('middle');
		CREATE TABLE lamps (shelf int REFERENCES shelves)`) // A migration built upon what the dump holds.

	b.mustRestore()

	require.Equal(b.t, full, b.sql(content))
	require.Equal(b.t, "top", b.sql("SELECT name FROM shelves"))
	require.Equal(b.t, "2", b.sql("INSERT INTO shelves (name) VALUES ('next') RETURNING id"), "the sequence goes on elsewhere")
	require.Equal(b.t, "f", b.sql("SELECT to_regclass('lamps') IS NOT NULL"))
}

func (b backups) takesTheNewestOrTheNamed() {
	const older = "shop-20010101T000000Z.dump"
	b.sql("CREATE TABLE state AS SELECT 'old' AS value")
	made := b.mustDump()
	require.NoError(b.t, os.Rename(filepath.Join(b.folder, made), filepath.Join(b.folder, older)))
	require.NoError(b.t, os.Rename(filepath.Join(b.folder, rolesOf(made)), filepath.Join(b.folder, rolesOf(older))))
	b.sql("UPDATE state SET value = 'new'")
	b.mustDump()
	b.sql("UPDATE state SET value = 'broken'")
	b.pretend("shop-eu-20500101T000000Z.dump", "shop-zzz.dump") // Another database's, and not a backup's.

	b.mustRestore()
	require.Equal(b.t, "new", b.sql("SELECT * FROM state"))

	printed, err := b.runJob(b.restore, variables{"BACKUP_FILE": older})
	require.NoError(b.t, err, printed)
	require.Contains(b.t, printed, "restored "+older)
	require.Equal(b.t, "old", b.sql("SELECT * FROM state"))
}

func (b backups) changesNothingWithHalfADump() {
	b.sql(fill)
	dump := b.mustDump()
	b.sql("UPDATE shelves SET name = 'bottom'")
	halve := func(name string, keep func(size int64) int64) {
		path := filepath.Join(b.folder, name)
		whole, err := os.Stat(path)
		require.NoError(b.t, err)
		require.NoError(b.t, os.Truncate(path, keep(whole.Size())))
	}

	roles, err := os.ReadFile(filepath.Join(b.folder, rolesOf(dump)))
	require.NoError(b.t, err)
	halve(rolesOf(dump), func(size int64) int64 { return size / 2 })
	require.Contains(b.t, b.mustFail(b.restore, nil), "the file of roles is not whole")
	require.Equal(b.t, "bottom|1000", b.sql(content))

	writeFile(b.t, filepath.Join(b.folder, rolesOf(dump)), string(roles))
	halve(dump, func(size int64) int64 { return size - 100 })
	listed, err := output(b.t, b.restore.env, "pg_restore", "--list", filepath.Join(b.folder, dump))
	require.NoError(b.t, err, "the table of contents, which is read first, is damaged too: %s", listed)
	require.NotContains(b.t, b.mustFail(b.restore, nil), "restored")
	require.Equal(b.t, "bottom|1000", b.sql(content))
}

// What was taken from a role since the dump, it does not get back from the server's own dump.
func (b backups) changesNoRoleThatExists() {
	b.roles(`CREATE ROLE seller LOGIN SUPERUSER PASSWORD 'old'; ALTER ROLE seller SET work_mem = '8MB'; CREATE ROLE sellers; GRANT sellers TO seller`)
	b.mustDump()
	b.sql(`ALTER ROLE seller NOSUPERUSER PASSWORD 'new'; ALTER ROLE seller RESET work_mem; REVOKE sellers FROM seller`)
	before := b.server.dumpedRoles(b.t)

	b.mustRestore()

	require.Equal(b.t, before, b.server.dumpedRoles(b.t))
}

func (b backups) bringsBackARole() {
	b.roles(`CREATE ROLE seller LOGIN PASSWORD 'old'; ALTER ROLE seller SET work_mem = '8MB'; CREATE ROLE sellers; GRANT sellers TO seller`)
	b.sql("CREATE TABLE goods (); GRANT SELECT ON goods TO seller; ALTER TABLE goods OWNER TO sellers")
	b.mustDump()
	before := b.server.dumpedRoles(b.t)
	b.sql("DROP TABLE goods; DROP ROLE seller")

	printed, err := b.runJob(b.restore, nil)

	require.NoError(b.t, err, printed)
	require.Contains(b.t, printed, "created role \"seller\"\n")
	require.NotContains(b.t, printed, "sellers")
	require.Equal(b.t, before, b.server.dumpedRoles(b.t))
	require.Equal(b.t, "sellers", b.sql("SELECT tableowner FROM pg_tables WHERE has_table_privilege('seller', 'goods', 'SELECT') AND tablename = 'goods'"))
}

// roles makes roles that are gone when the test is.
func (b backups) roles(sql string) {
	b.t.Helper()
	b.sql(sql)
	b.t.Cleanup(func() { b.sql("DROP OWNED BY seller, sellers; DROP ROLE seller, sellers") })
}

// An earlier release made none. All is then the user's own, who need not be called as before.
func (b backups) takesADumpWithoutRoles() {
	b.roles("CREATE ROLE seller; CREATE ROLE sellers; CREATE TABLE goods (); ALTER TABLE goods OWNER TO seller")
	require.NoError(b.t, os.Remove(filepath.Join(b.folder, rolesOf(b.mustDump()))))
	b.sql("DROP TABLE goods; DROP ROLE seller")
	b.t.Cleanup(func() { b.sql("CREATE ROLE seller") })

	b.mustRestore()

	require.Equal(b.t, b.server.env["POSTGRES_USER"], b.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'goods'"))
}

// The Secret has another name since.
func (b backups) takesADumpOfAnotherName() {
	b.sql("CREATE TABLE goods (); ALTER DATABASE shop SET work_mem = '8MB'; COMMENT ON DATABASE shop IS 'for goods'")
	dump := b.mustDump()
	b.server.must(b.t, "postgres", "ALTER DATABASE shop RENAME TO store; COMMENT ON DATABASE store IS NULL; ALTER DATABASE store RESET ALL")
	b.t.Cleanup(func() {
		b.server.must(b.t, "postgres", "COMMENT ON DATABASE store IS NULL; ALTER DATABASE store RESET ALL; ALTER DATABASE store RENAME TO shop")
	})
	b.database = "store"
	b = b.on(b.server)

	printed, err := b.runJob(b.restore, variables{"BACKUP_FILE": dump})

	require.NoError(b.t, err, printed)
	require.Equal(b.t, "8MB", b.sql("SHOW work_mem"))
	require.Equal(b.t, "for goods", b.sql("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'store'"))
	require.Equal(b.t, "t", b.sql("SELECT to_regclass('goods') IS NOT NULL"))
}

func (b backups) heedsNoSettingOfItsUser() {
	user := identifier(b.server.env["POSTGRES_USER"])
	server := *b.server
	server.env = maps.Clone(server.env)
	server.env["PGOPTIONS"] = b.dump.env["PGOPTIONS"]
	b.server = &server
	b.roles("CREATE ROLE seller; CREATE ROLE sellers")
	b.sql(fill)
	b.sql("ALTER ROLE " + user + " SET role = seller; ALTER ROLE " + user + " SET default_transaction_read_only = on; ALTER ROLE " + user + " SET statement_timeout = '1ms'")
	b.t.Cleanup(func() { b.sql("ALTER ROLE " + user + " RESET ALL") })
	b.mustDump()
	b.sql("UPDATE shelves SET name = 'bottom'")

	b.mustRestore()

	require.Equal(b.t, full, b.sql(content))
}

func (b backups) dropsWhatAKilledOneLeft() {
	b.mustDump()
	b.server.createDatabase(b.t, "restore-20260101T030000Z")
	b.server.createDatabase(b.t, "restore-shop")
	b.t.Cleanup(func() { b.server.must(b.t, "postgres", `DROP DATABASE "restore-shop"`) })

	b.mustRestore()

	require.Equal(b.t, "restore-shop", b.sql("SELECT datname FROM pg_database WHERE datname LIKE 'restore%'"))
}

// refusesWithoutRoom has the volume of the server be nearly full.
func (b backups) refusesWithoutRoom() {
	b.sql(fill)
	b.mustDump()
	df := filepath.Join(b.server.folder, "df")
	writeFile(b.t, df, "#!/bin/sh\necho header\necho none 900000 890000 10000 99% /\n")
	require.NoError(b.t, os.Chmod(df, 0o755))
	defer func() { require.NoError(b.t, os.Remove(df)) }()

	printed := b.mustFail(b.restore, nil)

	require.Contains(b.t, printed, "refusing to restore beside shop: a copy needs ")
	require.Contains(b.t, printed, " on the volume of the database, which has 10000 kB")
	require.Equal(b.t, full, b.sql(content))
	require.Equal(b.t, "0", b.sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'restore-%'"))
}

func (b backups) saysWhichIsAbsent() {
	b.pretend("shop-eu-20200101T030000Z.dump", "shop-20200101T030000Z.dump.partial")
	require.Contains(b.t, b.mustFail(b.restore, nil), "no dump of shop in "+b.folder)

	b.mustDump()
	printed := b.mustFail(b.restore, variables{"BACKUP_FILE": "shop-of-yesterday.dump"})
	require.Contains(b.t, printed, `could not open input file "shop-of-yesterday.dump"`)
}
