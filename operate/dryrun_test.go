package operate

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/operate/internal/changes"

	"github.com/ai-platform/manifests/internal/apitype"
)

// object reads the first object of a manifest.
func object(t *testing.T, manifest string) *unstructured.Unstructured {
	t.Helper()
	objects, err := parse(map[string][]byte{"a.yaml": []byte(manifest)})
	require.NoError(t, err)
	return &objects[0]
}

// What the API server adds to volume claim templates is no difference, also where it refuses another one.
func TestOverlayOfAStatefulSet(t *testing.T) {
	live := object(t, `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  volumeClaimTemplates:
    - apiVersion: v1
      kind: PersistentVolumeClaim
      metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, volumeMode: Filesystem}
      status: {phase: Pending}
`)
	declared := object(t, `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: pg
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`)
	change := changes.New(live, overlay(live, declared))
	require.Equal(t, []changes.Field{{Path: "spec.serviceName", Old: "db", New: "pg"}}, change.Fields)
}

func TestTooLargeForTheAnnotation(t *testing.T) {
	const manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop, annotations: {b: c}}\ndata: {text: "
	declared := object(t, manifest+strings.Repeat("x", apitype.AnnotationsLimit-300)+"}")
	require.Empty(t, tooLarge(declared))
	declared = object(t, manifest+strings.Repeat("x", apitype.AnnotationsLimit-100)+"}")
	require.Len(t, tooLarge(declared), 1)
	require.Regexp(t, `^refused: its annotations would have 262\d+ bytes, .* apply it with --server-side$`, tooLarge(declared)[0].String())
}

func TestWhoAppliesClientSide(t *testing.T) {
	byArgoCD := object(t, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, managedFields: [{manager: argocd-controller, operation: Apply}]}")
	require.True(t, dryRun{}.isClientSide(nil))
	require.False(t, dryRun{}.isClientSide(byArgoCD))
	require.False(t, dryRun{serverSide: true}.isClientSide(nil))
}
