package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// objectsOf reads the committed objects of an environment.
func objectsOf(t *testing.T, e environment) []map[string]any {
	t.Helper()
	var objects []map[string]any
	for name, content := range readFolder(t, filepath.Join(repository, e.folder())) {
		for _, document := range strings.Split(content, "\n---\n") {
			object := map[string]any{}
			require.NoError(t, yaml.Unmarshal([]byte(document+"\n"), &object), name)
			objects = append(objects, object)
		}
	}
	return objects
}

// object finds one object of production.
func object(t *testing.T, kind, name string) map[string]any {
	t.Helper()
	for _, o := range objectsOf(t, production) {
		if o["kind"] == kind && at(t, o, "metadata", "name") == name {
			return o
		}
	}
	require.Failf(t, "missing", "%s %s", kind, name)
	return nil
}

// at walks down an object: map keys, and indices of lists.
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for i, step := range path {
		switch step := step.(type) {
		case string:
			fields, ok := value.(map[string]any)
			require.Truef(t, ok, "%v is no map", path[:i])
			require.Containsf(t, fields, step, "%v", path[:i])
			value = fields[step]
		case int:
			list, ok := value.([]any)
			require.Truef(t, ok, "%v is no list", path[:i])
			require.Greaterf(t, len(list), step, "%v", path[:i])
			value = list[step]
		}
	}
	return value
}

// container is the first container of a Deployment's pods: the tier's own, which has its name.
func container(t *testing.T, deployment string) map[string]any {
	t.Helper()
	d := object(t, "Deployment", deployment)
	first := at(t, d, "spec", "template", "spec", "containers", 0).(map[string]any)
	require.Equal(t, at(t, d, "metadata", "labels", "component"), first["name"])
	return first
}

// environmentOf maps the variables of a container to their values, or to "secret/key".
func environmentOf(t *testing.T, container map[string]any) map[string]string {
	t.Helper()
	env := map[string]string{}
	for _, variable := range at(t, container, "env").([]any) {
		fields := variable.(map[string]any)
		name := fields["name"].(string)
		if value, ok := fields["value"]; ok {
			env[name] = value.(string)
			continue
		}
		key := at(t, fields, "valueFrom", "secretKeyRef").(map[string]any)
		env[name] = key["name"].(string) + "/" + key["key"].(string)
	}
	return env
}
