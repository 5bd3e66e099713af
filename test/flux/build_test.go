package flux

import (
	"testing"

	"github.com/fluxcd/pkg/ssa/normalize"
	"github.com/fluxcd/pkg/ssa/utils"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestBuild compares what Flux applies with the files: the labels by which Flux recognizes its own objects, and the annotation that
// protects claims and namespaces from pruning, are all that differs.
func TestBuild(t *testing.T) {
	for _, e := range []environment{production, staging, development} {
		t.Run(e.kustomization, func(t *testing.T) {
			r := newReconciler(t, documentedKustomization(t, e))
			built := bySubject(r.build(t))
			objects, err := e.Objects()
			require.NoError(t, err)
			written := bySubject(objects)
			protected := 0
			for subject, object := range written {
				r.manager.SetOwnerLabels([]*unstructured.Unstructured{object}, r.kustomization.Name, r.kustomization.Namespace)
				if isProtected(object.GetKind()) {
					annotate(object, group+"/prune", "disabled")
					protected++
				}
				require.NoError(t, normalize.UnstructuredList([]*unstructured.Unstructured{object}))
				require.Empty(t, cmp.Diff(object, built[subject]), subject)
			}
			require.Len(t, built, len(written))
			require.Greater(t, protected, 1, "a namespace, and claims")
		})
	}
}

// isProtected says whether the document protects objects of a kind from pruning.
func isProtected(kind string) bool { return kind == "Namespace" || kind == "PersistentVolumeClaim" }

func annotate(object *unstructured.Unstructured, name, value string) {
	annotations := object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[name] = value
	object.SetAnnotations(annotations)
}

// bySubject returns objects by kind, namespace and name.
func bySubject(objects []*unstructured.Unstructured) map[string]*unstructured.Unstructured {
	found := map[string]*unstructured.Unstructured{}
	for _, object := range objects {
		found[utils.FmtUnstructured(object)] = object
	}
	return found
}
