// Package persistence has what the command verify of package operate needs to know to try whether the database keeps its data.
package persistence

import (
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/operate"
)

// psql runs SQL as the owner of the database, who needs no password within the pod.
const psql = `psql -X -q -A -t -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c `

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
