package chart

import (
	"fmt"
	"reflect"
)

// Value is one of the chart's values: where it stands in values.yaml, what it may be, and how the objects show it.
type Value struct {
	// Path is its place in values.yaml: "frontend.replicaCount".
	Path string

	// Expression is how templates read it. Defaults to .Values and the path; what Helm knows itself (.Release.Namespace) has
	// an expression instead of a path, and is not in values.yaml.
	Expression string

	// Default is what values.yaml holds: a string, an int, a bool, or an empty map or list.
	Default any

	// Doc is a sentence for values.yaml, the schema and the README.
	Doc string

	// Schema is the JSON schema, but for default and description.
	Schema map[string]any

	// Probe is another value, which stands nowhere in the objects unless the value does. It is nil for a value that is never
	// written, but decides on something: see Choice.
	Probe any

	// Tree is for a map or a list, which the objects show as it is. The probe has one element.
	Tree bool

	// Merged is for a Tree that is added to a map that has other elements too. It needs no Choice.
	Merged bool

	// Forms are the ways in which the objects show the value. Default to one: as it is.
	Forms []Form
}

// Form is a way in which the objects show a value.
type Form struct {
	// Write gives the text that the constructs make of the value, and an empty one if they make none.
	Write func(value any) string

	// Template is the template expression that makes the same of it, with %s for the value's own.
	Template string
}

// Settings are values by path, or by expression where they have no path.
type Settings map[string]any

func (v Value) key() string {
	if v.Path == "" {
		return v.Expression
	}
	return v.Path
}

func (v Value) expression() string {
	if v.Expression == "" {
		return ".Values." + v.Path
	}
	return v.Expression
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

// probed are the settings of the objects in which the values can be found. A value that is empty by default shows only where a
// Choice gives it a probe, unless it is merged.
func probed(values []Value) Settings {
	settings := defaults(values)
	for _, v := range values {
		if v.Probe != nil && (v.Merged || !v.isEmpty()) {
			settings[v.key()] = v.Probe
		}
	}
	return settings
}

func defaults(values []Value) Settings {
	settings := Settings{}
	for _, v := range values {
		settings[v.key()] = v.Default
	}
	return settings
}

// isEmpty says whether a value is a text, a map or a list that is empty by default.
func (v Value) isEmpty() bool {
	value := reflect.ValueOf(v.Default)
	return (value.Kind() == reflect.String || value.Kind() == reflect.Map || value.Kind() == reflect.Slice) && value.Len() == 0
}
