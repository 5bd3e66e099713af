//go:build linux

package servers

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// delivery is the folder of an environment's manifests.
type delivery string

const (
	production delivery = "dist"
	staging    delivery = "deploy/staging"
)

// object reads an object into the type that Kubernetes has for it.
func object[T any](t *testing.T, from delivery, file, kind, name string) T {
	t.Helper()
	var found T
	documents, err := yamldoc.Read(repository.Path(string(from), file))
	require.NoError(t, err)
	for _, document := range documents {
		var is metav1.PartialObjectMetadata
		require.NoError(t, yaml.Unmarshal(document, &is))
		if is.Kind == kind && is.Name == name {
			require.NoError(t, yaml.UnmarshalStrict(document, &found))
			return found
		}
	}
	require.FailNow(t, "no such object", "%s/%s has no %s %q", from, file, kind, name)
	return found
}

// objects reads all objects of a kind.
func objects[T any](t *testing.T, from delivery, kind string) []T {
	t.Helper()
	files, err := filepath.Glob(repository.Path(string(from), "*.yaml"))
	require.NoError(t, err)
	var found []T
	for _, file := range files {
		documents, err := yamldoc.Read(file)
		require.NoError(t, err)
		for _, document := range documents {
			var is metav1.PartialObjectMetadata
			require.NoError(t, yaml.Unmarshal(document, &is))
			if is.Kind == kind {
				var read T
				require.NoError(t, yaml.UnmarshalStrict(document, &read))
				found = append(found, read)
			}
		}
	}
	require.NotEmpty(t, found, "%s has no %s", from, kind)
	return found
}
