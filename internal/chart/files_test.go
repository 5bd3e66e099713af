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
		Render: func(s Settings) ([]string, error) {
			content := fmt.Sprintf(text, s["a"])
			return written([]Object{
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
			}...), nil
		},
	}
}

func digestOfFile(text string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %d %s", len("/etc/a.conf"), "/etc/a.conf", len(text), text))
	return hex.EncodeToString(sum[:])
}

func TestDigestIsWorkedOutAnew(t *testing.T) {
	for _, text := range []string{"server %s;\n\n{{ x }}\n", " server %s;\n", "server %s;", "server %s;\n\n", "\n%s\n", "server %s;\r\na\n"} {
		files, err := withFile(text, digestOfFile).Files() // Holds the digests to the renderings'.
		require.NoError(t, err, text)
		require.Contains(t, string(files["templates/web-deployment.yaml"]),
			`checksum/files: {{ include "a.checksum" (list $ "/etc/a.conf" "files-configmap.yaml" "a.conf") }}`)
	}
}

func TestDigestOfSomethingElseIsRefused(t *testing.T) {
	_, err := withFile("server %s;\n", func(string) string { return "0" }).Files()
	require.ErrorContains(t, err, `Deployment web.spec.template.metadata.annotations.checksum/files: is "checksum/files: \"0\"", and "checksum/files: `)
}

// A choice stands around the lines of a file that differ; the digest follows.
func TestChoiceWithinAFile(t *testing.T) {
	withChoice := func(yes, no string) Chart {
		c := withFile("%s", digestOfFile)
		render := c.Render
		c.Values = append(c.Values, Value{Path: "on", Default: true})
		c.Choices = []Choice{{If: ".Values.on", No: Outcome{Settings: Settings{"on": false}}}}
		c.Render = func(s Settings) ([]string, error) {
			text := no
			if s["on"].(bool) {
				text = yes
			}
			return render(Settings{"a": fmt.Sprintf(text, s["a"])})
		}
		return c
	}
	for name, texts := range map[string]struct{ yes, no, want string }{
		"lines more":  {"server %s;\nmore;\nend;\n", "server %s;\nend;\n", "server {{ .Values.a }};\n    {{- if .Values.on }}\n    more;\n    {{- end }}\n    end;"},
		"lines less":  {"server %s;\nend;\n", "server %s;\nmore;\nend;\n", "server {{ .Values.a }};\n    {{- if not .Values.on }}\n    more;\n    {{- end }}\n    end;"},
		"others":      {"server %s;\none;\n", "server %s;\nother;\n", "server {{ .Values.a }};\n    {{- if .Values.on }}\n    one;\n    {{- else }}\n    other;\n    {{- end }}"},
		"everything":  {"one %s;\n", "other %s;\n", "{{- if .Values.on }}\n    one {{ .Values.a }};\n    {{- else }}\n    other {{ .Values.a }};\n    {{- end }}"},
		"empty lines": {"server %s;\n\nmore;\n\nend;\n", "server %s;\n\nend;\n", "server {{ .Values.a }};\n{{ \"\" }}\n    {{- if .Values.on }}\n    more;\n{{ \"\" }}\n    {{- end }}\n    end;"},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := withChoice(texts.yes, texts.no).Files() // Holds the digests to the renderings'.
			require.NoError(t, err)
			require.Contains(t, string(files["templates/files-configmap.yaml"]), "  a.conf: |\n    "+texts.want+"\n  other: x\n")
		})
	}
}
