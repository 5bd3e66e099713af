package rollout

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestArgoCD applies the objects for Argo CD to a cluster that knows their kinds. The API server adds nothing to what was written,
// and finds no difference afterwards. Argo CD itself is not here.
func TestArgoCD(t *testing.T) {
	for _, e := range []environment{{folder: "deploy/argocd/applicationset"}, {folder: "deploy/argocd/applications"}} {
		objects := objectsOf(t, e.files(t))
		for _, m := range []mode{clientSide, serverSide} {
			t.Run(e.folder+" "+m.name, func(t *testing.T) {
				beginArgoCD(t)
				m.apply(t, e.path())
				found := stored(t, objects)
				before := versions(found)
				for _, object := range objects {
					require.Empty(t, cmp.Diff(plainFields(t, object), plainFields(t, withoutServerFields(found[pathOf(t, object)]))))
				}
				requireNoDiff(t, m, e.path())

				m.apply(t, e.path())
				require.Equal(t, before, versions(stored(t, objects)))
			})
		}
	}
}

// beginArgoCD creates the namespace that an installation of Argo CD has, for the test.
func beginArgoCD(t *testing.T) {
	t.Helper()
	kubectl(t, "create", "namespace", "argocd")
	t.Cleanup(func() {
		_, _, err := control.Kubectl(context.WithoutCancel(t.Context()), "", "delete", "namespace", "argocd")
		require.NoError(t, err)
	})
}

// withoutServerFields leaves out what the API server and kubectl note of every object.
func withoutServerFields(object unstructured.Unstructured) unstructured.Unstructured {
	for _, name := range []string{"creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"} {
		unstructured.RemoveNestedField(object.Object, "metadata", name)
	}
	unstructured.RemoveNestedField(object.Object, "metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
	if len(object.GetAnnotations()) == 0 {
		unstructured.RemoveNestedField(object.Object, "metadata", "annotations")
	}
	return object
}

// plainFields are the fields of an object as JSON has them, whatever it was read from.
func plainFields(t *testing.T, object unstructured.Unstructured) map[string]any {
	t.Helper()
	encoded, err := json.Marshal(object.Object)
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(encoded, &fields))
	return fields
}
