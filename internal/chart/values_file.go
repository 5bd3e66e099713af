package chart

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// valuesFile is values.yaml: every value below a comment that says what it is for.
func (c Chart) valuesFile() string {
	var text strings.Builder
	text.WriteString("# Made from the constructs by \"make synth\". Values of your own belong in a file of your own: helm install -f\n")
	var open []string
	for _, v := range c.inFile() {
		path := strings.Split(v.Path, ".")
		shared := 0
		for shared < len(open) && open[shared] == path[shared] {
			shared++
		}
		if shared == 0 {
			text.WriteString("\n")
		}
		for i := shared; i < len(path)-1; i++ {
			fmt.Fprintf(&text, "%s%s:\n", strings.Repeat(indent, i), path[i])
		}
		open = path[:len(path)-1]
		by := strings.Repeat(indent, len(open))
		fmt.Fprintf(&text, "%s# %s\n%s%s: %s\n", by, v.Doc, by, path[len(path)-1], writeDefault(v.Default))
	}
	return text.String()
}

// checkPaths refuses values that a file of YAML cannot hold in their order: each map is in one place, and is no value itself.
func (c Chart) checkPaths() error {
	parents, open := map[string]bool{}, ""
	for _, v := range c.inFile() {
		for at := range v.Path {
			if v.Path[at] != '.' {
				continue
			}
			parent := v.Path[:at]
			if parents[parent] && !strings.HasPrefix(open, parent+".") {
				return fmt.Errorf("the value %s is not beside the other values of %s", v.Path, parent)
			}
			parents[parent] = true
		}
		open = v.Path
	}
	for _, v := range c.inFile() {
		if parents[v.Path] {
			return fmt.Errorf("the value %s has values below it", v.Path)
		}
	}
	return nil
}

// inFile are the values that are the user's to set.
func (c Chart) inFile() []Value {
	return slices.DeleteFunc(slices.Clone(c.Values), func(v Value) bool { return v.Path == "" })
}

func writeDefault(value any) string {
	if text, is := value.(string); is {
		return literal(text)
	}
	return encode(value)
}

// schemaFile is values.schema.json.
func (c Chart) schemaFile() string {
	root := newObjectSchema()
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "Values of the chart " + c.Name
	// A chart that depends on this one gives it the values that are global there, and by habit the condition on which it does.
	root["properties"].(map[string]any)["global"] = map[string]any{"type": "object"}
	root["properties"].(map[string]any)["enabled"] = map[string]any{
		"type": "boolean", "description": "For the condition of a chart that depends on this one. Without effect otherwise.",
	}
	for _, v := range c.inFile() {
		path := strings.Split(v.Path, ".")
		parent := root
		for _, key := range path[:len(path)-1] {
			parent = childSchema(parent, key)
		}
		schema := map[string]any{}
		maps.Copy(schema, v.Schema)
		schema["description"], schema["default"] = v.Doc, v.Default
		name := path[len(path)-1]
		if isEmpty(v.Default) {
			addOptional(parent, name, schema)
			continue
		}
		addProperty(parent, name, schema)
	}
	return encodeReadably(root)
}

func newObjectSchema() map[string]any {
	return map[string]any{"type": "object", "additionalProperties": false, "properties": map[string]any{}, "required": []string{}}
}

func childSchema(parent map[string]any, key string) map[string]any {
	if child, exists := parent["properties"].(map[string]any)[key]; exists {
		return child.(map[string]any)
	}
	child := newObjectSchema()
	addProperty(parent, key, child)
	return child
}

// addOptional lets a value be null, with which Helm removes it: nothing is the same as what is empty.
func addOptional(parent map[string]any, key string, schema map[string]any) {
	schema["type"] = []any{schema["type"], "null"}
	parent["properties"].(map[string]any)[key] = schema
}

// isEmpty says whether a default is a text or a map with nothing in it.
func isEmpty(value any) bool {
	switch value := value.(type) {
	case string:
		return value == ""
	case map[string]string:
		return len(value) == 0
	}
	return false
}

// addProperty also requires it: Helm takes null for "remove the default".
func addProperty(parent map[string]any, key string, schema map[string]any) {
	parent["properties"].(map[string]any)[key] = schema
	parent["required"] = append(parent["required"].([]string), key)
}

// readme is README.md, with a table of the values.
func (c Chart) readme() string {
	var text strings.Builder
	text.WriteString(c.Readme + "\n| value | default | |\n|---|---|---|\n")
	for _, v := range c.inFile() {
		fmt.Fprintf(&text, "| `%s` | `%s` | %s |\n", v.Path, writeDefault(v.Default), strings.ReplaceAll(v.Doc, "|", `\|`))
	}
	return text.String()
}
