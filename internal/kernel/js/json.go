package js

import (
	"errors"
	"math"
	"strconv"
	"unicode/utf8"
)

// ErrJSON says that a text is no JSON, or is one that Decode does not take over from JavaScript.
var ErrJSON = errors.New("no JSON, or JSON with half a surrogate pair or more than 200 levels")

// deepest is the number of levels that Decode accepts. Several hundred exhaust the stack of the functions of npm's yaml; manifests have ten.
const deepest = 200

// Decode reads JSON as JSON.parse does, except that it refuses what Go's strings cannot hold.
func Decode(text []byte) (any, error) { return Strings(nil).Decode(text) }

// Strings are short strings that were read, to have each of them in memory only once: most of those in manifests come again and again. It may be nil.
type Strings map[string]any

const (
	maxStrings  = 1 << 13 // So that those of a program which does not end do not fill the memory.
	longestKept = 40
)

// Decode is the function Decode.
func (s Strings) Decode(text []byte) (any, error) {
	d := decoder{text: text, strings: s}
	value := d.value(0)
	d.blanks()
	if d.failed || d.at != len(d.text) {
		return nil, ErrJSON
	}
	return value, nil
}

// of returns a string of bytes.
func (s Strings) of(text []byte) any {
	if s == nil || len(text) > longestKept {
		return string(text)
	}
	if known, ok := s[string(text)]; ok {
		return known
	}
	var value any = string(text)
	if len(s) < maxStrings {
		s[value.(string)] = value
	}
	return value
}

// decoder reads from a text. After a failure it reads to no purpose, but does not stop.
type decoder struct {
	text    []byte
	at      int
	failed  bool
	strings Strings
}

func (d *decoder) value(depth int) any {
	d.blanks()
	if d.at == len(d.text) || depth > deepest {
		return d.fail()
	}
	switch c := d.text[d.at]; {
	case c == '{':
		return d.object(depth)
	case c == '[':
		return d.array(depth)
	case c == '"':
		return d.string()
	case c == '-' || isDigit(c):
		return d.number()
	case d.skip("null"):
		return nil
	case d.skip("true"):
		return true
	case d.skip("false"):
		return false
	}
	return d.fail()
}

func (d *decoder) object(depth int) any {
	object := &Object{}
	d.at++
	d.blanks()
	if d.skip("}") {
		return object
	}
	for {
		d.blanks()
		key, _ := d.string().(string)
		d.blanks()
		if d.failed || !d.skip(":") {
			return d.fail()
		}
		value := d.value(depth + 1)
		if d.failed {
			return nil
		}
		object.Set(key, value)
		d.blanks()
		if d.skip("}") {
			return object
		}
		if !d.skip(",") {
			return d.fail()
		}
	}
}

func (d *decoder) array(depth int) any {
	array := []any{}
	d.at++
	d.blanks()
	if d.skip("]") {
		return array
	}
	for {
		array = append(array, d.value(depth+1))
		d.blanks()
		if d.failed {
			return nil
		}
		if d.skip("]") {
			return array
		}
		if !d.skip(",") {
			return d.fail()
		}
	}
}

// string reads a string. Most have no escapes, and are copied at once.
func (d *decoder) string() any {
	if !d.skip(`"`) {
		return d.fail()
	}
	for i := d.at; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == '"':
			s := d.text[d.at:i]
			d.at = i + 1
			d.failed = d.failed || !utf8.Valid(s)
			return d.strings.of(s)
		case c < ' ':
			return d.fail()
		case c == '\\':
			return d.escaped(i)
		}
	}
	return d.fail()
}

