package chart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lines are lines of a template, each without its indent within what they are put into.
type lines []string

func (l lines) indented() lines {
	indented := make(lines, len(l))
	for i, line := range l {
		if line != "" {
			line = indent + line
		}
		indented[i] = line
	}
	return indented
}

const indent = "  "

// writeOption puts a condition around what depends on one.
func writeOption(o *option, write func(node) lines) lines {
	if o.choice == nil {
		if o.node == nil {
			return nil
		}
		return write(o.node)
	}
	if o.choice.Each {
		return slices.Concat(o.choice.rangeOver(), writeOption(o.yes, write), lines{"{{- end }}"})
	}
	if o.yes == nothing {
		return slices.Concat(lines{"{{- if not " + parenthesized(o.choice.If) + " }}"}, writeOption(o.no, write), lines{"{{- end }}"})
	}
	written := append(lines{"{{- if " + o.choice.If + " }}"}, writeOption(o.yes, write)...)
	for o = o.no; o != nothing; o = o.no {
		if o.choice == nil || o.choice.Each || o.yes == nothing {
			written = append(append(written, "{{- else }}"), writeOption(o, write)...)
			break
		}
		written = append(append(written, "{{- else if "+o.choice.If+" }}"), writeOption(o.yes, write)...)
	}
	return append(written, "{{- end }}")
}

func (c *Choice) rangeOver() lines {
	if c.Names == "" {
		return lines{"{{- range $name, $value := " + c.If + " }}"}
	}
	// Within the loop a dot is the name.
	return lines{"{{- range $name := " + c.Names + " }}", "{{- $value := index $" + c.If + " $name }}"}
}

func parenthesized(condition string) string {
	if strings.Contains(condition, " ") {
		return "(" + condition + ")"
	}
	return condition
}

func (m mapping) write() lines {
	var written lines
	for _, f := range m {
		if f.value.file() != "" {
			written = append(written, writeField(f.key, anyNode(f.value))...) // Its named template decides.
			continue
		}
		written = append(written, writeOption(f.value, func(n node) lines { return writeField(f.key, n) })...)
	}
	return written
}

func writeField(key string, n node) lines {
	name := escaped(literal(key))
	switch n := n.(type) {
	case mapping:
		return append(lines{name + ":"}, n.write().indented()...)
	case sequence:
		return append(lines{name + ":"}, n.write().indented()...)
	default:
		value := inline(n)
		return append(lines{name + ": " + value[0]}, value[1:].indented()...)
	}
}

func (s sequence) write() lines {
	var written lines
	for _, element := range s {
		written = append(written, writeOption(element, writeElement)...)
	}
	return written
}

func writeElement(n node) lines {
	var inner lines
	switch n := n.(type) {
	case mapping:
		inner = n.write()
	case sequence:
		inner = n.write()
	default:
		inner = inline(n)
	}
	if strings.HasPrefix(inner[0], "{{-") {
		// A condition has nothing before it on its line.
		return append(lines{"-"}, inner.indented()...)
	}
	return append(lines{"- " + inner[0]}, inner[1:].indented()...)
}

// inline writes what begins on the line of its key.
func inline(n node) lines {
	switch n := n.(type) {
	case scalar:
		return n.write()
	case digest:
		return lines{n.write()}
	case plain:
		return lines{encode(n.value)}
	default:
		panic(fmt.Errorf("%T is not written on one line", n))
	}
}

func (s scalar) write() lines {
	text := s.template()
	switch {
	case s.file != "":
		return lines{"|", fmt.Sprintf(`{{- include %q . | nindent NINDENT }}`, s.file)}
	case !s.text:
		return lines{text}
	case len(s.pieces) == 1 && s.pieces[0].symbol != nil:
		return lines{"{{ " + s.pieces[0].symbol.expression() + " | quote }}"}
	case strings.Contains(text, "\n") && !startsWithSpace(text) && carried(text):
		return block(text)
	case isLiteral(s.pieces):
		return lines{escaped(literal(s.pieces[0].literal))}
	}
	return lines{s.quoted()}
}

// quoted is text in double quotes. What the values become needs no escapes there: their schemas see to it.
func (s scalar) quoted() string {
	return `"` + s.written(func(text string) string {
		quoted := encode(text)
		return quoted[1 : len(quoted)-1]
	}) + `"`
}

// template is text as a template that gives it.
func (s scalar) template() string {
	return s.written(func(text string) string { return text })
}

// written joins the pieces: actions, and what is literal in a form that YAML reads as such.
func (s scalar) written(form func(text string) string) string {
	var all strings.Builder
	for i, p := range s.pieces {
		if p.symbol != nil {
			all.WriteString("{{ " + p.symbol.expression() + " }}")
			continue
		}
		text := escaped(form(p.literal))
		if i+1 < len(s.pieces) && strings.HasSuffix(text, "{") {
			// Three of them before an action are one too many.
			text = strings.TrimSuffix(text, "{") + `{{ "{" }}`
		}
		all.WriteString(text)
	}
	return all.String()
}

func escaped(text string) string { return strings.ReplaceAll(text, "{{", `{{ "{{" }}`) }

// carried says whether YAML's literal style carries a text as it is. It has no escapes.
func carried(text string) bool {
	return !strings.ContainsFunc(text, func(char rune) bool { return char != '\n' && char != '\t' && !unicode.IsPrint(char) })
}

// startsWithSpace says so of text whose indent YAML would not know from its own.
func startsWithSpace(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return unicode.IsSpace(first)
}

func block(text string) lines {
	style := "|-"
	if body, cut := strings.CutSuffix(text, "\n"); cut {
		style, text = "|", body
		if strings.HasSuffix(body, "\n") {
			style = "|+"
		}
	}
	return append(lines{style}, strings.Split(text, "\n")...)
}

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

func (d digest) write() string {
	var arguments strings.Builder
	for i, path := range d.paths {
		fmt.Fprintf(&arguments, " %q (include %q .)", path, d.names[i])
	}
	return fmt.Sprintf(`{{ include "%schecksum" (list%s) }}`, helperPrefix, arguments.String())
}

func encodeReadably(value any) string {
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(encode(value)), "", indent); err != nil {
		panic(fmt.Errorf("indent own JSON: %w", err))
	}
	return indented.String() + "\n"
}
