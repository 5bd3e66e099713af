//go:build linux

package servers

import (
	_ "embed"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// oddDatabases are names that a program of PostgreSQL's, its server, a file system or SQL might take for something else, in
// addition to oddNames.
var oddDatabases = []string{
	"shop", "postgres", `Shop's "*"\1 100%`, "a=b", "postgresql://x/y", "..", "select", "x WITH TEMPLATE = template0", strings.Repeat("n", 70),
}

// TestRestoreOnAnotherServer restores dumps where nothing is known but what init.sql says.
func TestRestoreOnAnotherServer(t *testing.T) {
	values := map[string]string{"database-name": "shop"}
	from := startPostgres(t, staging, newSecret(t, staging, values))
	from.env["PGOPTIONS"] = unhindered
	from.must(t, "postgres", oddRoles)
	for _, database := range oddDatabases {
		if database != "postgres" && database != "shop" {
			from.createDatabase(t, database)
		}
		from.must(t, database, oddObjects)
		from.must(t, "postgres", strings.ReplaceAll(oddProperties, "DATABASE this", "DATABASE "+identifier(database)))
	}
	another := newSecret(t, staging, map[string]string{"database-name": "shop", "database-password": "another"})
	for sh, databases := range map[shell][]string{busybox: oddDatabases, dash: oddDatabases[:3]} {
		t.Run(string(sh), func(t *testing.T) {
			to := startPostgres(t, staging, another)
			requireRestored(t, from, to, sh, databases, func(t *testing.T, database string) {
				require.Equal(t, from.dumpedRoles(t), to.dumpedRoles(t))
				require.Equal(t, from.dumpedDatabase(t, database), to.dumpedDatabase(t, database))
			})
		})
	}
	t.Run("PostgreSQL 18", func(t *testing.T) {
		programs, err := laterPostgres()
		require.NoError(t, err)
		to := newPostgres(t, staging, another)
		to.env["PATH"] = programs + ":" + to.env["PATH"]
		to.startFirst(t)
		require.Regexp(t, "^18", to.must(t, "postgres", "SHOW server_version"))
		requireRestored(t, from, to, busybox, oddDatabases[:3], func(t *testing.T, database string) {
			require.Equal(t, from.must(t, database, catalogs), to.must(t, database, catalogs))
		})
	})
}

// requireRestored dumps databases of one server and restores them on another, where a test then looks at them.
func requireRestored(t *testing.T, from, to *postgres, sh shell, databases []string, test func(t *testing.T, database string)) {
	t.Helper()
	to.env["PGOPTIONS"] = unhindered
	for _, database := range databases {
		t.Run(database, func(t *testing.T) {
			if database != "postgres" && database != to.env["POSTGRES_DB"] {
				to.createDatabase(t, database)
			}
			dumped := backups{t: t, sh: sh, database: database, folder: newFolder(t)}.on(from)
			dumped.mustDump()
			dumped.on(to).mustRestore()

			test(t, database)
			require.Equal(t, "reader\nO'Neil \"the boss\"", to.must(t, database, seenByOthers))
		})
	}
	require.NotContains(t, to.must(t, "postgres", "SELECT datname FROM pg_database"), "restore-")
}

// dumpedRoles is all that PostgreSQL itself says about roles, but for what the first start gives them.
func (p *postgres) dumpedRoles(t *testing.T) string {
	t.Helper()
	printed, err := output(t, p.env, "pg_dumpall", "--username="+p.env["POSTGRES_USER"], "--roles-only")
	require.NoError(t, err, printed)

	first := regexp.MustCompile(`(ALTER ROLE ` + p.env["POSTGRES_USER"] + ` .*) PASSWORD '.*'`)
	grantor := regexp.MustCompile(`(?m) GRANTED BY (\w+|"CREATE ROLE x;");$`) // Means nothing before version 16.
	return withoutKeys(grantor.ReplaceAllString(first.ReplaceAllString(printed, "$1"), ";"))
}

// dumpedDatabase is all that PostgreSQL itself says about a database.
func (p *postgres) dumpedDatabase(t *testing.T, name string) string {
	t.Helper()
	env := variables{"PATH": p.env["PATH"], "PGHOST": p.env["PGHOST"], "PGPORT": p.env["PGPORT"], "PGDATABASE": name}
	printed, err := output(t, env, "pg_dump", "--username="+p.env["POSTGRES_USER"], "--create")
	require.NoError(t, err, printed)
	return withoutKeys(printed)
}

// withoutKeys leaves out what is different in each dump.
func withoutKeys(dump string) string {
	return regexp.MustCompile(`(?m)^\\(un)?restrict .*\n`).ReplaceAllString(dump, "")
}

// unhindered is for the tests' own clients.
const unhindered = "-c default_transaction_read_only=off"

var (
	// oddRoles are of all kinds, with names and texts that a line, a quotation mark or a keyword might end.
	//go:embed testdata/roles.sql
	oddRoles string

	// oddObjects depend on the roles.
	//go:embed testdata/objects.sql
	oddObjects string

	// oddProperties are what belongs to a database and is not in it.
	//go:embed testdata/properties.sql
	oddProperties string

	// catalogs are what is said about roles, and about what they may do in a database and have there, in words that all
	// versions have in common.
	//go:embed testdata/catalogs.sql
	catalogs string
)

// seenByOthers are the rows that a role may see, by way of a policy and a grant, and whom a function runs as.
const seenByOthers = `SET ROLE reader; SELECT name FROM "Shop"."user"; SELECT "Shop".who()`
