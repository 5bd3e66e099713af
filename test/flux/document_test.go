package flux

import (
	"os"
	"regexp"
	"testing"

	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// yamlBlock is the part of a document that readers save to a file.
var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// documented are the objects in docs/flux.md.
func documented(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	content, err := os.ReadFile(repository.Path("docs", "flux.md"))
	require.NoError(t, err)
	blocks := yamlBlock.FindAllSubmatch(content, -1)
	require.Len(t, blocks, 1)
	objects, err := yamldoc.Objects(blocks[0][1])
	require.NoError(t, err)
	return objects
}

// documentedKustomization is the one in docs/flux.md, changed for another environment as the document says.
func documentedKustomization(t *testing.T, e environment) *kustomizev1.Kustomization {
	t.Helper()
	objects := documented(t)
	found := &kustomizev1.Kustomization{}
	require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(objects[len(objects)-1].Object, found, true))
	if e != production {
		found.Name, found.Spec.Path = e.kustomization, "./"+e.Folder
	}
	require.Equal(t, e.kustomization, found.Name)
	require.Equal(t, "./"+e.Folder, found.Spec.Path)
	return found
}

// defaults are what the API server adds to the objects in the document.
var defaults = map[string]map[string]any{
	"GitRepository": {"timeout": "60s"},
	"Kustomization": {"force": false},
}

// TestDocument has an API server with Flux's definitions accept the objects in the document. Nothing is lost, and nothing is added but
// what the document says.
func TestDocument(t *testing.T) {
	kubectl(t, "create", "namespace", "flux-system")
	for _, object := range documented(t) {
		manifest, err := yaml.Marshal(object.Object)
		require.NoError(t, err)
		_, stderr, err := control.Kubectl(t.Context(), string(manifest), "apply", "--server-side", "--validate=strict", "--filename=-")
		require.NoError(t, err)
		require.Empty(t, stderr)

		stored := object.DeepCopy()
		require.NoError(t, api.Get(t.Context(), client.ObjectKeyFromObject(object), stored))
		wanted := object.Object["spec"].(map[string]any)
		for name, value := range defaults[object.GetKind()] {
			require.NotContains(t, wanted, name)
			wanted[name] = value
		}
		require.Empty(t, cmp.Diff(wanted, stored.Object["spec"]))
	}
}
