package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// appendDocument appends a random JSON document.
func appendDocument(random *rand.Rand, text []byte, depth int) []byte {
	kind := random.IntN(12)
	if depth > 3 {
		kind = random.IntN(8)
	}
	switch {
	case kind == 0:
		return append(text, pick(random, "null", "true", "false")...)
	case kind == 1:
		return append(text, number(random)...)
	case kind < 8:
		return appendText(random, text, randomString(random))
	case kind == 8:
		return appendArray(random, text, depth)
	}
	return appendObject(random, text, depth)
}

func appendArray(random *rand.Rand, text []byte, depth int) []byte {
	text = append(text, '[')
	for i := range random.IntN(4) {
		if i > 0 {
			text = append(text, ',')
		}
		text = appendDocument(random, text, depth+1)
	}
	return append(text, ']')
}

func appendObject(random *rand.Rand, text []byte, depth int) []byte {
	size := random.IntN(5)
	if random.IntN(50) == 0 {
		size = 30
		depth += 3
	}
	text = append(text, '{')
	for i := range size {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(appendText(random, text, key(random)), ':')
		text = appendDocument(random, text, depth+1)
	}
	return append(text, '}')
}

// appendText appends a string as JSON, with more escapes than necessary now and then.
func appendText(random *rand.Rand, text []byte, s string) []byte {
	if random.IntN(4) > 0 {
		return js.AppendQuoted(text, s)
	}
	text = append(text, '"')
	for _, unit := range utf16.Encode([]rune(s)) {
		text = fmt.Appendf(text, pick(random, `\u%04x`, `\u%04X`), unit)
	}
	return append(text, '"')
}

func key(random *rand.Rand) string {
	switch random.IntN(8) {
	case 0:
		return strconv.FormatUint(uint64(random.Uint32())>>random.IntN(32), 10)
	case 1:
		return pick(random, "__proto__", "constructor", "<<", "0", "00", "-0", "4294967294", "4294967295", "4294967296", "1e3", "")
	case 2:
		// After a key that starts with a backslash, V8 takes escapes in other keys for it.
		// https://github.com/nodejs/node/issues/63785
		return strings.TrimLeft(randomString(random), `\`)
	case 3:
		// About as long as a key can be without a question mark.
		unit := pick(random, "k", "é", "😀", " ", "\"", "\x01", "'")
		return strings.Repeat(unit, (1000+random.IntN(50))/js.Length(unit))
	}
	return string(rune('a' + random.IntN(26)))
}

// number returns a number as JSON has it, of any size and form.
func number(random *rand.Rand) string {
	switch random.IntN(6) {
	case 0:
		return strconv.Itoa(random.IntN(1000) - 500)
	case 1:
		number := math.Float64frombits(random.Uint64())
		if math.IsNaN(number) || math.IsInf(number, 0) {
			return pick(random, "1e999", "-1e400")
		}
		return strconv.FormatFloat(number, pick(random, "e", "g")[0], random.IntN(22)-1, 64)
	case 2:
		return strconv.FormatFloat(random.Float64()*math.Pow10(random.IntN(50)-25), 'f', random.IntN(40), 64)
	case 3:
		return strconv.FormatUint(random.Uint64(), 10) + pick(random, "", "0", "00", "000", "0000", ".5", "e3", "E-5", "e+10")
	case 4:
		return pick(random, "-0", "0", "-0.0", "0e5", "1e21", "999999999999999900000", "1e-6", "9.99e-7", "1e-7", "5e-324", "1.7976931348623157e308")
	}
	return strconv.FormatFloat(math.Pow10(random.IntN(630)-323), 'e', -1, 64)
}

// pieces are what strings are made of. Most are special to YAML or to the package.
var pieces = []string{
	"a", "b", "word", "y", "on", "null", "true", "<<", "0", "1", "12", "5", "59", "60", "2026", "-", "-01", "-31", "T", "t", "Z", "+", "_", ".", "e", "E",
	"0b", "0x", "0o", "inf", "nan", ":", ": ", "#", " #", "?", "- ", "--- ", "---", "...", "%", "[", "]", "{", "}", ",", "&", "*", "!", "|", ">", "'", "\"",
	"@", "`", "\\", "\\n", "/", " ", "  ", "\t", "\n", "\n\n", " \n", "\n ", "\n\t", "\x00", "\x01", "\x07", "\b", "\x0b", "\f", "\r", "\x1b", "\x1f",
	"\x7f", "\u0080", "\u0085", "\u009f", "\u00a0", "é", "\u1680", "\u2003", "\u2028", "\u2029", "\u3000", "\ud7ff", "\ue000", "\ufeff", "\ufffd",
	"\uffff", "😀", "\U0010ffff", "some words of text", "kubernetes.io/name",
}

// likeTyped are the pieces of what could be read as a number or a time.
var likeTyped = []string{"0", "1", "7", "9", "12", "59", "60", "2026", "_", "-", "+", ".", ":", "e", "E", "x", "b", "o", "T", "t", " ", "Z", "a", "F", "inf", "nan"}

func randomString(random *rand.Rand) string {
	switch random.IntN(10) {
	case 0:
		return pick(random, "", "~", "null", "Null", "NULL", "y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
			"true", "True", "TRUE", "false", "False", "FALSE", "<<", "=", ".inf", "-.Inf", "+.INF", ".nan", ".NaN", ".NAN", "+.nan")
	case 1, 2:
		return join(random, likeTyped, 1+random.IntN(6))
	case 3:
		return timestamp(random)
	case 4:
		// Lines with blanks around them, as in a block.
		return join(random, []string{"\n", "\n", " ", "\t", "a", "b ", "---", "%", "'", "\"", "#", "\u00a0"}, 1+random.IntN(12))
	case 5:
		// Long enough for line breaks in quotes, as one character demands.
		return join(random, []string{"\x01"}, 1) + join(random, []string{"\n", "\n", " ", "text", "\"", "\\", "\\n", "😀", "--- "}, 5+random.IntN(25))
	}
	return join(random, pieces, 1+random.IntN(8))
}

// timestamp returns a time that is one, or almost.
func timestamp(random *rand.Rand) string {
	digits := func() string { return strconv.Itoa(random.IntN(130)) }
	s := pick(random, "2026", "0001", "12345", "999") + "-" + digits() + "-" + digits()
	if random.IntN(3) > 0 {
		s += pick(random, "T", "t", " ", "\t", "  ", "") + digits() + ":" + digits() + ":" + digits() + pick(random, "", ".", ".5", ".123456789")
		s += pick(random, "", " ", "\t ") + pick(random, "", "Z", "z", "+5", "-03:30", "+29", "+30", "+1:3", "+11:", "-12:345")
	}
	return s
}

func join(random *rand.Rand, pieces []string, count int) string {
	s := ""
	for range count {
		if random.IntN(40) == 0 {
			s += string(character(random))
			continue
		}
		s += pieces[random.IntN(len(pieces))]
	}
	return s
}

// character returns any character that UTF-8 has.
func character(random *rand.Rand) rune {
	for {
		if r := rune(random.Uint32() >> (11 + random.IntN(15))); utf8.ValidRune(r) {
			return r
		}
	}
}

func pick(random *rand.Rand, choices ...string) string { return choices[random.IntN(len(choices))] }
