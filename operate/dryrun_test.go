package operate

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/operate/internal/changes"
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
