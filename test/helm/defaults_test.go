package helm

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/repository"
)

// With its default values the chart gives what dist/ holds, to the byte of every text, but for the annotations that keep data from
// Helm, and those that tell Argo CD the order.
func TestDefaultsAreProduction(t *testing.T) {
	objects, err := template(t, defaultNamespace, nil)
	require.NoError(t, err)
	for _, o := range objects {
		dropKeep(t, o)
	}
	applied := production(t)
	for name, o := range applied {
		require.NotContains(t, annotationsOf(objects[name]), syncWave, name)
		require.Contains(t, annotationsOf(o), syncWave, name)
		drop(o, syncWave)
		drop(o, syncOptions)
	}
	require.Empty(t, cmp.Diff(applied, objects))
}

const (
	resourcePolicy = "helm.sh/resource-policy"
	syncWave       = "argocd.argoproj.io/sync-wave"
	syncOptions    = "argocd.argoproj.io/sync-options"
)

func production(t *testing.T) map[string]object {
	t.Helper()
	files, err := filepath.Glob(repository.Path("dist", "*.yaml"))
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
	holdsData := o["kind"] == "Namespace" || o["kind"] == "PersistentVolumeClaim"
	require.Equal(t, holdsData, annotationsOf(o)[resourcePolicy] == "keep", nameOf(o))
	drop(o, resourcePolicy)
}

func annotationsOf(o object) object {
	metadata, _ := o["metadata"].(object)
	annotations, _ := metadata["annotations"].(object)
	return annotations
}

// drop takes an annotation away, and the annotations with the last of them.
func drop(o object, annotation string) {
	annotations := annotationsOf(o)
	delete(annotations, annotation)
	if len(annotations) == 0 {
		delete(o["metadata"].(object), "annotations")
	}
}
