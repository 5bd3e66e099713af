package rollout

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// TestKustomizeOverlay applies the overlay of docs/kustomize.md, which changes what it says and nothing else.
func TestKustomizeOverlay(t *testing.T) {
	begin(t, production)
	folder := t.TempDir()
	copyProduction(t, folder)
	for _, script := range scripts(t, "kustomize.md", "") {
		runScript(t, folder, script)
	}

	wanted := objectsByName(objectsOf(t, production.files(t)))
	for name, object := range wanted {
		set := func(value any, path ...string) {
			require.NoError(t, unstructured.SetNestedField(object, value, path...))
		}
		set("4711", "metadata", "labels", "cost-center")
		if strings.HasPrefix(name, "CronJob ") {
			set("4711", "spec", "jobTemplate", "metadata", "labels", "cost-center")
			set("4711", "spec", "jobTemplate", "spec", "template", "metadata", "labels", "cost-center")
			set([]any{map[string]any{"name": "registry"}}, "spec", "jobTemplate", "spec", "template", "spec", "imagePullSecrets")
			set(map[string]any{"pool": "applications"}, "spec", "jobTemplate", "spec", "template", "spec", "nodeSelector")
		}
		if !strings.HasPrefix(name, "Deployment ") {
			continue
		}
		set("4711", "spec", "template", "metadata", "labels", "cost-center")
		set([]any{map[string]any{"name": "registry"}}, "spec", "template", "spec", "imagePullSecrets")
		set(map[string]any{"pool": "applications"}, "spec", "template", "spec", "nodeSelector")
		if name == "Deployment ai-platform-backend" {
			containers := object["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)["containers"].([]any)
			containers[0].(map[string]any)["image"] = "ghcr.io/acme/backend:1.4.2"
		}
	}
	require.Empty(t, cmp.Diff(wanted, kustomized(t, filepath.Join(folder, "overlay"))))
}

// TestKustomizeSilences shows what docs/kustomize.md warns of.
func TestKustomizeSilences(t *testing.T) {
	for _, test := range []struct {
		transformer string
		object      string   // Its kind and name.
		has         []string // Its YAML.
	}{
		{
			transformer: "namespace: shop",
			object:      "Deployment ai-platform-kube-state-metrics",
			has:         []string{"namespace: shop", "--namespaces=ai-platform\n"},
		},
		{
			transformer: "namespace: shop",
			object:      "ConfigMap ai-platform-prometheus-files",
			has:         []string{`replacement: "ai-platform"`, `up{namespace="ai-platform"`},
		},
		{
			transformer: "commonLabels: {team: web}",
			object:      "NetworkPolicy ai-platform-backend",
			has:         []string{"k8s-app: kube-dns\n          team: web\n"},
		},
		{
			transformer: "labels: [{pairs: {team: web}, includeSelectors: true}]",
			object:      "NetworkPolicy ai-platform-frontend-from-ingress",
			has:         []string{"app.kubernetes.io/name: ingress-nginx\n          team: web\n"},
		},
		{
			transformer: "namePrefix: acme-",
			object:      "Deployment acme-ai-platform-backend",
			has:         []string{"claimName: acme-ai-platform-backend-data\n", "@ai-platform-redis:6379\n"},
		},
	} {
		t.Run(test.transformer+" of "+test.object, func(t *testing.T) {
			folder := t.TempDir()
			copyProduction(t, folder)
			kustomization := "resources:\n"
			for name := range production.files(t) {
				kustomization += "- " + filepath.Join(production.Folder, name) + "\n"
			}
			require.NoError(t, os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte(kustomization+test.transformer+"\n"), 0o600))
			text, err := yaml.Marshal(kustomized(t, folder)[test.object])
			require.NoError(t, err)
			for _, part := range test.has {
				require.Contains(t, string(text), part)
			}
		})
	}
}

// copyProduction copies production's manifests to where Kustomize may read them: below a folder of the overlay's.
func copyProduction(t *testing.T, to string) {
	t.Helper()
	require.NoError(t, os.CopyFS(filepath.Join(to, production.Folder), os.DirFS(production.Path())))
}

// kustomized are the objects that an overlay makes.
func kustomized(t *testing.T, folder string) map[string]map[string]any {
	t.Helper()
	return objectsByName(objectsOf(t, map[string][]byte{"": []byte(kubectl(t, "kustomize", folder))}))
}

func objectsByName(objects []unstructured.Unstructured) map[string]map[string]any {
	byName := map[string]map[string]any{}
	for _, object := range objects {
		byName[object.GetKind()+" "+object.GetName()] = object.Object
	}
	return byName
}
