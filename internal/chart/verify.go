package chart

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// basePath is where templates find each other. Helm puts the chart's name before it.
const basePath = "templates"

// verify executes the templates as Helm does, with the settings of each rendering: the result must be its documents.
func verify(values []Value, all []*rendering, templates map[string]string) error {
	root, files := engine(), slices.Sorted(maps.Keys(templates))
	for _, file := range files {
		if _, err := root.New(basePath + "/" + file).Parse(templates[file]); err != nil {
			return err
		}
	}
	for _, r := range all {
		data, err := helmValues(values, r.settings)
		if err != nil {
			return err
		}
		for _, file := range files {
			var written strings.Builder
			if err := root.ExecuteTemplate(&written, basePath+"/"+file, data); err != nil {
				return fmt.Errorf("%s: cannot be executed %s: %w", file, r.described, err)
			}
			if err := r.files[file].difference(strings.TrimPrefix(written.String(), "\n"), r.settings); err != nil {
				return fmt.Errorf("%s: %w in the chart %s", file, err, r.described)
			}
		}
	}
	return nil
}

// difference is the first one between the documents of a file, and what a template has written.
func (l lines) difference(written string, settings Settings) error {
	for _, want := range l {
		rest, same := strings.CutPrefix(written, want.source+"\n")
		if !same && want.quoted { // Templates quote values.
			rest, same = strings.CutPrefix(written, want.head+strconv.Quote(join(want.pieces, settings))+"\n")
		}
		if !same {
			got, _, _ := strings.Cut(written, "\n")
			return fmt.Errorf("%s%s: is %.200q, and %.200q", want.document.name, want.path, strings.TrimSpace(want.source), strings.TrimSpace(got))
		}
		written = rest
	}
	if more := strings.TrimSpace(written); more != "" {
		return fmt.Errorf("is nothing more, and %.200q", more)
	}
	return nil
}

// engine has the functions of Helm's that are not sprig's, as far as templates use them.
func engine() *template.Template {
	root := template.New("")
	functions := sprig.TxtFuncMap()
	functions["include"] = func(name string, data any) (string, error) {
		var written strings.Builder
		err := root.ExecuteTemplate(&written, name, data)
		return written.String(), err
	}
	functions["fromYaml"] = func(text string) (read map[string]any, err error) { return read, yaml.Unmarshal([]byte(text), &read) }
	functions["toYaml"] = asYAML
	functions["fromJsonArray"] = func(text string) (read []any, err error) { return read, json.Unmarshal([]byte(text), &read) }
	return root.Funcs(functions)
}

// helmValues are the settings where templates read them, of the types that they have in a file of values.
func helmValues(values []Value, settings Settings) (map[string]any, error) {
	var plain map[string]any
	encoded, err := json.Marshal(settings)
	if err := errors.Join(err, json.Unmarshal(encoded, &plain)); err != nil {
		return nil, err
	}
	data := map[string]any{"Template": map[string]any{"BasePath": basePath}}
	for _, v := range values {
		if err := unstructured.SetNestedField(data, plain[v.Path], strings.Split(v.expression(), ".")[1:]...); err != nil {
			return nil, err
		}
	}
	return data, nil
}
