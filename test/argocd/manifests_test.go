package argocd

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// manifests reads all files of a folder of the repository, in the order of their names.
func manifests(t *testing.T, folder string) []*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(repository.Path(folder, "*.yaml"))
	require.NoError(t, err)
	var objects []*unstructured.Unstructured
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		objects = append(objects, parse(t, string(content), "")...)
	}
	require.NotEmpty(t, objects, folder)
	return objects
}

// parse reads YAML documents. Objects that name no namespace get this one, unless it is empty.
func parse(t *testing.T, documents, namespace string) []*unstructured.Unstructured {
	t.Helper()
	split, err := yamldoc.Split([]byte(documents))
	require.NoError(t, err)
	var objects []*unstructured.Unstructured
	for _, document := range split {
		object := &unstructured.Unstructured{}
		require.NoError(t, yaml.UnmarshalStrict(document, &object.Object))
		require.NotEmpty(t, object.Object, "a document without an object")
		if object.GetNamespace() == "" && namespace != "" {
			object.SetNamespace(namespace)
		}
		objects = append(objects, object)
	}
	return objects
}
