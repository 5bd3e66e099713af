// Package check holds the checks of values that props of several constructs have in common. Each returns no error for a
// good value; those of optional values take the empty string for "not set". None of them needs Node.js.
package check

import (
	"fmt"
	"maps"
	"math"
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

// Duplicate refuses a value that there is already, and says where.
func Duplicate(path *field.Path, value any, where string) *field.Error {
	return &field.Error{Type: field.ErrorTypeDuplicate, Field: path.String(), BadValue: value, Detail: where}
}

// ID checks the id of a construct.
func ID(path *field.Path, id string) field.ErrorList {
	switch id {
	case "":
		return field.ErrorList{field.Required(path, "set an id: it names the component")}
	case javaScriptName:
		return field.ErrorList{field.Invalid(path, id, "reserved by JavaScript, in which cdk8s runs: choose another id")}
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
		problem := fmt.Sprintf("must be in whole seconds between %s and %s", Duration(least), Duration(most))
		return field.ErrorList{field.Invalid(path, value.String(), problem)}
	}
	return nil
}

// OrDefault describes a value in errors about another one, and reports whether it is the default.
func OrDefault[T comparable](value, byDefault T) string {
	if value == byDefault {
		return fmt.Sprintf("%v, the default", value)
	}
	return fmt.Sprint(value)
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
		errs = append(errs, field.Invalid(path, key, "not supported by cdk8s, which takes an object with this key for a JavaScript class"))
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

// Text checks free text. How YAML carries it is not asked here: see manifest.ReadBack.
func Text(path *field.Path, text string) field.ErrorList {
	if !utf8.ValidString(text) {
		return field.ErrorList{field.Invalid(path, strings.ToValidUTF8(text, "\ufffd"), "must be valid UTF-8")}
	}
	return nil
}

// Variable checks the value of an environment variable.
func Variable(path *field.Path, value string) field.ErrorList {
	if strings.Contains(value, "\x00") {
		return field.ErrorList{field.Invalid(path, strings.ToValidUTF8(value, "\ufffd"), "must not contain NUL: the container would not start")}
	}
	return Text(path, value)
}

// LostKey finds a key of an object that JavaScript loses, and says where it is.
func LostKey(value any, at string) (where string, found bool) {
	switch value := value.(type) {
	case map[string]any:
		if _, found := value[prototypeKey]; found {
			return at, true
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if below, found := LostKey(value[key], ""); found {
				return at + "." + key + below, true
			}
		}
	case []any:
		for i, element := range value {
			if below, found := LostKey(element, ""); found {
				return fmt.Sprintf("%s[%d]%s", at, i, below), true
			}
		}
	}
	return "", false
}

// prototypeKey is what every JavaScript object has: setting it sets no key.
const prototypeKey = "__proto__"
