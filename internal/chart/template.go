package chart

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// writeTemplates gives the documents as templates, by file.
func (c Chart) writeTemplates(m merger) (map[string]string, error) {
	templates, errs := map[string]string{}, []error{}
	w := &weaver{base: m.base.settings, shown: map[string]bool{}}
	for _, name := range m.names() {
		regions, err := m.regions(name)
		errs = append(errs, err)
		w.name = name
		file := m.file(name)
		if templates[file] == "" {
			templates[file] = generated
		}
		templates[file] += joinLines(w.weave(m.base.document(name).lines, regions))
	}
	return templates, errors.Join(append(append(errs, w.errs...), c.checkUsed(w))...)
}

// checkUsed refuses a value that no document shows, and one without a probe that no condition asks for.
func (c Chart) checkUsed(w *weaver) error {
	var errs []error
	for _, v := range c.Values {
		asked := regexp.MustCompile(regexp.QuoteMeta(v.expression()) + `\b`).MatchString(w.asked.String())
		if !w.shown[v.key()] && (v.Probe != nil || !asked) {
			errs = append(errs, fmt.Errorf("the value %s stands nowhere in the objects", v.key()))
		}
	}
	return errors.Join(errs...)
}

// joinLines joins the lines of a template. An action that begins with a dash takes the white space before it: what belongs to the
// document is kept by an action that writes nothing.
func joinLines(written []string) string {
	for i := range written[:max(0, len(written)-1)] {
		text, next := written[i], strings.TrimLeft(written[i+1], " ")
		if strings.HasPrefix(next, "{{-") && (text == "" || unicode.IsSpace(rune(text[len(text)-1]))) {
			written[i] += `{{ "" }}`
		}
	}
	return strings.Join(written, "\n") + "\n"
}

// template writes a line as part of a template.
func (l line) template() string {
	switch {
	case l.scalar == digest:
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

// bare is text that needs no quotes: words, and quantities.
var bare = regexp.MustCompile(`^[A-Za-z/]([A-Za-z0-9_./:-]*[A-Za-z0-9_./-])?$|^[1-9][0-9]*[A-Za-z]+$`)

// words are what YAML takes for something else than text.
var words = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false|null)$`)

func literal(text string) string {
	if bare.MatchString(text) && !words.MatchString(text) {
		return text
	}
	return encode(text)
}

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

// file is the template of a document.
func (m merger) file(name string) string {
	at := slices.IndexFunc(m.others, func(r *rendering) bool { return r.document(name).file != "" })
	return m.others[at].document(name).file
}
