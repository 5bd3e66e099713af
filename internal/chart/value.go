package chart

import (
	"fmt"
	"reflect"
	"strings"
)

// Value is a setting of the chart: a line of values.yaml.
type Value struct {
	// Path is its place in values.yaml: "frontend.replicaCount". A path that begins with a dot is what Helm itself knows
	// (.Release.Namespace); it is not in values.yaml.
	Path string

	// Default is what values.yaml contains: a string, an int, a bool, or an empty map or list.
	Default any

	// Doc is a sentence for values.yaml, the schema and the README.
	Doc string

	// Schema is the JSON schema, without default and description.
	Schema map[string]any

	// Probe is another value, which appears in the objects only where the value does. It is nil for a value that is never
	// written, and only decides on something: see Choice.
	Probe any

	// Tree is for a map or a list that the objects contain as it is. The probe has one element.
	Tree bool

	// Merged is for a Tree that is added to a map with other elements. It needs no Choice.
	Merged bool

	// Forms are the ways in which the objects express the value. Defaults to one: as it is.
	Forms []Form
}

// Form is a way in which the objects express a value.
type Form struct {
	// Write returns the text that the constructs make of the value, and an empty one if they make none.
	Write func(value any) string

	// Template is the template expression that makes the same text, with %s for the value's own expression.
	Template string
}

// Settings are values by path.
type Settings map[string]any

// isInFile reports whether the value is in values.yaml.
func (v Value) isInFile() bool { return !strings.HasPrefix(v.Path, ".") }

// expression is how templates read the value.
func (v Value) expression() string {
	if v.isInFile() {
		return ".Values." + v.Path
	}
	return v.Path
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

// probed are the defaults with probes in their place. A value that is empty by default appears only where a Choice gives it a probe,
// unless it is merged.
func probed(values []Value) Settings {
	settings := defaults(values)
	for _, v := range values {
		if v.Probe != nil && (v.Merged || !v.isEmpty()) {
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
