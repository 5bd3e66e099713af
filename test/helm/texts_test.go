package helm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the text of a variable, a word of a command or an annotation, Kubernetes gets it as it is given.
func TestTexts(t *testing.T) {
	texts := []string{
		"10_000", "2024_01_15", "0o17", "0X1", "1e1_0", "yes", "null", "1e3", "08", "2001-01-01", "a\r\nb\r\n", "\r", "\ta\nb\n", "\n\n\ta", "a: b # c", "'\"\\",
		"\x01\x1b[0m", "\ufeffa", "a\ufeffb", "\u0085", "a\u0085b\n", "a\u2028b\u2029", "\u00a0", "\U0010fffd 🎉", "{{ .Values }}", "%q%d", strings.Repeat("long ", 2000),
	}
	env, passed, words := map[string]any{}, map[string]any{}, []any{}
	for i, text := range texts {
		name := fmt.Sprintf("TEXT_%02d", i)
		env[name] = text
		if !strings.Contains(text, "\u0085") { // Refused elsewhere: Helm's toYaml makes a space of it.
			passed[name], words = text, append(words, text)
		}
	}
	objects, err := template(t, defaultNamespace, nested(map[string]any{
		"frontend.env": env, "frontend.args": words, "frontend.annotations": passed, "frontend.podAnnotations": passed, "ingress.annotations": passed,
	}))
	require.NoError(t, err)
	deployment := objects["Deployment ai-platform-frontend"]
	require.Equal(t, words, containerOf(deployment)["args"])
	template := deployment["spec"].(object)["template"].(object)
	for place, kept := range map[string]object{
		"annotations": annotationsOf(deployment), "podAnnotations": annotationsOf(template),
		"ingress.annotations": annotationsOf(objects["Ingress ai-platform-ingress"]),
	} {
		for name, text := range passed {
			require.Equal(t, text, kept[name], place)
		}
	}
	for name, text := range env {
		require.Equal(t, text, variablesOf(deployment)[name])
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
		"frontend.affinity", "frontend.annotations", "frontend.command", "frontend.args", "frontend.workingDir", "ingress.annotations", "ingress.className",
		"frontend.envFromSecrets", "ingress.controller.cidrs", "ingress.controller.podLabels", "ingress.controller.namespace",
	} {
		found, err := template(t, defaultNamespace, nested(map[string]any{path: nil}))
		require.NoError(t, err, path)
		require.Equal(t, want, found, path)
	}
}

func containerOf(deployment object) object {
	pod := deployment["spec"].(object)["template"].(object)["spec"].(object)
	return pod["containers"].([]any)[0].(object)
}

// variablesOf are the values of the first container's variables by name.
func variablesOf(deployment object) map[string]any {
	values := map[string]any{}
	for _, variable := range containerOf(deployment)["env"].([]any) {
		values[variable.(object)["name"].(string)] = variable.(object)["value"]
	}
	return values
}

// The names of variables from whole Secrets are not known to the chart, so references to any name are accepted.
func TestReferencesToKeysOfSecrets(t *testing.T) {
	var cases []releaseCase
	for path, value := range map[string]any{
		"env": map[string]any{"URL": "https://$(TOKEN)@example.com"}, "command": []any{"serve", "$(TOKEN)"}, "args": []any{"$(TOKEN)"},
	} {
		cases = append(cases, releaseCase{defaultNamespace, map[string]any{"backend." + path: value, "backend.envFromSecrets": []any{"tokens"}}})
	}
	for i, c := range requireSame(t, cases) {
		require.Empty(t, c.refusal, cases[i].values)
	}
}
