package constructs

import (
	"maps"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// The checks of values that several props share. Each returns no error for a good value; those of optional names take
// the empty string for "not set".

func invalid(path *field.Path, value any, problems []string) field.ErrorList {
	var errs field.ErrorList
	for _, problem := range problems {
		errs = append(errs, field.Invalid(path, value, problem))
	}
	return errs
}

// checkObjectName checks the name of an object that exists in the cluster already.
func checkObjectName(path *field.Path, name string) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return invalid(path, name, validation.IsDNS1123Subdomain(name))
}

func checkOptionalObjectName(path *field.Path, name string) field.ErrorList {
	if name == "" {
		return nil
	}
	return checkObjectName(path, name)
}

func checkPort(path *field.Path, port int) field.ErrorList {
	return invalid(path, port, validation.IsValidPortNum(port))
}

// checkAtLeast checks a number that the API holds in 32 bits.
func checkAtLeast(path *field.Path, value, least int) field.ErrorList {
	if value < least || value > math.MaxInt32 {
		return field.ErrorList{field.Invalid(path, value, validation.InclusiveRangeError(least, math.MaxInt32))}
	}
	return nil
}

func checkOneOf[T ~string](path *field.Path, value T, supported ...T) field.ErrorList {
	if slices.Contains(supported, value) {
		return nil
	}
	return field.ErrorList{field.NotSupported(path, value, supported)}
}

// checkText checks free text.
func checkText(path *field.Path, text string) field.ErrorList {
	if problem := unwritable(text); problem != "" {
		return field.ErrorList{field.Invalid(path, strings.ToValidUTF8(text, "\ufffd"), problem)}
	}
	return nil
}

// checkOptionalURL checks what a browser is led to.
func checkOptionalURL(path *field.Path, text string) field.ErrorList {
	if text == "" {
		return nil
	}
	if parsed, err := url.Parse(text); err != nil || parsed.Host == "" || (parsed.Scheme != "https" && parsed.Scheme != "http") {
		return field.ErrorList{field.Invalid(path, text, `must be a URL such as "https://example.com/page"`)}
	}
	return nil
}

// checkLabels checks labels, or a node selector.
func checkLabels(path *field.Path, labels map[string]string) field.ErrorList {
	var errs field.ErrorList
	for _, key := range sortedKeys(labels) {
		errs = append(errs, checkKey(keyed(path, key), key, key)...)
		errs = append(errs, invalid(keyed(path, key), labels[key], validation.IsValidLabelValue(labels[key]))...)
	}
	return errs
}

func checkAnnotations(path *field.Path, annotations map[string]string) field.ErrorList {
	var errs field.ErrorList
	size := 0
	for _, key := range sortedKeys(annotations) {
		errs = append(errs, checkKey(keyed(path, key), key, strings.ToLower(key))...)
		errs = append(errs, checkText(keyed(path, key), annotations[key])...)
		size += len(key) + len(annotations[key])
	}
	if size > maxAnnotations {
		errs = append(errs, field.TooLong(path, "", maxAnnotations))
	}
	return errs
}

// maxAnnotations is the API server's limit for all annotations of an object together, in bytes.
const maxAnnotations = 256 * 1024

// checkKey checks the key of a label or an annotation; the API server looks at an annotation's in lower case.
func checkKey(path *field.Path, key, qualifiedName string) field.ErrorList {
	errs := invalid(path, key, validation.IsQualifiedName(qualifiedName))
	if key == javaScriptName {
		errs = append(errs, field.Invalid(path, key, "cdk8s takes an object with this key for a JavaScript class and fails"))
	}
	return errs
}

// javaScriptName is the one name that is good for Kubernetes and that every JavaScript object has.
const javaScriptName = "constructor"

// checkReserved refuses labels that the constructs set themselves.
func checkReserved(path *field.Path, labels map[string]string) field.ErrorList {
	var errs field.ErrorList
	for _, key := range sortedKeys(labels) {
		if reservedLabel(key) {
			errs = append(errs, field.Forbidden(keyed(path, key), "is set by the construct"))
		}
	}
	return errs
}

// keyed is the path of a value in a map. A key that would break the line of an error is quoted.
func keyed(path *field.Path, key string) *field.Path {
	if breaksLine(key) {
		key = strconv.Quote(key)
	}
	return path.Key(key)
}

// breaksLine says whether text makes a mess of the line that it stands in.
func breaksLine(text string) bool { return strconv.Quote(text) != `"`+text+`"` }

func sortedKeys[V any](values map[string]V) []string { return slices.Sorted(maps.Keys(values)) }

// checkNamespaced wants the chart to name the namespace, which stands in configurations and permissions.
func checkNamespaced(path *field.Path, at place) field.ErrorList {
	if at.namespace == "" {
		return field.ErrorList{field.Required(path.Child("chart", "namespace"), "it tells samples from those of other namespaces")}
	}
	return nil
}

// unsetProp is a prop that would have no effect, and its value, or whether it is set.
type unsetProp struct {
	name  string
	value any
}

func checkUnset(path *field.Path, reason string, props ...unsetProp) field.ErrorList {
	var errs field.ErrorList
	for _, prop := range props {
		if !reflect.ValueOf(prop.value).IsZero() {
			errs = append(errs, field.Forbidden(path.Child(prop.name), reason))
		}
	}
	return errs
}
