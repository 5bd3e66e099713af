package chart

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"sigs.k8s.io/yaml"
)

// valuesFiles are the files that list the values.
func (c Chart) valuesFiles() (map[string][]byte, error) {
	values := slices.DeleteFunc(slices.Clone(c.Values), func(v Value) bool { return !v.isInFile() })
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
	// A chart that depends on this one passes the values that are global there, and by habit the condition on which it depends.
	properties := schema["properties"].(map[string]any)
	properties["global"] = map[string]any{"type": "object"}
	properties["enabled"] = map[string]any{
		"type": "boolean", "description": "For the condition of a chart that depends on this one. Without effect otherwise.",
	}
	for name, reason := range c.Refused {
		properties[name] = map[string]any{"description": "Refused: " + reason}
	}
	return map[string][]byte{
		"values.yaml": []byte("# Generated from the constructs by \"make synth\". Put your own values in a separate file: helm install -f FILE\n" +
			text),
		"values.schema.json": []byte(encode(schema) + "\n"),
		"README.md":          []byte(readme),
	}, nil
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

// encode writes JSON, and escapes characters that are invisible.
func encode(value any) string {
	var encoded, text strings.Builder
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Errorf("encode %T: %w", value, err))
	}
	for _, char := range strings.TrimSpace(encoded.String()) {
		if char <= 0xffff && char != '\n' && !unicode.IsPrint(char) {
			fmt.Fprintf(&text, `\u%04x`, char)
		} else {
			text.WriteRune(char)
		}
	}
	return text.String()
}
