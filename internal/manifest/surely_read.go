package manifest

import (
	"math"
	"strings"
)

// surelyRead reports whether an object has only texts and numbers of which it is known that kubectl reads them as cdk8s writes them. These are nearly all;
// whether it does so with others is found out by reading them, which takes as long as everything else.
func surelyRead(value any) bool {
	switch value := value.(type) {
	case string:
		return isSurelyText(value)
	case float64:
		return value == math.Trunc(value) && math.Abs(value) < 1e15
	case map[string]any:
		for key, element := range value {
			if !isSurelyKey(key) || !surelyRead(element) {
				return false
			}
		}
	case []any:
		for _, element := range value {
			if !surelyRead(element) {
				return false
			}
		}
	}
	return true
}

// maxSimpleKey is below the 1,024 characters from which on a key is written in another way.
const maxSimpleKey = 1000

func isSurelyKey(key string) bool {
	return len(key) <= maxSimpleKey && !strings.Contains(key, "\n") && isSurelyText(key)
}

// isSurelyText is for ASCII. Text of several lines becomes a block if it begins and ends with something visible, but for one line break; text of one line
// is written as it is unless it begins like YAML, and is quoted if both sides take it for something else.
func isSurelyText(text string) bool {
	if !isASCII(text) {
		return false
	}
	if strings.Contains(text, "\n") {
		visible := strings.TrimSuffix(text, "\n")
		return strings.Trim(visible, " \n") == visible
	}
	return text == "" || isLetter(text[0]) || strings.ContainsAny(text[:1], "/$(") || isSurelyNoNumber(text)
}

// isSurelyNoNumber reports whether text is not a number that cdk8s and kubectl write differently, such as 0o17. A decimal is one for both.
// https://github.com/yaml/go-yaml/blob/v2.4.0/resolve.go
func isSurelyNoNumber(text string) bool {
	const decimal, others = "0123456789", "_.eE+-:tTzZ "
	switch first := text[0]; {
	case first >= '1' && first <= '9':
		rest := strings.Trim(text, decimal)
		return rest == "" || strings.Trim(rest, decimal+others) != ""
	case first == '0':
		return text == "0" || strings.Trim(text, decimal+others+"abcdfABCDFoOxX") != ""
	case first == '-': // An argument.
		rest := strings.TrimPrefix(text[1:], "-")
		return rest != "" && isLetter(rest[0])
	}
	return false
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// isASCII reports whether a text has no control characters other than line breaks, and nothing above ASCII.
func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' && text[i] != '\n' || text[i] > '~' {
			return false
		}
	}
	return true
}
