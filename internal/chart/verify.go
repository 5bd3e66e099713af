package chart

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

// basePath is where templates find each other. Helm puts the chart's name before it.
const basePath = "templates/"

// verify executes the templates as Helm does, with the settings of each rendering, and wants what was rendered.
func (m *merger) verify(all []*rendering, templates map[string]string) error {
	root, errs := engine(), []error{}
	for name, text := range templates {
		_, err := root.New(basePath + name).Parse(text)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i, r := range all {
		described := fmt.Sprintf("with the probes and %v", r.others)
		if i >= len(m.probed) {
			described = fmt.Sprintf("with the defaults and %v", r.others)
		}
		data, err := helmValues(m.Values, r.settings)
		if err != nil {
			return err
		}
		made := map[string]document{}
		for name := range templates {
			if err := m.execute(root, name, data, made); err != nil {
				return fmt.Errorf("%s: is no template %s: %w", name, described, err)
			}
		}
		if err := r.difference(made); err != nil {
			return fmt.Errorf("%w in the chart %s", err, described)
		}
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
func helmValues(values []Value, settings Settings) (data map[string]any, err error) {
	root := map[string]any{"Template": map[string]any{"BasePath": strings.TrimSuffix(basePath, "/")}}
	for _, v := range values {
		path := strings.Split(v.expression(), ".")[1:]
		parent := root
		for _, key := range path[:len(path)-1] {
			if parent[key] == nil {
				parent[key] = map[string]any{}
			}
			parent = parent[key].(map[string]any)
		}
		parent[path[len(path)-1]] = settings[v.key()]
	}
	written, err := json.Marshal(root)
	if err != nil {
		return nil, err
	}
	return data, json.Unmarshal(written, &data)
}

func (m *merger) execute(root *template.Template, name string, data map[string]any, made map[string]document) error {
	var written strings.Builder
	if err := root.ExecuteTemplate(&written, basePath+name, data); err != nil {
		return err
	}
	for _, text := range strings.Split("\n"+strings.TrimSuffix(written.String(), "\n"), "\n---\n")[1:] {
		d, err := m.read(text)
		if err != nil {
			return err
		}
		made[d.name] = d
	}
	return nil
}

// difference is the first one of the documents.
func (r *rendering) difference(made map[string]document) error {
	for _, want := range r.source {
		got := made[want.name]
		delete(made, want.name)
		if want.text == got.text {
			continue
		}
		for _, h := range diff(want.lines, got.lines, nil) {
			return fmt.Errorf("%s%s: is %s, and %s", want.name, slices.Concat(want.lines[h.from:h.to], h.lines)[0].path, brief(want.lines[h.from:h.to]), brief(h.lines))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		return fmt.Errorf("%s: is only", name)
	}
	return nil
}
