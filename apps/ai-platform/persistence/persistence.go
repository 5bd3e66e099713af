// Package persistence describes to the command verify of the package operate how to test that the database keeps its
// data.
package persistence

import (
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/operate"
)

// psql runs SQL as the owner of the database, who needs no password on the socket of the server's container. The name
// of the database is a variable: as an option, a name such as a=b would be taken for a connection string.
const psql = `PGDATABASE="$POSTGRES_DB" psql -X -q -A -t -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -c `

// Database stores markers in PostgreSQL, each in a table of its own that is named after it. Nothing else is changed.
func Database() *operate.Persistence {
	return &operate.Persistence{
		Deployment: platform.AppName + "-database",
		Container:  "database",
		Write:      psql + `"BEGIN; CREATE TABLE verify_$1 (marker text NOT NULL); INSERT INTO verify_$1 VALUES ('$1'); COMMIT"`,
		Read: `table=$(` + psql + `"SELECT to_regclass('verify_$1')") || exit
test -z "$table" || ` + psql + `"SELECT marker FROM verify_$1"`,
		Remove: psql + `"DROP TABLE IF EXISTS verify_$1"`,
	}
}
