package helm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the text of a variable, Kubernetes gets it as it is given.
func TestTextsOfVariables(t *testing.T) {
	texts := []string{
		"10_000", "2024_01_15", "0o17", "0X1", "1e1_0", "yes", "null", "1e3", "08", "2001-01-01", "a\r\nb\r\n", "\r", "\ta\nb\n", "\n\n\ta", "a: b # c", "'\"\\",
		"\x01\x1b[0m", "\ufeffa", "\U0010fffd 🎉", "{{ .Values }}", "%q%d", strings.Repeat("long ", 2000),
	}
	env := map[string]any{}
	for i, text := range texts {
		env[fmt.Sprintf("TEXT_%02d", i)] = text
	}
	objects, err := template(t, defaultNamespace, nested(map[string]any{"frontend.env": env}))
	require.NoError(t, err)
	kept := variablesOf(objects["Deployment ai-platform-frontend"])
	for name, text := range env {
		require.Equal(t, text, kept[name])
	}
}

// Of several values files, a later one takes a variable away with null.
func TestVariableTakenAway(t *testing.T) {
	without, err := template(t, defaultNamespace, nested(map[string]any{"frontend.env": map[string]any{"KEPT": "a"}}))
	require.NoError(t, err)
	taken, err := template(t, defaultNamespace, nested(map[string]any{"frontend.env": map[string]any{"KEPT": "a", "TAKEN": nil}}))
	require.NoError(t, err)
	require.Equal(t, without, taken)
	_, err = template(t, defaultNamespace, nested(map[string]any{"frontend.env": map[string]any{"URL": "$(TAKEN)", "TAKEN": nil}}))
	require.ErrorContains(t, err, "refers to $(TAKEN), which the container does not have")
}

// What may be empty may be null too, which is how a later values file sets nothing.
func TestNullIsNothing(t *testing.T) {
	want, err := template(t, defaultNamespace, nested(nil))
	require.NoError(t, err)
	for _, path := range []string{
		"frontend.env", "backend.env", "database.storage.storageClassName", "redis.storage.storageClassName", "backend.storage.storageClassName",
		"monitoring.storage.storageClassName", "cluster.ipFamilies", "cluster.networkPlugin",
	} {
		found, err := template(t, defaultNamespace, nested(map[string]any{path: nil}))
		require.NoError(t, err, path)
		require.Equal(t, want, found, path)
	}
}

// variablesOf are the values of the first container's variables by name.
func variablesOf(deployment object) map[string]any {
	pod := deployment["spec"].(object)["template"].(object)["spec"].(object)
	values := map[string]any{}
	for _, variable := range pod["containers"].([]any)[0].(object)["env"].([]any) {
		values[variable.(object)["name"].(string)] = variable.(object)["value"]
	}
	return values
}
