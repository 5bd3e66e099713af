package rollout

import (
	_ "embed"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/golden"
)

// TestDiff applies production, changes it in the cluster and in its folder, and compares what the command prints with a golden file,
// which UPDATE_GOLDEN=1 writes anew.
func TestDiff(t *testing.T) {
	for _, m := range []mode{clientSide, serverSide} {
		t.Run(m.name, func(t *testing.T) {
			begin(t, production)
			files := production.files(t)
			files["99-more.k8s.yaml"] = []byte(remains + "---\n" + password)
			r := newRunning(t, m, files)
			output, code := r.diff(t)
			require.Contains(t, output, "79 to create")
			require.Equal(t, 1, code)

			m.apply(t, r.path())
			production.createSecret(t)
			settle(t)
			output, code = r.diff(t)
			require.Equal(t, "production: no differences (against context ai-platform-test)\n", output)
			require.Zero(t, code)

			changeCluster(t)
			r.write(t, changedFiles(t))
			before := r.versions(t)
			output, code = r.diff(t)
			require.Equal(t, 1, code)
			golden.Require(t, "diff-"+m.name+".txt", output)
			require.NotContains(t, output, "horse")
			r.testPrune(t)
			require.Equal(t, before, r.versions(t))
		})
	}
}

// versions are those of what the test keeps.
func (r running) versions(t *testing.T) map[string]version {
	t.Helper()
	files := production.files(t)
	delete(files, "50-ingress.k8s.yaml")
	return versions(stored(t, objectsOf(t, files)))
}

// testPrune deletes only when that is confirmed, and only what was applied and holds no data.
func (r running) testPrune(t *testing.T) {
	output, code := r.diff(t, "--prune")
	require.Equal(t, 1, code)
	golden.Require(t, "prune.txt", output)
	remaining := []string{"get", "ingress/ai-platform-ingress", "configmap/ai-platform-remains", "--namespace=" + production.Namespace}
	kubectl(t, remaining...)

	output, code = r.diff(t, "--prune", "--yes")
	require.Zero(t, code)
	require.True(t, strings.HasSuffix(output, "\ndeleted ConfigMap ai-platform/ai-platform-remains\ndeleted HTTPRoute ai-platform/ai-platform-remains\n"+
		"deleted Ingress ai-platform/ai-platform-ingress\ndeleted Job ai-platform/ai-platform-remains\ndeleted NetworkPolicy ai-platform/ai-platform-frontend-from-ingress\ndeleted NetworkPolicy ai-platform/ai-platform-ingress-acme-solver\n"), output)
	require.Empty(t, kubectl(t, append(remaining, "--ignore-not-found")...))
	kubectl(t, "get", "persistentvolumeclaim/redis-data-pvc", "configmap/by-hand", "--namespace="+production.Namespace)

	_, code = r.diff(t, "--prune")
	require.Zero(t, code)
}

// What the tests apply in addition to the manifests.
var (
	//go:embed testdata/diff/remains.yaml
	remains string

	//go:embed testdata/diff/token.yaml
	password string

	// unknown are of a kind that the cluster does not know, refused, and new.
	//go:embed testdata/diff/unknown.yaml
	unknown string

	// declaredHere is without annotations: what people annotate must not look like a difference.
	//go:embed testdata/diff/declared.yaml
	declaredHere string

	//go:embed testdata/diff/declared-by-staging.yaml
	declaredByStaging string

	// spared are not to be pruned, for different reasons.
	//go:embed testdata/diff/spared.yaml
	spared string

	// refused do not fit their schemas.
	//go:embed testdata/diff/refused.yaml
	refused string
)

// changeCluster does by hand what people do.
func changeCluster(t *testing.T) {
	t.Helper()
	here(t, "scale", "deployment/ai-platform-backend", "--replicas=4")
	here(t, "autoscale", "deployment/ai-platform-backend", "--name=by-hand", "--min=4", "--max=6")
	here(t, "create", "configmap", "by-hand")
	here(t, "label", "configmap", "by-hand", "app=ai-platform")
	here(t, "annotate", "service", "ai-platform-frontend", "example.com/by=hand")
}

