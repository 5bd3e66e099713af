//go:build linux

package servers

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/ai-platform/manifests/test/yamldoc"
)

// repository is the root of the repository, seen from this package's folder, which go test makes the working directory.
const repository = "../.."

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
	for _, document := range documents(t, filepath.Join(repository, string(from), file)) {
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
	files, err := filepath.Glob(filepath.Join(repository, string(from), "*.yaml"))
	require.NoError(t, err)
	var found []T
	for _, file := range files {
		for _, document := range documents(t, file) {
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

// documents returns the YAML documents of a file.
func documents(t *testing.T, name string) [][]byte {
	t.Helper()
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	found, err := yamldoc.Split(content)
	require.NoError(t, err, name)
	return found
}
