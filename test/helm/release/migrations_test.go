package release

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/migrated"
)

// TestMigrations installs and upgrades an application whose pods wait for migrations, with --wait: Helm returns when the pods that came after
// the migrations are ready, and fails if these fail.
func TestMigrations(t *testing.T) {
	for namespace, build := range map[string]func() (string, error){"migrations": os.Executable, "migrations-of-helm-3": buildHelm3} {
		t.Run(namespace, func(t *testing.T) {
			program, err := build()
			require.NoError(t, err)
			helm := func(t *testing.T, args ...string) {
				t.Helper()
				_, stderr, err := runHelmProgram(t, program, append(args, "--namespace="+namespace)...)
				require.NoError(t, err, stderr)
			}
			first, failing, corrected := migrated.Create(t, namespace)
			helm(t, "install", "jobs", chartOf(t, first), "--wait", "--timeout=2m")
			first.RequireOrder(t)

			upgrade := []string{"upgrade", "jobs", chartOf(t, failing), "--wait", "--timeout=20s", "--namespace=" + namespace}
			ended := make(chan string)
			go func() {
				defer close(ended)
				if _, stderr, err := runHelmProgram(t, program, upgrade...); err != nil {
					ended <- stderr
				}
			}()
			failing.Fail(t)
			require.Contains(t, <-ended, "UPGRADE FAILED")
			first.RequireServing(t, 2)
			migrated.RequireJobs(t, namespace, failing)

			helm(t, "upgrade", "jobs", chartOf(t, corrected), "--wait", "--wait-for-jobs", "--timeout=2m")
			corrected.RequireOrder(t)
			migrated.RequireJobs(t, namespace, corrected, failing) // Helm keeps what a failed upgrade added: docs/tiers.md says so.

			helm(t, "rollback", "jobs", "1", "--wait", "--timeout=2m")
			first.RequireOrder(t)
			migrated.RequireJobs(t, namespace, first, failing)
			helm(t, "uninstall", "jobs", "--timeout=1m")
		})
	}
}

// chartOf packs manifests into a chart as they are.
func chartOf(t *testing.T, r migrated.Release) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Chart.yaml"), []byte("apiVersion: v2\nname: jobs\nversion: 1.0.0\n"), 0o666))
	require.NoError(t, os.CopyFS(filepath.Join(folder, "templates"), os.DirFS(r.Folder)))
	return folder
}
