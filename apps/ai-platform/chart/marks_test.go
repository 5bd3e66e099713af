package chart

import (
	"fmt"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/internal/manifest"
)

// The helper gives the digest that the constructs give, whatever the file looks like.
func TestChecksumHelper(t *testing.T) {
	for _, content := range []string{"a 1;\n\n{{ x }}\n", " a;\n", "a;", "a;\n\n", "\n1\n", "a;\r\nb\n", "é\n"} {
		mark, err := markChecksum(podWithFile)
		require.NoError(t, err)
		files := map[string][]byte{"pod": []byte(mark)}
		withHelpers(files)
		want := manifest.FileChecksum(map[string]string{"/etc/a.conf": content})[manifest.ChecksumAnnotation]
		require.Contains(t, execute(t, string(files["pod"]), content), "\n"+checksumRow+want+"\n", "%q", content)
	}
}

const podWithFile = `kind: Deployment
spec:
  template:
    metadata:
      annotations:
        checksum/files: old
    spec:
      containers:
        - volumeMounts:
            - mountPath: /data
              name: data
            - mountPath: /etc/a.conf
              name: files
              subPath: a.conf
      volumes:
        - configMap:
            name: ai-platform-web-files
          name: files
`

// execute executes a template as Helm does, with the helpers, and with a ConfigMap of one file.
func execute(t *testing.T, text, content string) string {
	t.Helper()
	root := template.New("").Funcs(sprig.TxtFuncMap())
	run := func(name string, data any) (string, error) {
		var written strings.Builder
		err := root.ExecuteTemplate(&written, name, data)
		return written.String(), err
	}
	configMap, err := yaml.Marshal(map[string]any{"data": map[string]string{"a.conf": content}})
	require.NoError(t, err)
	root.Funcs(template.FuncMap{
		"include": func(name string, data any) (string, error) {
			if name == "templates/web-files-configmap.yaml" {
				return string(configMap), nil
			}
			return run(name, data)
		},
		"fromYaml":      func(text string) (read map[string]any, err error) { return read, yaml.Unmarshal([]byte(text), &read) },
		"fromJson":      func(string) (map[string]any, error) { return nil, fmt.Errorf("not needed") },
		"fromJsonArray": func(string) ([]any, error) { return nil, fmt.Errorf("not needed") },
		"toYaml":        func(any) (string, error) { return "", fmt.Errorf("not needed") },
	})
	_, err = root.Parse(strings.ReplaceAll(helpers, "CHART.", "ai-platform."))
	require.NoError(t, err)
	_, err = root.New("pod").Parse(text)
	require.NoError(t, err)
	written, err := run("pod", map[string]any{"Template": map[string]any{"BasePath": "templates"}})
	require.NoError(t, err)
	return written
}
