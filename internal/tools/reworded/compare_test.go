package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFile(t *testing.T) {
	for _, test := range []struct {
		name, file, before, after string
		words                     int
		others                    []string
	}{
		{
			name: "comments and layout", file: "dist/a.yaml",
			before: "a: 1 # one\nb: [1, 2]\n", after: "# two\nb:\n- 1\n- 2\na: 1\n",
		},
		{
			name: "a number", file: "dist/a.yaml",
			before: "a: 1\n---\nb: 1\n", after: "a: 1\n---\nb: 2\n",
			others: []string{"dist/a.yaml[1].b: 1 -> 2"},
		},
		{
			name: "a text that was a number", file: "dist/a.yaml",
			before: "a: 1\n", after: "a: \"1\"\n",
			others: []string{`dist/a.yaml.a: 1 -> "1"`},
		},
		{
			name: "an element more", file: "dist/a.yaml",
			before: "a: [1]\n", after: "a: [1, 2]\n",
			others: []string{"dist/a.yaml.a: []interface {}{1} -> []interface {}{1, 2}"},
		},
		{
			name: "a document more", file: "dist/a.yaml",
			before: "a: [1]\n", after: "a: [1]\n---\nb: 1\n",
			others: []string{`dist/a.yaml: map[string]interface {}{"a":[]interface {}{1}} -> []interface {}{map[string]interface {}{"a":[]interface {}{1}}, map[string]interface {}{"b":1}}`},
		},
		{
			name: "a panel in a ConfigMap", file: "dist/a.yaml",
			before: "data: {a.json: '{\"title\": \"A\", \"panels\": [{\"title\": \"old\", \"expr\": \"up\"}]}'}\n",
			after:  "data: {a.json: '{\"title\": \"A\", \"panels\": [{\"title\": \"new\", \"expr\": \"up\"}]}'}\n",
			words:  1,
		},
		{
			name: "its query, and the dashboard's title", file: "dist/a.yaml",
			before: "data: {a.json: '{\"title\": \"A\", \"panels\": [{\"title\": \"old\", \"expr\": \"up\"}]}'}\n",
			after:  "data: {a.json: '{\"title\": \"B\", \"panels\": [{\"title\": \"old\", \"expr\": \"down\"}]}'}\n",
			others: []string{`dist/a.yaml.data.a.json.panels[0].expr: "up" -> "down"`, `dist/a.yaml.data.a.json.title: "A" -> "B"`},
		},
		{
			name: "a sentence with a colon", file: "dist/a.yaml",
			before: "panels: [{title: 'api: old', expr: up}]\nrules: [{annotations: {summary: 'old: sentence'}}]\n",
			after:  "panels: [{title: 'api: new', expr: up}]\nrules: [{annotations: {summary: 'new: sentence'}}]\n",
			words:  2,
		},
		{
			name: "a legend of words", file: "dist/a.yaml",
			before: "targets: [{legendFormat: 95 %, expr: up}]\n", after: "targets: [{legendFormat: p95, expr: down}]\n",
			words: 1, others: []string{`dist/a.yaml.targets[0].expr: "up" -> "down"`},
		},
		{
			name: "legends with a label", file: "dist/a.yaml",
			before: "targets: [{legendFormat: 'of {{job}}'}, {legendFormat: '{{job}}'}, {legendFormat: all}, {}]\n",
			after:  "targets: [{legendFormat: 'by {{job}}'}, {legendFormat: all}, {legendFormat: '{{job}}'}, {legendFormat: all}]\n",
			others: []string{
				`dist/a.yaml.targets[0].legendFormat: "of {{job}}" -> "by {{job}}"`, `dist/a.yaml.targets[1].legendFormat: "{{job}}" -> "all"`,
				`dist/a.yaml.targets[2].legendFormat: "all" -> "{{job}}"`, `dist/a.yaml.targets[3].legendFormat: <nil> -> "all"`,
			},
		},
		{
			name: "an alert and its checksum", file: "dist/a.yaml",
			before: "annotations: {checksum/files: a}\nrules: [{annotations: {summary: old, runbook_url: a}}]\n",
			after:  "annotations: {checksum/files: b}\nrules: [{annotations: {summary: new, runbook_url: b}}]\n",
			words:  1, others: []string{`dist/a.yaml.rules[0].annotations.runbook_url: "a" -> "b"`},
		},
		{
			name: "a template", file: "deploy/helm/x/templates/a.yaml",
			before: "{{- /* old */ -}}\nsummary: old\nexpr: {{ .a }}\n", after: "{{- /* new\n */ -}}\nsummary: new\nexpr: {{ .a }}\n",
			words: 1,
		},
		{
			name: "a legend in a template", file: "deploy/helm/x/templates/a.yaml",
			before: `"legendFormat": "95 %"`, after: `"legendFormat": "p95"`,
			words: 1,
		},
		{
			name: "a legend with a label in a template", file: "deploy/helm/x/templates/a.yaml",
			before: `"legendFormat": "{{ "{{" }}job}}"`, after: `"legendFormat": "{{ "{{" }}instance}}"`,
			others: []string{"deploy/helm/x/templates/a.yaml: differs in more than words"},
		},
		{
			name: "an expression in a template", file: "deploy/helm/x/templates/a.yaml",
			before: "expr: {{ .a }}\n", after: "expr: {{ .b }}\n",
			others: []string{"deploy/helm/x/templates/a.yaml: differs in more than words"},
		},
		{
			name: "the schema", file: "deploy/helm/x/values.schema.json",
			before: `{"properties": {"a": {"description": "old", "type": "string"}}}`,
			after:  `{"properties": {"a": {"description": "new", "type": "number"}}}`,
			words:  1, others: []string{`deploy/helm/x/values.schema.json.properties.a.type: "string" -> "number"`},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var c comparison
			c.file(test.file, []byte(test.before), []byte(test.after))
			require.Equal(t, test.words, c.words)
			require.Equal(t, test.others, c.others)
		})
	}
}

func TestFileOfOneRevision(t *testing.T) {
	var c comparison
	c.file("dist/a.yaml", nil, []byte("a: 1\n"))
	require.Equal(t, []string{"dist/a.yaml: there is one of the two only"}, c.others)
}

func TestIsCompared(t *testing.T) {
	for name, want := range map[string]bool{
		"dist/a.yaml": true, "deploy/helm/x/values.schema.json": true, "constructs/testdata/a.yaml": true,
		"deploy/helm/x/README.md": false, "deploy/helm/x/templates/NOTES.txt": false,
		"constructs/redis.go": false, "constructs/testdata/outside/main.go": false,
	} {
		require.Equal(t, want, isCompared(name), name)
	}
}
