package rollout

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/ai-platform/manifests/test/fields"
)

// TestCustomResources applies files with custom resources to a cluster that knows their kinds. What acts on them is not here.
func TestCustomResources(t *testing.T) {
	manifests := customManifests(t)
	createNamespaces(t, manifests)
	for _, name := range slices.Sorted(maps.Keys(manifests)) {
		for _, m := range []mode{clientSide, serverSide} {
			t.Run(name+" "+m.name, func(t *testing.T) {
				path := filepath.Join(root, name)
				t.Cleanup(func() { deleteCustom(t, path) })
				m.apply(t, path)
				requireNoDifference(t, m, manifests[name], path)
			})
		}
	}
}

// deleteCustom removes finalizers first, as their controllers are not here to do so.
func deleteCustom(t *testing.T, path string) {
	t.Helper()
	kubectlAfterwards(t, "patch", "--filename="+path, "--type=merge", `--patch={"metadata":{"finalizers":null}}`)
	kubectlAfterwards(t, "delete", "--filename="+path)
}

// TestCounts compares docs/argocd.md with the objects that are applied here.
func TestCounts(t *testing.T) {
	inEnvironments := environmentObjects(t)
	builtIn := slices.DeleteFunc(slices.Clone(inEnvironments), isCustom)
	custom := slices.Concat(inEnvironments, objectsOf(t, render(t, composeForOperator)))
	for _, objects := range customManifests(t) {
		custom = append(custom, objects...)
	}
	custom = slices.DeleteFunc(custom, isBuiltIn)

	document, err := os.ReadFile(filepath.Join(root, "docs", "argocd.md"))
	require.NoError(t, err)
	sentence := fmt.Sprintf("The API server changes none of the %d fields in the environments' %d objects of Kubernetes's own kinds, "+
		"and adds none to the %d custom resources with %d fields in `deploy/` and in the tests",
		countFields(t, builtIn), len(builtIn), len(custom), countFields(t, custom))
	if !strings.Contains(strings.Join(strings.Fields(string(document)), " "), sentence) {
		t.Errorf("docs/argocd.md must say: %s", sentence)
	}
}

// requireNoDifference requires that what was applied is in the cluster as it was written, that kubectl diff is empty, and that a
// second apply changes nothing. Otherwise GitOps tools would show a difference that no sync ends.
func requireNoDifference(t *testing.T, m mode, objects []unstructured.Unstructured, paths ...string) {
	t.Helper()
	before := versions(stored(t, objects))
	requireAsWritten(t, objects)
	// It ends with 1 where there is a difference.
	require.Empty(t, kubectl(t, slices.Concat([]string{"diff"}, files(paths...), m.flags)...))
	m.apply(t, paths...)
	require.Equal(t, before, versions(stored(t, objects)))
}

// requireAsWritten requires that the API server has changed no field. It may add fields to Kubernetes's own kinds, whose defaults
// every tool knows; to a custom resource it must add nothing.
func requireAsWritten(t *testing.T, objects []unstructured.Unstructured) {
	t.Helper()
	found := stored(t, objects)
	for _, object := range objects {
		path := pathOf(t, object)
		written := plainFields(t, object)
		var compared any = plainFields(t, withoutServerFields(found[path]))
		if isBuiltIn(object) {
			compared = fields.Common(written, compared)
		}
		require.Empty(t, cmp.Diff(written, compared), path)
	}
}

// customManifests are the objects of the files and folders in which there are custom resources, by name. Environments have tests of
// their own.
func customManifests(t *testing.T) map[string][]unstructured.Unstructured {
	t.Helper()
	found := map[string][]unstructured.Unstructured{}
	for _, pattern := range []string{"deploy/argocd/*", "constructs/testdata/*.yaml", "constructs/*/testdata/*.yaml"} {
		names, err := fs.Glob(os.DirFS(root), pattern)
		require.NoError(t, err)
		for _, name := range names {
			if objects := objectsOf(t, readFiles(t, filepath.Join(root, name))); slices.ContainsFunc(objects, isCustom) {
				found[name] = objects
			}
		}
	}
	return found
}

func isBuiltIn(object unstructured.Unstructured) bool {
	return scheme.Scheme.Recognizes(object.GroupVersionKind())
}

func isCustom(object unstructured.Unstructured) bool { return !isBuiltIn(object) }

// createNamespaces creates the namespaces that the objects are in, for the test.
func createNamespaces(t *testing.T, manifests map[string][]unstructured.Unstructured) {
	t.Helper()
	created := map[string]bool{"": true} // The namespace of objects that are in none.
	for _, objects := range manifests {
		for _, object := range objects {
			name := object.GetNamespace()
			if created[name] {
				continue
			}
			created[name] = true
			kubectl(t, "create", "namespace", name)
			t.Cleanup(func() { kubectlAfterwards(t, "delete", "namespace", name) })
		}
	}
}

// countFields returns the number of fields that have a single value.
func countFields(t *testing.T, objects []unstructured.Unstructured) int {
	t.Helper()
	count := 0
	for _, object := range objects {
		count += fields.Count(plainFields(t, object))
	}
	return count
}

// withoutServerFields leaves out what the API server, kubectl and an operator note of every object.
func withoutServerFields(object unstructured.Unstructured) unstructured.Unstructured {
	unstructured.RemoveNestedField(object.Object, "status")
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
