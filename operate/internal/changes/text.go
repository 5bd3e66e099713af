package changes

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff"
	"sigs.k8s.io/yaml"
)

const (
	// longest is the length of a value that is printed on its line.
	longest = 100
	// contextLines are those around a changed line of a text.
	contextLines = 2
)

// signs stand before what changes.
var signs = map[Action]string{None: " ", Create: "+", Update: "~", Undeclared: "-", Keep: "=", Delete: "-"}

// Text prints a comparison for people.
func (c *Comparison) Text(to io.Writer, color bool) error {
	p := &printer{color: color}
	undeclared := false
	for _, change := range c.Changes {
		if change.order() > 0 && !undeclared {
			undeclared = true
			p.line("", 0, "\nNo longer declared:")
		}
		p.change(change)
	}
	p.line("", 0, c.summary())
	for _, note := range c.Notes {
		p.line("", 0, note)
	}
	_, err := to.Write(bytes.TrimLeft(p.Bytes(), "\n"))
	return err
}

// summary counts.
func (c *Comparison) summary() string {
	if len(c.Changes) == 0 {
		return fmt.Sprintf("%s: no differences (against %s)", c.Environment, c.former())
	}
	count, dangers := map[Action]int{}, 0
	for _, change := range c.Changes {
		count[change.Action]++
		dangers += len(change.Dangers)
	}
	var parts []string
	for _, part := range []struct {
		number int
		what   string
	}{
		{count[Create], "to create"},
		{count[Update], "to change"},
		{count[Undeclared], "no longer declared"},
		{count[Delete], "to delete"},
		{count[Keep], "kept"},
		{dangers, plural("danger", dangers)},
	} {
		if part.number > 0 {
			parts = append(parts, fmt.Sprint(part.number, " ", part.what))
		}
	}
	return fmt.Sprintf("\n%s: %s (against %s)", c.Environment, strings.Join(parts, ", "), c.former())
}

// former says what the manifests are compared with.
func (c *Comparison) former() string {
	if c.Context != "" {
		return "context " + c.Context
	}
	return c.Against
}

// printer collects lines.
type printer struct {
	bytes.Buffer
	color bool
}

// colors are those of terminals, by sign.
var colors = map[string]string{"+": "\x1b[32m", "-": "\x1b[31m", "~": "\x1b[33m", "!": "\x1b[1;31m", "=": "\x1b[36m"}

func (p *printer) line(sign string, indent int, text string) {
	line := strings.Repeat(" ", indent) + text
	if sign != "" {
		line = strings.Repeat(" ", indent) + sign + " " + text
	}
	p.colored(sign, line)
}

func (p *printer) colored(sign, line string) {
	line = printable(line)
	if color, exists := colors[sign]; p.color && exists {
		line = color + line + "\x1b[0m"
	}
	fmt.Fprintln(p, line)
}

// printable escapes what terminals act upon: values, and messages about them, come from others.
func printable(text string) string {
	var safe strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&safe, `\x%02x`, text[0])
		case unicode.IsPrint(r), r == '\n', r == '\t':
			safe.WriteRune(r)
		default:
			safe.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		text = text[size:]
	}
	return safe.String()
}

func (p *printer) change(c *Change) {
	header := c.String()
	if c.Note != "" {
		header += ": " + c.Note
	}
	p.line(signs[c.Action], 0, header)
	for _, f := range c.Fields {
		p.field(f)
	}
	for _, d := range c.Dangers {
		p.line("!", 4, d.String())
	}
}

func (p *printer) field(f Field) {
	former, current, areTexts := f.texts()
	switch {
	case areTexts:
		p.line("~", 4, f.Path+":")
		p.text(former, current)
	case f.Old == nil:
		p.value("+", f.Path, f.New)
	case f.New == nil:
		p.value("-", f.Path, f.Old)
	default:
		before, after := excerpts(encode(f.Old), encode(f.New))
		p.line("~", 4, fmt.Sprintf("%s: %s -> %s", f.Path, before, after))
	}
}

// value prints what was added or removed: on one line if it is short.
func (p *printer) value(sign, path string, value any) {
	text, isText := value.(string)
	encoded := encode(value)
	switch {
	case isText && strings.Contains(text, "\n"):
		p.line(sign, 4, fmt.Sprintf("%s: %d lines", path, strings.Count(strings.TrimSuffix(text, "\n"), "\n")+1))
	case len(encoded) <= longest || isText:
		short, _ := excerpts(encoded, "")
		p.line(sign, 4, path+": "+short)
	default:
		p.line(sign, 4, path+":")
		block, err := yaml.Marshal(value)
		if err != nil {
			panic(err) // It was read from JSON.
		}
		for line := range strings.Lines(string(block)) {
			p.colored(sign, strings.Repeat(" ", 8)+strings.TrimSuffix(line, "\n")) // No sign: "-" is YAML's too.
		}
	}
}

// noNewline follows a last line that does not end. It is printed if that changes.
const noNewline = `\ No newline at end of file`

// text prints the lines that differ, and some around them.
func (p *printer) text(before, after string) {
	diff, err := udiff.ToUnified("", "", before, udiff.Strings(before, after), contextLines)
	if err != nil {
		panic(err) // The edits are those of the text.
	}
	_, diff, _ = strings.Cut(diff, "\n") // The headers, of which the names are empty.
	_, diff, _ = strings.Cut(diff, "\n")
	for line := range strings.Lines(diff) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == noNewline && strings.HasSuffix(before, "\n") == strings.HasSuffix(after, "\n"):
		case line == noNewline:
			p.line("", 8, line)
		case line[0] == '+', line[0] == '-':
			p.line(line[:1], 8, line[1:])
		default:
			p.line("", 8, strings.TrimRight(" "+line, " "))
		}
	}
}

// excerpts shortens two long values to where they begin to differ.
func excerpts(before, after string) (string, string) {
	if len(before) <= longest && len(after) <= longest {
		return before, after
	}
	start := 0
	for start < min(len(before), len(after)) && before[start] == after[start] {
		start++
	}
	start = max(0, start-longest/4)
	return excerpt(before, start), excerpt(after, start)
}

func excerpt(text string, start int) string {
	end := min(len(text), start+longest)
	for start > 0 && start < len(text) && !utf8.RuneStart(text[start]) {
		start--
	}
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end--
	}
	short := text[min(start, end):end]
	if start > 0 {
		short = "…" + short
	}
	if end < len(text) {
		short += "…"
	}
	return short
}

func plural(word string, number int) string {
	if number == 1 {
		return word
	}
	return word + "s"
}
