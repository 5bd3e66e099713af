//go:build linux

package servers

import (
	"maps"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/persistence"
)

// TestPersistence runs the scripts that verify runs: their marker outlives the server if its volume does.
func TestPersistence(t *testing.T) {
	scripts := persistence.Database()
	require.Equal(t, postgresName, scripts.Deployment)
	for name, values := range postgresSecrets {
		t.Run(name, func(t *testing.T) {
			p := startPostgres(t, production, newSecret(t, production, values))
			require.Equal(t, p.Name, scripts.Container)
			p.must(t, p.env["POSTGRES_DB"], "CREATE TABLE customers (name text)")
			for i, sh := range shells {
				// Each marker is of the form that the command makes.
				marker := "m" + strings.Repeat("b2", 6)[i:]
				run := func(script string) (string, error) {
					env := maps.Clone(p.env)
					env["PATH"] = sh.path()
					return output(t, env, "sh", "-c", script, "sh", marker)
				}
				must := func(script string) string {
					t.Helper()
					printed, err := run(script)
					require.NoError(t, err, printed)
					return strings.TrimSpace(printed)
				}
				require.Empty(t, must(scripts.Read))
				before := p.tables(t)
				require.Empty(t, must(scripts.Write))
				require.Equal(t, before+"\nverify_"+marker, p.tables(t))
				printed, err := run(scripts.Write)
				require.Error(t, err, "a marker is written once")
				require.Contains(t, printed, "already exists")

				require.NoError(t, p.process.stop(t, syscall.SIGTERM))
				_, err = run(scripts.Read)
				require.Error(t, err, "a server that does not answer has not lost the marker")
				p.start(t)
				require.Equal(t, marker, must(scripts.Read))

				must(scripts.Remove)
				require.Equal(t, before, p.tables(t))
				require.Empty(t, must(scripts.Read))
				must(scripts.Remove)
			}
		})
	}
	t.Run("another volume", func(t *testing.T) {
		p := startPostgres(t, production, newSecret(t, production, nil))
		_, err := output(t, p.env, "sh", "-c", scripts.Write, "sh", "m1")
		require.NoError(t, err)
		require.NoError(t, p.process.stop(t, syscall.SIGTERM))

		require.NoError(t, os.RemoveAll(p.env["PGDATA"]))
		p.startFirst(t)
		printed, err := output(t, p.env, "sh", "-c", scripts.Read, "sh", "m1")
		require.NoError(t, err, printed)
		require.Empty(t, strings.TrimSpace(printed))
	})
}

// tables are those of the database, and its sequences and views.
func (p *postgres) tables(t *testing.T) string {
	t.Helper()
	return p.must(t, p.env["POSTGRES_DB"], "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1")
}
