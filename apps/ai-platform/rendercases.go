package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/ai-platform/manifests/internal/chart"
)

// renderCase is what Helm would be told: where to install, and values beside the defaults, nested as in values.yaml.
type renderCase struct {
	Namespace string         `json:"namespace"`
	Values    map[string]any `json:"values"`
}

// renderResult are the objects, or why the constructs refuse the values.
type renderResult struct {
	Objects []chart.Object `json:"objects,omitempty"`
	Error   string         `json:"error,omitempty"`
}

// renderCases reads a list of cases and prints the list of their results: what a chart with such values must give. Many cases
// at once, because to start Node.js takes longer than to render one.
func renderCases(from io.Reader, to io.Writer) error {
	var cases []renderCase
	if err := json.NewDecoder(from).Decode(&cases); err != nil {
		return fmt.Errorf("read cases: %w", err)
	}
	all := settings()
	results := make([]renderResult, len(cases))
	for i, c := range cases {
		values, err := settingsOf(all, c)
		if err != nil {
			return fmt.Errorf("case %d: %w", i, err)
		}
		if results[i].Objects, err = renderWith(all, values); err != nil {
			results[i] = renderResult{Error: err.Error()}
		}
	}
	return json.NewEncoder(to).Encode(results)
}

// settingsOf fills in the defaults.
func settingsOf(all []setting, c renderCase) (chart.Settings, error) {
	values := chart.Settings{releaseNamespace: c.Namespace}
	given := flatten(c.Values)
	for _, v := range valuesOf(all) {
		values[v.Path] = v.Default
		if value, is := take(given, v.Path); is {
			values[v.Path] = likeDefault(value, v.Default)
		}
	}
	if len(given) > 0 {
		return nil, fmt.Errorf("no values: %s", strings.Join(sortedNames(given), ", "))
	}
	return values, nil
}

// flatten gives nested values their paths. An empty map is a value.
func flatten(nested map[string]any) map[string]any {
	flat := map[string]any{}
	for key, value := range nested {
		inner, isMap := value.(map[string]any)
		if !isMap || len(inner) == 0 {
			flat[key] = value
			continue
		}
		for path, value := range flatten(inner) {
			flat[key+"."+path] = value
		}
	}
	return flat
}

// take removes a value, or all values of a map.
func take(flat map[string]any, path string) (value any, is bool) {
	if value, is = flat[path]; is {
		delete(flat, path)
		return value, true
	}
	elements := map[string]any{}
	for key, element := range flat {
		if name, below := strings.CutPrefix(key, path+"."); below {
			elements[name] = element
			delete(flat, key)
		}
	}
	return elements, len(elements) > 0
}

// likeDefault gives a value of JSON the type that the default has.
func likeDefault(value, model any) any {
	switch model.(type) {
	case int:
		return int(value.(float64))
	case map[string]string:
		texts := map[string]string{}
		for key, text := range value.(map[string]any) {
			texts[key] = fmt.Sprint(text)
		}
		return texts
	}
	return value
}