// changedFiles are the manifests with at least one change of each dangerous kind.
func changedFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := production.files(t)
	for _, edit := range []struct{ file, from, to string }{
		{"10-database.k8s.yaml", "storage: 10Gi", "storage: 5Gi"},
		{"10-database.k8s.yaml", "EXTENSION IF NOT EXISTS pg_trgm; -- Indexes", "EXTENSION IF NOT EXISTS citext; -- Indexes"},
		{"20-redis.k8s.yaml", "--maxmemory 178956970", "--maxmemory 357913941"},
		{"20-redis.k8s.yaml", "kind: PersistentVolumeClaim\n", "kind: ConfigMap\n"}, // Named like the claim, which goes.
		{"20-redis.k8s.yaml", "\nspec:\n  accessModes:\n    - ReadWriteOnce\n  resources:\n    requests:\n      storage: 5Gi\n", "\n"},
		{"30-backend.k8s.yaml", "- ReadWriteMany", "- ReadWriteOnce"},
		{"30-backend.k8s.yaml", "image: ai-platform-backend:latest", "image: ai-platform-backend:2"},
		{"30-backend.k8s.yaml", "        - env:\n", "        - env:\n            - name: ADDED\n              value: \"1\"\n"},
		{"30-backend.k8s.yaml", "        - port: 6379\n", "        - port: 6380\n"},
		{"40-frontend.k8s.yaml", "  selector:\n    matchLabels:\n      app: ai-platform\n      component: frontend\n  strategy", "  selector:\n    matchLabels:\n      app: ai-platform\n      component: web\n  strategy"},
		{"60-kube-state-metrics.k8s.yaml", "  kind: Role\n  name: ai-platform-kube-state-metrics", "  kind: Role\n  name: another"},
	} {
		require.True(t, strings.Contains(string(files[edit.file]), edit.from), edit.from) //nolint:testifylint // Whole files are no message.
		files[edit.file] = []byte(strings.Replace(string(files[edit.file]), edit.from, edit.to, 1))
	}
	delete(files, "50-ingress.k8s.yaml")
	files["99-more.k8s.yaml"] = []byte(strings.Replace(password, "correct", "wrong", 1) + "---\n" + unknown)
	return files
}

// diff runs the command in the folder of a platform, and returns what it prints and its exit code.
func (r running) diff(t *testing.T, args ...string) (output string, code int) {
	t.Helper()
	stdout, stderr, code := runProgram(t, r.folder, control.Kubeconfig(), append([]string{"diff"}, args...)...)
	require.Empty(t, stderr)
	return stdout, code
}

// TestDiffSpares holds what a review found: objects that others need are not pruned, and an object that is refused neither hides the others
// nor shows what is secret.
func TestDiffSpares(t *testing.T) {
	for _, m := range []mode{clientSide, serverSide} {
		t.Run(m.name, func(t *testing.T) {
			begin(t, production)
			folder := t.TempDir()
			write := func(name, content string) string {
				file := filepath.Join(folder, name)
				require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
				require.NoError(t, os.WriteFile(file, []byte(content), 0o666))
				return file
			}
			m.apply(t, write("dist/a.yaml", declaredHere), write("deploy/staging/a.yaml", declaredByStaging), write("spared.yaml", spared))
			kubectl(t, "annotate", "configmap/plain", "example.com/by=hand", "--namespace=ai-platform")

			stdout, stderr, code := runProgram(t, folder, control.Kubeconfig(), "diff")
			require.Empty(t, stderr)
			require.Zero(t, code, stdout)
			for _, line := range []string{
				"= ConfigMap ai-platform/argocd: annotated with argocd.argoproj.io/sync-options: Prune=false",
				"= ConfigMap ai-platform/flux: annotated with kustomize.toolkit.fluxcd.io/prune: disabled",
				"= ConfigMap ai-platform/helm: annotated with helm.sh/resource-policy: keep",
				"= StatefulSet ai-platform/with-data: its volume claims would be deleted with it",
				"production: 4 kept",
			} {
				require.Contains(t, stdout, line)
			}
			_, _, code = runProgram(t, folder, control.Kubeconfig(), "diff", "--prune", "--yes")
			require.Zero(t, code)
			kubectl(t, "get", "--namespace=ai-platform", "configmap/plain", "configmap/of-staging", "configmap/of-another", "configmap/helm",
				"configmap/argocd", "configmap/flux", "statefulset/with-data")

			requireRefused := func() {
				for _, args := range [][]string{nil, {"--server-side"}} {
					stdout, stderr, code := runProgram(t, folder, control.Kubeconfig(), append([]string{"diff"}, args...)...)
					require.Equal(t, 1, code, stderr)
					require.NotContains(t, stdout+stderr, "987654321")
					require.Equal(t, 3, strings.Count(stdout, "! refused: "), stdout)
				}
			}
			write("dist/b.yaml", refused)
			t.Run("new", func(*testing.T) { requireRefused() })
			m.apply(t, write("valid.yaml", strings.NewReplacer("987654321", "text", "pw: 5", "pw: text", "prots: [{port: 1}], ", "").Replace(refused)))
			t.Run("changed", func(*testing.T) { requireRefused() })
		})
	}
}
