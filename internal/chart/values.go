package chart

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Value is a setting of the chart: a line of values.yaml.
type Value struct {
	// Path is its place in values.yaml: "frontend.replicaCount". A path that begins with a dot is what Helm itself knows
	// (.Release.Namespace); it is not in values.yaml.
	Path    string
	Default any            // What values.yaml contains: a string, an int, a bool, or an empty map or list.
	Doc     string         // A sentence for values.yaml, the schema and the README.
	Schema  map[string]any // The JSON schema, without default and description.

	// Probe is another value, which appears in the objects only where the value does. It is nil for a value that is never
	// written, and only decides on something: see Choice.
	Probe any

	Forms []Form // The ways in which the objects express the value. Defaults to one: as it is.
	Tree  bool   // A map or a list that the objects contain as it is. The probe has one element.

	// NoChoice is for a value that needs no Choice although it is empty by default: templates write nothing for an empty one.
	NoChoice bool
}

// Form is a way in which the objects express a value.
type Form struct {
	Write    func(value any) string // The text that the constructs make of the value, and an empty one if they make none.
	Template string                 // The template expression that makes the same text, with %s for the value's own expression.
}

// Settings are values by path.
type Settings map[string]any

// expression is how templates read the value.
func (v Value) expression() string {
	if strings.HasPrefix(v.Path, ".") {
		return v.Path
	}
	return ".Values." + v.Path
}

func (v Value) forms() []Form {
	if v.Forms != nil {
		return v.Forms
	}
	template := "%s"
	if _, isNumber := v.Default.(int); isNumber {
		// Helm reads numbers as floats, and would write a million as 1e+06.
		template = "int %s"
	}
	return []Form{{Write: func(value any) string { return fmt.Sprint(value) }, Template: template}}
}

func defaults(values []Value) Settings {
	settings := Settings{}
	for _, v := range values {
		settings[v.Path] = v.Default
	}
	return settings
}

// probed are the defaults with probes in their place. A value that is empty by default gets its probe from a Choice.
func probed(values []Value) Settings {
	settings := defaults(values)
	for _, v := range values {
		if v.Probe != nil && (v.NoChoice || !v.isEmpty()) {
			settings[v.Path] = v.Probe
		}
	}
	return settings
}

// isEmpty reports whether the default is an empty text, map or list.
func (v Value) isEmpty() bool {
	value := reflect.ValueOf(v.Default)
	return (value.Kind() == reflect.String || value.Kind() == reflect.Map || value.Kind() == reflect.Slice) && value.Len() == 0
}

// valuesFiles are the files that list the values.
func (c Chart) valuesFiles() (map[string][]byte, error) {
	values := slices.DeleteFunc(slices.Clone(c.Values), func(v Value) bool { return v.expression() == v.Path })
	readme := c.Readme + "\n| value | default | |\n|---|---|---|\n"
	for _, v := range values {
		readme += fmt.Sprintf("| `%s` | `%s` | %s |\n", v.Path, asYAML(v.Default), strings.ReplaceAll(v.Doc, "|", `\|`))
	}
	text, schema, err := describe(values, 0)
	if err != nil {
		return nil, err
	}
	schema["$schema"] = "http://json-schema.org/draft-07/schema#"
	schema["title"] = "Values of the chart " + c.Name
	maps.Copy(schema["properties"].(map[string]any), c.Accepted)
	encoded, err := json.MarshalIndent(schema, "", indent)
	return map[string][]byte{
		"values.yaml":        []byte("# Generated from the constructs by \"make synth\". Put your own values in a separate file: helm install -f FILE\n" + text),
		"values.schema.json": append(encoded, '\n'),
		"README.md":          []byte(readme),
	}, err
}

// describe returns what values.yaml says of values whose paths are alike up to a depth, and the schema. It refuses values that YAML cannot
// contain in their order: each map is in one place, and is no value itself.
func describe(values []Value, depth int) (text string, schema map[string]any, err error) {
	properties, required := map[string]any{}, []string{}
	padding := strings.Repeat(indent, depth)
	for len(values) > 0 {
		keys := strings.Split(values[0].Path, ".")
		key, path := keys[depth], strings.Join(keys[:depth+1], ".")
		below := values[:leading(values, func(v Value) bool { return strings.HasPrefix(v.Path+".", path+".") })]
		values = values[len(below):]
		if properties[key] != nil {
			return "", nil, fmt.Errorf("the value %s is not beside the other values of %s", below[0].Path, path)
		}
		if depth == 0 {
			text += "\n"
		}
		v := below[0]
		switch isValue := slices.ContainsFunc(below, func(v Value) bool { return v.Path == path }); {
		case isValue && len(below) > 1:
			return "", nil, fmt.Errorf("the value %s has values below it", path)
		case isValue:
			text += fmt.Sprintf("%s# %s\n%s%s: %s\n", padding, v.Doc, padding, key, asYAML(v.Default))
			properties[key] = v.schema()
		default:
			inner, schema, err := describe(below, depth+1)
			if err != nil {
				return "", nil, err
			}
			text += padding + key + ":\n" + inner
			properties[key] = schema
		}
		if v.Path != path || !v.isEmpty() {
			required = append(required, key)
		}
	}
	return text, map[string]any{"type": "object", "additionalProperties": false, "properties": properties, "required": required}, nil
}

// schema accepts null, with which Helm removes a value, only where that means the default. Any other value is required.
func (v Value) schema() map[string]any {
	schema := map[string]any{}
	maps.Copy(schema, v.Schema)
	schema["description"], schema["default"] = v.Doc, v.Default
	if v.isEmpty() {
		schema["type"] = []any{schema["type"], "null"}
	}
	return schema
}

const indent = "  "

// asYAML expects what values may be.
func asYAML(value any) string {
	written, err := yaml.Marshal(value)
	if err != nil {
		panic(fmt.Errorf("write the value %v: %w", value, err))
	}
	return strings.TrimSpace(string(written))
}
