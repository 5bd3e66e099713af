// Package persistence has what the command verify of package operate needs to know to try whether the database keeps its data.
package persistence

import (
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/operate"
)

// psql runs SQL as the owner of the database, who needs no password on the socket of the server's container. As an option, the name of a
// database such as a=b would be taken for a connection string.
const psql = `PGDATABASE="$POSTGRES_DB" psql -X -q -A -t -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -c `

// Database keeps markers in PostgreSQL: each in a table of its own, which has its name. Nothing else is touched.
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
