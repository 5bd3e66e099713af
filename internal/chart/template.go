package chart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// template writes a line as part of a template.
func (l line) template() string {
	switch {
	case l.scalar == merged:
		return fmt.Sprintf("{{- with %s }}{{ toYaml . | nindent %d }}{{ end }}", l.pieces[0].value.expression(), len(l.head))
	case l.scalar == expression && hasValue(l.pieces):
		return l.head + "{{- " + l.pieces[0].expression() + " }}"
	case l.scalar == expression:
		return escaped(l.head) + "{{ " + l.text + " }}"
	case l.scalar == quoted && len(l.pieces) == 1 && l.pieces[0].value != nil:
		return escaped(l.head) + "{{ " + l.pieces[0].expression() + " | quote }}"
	case l.scalar == quoted && hasValue(l.pieces):
		// What the values become needs no escapes: their schemas see to it.
		return escaped(l.head) + `"` + writePieces(l.pieces, func(text string) string {
			inQuotes := encode(text)
			return inQuotes[1 : len(inQuotes)-1]
		}) + `"`
	case l.scalar == quoted:
		return escaped(l.source)
	}
	return escaped(l.head) + writePieces(l.pieces, func(text string) string { return text })
}

// writePieces joins actions, and what is literal in a form that YAML reads as such.
func writePieces(pieces []piece, form func(text string) string) string {
	var all strings.Builder
	for i, p := range pieces {
		if p.value != nil {
			all.WriteString("{{ " + p.expression() + " }}")
			continue
		}
		text := escaped(form(p.literal))
		if i+1 < len(pieces) && strings.HasSuffix(text, "{") {
			// Three of them before an action are one too many.
			text = strings.TrimSuffix(text, "{") + `{{ "{" }}`
		}
		all.WriteString(text)
	}
	return all.String()
}

func escaped(text string) string { return strings.ReplaceAll(text, "{{", `{{ "{{" }}`) }

// encode writes JSON, which YAML is a superset of but for characters that nobody sees: they are escaped.
func encode(value any) string {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Errorf("encode %T: %w", value, err))
	}
	var text strings.Builder
	for _, char := range strings.TrimSpace(encoded.String()) {
		if char <= 0xffff && !unicode.IsPrint(char) {
			fmt.Fprintf(&text, `\u%04x`, char)
		} else {
			text.WriteRune(char)
		}
	}
	return text.String()
}

func encodeReadably(value any) string {
	var readable bytes.Buffer
	if err := json.Indent(&readable, []byte(encode(value)), "", indent); err != nil {
		panic(fmt.Errorf("indent own JSON: %w", err))
	}
	return readable.String() + "\n"
}

const indent = "  "
