// Package check holds the checks of values that props of several constructs have in common. Each returns no error for a
// good value; those of optional values take the empty string for "not set". None of them needs Node.js.
package check

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Invalid makes an error of each of the problems that the functions of apimachinery found.
func Invalid(path *field.Path, value any, problems []string) field.ErrorList {
	var errs field.ErrorList
	for _, problem := range problems {
		errs = append(errs, field.Invalid(path, value, problem))
	}
	return errs
}

// ID checks the id of a construct.
func ID(path *field.Path, id string) field.ErrorList {
	switch id {
	case "":
		return field.ErrorList{field.Required(path, "it names the component")}
	case javaScriptName:
		return field.ErrorList{field.Invalid(path, id, "every JavaScript object, and so every scope in cdk8s, has something of this name")}
	}
	return Invalid(path, id, validation.IsDNS1123Label(id))
}

// javaScriptName is the one name that is good for Kubernetes and that every JavaScript object has.
const javaScriptName = "constructor"

// ObjectName checks the name of an object that exists in the cluster already.
func ObjectName(path *field.Path, name string) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return Invalid(path, name, validation.IsDNS1123Subdomain(name))
}

// OptionalObjectName is ObjectName for a name that may be left out.
func OptionalObjectName(path *field.Path, name string) field.ErrorList {
	if name == "" {
		return nil
	}
	return ObjectName(path, name)
}

// Key checks a key of a ConfigMap or a Secret.
func Key(path *field.Path, key string) field.ErrorList {
	if key == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return Invalid(path, key, validation.IsConfigMapKey(key))
}

// Port checks a TCP port.
func Port(path *field.Path, port int) field.ErrorList {
	return Invalid(path, port, validation.IsValidPortNum(port))
}

// AtLeast checks a number that the API holds in 32 bits.
func AtLeast(path *field.Path, value, least int) field.ErrorList {
	if value < least || value > math.MaxInt32 {
		return field.ErrorList{field.Invalid(path, value, validation.InclusiveRangeError(least, math.MaxInt32))}
	}
	return nil
}

// WholeSeconds checks a duration between two others.
func WholeSeconds(path *field.Path, value, least, most time.Duration) field.ErrorList {
	if value < least || value > most || value%time.Second != 0 {
		problem := fmt.Sprintf("must be whole seconds between %s and %s", Duration(least), Duration(most))
		return field.ErrorList{field.Invalid(path, value.String(), problem)}
	}
	return nil
}

// Duration is the short form: 3m, not 3m0s.
func Duration(value time.Duration) string {
	text := value.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// OneOf checks a value of which only some are supported.
func OneOf[T ~string](path *field.Path, value T, supported ...T) field.ErrorList {
	if slices.Contains(supported, value) {
		return nil
	}
	return field.ErrorList{field.NotSupported(path, value, supported)}
}

// Labels checks labels, or a node selector.
func Labels(path *field.Path, labels map[string]string) field.ErrorList {
	var errs field.ErrorList
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		errs = append(errs, qualifiedName(At(path, key), key, key)...)
		errs = append(errs, Invalid(At(path, key), labels[key], validation.IsValidLabelValue(labels[key]))...)
	}
	return errs
}

// Annotations checks the annotations of an object.
func Annotations(path *field.Path, annotations map[string]string) field.ErrorList {
	var errs field.ErrorList
	size := 0
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		errs = append(errs, qualifiedName(At(path, key), key, strings.ToLower(key))...)
		errs = append(errs, Text(At(path, key), annotations[key])...)
		size += len(key) + len(annotations[key])
	}
	if size > maxAnnotations {
		errs = append(errs, field.TooLong(path, "", maxAnnotations))
	}
	return errs
}

// maxAnnotations is the API server's limit for all annotations of an object together, in bytes.
const maxAnnotations = 256 * 1024

// qualifiedName checks the key of a label or an annotation; the API server looks at an annotation's in lower case.
func qualifiedName(path *field.Path, key, name string) field.ErrorList {
	errs := Invalid(path, key, validation.IsQualifiedName(name))
	if key == javaScriptName {
		errs = append(errs, field.Invalid(path, key, "cdk8s takes an object with this key for a JavaScript class and fails"))
	}
	return errs
}

// At is the path of a value in a map. A key that would break the line of an error is quoted.
func At(path *field.Path, key string) *field.Path {
	if quoted := strconv.Quote(key); quoted != `"`+key+`"` {
		key = quoted
	}
	return path.Key(key)
}

// Text checks free text.
func Text(path *field.Path, text string) field.ErrorList {
	if problem := unwritable(text); problem != "" {
		return field.ErrorList{field.Invalid(path, strings.ToValidUTF8(text, "\ufffd"), problem)}
	}
	return nil
}

// unwritable says why text, written by cdk8s as YAML, would not be read as the same text by kubectl; it is empty for
// text that is.
func unwritable(text string) string {
	if !utf8.ValidString(text) {
		return "must be valid UTF-8"
	}
	if char := unprintable.FindString(text); char != "" {
		return fmt.Sprintf("must not contain the character %U, which YAML cannot carry", []rune(char)[0])
	}
	if (strings.Contains(text, "_") || strings.Contains(text, "0o")) && number.MatchString(strings.ReplaceAll(text, "_", "")) {
		return "is written without quotes by cdk8s, and read as a number by kubectl"
	}
	if beginsWithTab.MatchString(text) {
		return "must not be several lines that begin with a tab, which kubectl cannot read"
	}
	return ""
}

var (
	// unprintable are the characters that YAML does not carry unescaped (https://yaml.org/spec/1.1/#id868524): control
	// characters, what YAML 1.1 takes for line breaks, a byte order mark, and what is no character.
	unprintable = regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f-\x9f\x{2028}\x{2029}\x{feff}\x{fffe}\x{ffff}]`)

	// beginsWithTab is text that cdk8s writes as a block whose first line begins with a tab. YAML allows it; the parser
	// that kubectl has does not.
	beginsWithTab = regexp.MustCompile(`^\s*\t[\s\S]*\n`)

	// number is a number to kubectl's parser, once the underscores are gone. The parser differs from cdk8s, which does not quote
	// what is no number to it, on underscores and on octal numbers.
	number = regexp.MustCompile(`^[-+]?(0o[0-7]+|0b[01]+|0x[0-9a-fA-F]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)$`)
)

// Unwritable looks in all keys and values of an object for text that Text would refuse, and says where it is.
func Unwritable(value any, at string) (where, text, problem string) {
	switch value := value.(type) {
	case string:
		return at, value, unwritable(value)
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if problem := unwritable(key); problem != "" {
				return at, key, problem
			}
			if key == "__proto__" {
				return at, key, "is a key that JavaScript, and so cdk8s, loses"
			}
			if where, text, problem := Unwritable(value[key], at+"."+key); problem != "" {
				return where, text, problem
			}
		}
	case []any:
		for i, element := range value {
			if where, text, problem := Unwritable(element, fmt.Sprintf("%s[%d]", at, i)); problem != "" {
				return where, text, problem
			}
		}
	}
	return "", "", ""
}
