package rollout

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	// declaredHere is without annotations: what people annotate must not look like a difference.
	declaredHere = `
apiVersion: v1
kind: Namespace
metadata: {name: ai-platform, labels: {app: ai-platform}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: plain, namespace: ai-platform, labels: {app: ai-platform}}
data: {key: value}
`
	declaredByStaging = `
apiVersion: v1
kind: ConfigMap
metadata: {name: of-staging, namespace: ai-platform, labels: {app: ai-platform}}
`
	// spared are not to be pruned, for different reasons.
	spared = `
apiVersion: v1
kind: ConfigMap
metadata: {name: helm, namespace: ai-platform, labels: {app: ai-platform}, annotations: {helm.sh/resource-policy: keep}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd, namespace: ai-platform, labels: {app: ai-platform}, annotations: {argocd.argoproj.io/sync-options: Prune=false}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: flux, namespace: ai-platform, labels: {app: ai-platform}, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: of-another, namespace: ai-platform, labels: {app: ai-platform, app.kubernetes.io/instance: another}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: with-data, namespace: ai-platform, labels: {app: ai-platform}}
spec:
  replicas: 0
  serviceName: with-data
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}
  selector: {matchLabels: {component: with-data}}
  template:
    metadata: {labels: {component: with-data}}
    spec: {containers: [{name: a, image: "a:1"}]}
`
	// refused do not fit their schemas.
	refused = `
apiVersion: v1
kind: Secret
metadata: {name: typo, namespace: ai-platform, labels: {app: ai-platform}}
stringData: {pw: 987654321}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: typo, namespace: ai-platform, labels: {app: ai-platform}}
data: {pw: 5}
---
apiVersion: v1
kind: Service
metadata: {name: typo, namespace: ai-platform, labels: {app: ai-platform}}
spec: {prots: [{port: 1}], ports: [{port: 1}]}
`
)

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

			stdout, stderr, code := runDiff(t, folder, control.Kubeconfig())
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
			_, _, code = runDiff(t, folder, control.Kubeconfig(), "--prune", "--yes")
			require.Zero(t, code)
			kubectl(t, "get", "--namespace=ai-platform", "configmap/plain", "configmap/of-staging", "configmap/of-another", "configmap/helm",
				"configmap/argocd", "configmap/flux", "statefulset/with-data")

			requireRefused := func() {
				for _, args := range [][]string{nil, {"--server-side"}} {
					stdout, stderr, code := runDiff(t, folder, control.Kubeconfig(), args...)
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
