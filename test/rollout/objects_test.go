package rollout

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// objectsOf reads manifests as kubectl does.
func objectsOf(t *testing.T, files map[string][]byte) []unstructured.Unstructured {
	t.Helper()
	var objects []unstructured.Unstructured
	for _, name := range slices.Sorted(maps.Keys(files)) {
		documents, err := yamldoc.Split(files[name])
		require.NoError(t, err)
		for _, document := range documents {
			var object unstructured.Unstructured
			require.NoError(t, yaml.Unmarshal(document, &object.Object))
			objects = append(objects, object)
		}
	}
	return objects
}

// environmentObjects are those of all environments.
func environmentObjects(t *testing.T) []unstructured.Unstructured {
	t.Helper()
	var objects []unstructured.Unstructured
	for _, e := range environments {
		objects = append(objects, objectsOf(t, e.files(t))...)
	}
	return objects
}

func pathOf(t *testing.T, object unstructured.Unstructured) string {
	t.Helper()
	path, err := cluster.ObjectPath(object.GetKind(), object.GetNamespace(), object.GetName())
	require.NoError(t, err)
	return path
}

// stored returns what the API server has of each object, by path.
func stored(t *testing.T, objects []unstructured.Unstructured) map[string]unstructured.Unstructured {
	t.Helper()
	found := map[string]unstructured.Unstructured{}
	for _, object := range objects {
		path := pathOf(t, object)
		found[path] = read[unstructured.Unstructured](t, path)
	}
	return found
}

// namesOf are kind and name of objects, sorted.
func namesOf(objects []unstructured.Unstructured) []string {
	var names []string
	for _, object := range objects {
		names = append(names, object.GetKind()+"/"+object.GetName())
	}
	slices.Sort(names)
	return names
}

func without(objects []unstructured.Unstructured, kind string) []unstructured.Unstructured {
	return slices.DeleteFunc(slices.Clone(objects), func(o unstructured.Unstructured) bool { return o.GetKind() == kind })
}
