package chart

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// withFile is a chart of a pod that mounts one file, with the digest of it or another one.
func withFile(text string, digest func(text string) string) Chart {
	return Chart{
		Name:   "a",
		Values: []Value{{Path: "a", Default: "default", Probe: "probe-1"}},
		Render: func(s Settings) ([]Object, error) {
			content := fmt.Sprintf(text, s["a"])
			return []Object{
				{
					"kind": "ConfigMap", "metadata": map[string]any{"name": "files", "labels": map[string]any{"component": "web"}},
					"data": map[string]any{"a.conf": content, "other": "x"},
				},
				{
					"kind": "Deployment", "metadata": map[string]any{"name": "web", "labels": map[string]any{"component": "web"}},
					"spec": map[string]any{"template": map[string]any{
						"metadata": map[string]any{"annotations": map[string]any{checksumAnnotation: digest(content)}},
						"spec": map[string]any{
							"volumes": []any{map[string]any{"name": "f", "configMap": map[string]any{"name": "files"}}},
							"containers": []any{map[string]any{"name": "web", "volumeMounts": []any{
								map[string]any{"name": "f", "mountPath": "/etc/a.conf", "subPath": "a.conf"},
								map[string]any{"name": "data", "mountPath": "/data"},
							}}},
						},
					}},
				},
			}, nil
		},
	}
}

func digestOfFile(text string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %d %s", len("/etc/a.conf"), "/etc/a.conf", len(text), text))
	return hex.EncodeToString(sum[:])
}

func TestDigestIsWorkedOutAnew(t *testing.T) {
	files, err := withFile("server %s;\n\n{{ x }}\n", digestOfFile).Files()
	require.NoError(t, err)
	require.Contains(t, string(files["templates/web-deployment.yaml"]),
		`checksum/files: {{ include "a.checksum" (list "/etc/a.conf" (include "a.file.files.a.conf" .)) }}`)
	require.Contains(t, string(files["templates/web-configmap.yaml"]), `
  a.conf: |
    {{- include "a.file.files.a.conf" . | nindent 4 }}
  other: x
`)
	require.Equal(t, generated+`
{{- define "a.file.files.a.conf" -}}
server {{ .Values.a }};

{{ "{{" }} x }}
{{- end }}
`, string(files["templates/_web-files.tpl"]))
}

func TestDigestOfSomethingElseIsRefused(t *testing.T) {
	_, err := withFile("server %s;\n", func(string) string { return "0" }).Files()
	require.ErrorContains(t, err, "Deployment web: the annotation checksum/files is not the digest of its files")
}

func TestFileThatATemplateCannotHoldIsRefused(t *testing.T) {
	for _, text := range []string{" server %s;\n", "server %s;", "server %s;\n\n", "\n%s\n", "server %s;\r\na\n"} {
		_, err := withFile(text, digestOfFile).Files()
		require.ErrorContains(t, err, "/etc/a.conf begins with white space, does not end with one line break, or has control characters", text)
	}
}

// A choice stands in the named template, around the lines that differ; the digest follows.
func TestChoiceWithinAFile(t *testing.T) {
	withChoice := func(yes, no string) Chart {
		c := withFile("%s", digestOfFile)
		render := c.Render
		c.Values = append(c.Values, Value{Path: "on", Default: true})
		c.Choices = []Choice{{If: ".Values.on", No: Outcome{Settings: Settings{"on": false}}}}
		c.Render = func(s Settings) ([]Object, error) {
			text := no
			if s["on"].(bool) {
				text = yes
			}
			return render(Settings{"a": fmt.Sprintf(text, s["a"])})
		}
		return c
	}
	for name, texts := range map[string]struct{ yes, no, want string }{
		"lines more":  {"server %s;\nmore;\nend;\n", "server %s;\nend;\n", "server {{ .Values.a }};\n{{- if .Values.on }}\nmore;\n{{- end }}\nend;"},
		"lines less":  {"server %s;\nend;\n", "server %s;\nmore;\nend;\n", "server {{ .Values.a }};\n{{- if not .Values.on }}\nmore;\n{{- end }}\nend;"},
		"others":      {"server %s;\none;\n", "server %s;\nother;\n", "server {{ .Values.a }};\n{{- if .Values.on }}\none;\n{{- else }}\nother;\n{{- end }}"},
		"everything":  {"one %s;\n", "other %s;\n", "{{- if .Values.on -}}\none {{ .Values.a }};\n{{- else -}}\nother {{ .Values.a }};\n{{- end }}"},
		"empty lines": {"server %s;\n\nmore;\n\nend;\n", "server %s;\n\nend;\n", "server {{ .Values.a }};\n{{- if .Values.on }}\n\nmore;\n{{- end }}\n\nend;"},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := withChoice(texts.yes, texts.no).Files()
			require.NoError(t, err)
			require.Contains(t, string(files["templates/_web-files.tpl"]), "\n{{- define \"a.file.files.a.conf\" -}}\n"+texts.want+"\n{{- end }}\n")
			require.NotContains(t, string(files["templates/web-configmap.yaml"]), "{{- if")
		})
	}
}
