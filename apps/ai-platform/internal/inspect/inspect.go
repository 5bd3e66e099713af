// Package inspect looks into what is committed below dist/ and deploy/, for tests.
package inspect

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// Object is a Kubernetes object.
type Object = map[string]any

// Files are the files of a directory and of those in it, by name.
func Files(t *testing.T, directory string) map[string]string {
	t.Helper()
	files := map[string]string{}
	tree := os.DirFS(directory)
	require.NoError(t, fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(tree, name)
		files[name] = string(content)
		return err
	}))
	return files
}

// Text are files as text, of which a difference can be read.
func Text(files map[string][]byte) map[string]string {
	text := map[string]string{}
	for name, content := range files {
		text[name] = string(content)
	}
	return text
}

// Objects are those of all manifests in a directory.
func Objects(t *testing.T, directory string) []Object {
	t.Helper()
	return Parse(t, Files(t, directory))
}

// Parse gives the objects of files.
func Parse(t *testing.T, files map[string]string) []Object {
	t.Helper()
	var objects []Object
	for name, content := range files {
		for _, document := range strings.Split(content, "\n---\n") {
			object := Object{}
			require.NoError(t, yaml.Unmarshal([]byte(document+"\n"), &object), name)
			objects = append(objects, object)
		}
	}
	return objects
}

// Find finds one object.
func Find(t *testing.T, objects []Object, kind, name string) Object {
	t.Helper()
	for _, o := range objects {
		if o["kind"] == kind && At(t, o, "metadata", "name") == name {
			return o
		}
	}
	require.Failf(t, "missing", "%s %s", kind, name)
	return nil
}

// At walks down an object: map keys, and indices of lists.
func At(t *testing.T, value any, path ...any) any {
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

// Container is the first container of a Deployment's pods: the tier's own, which has its name.
func Container(t *testing.T, deployment Object) map[string]any {
	t.Helper()
	first := At(t, deployment, "spec", "template", "spec", "containers", 0).(map[string]any)
	require.Equal(t, At(t, deployment, "metadata", "labels", "component"), first["name"])
	return first
}

// Variables maps the environment variables of a container to their values, or to "secret/key".
func Variables(t *testing.T, container map[string]any) map[string]string {
	t.Helper()
	env := map[string]string{}
	for _, variable := range At(t, container, "env").([]any) {
		fields := variable.(map[string]any)
		name := fields["name"].(string)
		if value, ok := fields["value"]; ok {
			env[name] = value.(string)
			continue
		}
		key := At(t, fields, "valueFrom", "secretKeyRef").(map[string]any)
		env[name] = key["name"].(string) + "/" + key["key"].(string)
	}
	return env
}
