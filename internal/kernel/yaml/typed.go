package yaml

import "strings"

// isTyped reports whether a string without quotes would be read as null, a bool, a number or a time. These are the patterns of YAML 1.1
// in the package, whose regular expressions are written out here: package regexp takes longer to initialize than all of this to run.
// https://github.com/eemeli/yaml/tree/v2.6.0/src/schema/yaml-1.1
func isTyped(s string) bool {
	return isWord(s) || isNumber(s) || isSexagesimal(s) || isTimestamp(s)
}

func isWord(s string) bool {
	switch s {
	case "~", "null", "Null", "NULL",
		"Y", "y", "Yes", "yes", "YES", "True", "true", "TRUE", "On", "on", "ON",
		"N", "n", "No", "no", "NO", "False", "false", "FALSE", "Off", "off", "OFF",
		".nan", ".NaN", ".NAN":
		return true
	}
	return false
}

// isNumber recognizes integers to the bases 2, 8, 10 and 16, decimal fractions, exponents and infinity. Digits may be missing where one does
// not expect it: "." and "e1" are numbers.
func isNumber(s string) bool {
	c := cursor{s}
	c.sign()
	switch c.rest {
	case ".inf", ".Inf", ".INF":
		return true
	}
	if strings.HasPrefix(c.rest, "0b") && isAll(c.rest[2:], isBinary) || strings.HasPrefix(c.rest, "0x") && isAll(c.rest[2:], isHexadecimal) {
		return true
	}
	found := c.integer()
	if c.skip(".") {
		found = true
		c.run(isDigitOrLine)
	}
	if c.skip("e") || c.skip("E") {
		c.sign()
		found = c.run(isDigit) > 0
	}
	return found && c.rest == ""
}

// isSexagesimal recognizes times like 12:30, with any number of parts and perhaps a fraction.
func isSexagesimal(s string) bool {
	c := cursor{s}
	c.sign()
	if !c.integer() || !strings.HasPrefix(c.rest, ":") {
		return false
	}
	for c.skip(":") {
		first := c.rest
		digits := c.run(isDigit)
		if digits != 1 && (digits != 2 || first[0] > '5') {
			return false
		}
	}
	if c.skip(".") {
		c.run(isDigitOrLine)
	}
	return c.rest == ""
}

// isTimestamp recognizes dates like 2026-01-31, perhaps with a time and a time zone.
func isTimestamp(s string) bool {
	c := cursor{s}
	if c.run(isDigit) != 4 || !c.skip("-") || !c.short() || !c.skip("-") || !c.short() {
		return false
	}
	if c.rest == "" {
		return true
	}
	if !c.clock() {
		return false
	}
	if c.rest == "" {
		return true
	}
	c.run(isBlank)
	return c.zone() && c.rest == ""
}

// cursor is what is left of a string.
type cursor struct{ rest string }

func (c *cursor) skip(text string) bool {
	if !strings.HasPrefix(c.rest, text) {
		return false
	}
	c.rest = c.rest[len(text):]
	return true
}

func (c *cursor) sign() bool { return c.skip("-") || c.skip("+") }

// run skips all characters of a kind and returns how many there were.
func (c *cursor) run(kind func(byte) bool) int {
	n := 0
	for n < len(c.rest) && kind(c.rest[n]) {
		n++
	}
	c.rest = c.rest[n:]
	return n
}

// integer skips a digit and what may follow it in an integer.
func (c *cursor) integer() bool {
	return c.rest != "" && isDigit(c.rest[0]) && c.run(isDigitOrLine) > 0
}

// short skips one or two digits.
func (c *cursor) short() bool {
	n := c.run(isDigit)
	return n == 1 || n == 2
}

// clock skips a time after a date, with what separates them.
func (c *cursor) clock() bool {
	if !c.skip("t") && !c.skip("T") && c.run(isBlank) == 0 {
		return false
	}
	if !c.short() || !c.skip(":") || !c.short() || !c.skip(":") || !c.short() {
		return false
	}
	return !c.skip(".") || c.run(isDigit) > 0
}

func (c *cursor) zone() bool {
	if c.skip("Z") {
		return true
	}
	if !c.sign() {
		return false
	}
	hours := c.rest
	digits := c.run(isDigit)
	if digits != 1 && (digits != 2 || hours[0] > '2') {
		return false
	}
	return !c.skip(":") || c.run(isDigit) == 2
}

func isAll(s string, kind func(byte) bool) bool {
	c := cursor{s}
	return c.run(kind) > 0 && c.rest == ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isDigitOrLine(c byte) bool { return isDigit(c) || c == '_' }

func isBinary(c byte) bool { return c == '0' || c == '1' || c == '_' }

func isHexadecimal(c byte) bool {
	return isDigitOrLine(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
