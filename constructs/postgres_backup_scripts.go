package constructs

// The scripts of a PostgresBackup, for the shells and tools of alpine's images and of Debian's. They print with printf: dash's
// echo takes a backslash in a name for the beginning of another character.

// backupFunctions are what both scripts begin with. The name of a file has no slash, which that of a database may have. The
// time in it is spelled out as a pattern, so that the dumps of a database shop-eu are not shop's too.
const backupFunctions = `cd "$BACKUP_FOLDER"
name=$(printf '%s\n' "$PGDATABASE" | sed 's/%/%25/g; s,/,%2F,g')
newest_first() { ls -1 -- "$name"-????????T??????Z.dump | sort -r; }
sql() { psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 "$@"; }
`

// dump writes beside the other dumps, so that half a dump never has the name of a whole one. The name of a database may
// begin with a dash. Roles belong to the server, and pg_dump leaves them out: they are in a file of their own, which is
// there before the dump is, and goes when the dump has gone. pg_dumpall does not notice that the volume is full. All names
// are quoted because later versions reserve more words.
const dump = `set -eu
umask 077 # The hashes of passwords are in it.
` + backupFunctions + `find . -name '*.partial' -mmin +720 -exec rm {} + # Younger ones may be those of a dump that someone started by hand.

refused=$(sql <<'END'
SELECT 'database ' || quote_ident(current_database()) WHERE current_database() ~ '^template[01]$|[[:cntrl:]]'
UNION ALL SELECT 'role ' || quote_ident(rolname) FROM pg_roles WHERE rolname ~ '[[:cntrl:]]'
END
)
[ -z "$refused" ] || { printf '%s\n' "refusing to dump what cannot be restored: rename $refused" >&2; exit 1; }

file="$name-$(date -u +%Y%m%dT%H%M%SZ)"
{
  sql --command="SELECT '-- server ' || system_identifier FROM pg_control_system()"
  pg_dumpall --roles-only --quote-all-identifiers --no-security-labels
} > "$file.roles.sql.partial"
tail -n 5 -- "$file.roles.sql.partial" | grep -q 'database cluster dump complete'
pg_dump --format=custom --quote-all-identifiers --no-tablespaces --file="$file.dump.partial"
pg_restore --list -- "$file.dump.partial" > /dev/null
mv -- "$file.roles.sql.partial" "$file.roles.sql"
mv -- "$file.dump.partial" "$file.dump"
printf '%s\n' "wrote $file.dump, $(wc -c < "$file.dump") bytes"

newest_first | tail -n "+$((BACKUPS_KEPT + 1))" | while IFS= read -r old; do
  rm -- "$old"
  printf '%s\n' "removed $old"
done
for roles in "$name"-????????T??????Z.roles.sql; do
  made="${roles%.roles.sql}.dump"
  [ -e "$made.partial" ] || [ -e "$made" ] || rm -- "$roles"
done
`

