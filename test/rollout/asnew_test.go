package rollout

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// requireAsNew wants what was upgraded to be what it would be without its past: nothing is left of former lists and maps, whose
// elements kubectl merges, and their order is the new one (a variable may refer to those before it).
func requireAsNew(t *testing.T, declared []unstructured.Unstructured) {
	t.Helper()
	// A claim that is bound cannot be replaced. That it has its size was waited for.
	declared = without(declared, "PersistentVolumeClaim")
	upgraded := stored(t, declared)
	for _, object := range declared {
		path := pathOf(t, object)
		replaced := replace(t, object, upgraded[path])
		require.Empty(t, cmp.Diff(decided(replaced, object), decided(upgraded[path], object), cmpopts.EquateEmpty()), path)
	}
}

// replace asks what an object would become if another were put in its place.
func replace(t *testing.T, by, object unstructured.Unstructured) unstructured.Unstructured {
	t.Helper()
	by = *by.DeepCopy()
	by.SetResourceVersion(object.GetResourceVersion()) // Some kinds want to know what is replaced.
	encoded, err := by.MarshalJSON()
	require.NoError(t, err)
	return decode[unstructured.Unstructured](t, request(t.Context(), t, http.MethodPut, pathOf(t, by)+"?dryRun=All", encoded))
}

// decided is the part of an object that its manifest decides.
func decided(object, manifest unstructured.Unstructured) map[string]any {
	annotations := object.GetAnnotations()
	delete(annotations, revisionAnnotation)
	delete(annotations, "kubectl.kubernetes.io/last-applied-configuration")
	if _, declared, _ := unstructured.NestedFieldNoCopy(manifest.Object, "spec", "replicas"); !declared {
		unstructured.RemoveNestedField(object.Object, "spec", "replicas") // The autoscaler's.
	}
	return map[string]any{
		"annotations": annotations, "labels": object.GetLabels(), "spec": object.Object["spec"], "data": object.Object["data"],
	}
}
