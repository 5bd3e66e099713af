package flux

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/test/externalsecrets"
	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// environment is a folder that has a Kustomization.
type environment struct {
	kustomization   string
	path, namespace string
	argument        string // Of the command that makes its Secret. Empty where External Secrets does.
}

var (
	production  = environment{"ai-platform-production", "./dist", "ai-platform", "production"}
	staging     = environment{"ai-platform-staging", "./deploy/staging", "ai-platform-staging", ""}
	development = environment{"ai-platform-development", "./deploy/development", "ai-platform-development", "development"}

	environments = []environment{production, staging, development}
)

// objects reads the files of an environment.
func (e environment) objects(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(repository.Path(e.path, "*.yaml"))
	require.NoError(t, err)
	var objects []*unstructured.Unstructured
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		objects = append(objects, parse(t, content)...)
	}
	return objects
}

// parse reads YAML documents.
func parse(t *testing.T, content []byte) []*unstructured.Unstructured {
	t.Helper()
	documents, err := yamldoc.Split(content)
	require.NoError(t, err)
	var objects []*unstructured.Unstructured
	for _, document := range documents {
		encoded, err := yaml.YAMLToJSONStrict(document)
		require.NoError(t, err)
		object := &unstructured.Unstructured{}
		require.NoError(t, object.UnmarshalJSON(encoded)) // With whole numbers as such.
		objects = append(objects, object)
	}
	return objects
}

// createSecret runs the command that the document names, or does the operator's work.
func (e environment) createSecret(t *testing.T) {
	t.Helper()
	if e.argument == "" {
		require.NoError(t, externalsecrets.Reconcile(t.Context(), control, e.namespace, "ai-platform-secrets"))
		return
	}
	command := exec.CommandContext(t.Context(), "go", "run", "./apps/ai-platform", "secret", e.argument)
	command.Dir = repository.Path()
	secret, err := command.Output()
	require.NoError(t, err)
	_, _, err = control.Kubectl(t.Context(), string(secret), "create", "--filename=-")
	require.NoError(t, err)
}
