package chart

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Object is a Kubernetes object.
type Object = map[string]any

// written are objects as the constructs do: sorted, text of several lines as blocks, and other text on one line.
func written(objects ...Object) []string {
	var documents []string
	for _, o := range objects {
		documents = append(documents, strings.Join(writeYAML(o), "\n"))
	}
	return documents
}

func writeYAML(value any) []string {
	var written []string
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			inner := writeYAML(value[key])
			name := literal(key) + ":"
			if isNested(value[key]) {
				written = append(append(written, name), shift(inner)...)
			} else {
				written = append(append(written, name+" "+inner[0]), shift(inner[1:])...)
			}
		}
	case []any:
		for _, element := range value {
			inner := writeYAML(element)
			written = append(append(written, "- "+inner[0]), shift(inner[1:])...)
		}
	case string:
		return writeText(value)
	}
	if len(written) == 0 {
		return []string{encode(value)}
	}
	return written
}

func isNested(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return len(value) > 0
	case []any:
		return len(value) > 0
	}
	return false
}

func shift(lines []string) []string {
	var shifted []string
	for _, line := range lines {
		if line != "" {
			line = indent + line
		}
		shifted = append(shifted, line)
	}
	return shifted
}

func writeText(text string) []string {
	hidden := func(char rune) bool { return char != '\n' && char != '\t' && !unicode.IsPrint(char) }
	if !strings.Contains(text, "\n") || strings.ContainsFunc(text, hidden) || unicode.IsSpace([]rune(text)[0]) {
		return []string{literal(text)}
	}
	style := "|-"
	if body, cut := strings.CutSuffix(text, "\n"); cut {
		style, text = "|", body
		if strings.HasSuffix(body, "\n") {
			style = "|+"
		}
	}
	return append([]string{style}, strings.Split(text, "\n")...)
}

// bare is text that needs no quotes: words, quantities, and digests.
var bare = regexp.MustCompile(`^[0-9a-f]{64}$|^[A-Za-z/]([A-Za-z0-9_./:-]*[A-Za-z0-9_./-])?$|^[1-9][0-9]*[A-Za-z]+$`)

// words are what YAML takes for something else than text.
var words = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false|null)$`)

func literal(text string) string {
	if bare.MatchString(text) && !words.MatchString(text) {
		return text
	}
	return encode(text)
}

// encode writes JSON, and escapes characters that are invisible.
func encode(value any) string {
	var encoded, text strings.Builder
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	for _, char := range strings.TrimSpace(encoded.String()) {
		if char <= 0xffff && !unicode.IsPrint(char) {
			fmt.Fprintf(&text, `\u%04x`, char)
		} else {
			text.WriteRune(char)
		}
	}
	return text.String()
}
