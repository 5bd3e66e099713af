package yaml

import (
	"strings"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// place says where a string is written.
type place struct {
	indent int // Of its further lines. 0 only for a document that is nothing but the string.
	key    bool
}

// multiline is the length of the JSON, in UTF-16 units, from which on double quotes hold real line breaks.
const multiline = 40

// appendString appends a string in the first of these styles that gives it back: plain, block, quoted.
func appendString(text []byte, s string, at place) []byte {
	lines := strings.Contains(s, "\n")
	switch {
	case s == "<<":
		// The package takes the text for the key that merges mappings, wherever it is, and leaves it bare.
		return append(text, s...)
	case hasControl(s):
		return appendDouble(text, s, at)
	case lines && at.key:
		return appendQuoted(text, s, at)
	case lines:
		return appendBlock(text, s, at)
	case !isPlain(s):
		return appendQuoted(text, s, at)
	case hasMarker(s) && at.indent == 0:
		return appendBlock(text, s, at)
	case hasMarker(s) && at.indent == 2 && at.key, isTyped(s):
		return appendQuoted(text, s, at)
	}
	return append(text, s...)
}

// isPlain reports whether a string of one line means itself without quotes, unless it is taken for another type.
func isPlain(s string) bool {
	if s == "" || strings.ContainsAny(s[:1], "\t ,[]{}#&*!|>'\"%@`") || strings.ContainsAny(s[len(s)-1:], "\t :") {
		return false
	}
	if s == "?" || s == "-" || startsItem(s) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if s[i-1] == ':' && isBlank(s[i]) || isBlank(s[i-1]) && s[i] == '#' {
			return false
		}
	}
	return true
}

// startsItem reports whether a string starts like an item of a sequence or an explicit key.
func startsItem(s string) bool {
	return len(s) > 1 && (s[0] == '?' || s[0] == '-') && isBlank(s[1])
}

// hasMarker reports whether a line could be taken for the start or the end of a document, or for a directive.
func hasMarker(s string) bool {
	for i := range len(s) {
		if startsLine(s, i) && (s[i] == '%' || strings.HasPrefix(s[i:], "---") || strings.HasPrefix(s[i:], "...")) {
			return true
		}
	}
	return false
}

// startsLine reports whether a line starts at i, for a regular expression of JavaScript.
func startsLine(s string, i int) bool {
	if i == 0 || s[i-1] == '\n' || s[i-1] == '\r' {
		return true
	}
	return i >= 3 && (s[i-3:i] == "\u2028" || s[i-3:i] == "\u2029")
}

// hasControl reports whether a string contains control characters other than tab and line feed.
func hasControl(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' && c != '\t' && c != '\n' || c == 0x7f {
			return true
		}
		if c == 0xc2 && s[i+1] <= 0x9f { // U+0080 to U+009F in UTF-8.
			return true
		}
	}
	return false
}

// appendBlock appends a literal block. A string that ends in a line of blanks, or is nothing but white space, is quoted.
func appendBlock(text []byte, s string, at place) []byte {
	if endsInBlankLine(s) || strings.Trim(s, space) == "" {
		return appendQuoted(text, s, at)
	}
	indent := breakIndent(s, at)
	end := len(strings.TrimRight(s, " \t\n"))
	start, indented := 0, false
	for i := 0; i < end && (s[i] == ' ' || s[i] == '\n'); i++ {
		if s[i] == ' ' {
			indented = true
		} else {
			start = i + 1
		}
	}
	text = append(text, '|')
	if indented {
		// A reader takes the indentation from the first line, unless it is told.
		text = append(text, "12"[min(indent, 1)])
	}
	tail := s[end:]
	switch {
	case !strings.Contains(tail, "\n"):
		text = append(text, '-')
	case strings.IndexByte(tail, '\n') != len(tail)-1:
		text = append(text, '+')
	}
	text = appendLine(text, indent)
	text = appendIndented(text, s[:start], indent, true)
	text = appendIndented(text, s[start:end], indent, false)
	return appendIndented(text, strings.TrimSuffix(tail, "\n"), indent, false)
}

// appendIndented appends text with an indentation after each run of line breaks, and after one at the end if last is true.
func appendIndented(text []byte, s string, indent int, last bool) []byte {
	for i := range len(s) {
		text = append(text, s[i])
		end := i == len(s)-1
		if s[i] == '\n' && (end && last || !end && s[i+1] != '\n') {
			text = appendIndent(text, indent)
		}
	}
	return text
}

// breakIndent returns the indentation of a string's further lines. At the start of a line of its own a marker would end the document.
func breakIndent(s string, at place) int {
	if at.indent == 0 && hasMarker(s) {
		return 2
	}
	return at.indent
}

func endsInBlankLine(s string) bool {
	line := strings.TrimRight(s, " \t")
	return line != s && strings.HasSuffix(line, "\n")
}

// space is what JavaScript calls white space, apart from control characters.
// https://tc39.es/ecma262/#sec-white-space
const space = " \t\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"

// appendQuoted appends a string in single quotes if that saves escapes. Strings of several lines that get here are keys, end in blanks or are
// nothing but white space: single quotes would lose blanks around line breaks.
func appendQuoted(text []byte, s string, at place) []byte {
	if !strings.Contains(s, `"`) || strings.ContainsAny(s, "'\n") {
		return appendDouble(text, s, at)
	}
	text = append(text, '\'')
	text = append(text, s...)
	return append(text, '\'')
}

// appendDouble appends a string in double quotes: its JSON, with YAML's shorter escapes, and with line breaks if it is long.
func appendDouble(text []byte, s string, at place) []byte {
	json := js.AppendQuoted(nil, s)
	broken := !at.key && js.Length(string(json)) >= multiline
	indent := breakIndent(s, at)
	for i := 0; i < len(json); i++ {
		if json[i] == ' ' && isBreak(json, i+1) {
			// Otherwise the blank would be lost at the end of the line.
			text = append(text, `\ `...)
			continue
		}
		if json[i] != '\\' {
			text = append(text, json[i])
			continue
		}
		switch {
		case json[i+1] == 'u':
			text = appendEscape(text, json[i:i+6])
			i += 5
		case json[i+1] == 'n' && broken && json[i+2] != '"':
			breaks := countBreaks(json[i:])
			text = appendBreaks(text, breaks, indent)
			i += 2*breaks - 1
			if json[i+1] == ' ' {
				text = append(text, '\\') // Otherwise the blank would be lost at the start of the line.
			}
		default:
			text = append(text, json[i], json[i+1])
			i++
		}
	}
	return text
}

// countBreaks returns how many of JSON's line breaks follow each other. The one at the end of the string does not count.
func countBreaks(json []byte) int {
	n := 1
	for isBreak(json, 2*n) && json[2*n+2] != '"' {
		n++
	}
	return n
}

// appendBreaks appends line breaks: one more than are meant, since a single one would be read as a blank.
func appendBreaks(text []byte, breaks, indent int) []byte {
	for range breaks {
		text = append(text, '\n')
	}
	return appendLine(text, indent)
}

// appendEscape appends JSON's escape of a character as YAML's. JSON escapes nothing above U+001F in this way.
func appendEscape(text, escape []byte) []byte {
	switch string(escape[4:]) {
	case "00":
		return append(text, `\0`...)
	case "07":
		return append(text, `\a`...)
	case "0b":
		return append(text, `\v`...)
	case "1b":
		return append(text, `\e`...)
	}
	return append(append(text, `\x`...), escape[4:]...)
}

func isBreak(json []byte, i int) bool {
	return i+1 < len(json) && json[i] == '\\' && json[i+1] == 'n'
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
