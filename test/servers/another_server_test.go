//go:build linux

package servers

import (
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

const (
	// oddRoles are of all kinds, with names and texts that a line, a quotation mark or a keyword might end.
	oddRoles = `
		CREATE ROLE "O'Neil ""the boss""" LOGIN PASSWORD 'secret' CREATEDB CREATEROLE CONNECTION LIMIT 3 VALID UNTIL '2100-01-01';
		CREATE ROLE "select" NOLOGIN NOINHERIT BYPASSRLS;
		CREATE ROLE "x"" TO ""y"" GRANTED BY ""z";
		CREATE ROLE "-läufer/\1 $PATH ` + "`id`" + ` :'db'" LOGIN REPLICATION;
		CREATE ROLE "CREATE ROLE x;" SUPERUSER;
		CREATE ROLE reader;
		COMMENT ON ROLE "select" IS E'it''s\nCREATE ROLE evil SUPERUSER;\n\\connect "x"\n-- ';
		ALTER ROLE "select" SET search_path = "$user", public, 'a''b "c"';
		ALTER ROLE "O'Neil ""the boss""" SET shop.text = E'it''s\nALTER ROLE "select" SUPERUSER;\\';
		ALTER ROLE "O'Neil ""the boss""" SET default_transaction_read_only = on;
		ALTER ROLE CURRENT_USER SET search_path = "Shop", public;
		DO $$ BEGIN EXECUTE format('COMMENT ON ROLE %I IS ''owner''', current_user); END $$;
		GRANT reader TO "x"" TO ""y"" GRANTED BY ""z" WITH ADMIN OPTION;
		GRANT "x"" TO ""y"" GRANTED BY ""z" TO "O'Neil ""the boss""", CURRENT_USER;
		GRANT pg_monitor TO "select", CURRENT_USER;
		SET SESSION AUTHORIZATION "CREATE ROLE x;"; GRANT "select" TO reader WITH ADMIN OPTION; RESET SESSION AUTHORIZATION;
		GRANT SET ON PARAMETER work_mem TO reader WITH GRANT OPTION; GRANT ALTER SYSTEM ON PARAMETER log_statement TO "select"`

	// oddObjects depend on the roles.
	oddObjects = `
		CREATE SCHEMA "Shop" AUTHORIZATION "O'Neil ""the boss""";
		SET ROLE "O'Neil ""the boss""";
		ALTER DEFAULT PRIVILEGES IN SCHEMA "Shop" GRANT SELECT ON TABLES TO "x"" TO ""y"" GRANTED BY ""z";
		ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
		CREATE TABLE "Shop"."user" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, secret text, "system_user" text);
		INSERT INTO "Shop"."user" (name, secret) VALUES ('reader', E'a\nb'), ('other', NULL);
		ALTER TABLE "Shop"."user" ENABLE ROW LEVEL SECURITY; ALTER TABLE "Shop"."user" FORCE ROW LEVEL SECURITY;
		CREATE POLICY own ON "Shop"."user" TO reader USING (name = current_user);
		CREATE POLICY new ON "Shop"."user" AS RESTRICTIVE FOR INSERT WITH CHECK (name <> 'x');
		GRANT USAGE ON SCHEMA "Shop" TO reader; GRANT SELECT (id, name) ON "Shop"."user" TO reader WITH GRANT OPTION;
		CREATE FUNCTION "Shop".who() RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT current_user::text';
		GRANT EXECUTE ON FUNCTION "Shop".who() TO reader;
		RESET ROLE;
		SET ROLE reader; GRANT SELECT (name) ON "Shop"."user" TO "select"; RESET ROLE;
		CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM "Shop"."user"; GRANT SELECT ON counted TO PUBLIC;
		SELECT lo_from_bytea(4711, 'large'); ALTER LARGE OBJECT 4711 OWNER TO reader; GRANT SELECT ON LARGE OBJECT 4711 TO "select";
		CREATE EXTENSION postgres_fdw; CREATE SERVER "other server" FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'x');
		CREATE USER MAPPING FOR "O'Neil ""the boss""" SERVER "other server" OPTIONS (password 'it''s', user 'x');
		CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no more tables'; END $$;
		CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION refuse();
		CREATE PUBLICATION all_tables FOR ALL TABLES;
		CREATE SUBSCRIPTION sub CONNECTION 'host=192.0.2.1' PUBLICATION x WITH (connect = false);
		CREATE TYPE size AS ENUM ('s', 'm'); CREATE DOMAIN positive AS int CHECK (value > 0);
		ALTER SCHEMA public OWNER TO "select"; GRANT CREATE ON SCHEMA public TO reader`

	// oddProperties are what belongs to a database and is not in it.
	oddProperties = `
		ALTER DATABASE this OWNER TO "O'Neil ""the boss""";
		REVOKE ALL ON DATABASE this FROM PUBLIC;
		GRANT CONNECT ON DATABASE this TO "x"" TO ""y"" GRANTED BY ""z" WITH GRANT OPTION;
		GRANT CREATE, TEMPORARY ON DATABASE this TO "select";
		ALTER DATABASE this SET search_path = "Shop", public;
		ALTER DATABASE this SET default_transaction_read_only = on;
		ALTER DATABASE this SET shop.text = E'it''s\n\\connect template1\nALTER DATABASE :"db"\\';
		ALTER ROLE "select" IN DATABASE this SET work_mem = '8MB';
		ALTER DATABASE this CONNECTION LIMIT 42;
		ALTER DATABASE this IS_TEMPLATE true;
		COMMENT ON DATABASE this IS E'it''s\n\\connect template1\nCREATE DATABASE x;\n'`

	// seenByOthers are the rows that a role may see, by way of a policy and a grant, and whom a function runs as.
	seenByOthers = `SET ROLE reader; SELECT name FROM "Shop"."user"; SELECT "Shop".who()`

	// catalogs are what is said about roles, and about what they may do in a database and have there, in words that all
	// versions have in common.
	catalogs = `
		SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit,
			rolvaliduntil, CASE WHEN oid <> 10 THEN rolpassword END, shobj_description(oid, 'pg_authid')
			FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY 1;
		SELECT roleid::regrole::text, member::regrole::text, admin_option FROM pg_auth_members WHERE NOT member::regrole::text ~ '^pg_' ORDER BY 1, 2;
		SELECT setrole::regrole::text, setconfig FROM pg_db_role_setting LEFT JOIN pg_database d ON d.oid = setdatabase
			WHERE setdatabase = 0 OR datname = current_database() ORDER BY 1, 2;
		SELECT datdba::regrole, datconnlimit, datistemplate, encoding, datcollate, datctype, shobj_description(oid, 'pg_database')
			FROM pg_database WHERE datname = current_database();
		WITH acls (what, owner, acl) AS (
			SELECT 'database', datdba, datacl FROM pg_database WHERE datname = current_database()
			UNION ALL SELECT nspname, nspowner, nspacl FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$'
			UNION ALL SELECT relname, relowner, relacl FROM pg_class WHERE relnamespace = '"Shop"'::regnamespace
			UNION ALL SELECT relname || '.' || attname, relowner, attacl FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
				WHERE relnamespace = '"Shop"'::regnamespace
			UNION ALL SELECT proname, proowner, proacl FROM pg_proc WHERE proname IN ('who', 'refuse')
			UNION ALL SELECT 'large object', lomowner, lomacl FROM pg_largeobject_metadata
			UNION ALL SELECT 'default of ' || defaclobjtype::text, defaclrole, defaclacl FROM pg_default_acl
			UNION ALL SELECT parname, 10, paracl FROM pg_parameter_acl)
		SELECT what, owner::regrole::text, CASE WHEN grantee <> owner THEN grantee::regrole::text END AS grantee,
			CASE WHEN grantee <> owner THEN grantor::regrole END AS by, CASE WHEN grantee <> owner THEN privilege_type END AS right, is_grantable
			FROM acls LEFT JOIN LATERAL aclexplode(acl) ON true GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6;
		SELECT schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies ORDER BY 3;
		SELECT evtname, evtowner::regrole FROM pg_event_trigger;
		SELECT subname, subowner::regrole FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database());
		SELECT umoptions FROM pg_user_mapping`
)