// restore fills a new database and then gives it the old one's name, all or nothing: emptying the old one instead fails
// where something newer depends on what the dump holds, as after the migration that one wants to get rid of.
//
// What the dump says about the database itself (encoding and locale; owner, settings, grants, comment) is had by listing a
// schema that nobody can create. The latter contains the name that the database had when it was dumped, so that the new one
// has that name for a moment. A server whose volume is full stops, and does not start again: there must be room for the copy, and for
// what is logged of it, which is about a gigabyte at most (max_wal_size). What a killed restore has left is dropped, if nobody is connected. A dump without a file of roles is one of an earlier release.
const restore = `set -eu
` + backupFunctions + `file="${BACKUP_FILE:-$(newest_first | head -n 1)}"
: "${file:?no dump of $PGDATABASE in $BACKUP_FOLDER}"
printf '%s\n' "restoring $file"
dumped=$(pg_restore --list -- "$file")
dumped=$(printf '%s\n' "$dumped" | sed -n '/^; *dbname: /{s///p;q;}')

roles="${file%.dump}.roles.sql"
if [ -e "$roles" ]; then
  server=$(sql --dbname=template1 --command='SELECT system_identifier FROM pg_control_system()')
  existing=$(sql --dbname=template1 --command="SELECT '\"' || replace(rolname, '\"', '\"\"') || '\"' FROM pg_roles")
  missing=$({ printf '%s\n\n' "$existing"; cat -- "$roles"; } | awk -v server="$server" '` + missingRoles + `')
  printf '%s\n' "$missing" | sql --dbname=template1 --single-transaction
  printf '%s\n' "$missing" | sed -n 's/^CREATE ROLE \(".*"\);$/created role \1/p'
else
  without=--no-owner
fi

about=$(pg_restore --create --schema=pg_none ${without:-} --file=- -- "$file")
create=$(printf '%s\n' "$about" | sed -n '/^CREATE DATABASE /{s/.* WITH TEMPLATE = template0/WITH TEMPLATE = template0/p;q;}')
about=$(printf '%s\n' "$about" | awk '` + statements + `
statement !~ /^(CREATE DATABASE|\\connect) / { printf "%s", statement }
{ statement = "" }
')
sql --dbname=template1 --set=ON_ERROR_STOP=0 --set=db="$PGDATABASE" <<'END'
SELECT format('DROP DATABASE %I', datname) FROM pg_database d WHERE datname ~ '^restore-\d{8}T\d{6}Z$' AND datname <> :'db'
AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datid = d.oid) \gexec
END

room=$(sql --dbname=template1 --set=db="$PGDATABASE" <<'END'
CREATE TEMPORARY TABLE room (kilobytes bigint);
COPY room FROM PROGRAM 'df -Pk . | awk "NR == 2 { print \$4 }"';
SELECT 'needs ' || pg_size_pretty(needed) || ' on the volume of the database, which has ' || pg_size_pretty(kilobytes * 1024)
FROM room, (SELECT size + least(size, 1073741824) AS needed FROM (SELECT pg_database_size(:'db') AS size) AS present) AS copy
WHERE kilobytes * 1024 < needed;
END
)
[ -z "$room" ] || { printf '%s\n' "refusing to restore beside $PGDATABASE: a copy $room" >&2; exit 1; }

new="restore-$(date -u +%Y%m%dT%H%M%SZ)"
trap 'dropdb --if-exists --force -- "$new"' EXIT
sql --dbname=template1 --command="CREATE DATABASE \"$new\" $create"
pg_restore ${without:-} --no-tablespaces --exit-on-error --dbname="$new" -- "$file"

sql --dbname=template1 --set=db="$PGDATABASE" --set=dumped="$dumped" --set=new="$new" --set=old="$new-old" > /dev/null <<END
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :'db';
BEGIN;
ALTER DATABASE :"db" RENAME TO :"old";
ALTER DATABASE :"new" RENAME TO :"dumped";
$about
RESET client_encoding;
ALTER DATABASE :"dumped" RENAME TO :"new";
ALTER DATABASE :"new" RENAME TO :"db";
ALTER DATABASE :"old" RENAME TO :"new";
ALTER DATABASE :"new" IS_TEMPLATE false;
COMMIT;
END
printf '%s\n' "restored $file"
`

// missingRoles is the awk program that selects statements of a file of roles. The quoted names of the roles that the server
// has, and an empty line, come before. It selects what is said about roles that the server lacks. If the dump is another
// server's, which an empty one is, roles that it has also get their settings, comments and memberships. The password and
// the attributes of a role that exists never change: they may be newer.
//
// In the file all names are quoted, and have no line breaks. Until version 15 anyone could be the grantor of a membership;
// later versions refuse most.
const missingRoles = `
!listed { if ($0 == "") listed = 1; else exists[$0]; next }
statement == "" && $0 == "-- server " server { same = 1 }
statement == "" && $0 == "-- PostgreSQL database cluster dump complete" { whole = 1 }
` + statements + `
{
  rest = statement
  sub(/^GRANT [A-Z, ]* ON PARAMETER "[^"]*"/, "", rest)
  known = name() in exists
  if (statement ~ /^GRANT "/) known = name() in exists && known
  if (statement ~ /^GRANT "([^"]|"")*" TO "([^"]|"")*"( WITH [A-Z, ]*)? GRANTED BY /)
    sub(/ GRANTED BY "([^"]|"")*";\n$/, ";\n", statement)
  if (!known || !same && statement !~ /^(CREATE|ALTER ROLE "([^"]|"")*" WITH) /) printf "%s", statement
  statement = ""
}
END { if (!whole) { print "the file of roles is not whole" > "/dev/stderr"; exit 1 } }
function name() {
  if (!match(rest, /"([^"]|"")*"/)) return ""
  found = substr(rest, RSTART, RLENGTH)
  rest = substr(rest, RSTART + RLENGTH)
  return found
}
`

// statements is the beginning of an awk program that goes on with whole statements, and with commands of psql. Texts may have
// line breaks, with what looks like a statement behind them: one is whole when no quotation mark is open.
const statements = `
statement == "" && /^(--|$)/ { next }
{
  statement = statement $0 "\n"
  open = statement
  gsub(/"[^"]*"|\047[^\047]*\047/, "", open)
  if (open ~ /["\047]/) next
}`