// escaped reads a string whose first escape is at i.
func (d *decoder) escaped(i int) any {
	s := append([]byte(nil), d.text[d.at:i]...)
	d.at = i
	for d.at < len(d.text) && !d.failed {
		start := d.at
		for d.at < len(d.text) && d.text[d.at] != '"' && d.text[d.at] != '\\' && d.text[d.at] >= ' ' {
			d.at++
		}
		s = append(s, d.text[start:d.at]...)
		switch {
		case d.skip(`"`):
			d.failed = !utf8.Valid(s)
			return string(s)
		case d.skip(`\`):
			s = utf8.AppendRune(s, d.escape())
		default:
			d.fail()
		}
	}
	return d.fail()
}

// escape reads an escape after its backslash.
func (d *decoder) escape() rune {
	const names, characters = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if d.skip("u") {
		return d.unicode()
	}
	for i := range len(names) {
		if d.skip(names[i : i+1]) {
			return rune(characters[i])
		}
	}
	d.fail()
	return 0
}

func (d *decoder) unicode() rune {
	r := d.unit()
	if r < 0xd800 || r > 0xdfff {
		return r
	}
	if r > 0xdbff || !d.skip(`\u`) {
		d.fail()
		return 0
	}
	low := d.unit()
	if low < 0xdc00 || low > 0xdfff {
		d.fail()
		return 0
	}
	return 0x10000 + (r-0xd800)<<10 + (low - 0xdc00)
}

// unit reads four hexadecimal digits.
func (d *decoder) unit() rune {
	if len(d.text)-d.at < 4 {
		d.fail()
		return 0
	}
	r := rune(0)
	for range 4 {
		c := d.text[d.at]
		d.at++
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			d.fail()
		}
	}
	return r
}

func (d *decoder) number() any {
	start := d.at
	d.skip("-")
	if !d.skip("0") {
		d.digits()
	}
	if d.skip(".") {
		d.digits()
	}
	if d.skip("e") || d.skip("E") {
		if !d.skip("-") {
			d.skip("+")
		}
		d.digits()
	}
	if d.failed {
		return nil
	}
	number, _ := strconv.ParseFloat(string(d.text[start:d.at]), 64) // Its error says that the number is infinite, as it is in JavaScript.
	return number
}

// digits skips one digit or more.
func (d *decoder) digits() {
	start := d.at
	for d.at < len(d.text) && isDigit(d.text[d.at]) {
		d.at++
	}
	d.failed = d.failed || d.at == start
}

func (d *decoder) blanks() {
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

func (d *decoder) skip(text string) bool {
	if len(d.text)-d.at < len(text) || string(d.text[d.at:d.at+len(text)]) != text {
		return false
	}
	d.at += len(text)
	return true
}

func (d *decoder) fail() any {
	d.failed = true
	return nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// AppendJSON appends a value as JSON.stringify writes it. undefined is null where it is not the value of a key.
func AppendJSON(text []byte, value any) []byte {
	switch v := value.(type) {
	case bool:
		return strconv.AppendBool(text, v)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return append(text, "null"...)
		}
		return append(text, Number(v)...)
	case string:
		return AppendQuoted(text, v)
	case []any:
		return appendArray(text, v)
	case *Object:
		return appendObject(text, v)
	}
	return append(text, "null"...)
}

func appendArray(text []byte, array []any) []byte {
	text = append(text, '[')
	for i, item := range array {
		if i > 0 {
			text = append(text, ',')
		}
		text = AppendJSON(text, item)
	}
	return append(text, ']')
}

func appendObject(text []byte, object *Object) []byte {
	text = append(text, '{')
	for key, value := range object.All {
		if value == (Undefined{}) {
			continue
		}
		if text[len(text)-1] != '{' {
			text = append(text, ',')
		}
		text = append(AppendQuoted(text, key), ':')
		text = AppendJSON(text, value)
	}
	return append(text, '}')
}

// AppendQuoted appends a string as JSON.stringify writes it: only control characters, quotes and backslashes are escaped.
// https://tc39.es/ecma262/#sec-quotejsonstring
func AppendQuoted(text []byte, s string) []byte {
	return append(AppendEscaped(append(text, '"'), s), '"')
}

// AppendEscaped is AppendQuoted without quotation marks.
func AppendEscaped(text []byte, s string) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		text = append(text, s[start:i]...)
		start = i + 1
		switch c {
		case '\b':
			text = append(text, `\b`...)
		case '\t':
			text = append(text, `\t`...)
		case '\n':
			text = append(text, `\n`...)
		case '\f':
			text = append(text, `\f`...)
		case '\r':
			text = append(text, `\r`...)
		case '"', '\\':
			text = append(text, '\\', c)
		default:
			text = append(text, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
	}
	return append(text, s[start:]...)
}
