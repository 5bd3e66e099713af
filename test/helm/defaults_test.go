package helm

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// With its default values the chart gives what dist/ holds, to the byte of every text, but for the annotations that keep data.
func TestDefaultsAreProduction(t *testing.T) {
	objects, err := template(t, defaultNamespace, nil)
	require.NoError(t, err)
	for _, o := range objects {
		dropKeep(t, o)
	}
	require.Empty(t, cmp.Diff(production(t), objects))
}

func production(t *testing.T) map[string]object {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, "dist", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	objects := map[string]object{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		addObjects(t, objects, string(content))
	}
	return objects
}

// dropKeep wants the annotation on exactly the objects that hold data.
func dropKeep(t *testing.T, o object) {
	t.Helper()
	metadata := o["metadata"].(object)
	annotations, _ := metadata["annotations"].(object)
	holdsData := o["kind"] == "Namespace" || o["kind"] == "PersistentVolumeClaim"
	require.Equal(t, holdsData, annotations["helm.sh/resource-policy"] == "keep", nameOf(o))
	delete(annotations, "helm.sh/resource-policy")
	if len(annotations) == 0 {
		delete(metadata, "annotations")
	}
}
