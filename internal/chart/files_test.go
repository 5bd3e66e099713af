package chart

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// A choice stands around the lines of a file that differ.
func TestChoiceWithinAFile(t *testing.T) {
	withChoice := func(yes, no string) Chart {
		return Chart{
			Name:    "a",
			Values:  []Value{{Path: "a", Default: "default", Probe: "probe-1"}, {Path: "on", Default: true}},
			Choices: []Choice{{If: ".Values.on", No: Outcome{Settings: Settings{"on": false}}}},
			Render: func(s Settings) ([]string, error) {
				text := no
				if s["on"].(bool) {
					text = yes
				}
				return written(Object{
					"kind": "ConfigMap", "metadata": map[string]any{"name": "files", "labels": map[string]any{"component": "web"}},
					"data": map[string]any{"a.conf": fmt.Sprintf(text, s["a"]), "other": "x"},
				}), nil
			},
		}
	}
	for name, texts := range map[string]struct{ yes, no, want string }{
		"lines more":  {"server %s;\nmore;\nend;\n", "server %s;\nend;\n", "server {{ .Values.a }};\n    {{- if .Values.on }}\n    more;\n    {{- end }}\n    end;"},
		"lines less":  {"server %s;\nend;\n", "server %s;\nmore;\nend;\n", "server {{ .Values.a }};\n    {{- if not .Values.on }}\n    more;\n    {{- end }}\n    end;"},
		"others":      {"server %s;\none;\n", "server %s;\nother;\n", "server {{ .Values.a }};\n    {{- if .Values.on }}\n    one;\n    {{- else }}\n    other;\n    {{- end }}"},
		"everything":  {"one %s;\n", "other %s;\n", "{{- if .Values.on }}\n    one {{ .Values.a }};\n    {{- else }}\n    other {{ .Values.a }};\n    {{- end }}"},
		"empty lines": {"server %s;\n\nmore;\n\nend;\n", "server %s;\n\nend;\n", "server {{ .Values.a }};\n{{ \"\" }}\n    {{- if .Values.on }}\n    more;\n{{ \"\" }}\n    {{- end }}\n    end;"},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := withChoice(texts.yes, texts.no).Files()
			require.NoError(t, err)
			require.Contains(t, string(files["templates/files-configmap.yaml"]), "  a.conf: |\n    "+texts.want+"\n  other: x\n")
		})
	}
}
