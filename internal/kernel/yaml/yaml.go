// Package yaml writes values of JavaScript as cdk8s does, byte for byte: as version 2.6.0 of npm's package yaml, with the options that
// cdk8s's Yaml.stringify sets (YAML 1.1, lines of any length). What those options make unreachable is not here: folded text, flow
// collections, comments, tags and anchors.
//
// The test in test/kernel compares it with the package inside cdk8s.
// https://github.com/eemeli/yaml/tree/v2.6.0/src/stringify
package yaml

import "github.com/ai-platform/manifests/internal/kernel/js"

// longestKey is the length, in UTF-16 units, up to which a key needs no question mark.
// https://yaml.org/spec/1.2.2/#742-flow-mappings
const longestKey = 1024

// Stringify writes one document.
func Stringify(value any) string {
	if value == (js.Undefined{}) {
		return "\n"
	}
	return string(append(appendValue(nil, value, 0), '\n'))
}

// appendValue appends a value whose further lines are indented by a number of blanks.
func appendValue(text []byte, value any, indent int) []byte {
	switch v := value.(type) {
	case bool:
		if v {
			return append(text, "true"...)
		}
		return append(text, "false"...)
	case float64:
		return append(text, number(v)...)
	case string:
		return appendString(text, v, place{indent: indent})
	case []any:
		return appendSequence(text, v, indent)
	case *js.Object:
		return appendMapping(text, v, indent)
	}
	return append(text, "null"...)
}

func number(value float64) string {
	switch text := js.Number(value); text {
	case "NaN":
		return ".nan"
	case "Infinity":
		return ".inf"
	case "-Infinity":
		return "-.inf"
	default:
		return text
	}
}

func appendSequence(text []byte, items []any, indent int) []byte {
	if len(items) == 0 {
		return append(text, "[]"...)
	}
	for i, item := range items {
		if i > 0 {
			text = appendLine(text, indent)
		}
		text = append(text, "- "...)
		text = appendValue(text, item, indent+2)
	}
	return text
}

func appendMapping(text []byte, object *js.Object, indent int) []byte {
	if object.Len() == 0 {
		return append(text, "{}"...)
	}
	first := true
	for key, value := range object.All {
		if !first {
			text = appendLine(text, indent)
		}
		first = false
		text = appendPair(text, key, value, indent)
	}
	return text
}

func appendPair(text []byte, key string, value any, indent int) []byte {
	name := appendString(nil, key, place{indent: indent + 2, key: true})
	long := len(name) > longestKey && js.Length(string(name)) > longestKey
	if long {
		text = append(text, "? "...)
	}
	text = append(text, name...)
	if long {
		text = appendLine(text, indent)
	}
	text = append(text, ':')
	if isFilled(value) && !long {
		text = appendLine(text, indent+2)
	} else {
		text = append(text, ' ')
	}
	return appendValue(text, value, indent+2)
}

// isFilled reports whether a value is a collection that takes lines of its own.
func isFilled(value any) bool {
	switch v := value.(type) {
	case []any:
		return len(v) > 0
	case *js.Object:
		return v.Len() > 0
	}
	return false
}

func appendLine(text []byte, indent int) []byte {
	return appendIndent(append(text, '\n'), indent)
}

func appendIndent(text []byte, indent int) []byte {
	for range indent {
		text = append(text, ' ')
	}
	return text
}
