package chart

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func TestSplit(t *testing.T) {
	values := []Value{
		{Path: "short", Default: "a", Probe: "probe-1"},
		{Path: "long", Default: "a", Probe: "probe-1-long"},
		{Path: "number", Default: 1, Probe: 7001},
	}
	found, err := probesOf(values)
	require.NoError(t, err)
	for text, want := range map[string]string{
		"":                         "",
		"nothing":                  "nothing",
		"probe-1":                  "<short>",
		"probe-1-long":             "<long>",
		"a probe-1-lon probe-1b":   "a <short>-lon <short>b",
		"size=7001B, 7001.":        "size=<number>B, <number>.",
		"probe-1-longprobe-1-long": "<long><long>",
	} {
		var got strings.Builder
		for _, p := range found.split(text) {
			if p.value != nil {
				got.WriteString("<" + p.value.Path + ">")
			} else {
				got.WriteString(p.text)
			}
		}
		require.Equal(t, want, got.String())
	}
}

// awkward are texts that YAML or a template takes for something else, unless they are written with care.
var awkward = []string{
	"", "yes", "Null", "~", "1e3", "0x1f", "0o7", "512Mi", "{{ .Values.a }}", "{{{", "}}", "- a", "a: b", "a:", "12:30", "2001-01-01", "---", "...",
	"\n", "a\n", "a\n\n", " a\nb\n", "a\n b\n\n  c", "\ta\nb", "a\nb \n", "# a", "a # b", "a\n# b\n", "'a'", `"a"`, `a\b`, `a\nb`, "&a", "*a", "!a", "%a",
	"@a", "`a`", "[a", "{a", "?", "|", ">", "<<", "=", "é", "a\n---\nb\n", "\u2028", "a\nb\r\nc\n", "a\r\n", "a\n\x01", "a\n\x7f\n", "a\n\u0085b", "a\nb\u2028c\n", "a\n\ufeffb\n", "a\n\u00a0\n", "a\n🎉\n", "{{- a -}}\n{{ range }}\n", "a\n{{- b }}",
}

// Objects of any text, written as a template, are read as the same objects.
func TestWrittenObjectsAreReadAsTheSame(t *testing.T) {
	for _, text := range awkward {
		want := Object{
			"kind":     "ConfigMap",
			"metadata": map[string]any{"name": "a", "labels": map[string]any{"component": "a"}},
			"data": map[string]any{
				"text": text, "list": []any{text, []any{text, "a"}, map[string]any{"b": text}}, text + "x": "value",
			},
			"empty": map[string]any{"list": []any{}, "map": map[string]any{}, "number": 12.5, "bool": true},
		}
		c := Chart{Name: "a", Render: func(Settings) ([]string, error) { return written(want), nil }}
		templates, err := c.templates()
		require.NoError(t, err)
		require.Equal(t, want, read(t, templates["a-configmap.yaml"], ""), templates["a-configmap.yaml"])
	}
}

// Values come back out of a template as they went in, in every place that a text may have.
func TestWrittenValuesAreReadAsTheSame(t *testing.T) {
	render := func(s Settings) Object {
		value := s["a"].(string)
		data := map[string]any{"alone": value}
		for i, text := range awkward {
			data[fmt.Sprintf("before%d", i)] = value + text
			data[fmt.Sprintf("after%d", i)] = text + value
		}
		return Object{
			"kind": "ConfigMap", "metadata": map[string]any{"name": "a", "labels": map[string]any{"component": "a"}}, "data": data,
		}
	}
	c := Chart{
		Name: "a", Values: []Value{{Path: "a", Default: "default", Probe: "probe-x"}},
		Render: func(s Settings) ([]string, error) { return written(render(s)), nil },
	}
	templates, err := c.templates()
	require.NoError(t, err)
	for _, value := range []string{"default", "other", "1", "true", "a:b/c.d-e"} {
		require.Equal(t, render(Settings{"a": value}), read(t, templates["a-configmap.yaml"], value))
	}
}

// read does with a template what Helm does, as far as it is used here.
func read(t *testing.T, text, value string) Object {
	t.Helper()
	functions := template.FuncMap{"quote": strconv.Quote}
	parsed, err := template.New("").Funcs(functions).Parse(text)
	require.NoError(t, err, text)
	var written bytes.Buffer
	require.NoError(t, parsed.Execute(&written, map[string]any{"Values": map[string]string{"a": value}}))
	object := Object{}
	require.NoError(t, yaml.Unmarshal(written.Bytes(), &object), written.String())
	return object
}
