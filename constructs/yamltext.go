package constructs

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// unwritable says why text, written by cdk8s as YAML, would not be read as the same text by kubectl; it is empty for
// text that is.
func unwritable(text string) string {
	if !utf8.ValidString(text) {
		return "must be valid UTF-8"
	}
	for _, char := range text {
		if !printable(char) {
			return fmt.Sprintf("must not contain the character %U, which YAML cannot carry", char)
		}
	}
	if readAsNumber(text) {
		return "is written without quotes by cdk8s, and read as a number by kubectl"
	}
	if beginsWithTab.MatchString(text) {
		return "must not be several lines that begin with a tab, which kubectl cannot read"
	}
	return ""
}

// printable says whether YAML carries a character unescaped. https://yaml.org/spec/1.1/#id868524
func printable(char rune) bool {
	switch {
	case char == '\t' || char == '\n':
		return true
	case char < ' ', char >= 0x7f && char < 0xa0: // Control characters.
		return false
	case char == '\u2028', char == '\u2029': // Line breaks to YAML 1.1, which it would fold.
		return false
	case char == '\ufeff', char == '\ufffe', char == '\uffff': // A byte order mark, and no characters.
		return false
	}
	return true
}

var (
	// beginsWithTab is text that cdk8s writes as a block whose first line begins with a tab. YAML allows it; the parser
	// that kubectl has does not.
	beginsWithTab = regexp.MustCompile(`^\s*\t[\s\S]*\n`)

	// number is a number to kubectl's parser, once the underscores are gone.
	number = regexp.MustCompile(`^[-+]?(0o[0-7]+|0b[01]+|0x[0-9a-fA-F]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)$`)
)

// readAsNumber finds what is a number to kubectl's parser and not to cdk8s, which then does not quote it: the two differ
// on underscores, and on octal numbers.
func readAsNumber(text string) bool {
	return (strings.Contains(text, "_") || strings.Contains(text, "0o")) && number.MatchString(strings.ReplaceAll(text, "_", ""))
}

// unwritableIn looks for such text in all keys and values of an object, and says where it is.
func unwritableIn(value any, at string) (where, text, problem string) {
	switch value := value.(type) {
	case string:
		return at, value, unwritable(value)
	case map[string]any:
		for _, key := range sortedKeys(value) {
			if problem := unwritable(key); problem != "" {
				return at, key, problem
			}
			if where, text, problem := unwritableIn(value[key], at+"."+key); problem != "" {
				return where, text, problem
			}
		}
	case []any:
		for i, element := range value {
			if where, text, problem := unwritableIn(element, fmt.Sprintf("%s[%d]", at, i)); problem != "" {
				return where, text, problem
			}
		}
	}
	return "", "", ""
}

// quotedText is text that YAML writes in quotes, whatever it says. It is for names of Kubernetes objects, which may look like
// a number or a date: "2024-01-01" is a good namespace.
type quotedText string

// MarshalYAML implements yaml.Marshaler.
func (t quotedText) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: string(t)}, nil
}

// yamlText is a file of YAML. It expects what can be written as such.
func yamlText(value any) string {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Errorf("encode %T: %w", value, err))
	}
	return text.String()
}
