package rollout

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/test/environments"
	"github.com/ai-platform/manifests/test/repository"
)

// root is the root directory of the repository.
var root = repository.Path()

// environment is one of the committed ones.
type environment struct{ environments.Environment }

var (
	production  = environment{environments.Production}
	staging     = environment{environments.Staging}
	development = environment{environments.Development}

	everyEnvironment = []environment{production, staging, development}
)

// files are the manifests by name.
func (e environment) files(t *testing.T) map[string][]byte {
	t.Helper()
	return readFiles(t, e.Path())
}

// readFiles reads a file, or all files of a folder, by name.
func readFiles(t *testing.T, path string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	require.NoError(t, filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[entry.Name()], err = os.ReadFile(file)
		return err
	}))
	return files
}

// createSecret runs the command that the README and docs/secrets.md name, or does the operator's work, after which nobody can change the
// Secret.
func (e environment) createSecret(t *testing.T) {
	t.Helper()
	if e.Argument == "" {
		require.NoError(t, e.CreateSecret(t.Context(), control))
		_, _, err := control.Kubectl(t.Context(), "", "patch", "secret", "ai-platform-secrets", "--namespace="+e.Namespace,
			"--type=merge", `--patch={"stringData":{"redis-password":"another"}}`)
		require.ErrorContains(t, err, "field is immutable")
		return
	}
	runScript(t, root, "go run ./apps/ai-platform secret "+e.Argument+" | kubectl create -f -")
}

// begin waits for an empty cluster, and has environments removed when the test ends.
func begin(t *testing.T, applied ...environment) {
	t.Helper()
	eventually(t, func() error {
		if former := namespaces(t); len(former) > 0 {
			return fmt.Errorf("%s is still there", former[0].Name)
		}
		return nil
	})
	names := []string{"delete", "namespace", "--ignore-not-found", "--wait=false"}
	for _, e := range applied {
		names = append(names, e.Namespace)
	}
	kubectlAtEnd(t, names...)
	// A namespace with a claim in use takes seconds more: it is looked at again only then.
	kubectlAtEnd(t, "delete", "deployments,jobs,persistentvolumeclaims", "--selector=app=ai-platform", "--all-namespaces")
}

func TestEveryEnvironmentIsApplied(t *testing.T) {
	// Templates of a chart and objects of Argo CD's own kinds deploy the environments that are here already.
	folders := []string{"deploy/argocd", "deploy/helm"}
	for _, e := range everyEnvironment {
		folders = append(folders, e.Folder)
	}
	found, err := fs.Glob(os.DirFS(root), "deploy/*")
	require.NoError(t, err)
	require.Subset(t, folders, found)
}

// newPlatform returns production with what the tests change in it: images that are not pulled anew, fixed numbers of pods, volumes that
// have room to grow, and no backups yet.
func newPlatform() platform.Tiers {
	tiers := platform.Production().Tiers()
	tiers.Frontend.Image, tiers.Backend.Image = "ai-platform-frontend:1", "ai-platform-backend:1"
	tiers.Frontend.Replicas, tiers.Backend.Replicas = number(2), number(3)
	tiers.Backend.Storage.Size = "10Gi"
	tiers.Database.Backup = nil
	tiers.Database.Storage.Size, tiers.Redis.Storage.Size, tiers.Prometheus.Storage.Size = "10Gi", "5Gi", "10Gi"
	return tiers
}

// renderTiers returns the files of a platform.
func renderTiers(t *testing.T, tiers platform.Tiers) map[string][]byte {
	t.Helper()
	return render(t, func(app cdk8s.App) { tiers.Compose(app) })
}

func render(t *testing.T, program func(cdk8s.App)) map[string][]byte {
	t.Helper()
	files, err := constructs.Render(program)
	require.NoError(t, err)
	return files
}

func number(n int) *int { return &n }
