package chart

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// entry is a value in its place in values.yaml, or others below it.
type entry struct {
	key   string
	value *Value
	below []*entry
}

// tree is values.yaml. It refuses values that YAML cannot hold in their order: each map is in one place, and is no value itself.
func (c Chart) tree() (*entry, error) {
	root := &entry{}
	for i := range c.Values {
		v, at := &c.Values[i], root
		if v.Path == "" {
			continue
		}
		path := strings.Split(v.Path, ".")
		for depth, key := range path {
			place := slices.IndexFunc(at.below, func(e *entry) bool { return e.key == key })
			switch {
			case place < 0:
				at.below = append(at.below, &entry{key: key})
			case place < len(at.below)-1:
				return nil, fmt.Errorf("the value %s is not beside the other values of %s", v.Path, strings.Join(path[:depth+1], "."))
			case at.below[place].value != nil:
				return nil, fmt.Errorf("the value %s has values below it", at.below[place].value.Path)
			}
			at = at.below[len(at.below)-1]
		}
		at.value = v
	}
	return root, nil
}

// write writes values.yaml: every value below a comment that says what it is for.
func (e *entry) write(text *strings.Builder, indentation string) {
	for _, child := range e.below {
		if indentation == "" {
			text.WriteString("\n")
		}
		if v := child.value; v != nil {
			fmt.Fprintf(text, "%s# %s\n%s%s: %s\n", indentation, v.Doc, indentation, child.key, asYAML(v.Default))
			continue
		}
		fmt.Fprintf(text, "%s%s:\n", indentation, child.key)
		child.write(text, indentation+indent)
	}
}

// asYAML expects what values may be.
func asYAML(value any) string {
	written, err := yaml.Marshal(value)
	if err != nil {
		panic(fmt.Errorf("write the value %v: %w", value, err))
	}
	return strings.TrimSpace(string(written))
}

// schema is a part of values.schema.json.
func (e *entry) schema() map[string]any {
	if v := e.value; v != nil {
		schema := maps.Clone(v.Schema)
		if schema == nil {
			schema = map[string]any{}
		}
		schema["description"], schema["default"] = v.Doc, v.Default
		if e.mayBeNull() {
			schema["type"] = []any{schema["type"], "null"}
		}
		return schema
	}
	properties, required := map[string]any{}, []string{}
	for _, child := range e.below {
		properties[child.key] = child.schema()
		if !child.mayBeNull() {
			required = append(required, child.key)
		}
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties, "required": required}
}

// mayBeNull says whether null, with which Helm removes a value, is the same as its default. Any other value is required.
func (e *entry) mayBeNull() bool { return e.value != nil && e.value.isEmpty() }

// files are those that say what values there are.
func (e *entry) files(c Chart) map[string][]byte {
	var text strings.Builder
	text.WriteString("# Generated from the constructs by \"make synth\". Put your own values in a separate file: helm install -f FILE\n")
	e.write(&text, "")

	schema := e.schema()
	schema["$schema"] = "http://json-schema.org/draft-07/schema#"
	schema["title"] = "Values of the chart " + c.Name
	// A chart that depends on this one gives it the values that are global there, and by habit the condition on which it does.
	schema["properties"].(map[string]any)["global"] = map[string]any{"type": "object"}
	schema["properties"].(map[string]any)["enabled"] = map[string]any{
		"type": "boolean", "description": "For the condition of a chart that depends on this one. Without effect otherwise.",
	}
	for name, reason := range c.Refused {
		schema["properties"].(map[string]any)[name] = map[string]any{"description": "Refused: " + reason}
	}

	readme := c.Readme + "\n| value | default | |\n|---|---|---|\n"
	for _, v := range c.Values {
		if v.Path != "" {
			readme += fmt.Sprintf("| `%s` | `%s` | %s |\n", v.Path, asYAML(v.Default), strings.ReplaceAll(v.Doc, "|", `\|`))
		}
	}
	return map[string][]byte{
		"values.yaml":        []byte(text.String()),
		"values.schema.json": []byte(encodeReadably(schema)),
		"README.md":          []byte(readme),
	}
}
