package constructs

// The scripts of Migrations, for the shells and tools of alpine's images and of Debian's.

// migratedFile tells the container that migrates, which has another image, that there is nothing to do.
const migratedFile = temporaryFolder + "/.migrations-applied"

// migrationsFunctions are what the scripts begin with, for the shells of alpine's images and of Debian's. psql does not know the URLs of
// SQLAlchemy, which name a driver.
const migrationsFunctions = `set -eu
url=$(printf '%s\n' "${DATABASE_URL:-}" | sed 's,^\([a-z]*\)+[a-z0-9]*://,\1://,')
sql() { psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 --set=key="$MIGRATIONS_KEY" --set=image="$MIGRATIONS_IMAGE" ${url:+--dbname="$url"}; }
recorded() { sql <<'END'
SELECT to_regclass('deployment.migrations') IS NOT NULL AS known \gset
\if :known
SELECT 'applied' FROM deployment.migrations WHERE key = :'key';
\endif
END
}
`

// checkRecord waits for a database that is starting. A Job that exceeds its deadline loses its log, so it gives up before.
const checkRecord = migrationsFunctions + `rm -f ` + migratedFile + `
tries=0
until found=$(recorded); do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || exit 1
  sleep 5
done
if [ -n "$found" ]; then
  echo "the migrations of $MIGRATIONS_IMAGE were applied before"
  : > ` + migratedFile + `
fi
`

// migrateUnlessRecorded runs the command, which follows as arguments, unless there is nothing to do.
const migrateUnlessRecorded = `[ ! -e ` + migratedFile + ` ] || exit 0
exec "$@"
`

// writeRecord does not ask for a privilege to create what is there: an administrator may have made it.
const writeRecord = migrationsFunctions + `sql <<'END'
SELECT to_regnamespace('deployment') IS NULL AS no_schema, to_regclass('deployment.migrations') IS NULL AS no_table \gset
\if :no_schema
CREATE SCHEMA IF NOT EXISTS deployment;
\endif
\if :no_table
CREATE TABLE IF NOT EXISTS deployment.migrations (key text PRIMARY KEY, image text NOT NULL, applied timestamptz NOT NULL DEFAULT now());
\endif
INSERT INTO deployment.migrations (key, image) VALUES (:'key', :'image') ON CONFLICT (key) DO NOTHING;
END
echo "recorded the migrations of $MIGRATIONS_IMAGE"
`

// waitForRecord ends after ten minutes, and is then started again: its variables are those of the Secret at its start, in which a password
// may have been corrected meanwhile.
const waitForRecord = migrationsFunctions + `tries=0
while [ "$tries" -lt 300 ]; do
  if found=$(recorded) && [ -n "$found" ]; then exit 0; fi
  [ "$((tries % 30))" -ne 0 ] || echo "waiting for the Job $MIGRATIONS_JOB: if it has failed, or completed on another database, delete it and apply the manifests again"
  tries=$((tries + 1))
  sleep 2
done
exit 1
`
