package apitype

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// expected says what a field's value must be.
func expected(of reflect.Value, err error) string {
	switch of.Interface().(type) {
	case resource.Quantity:
		return `must be a quantity such as "500m" or "1Gi"`
	case intstr.IntOrString:
		return "must be a whole number or a string"
	case metav1.Time, metav1.MicroTime:
		return `must be a time such as "2026-01-31T00:00:00Z"`
	case []byte:
		return "must be a string in base64"
	}
	switch of.Kind() {
	case reflect.String:
		return "must be a string"
	case reflect.Bool:
		return "must be true or false"
	case reflect.Int32, reflect.Int64:
		return fmt.Sprintf("must be a %d-bit integer", of.Type().Bits())
	case reflect.Struct, reflect.Map:
		return "must be an object"
	case reflect.Slice:
		return "must be a list"
	default:
		return err.Error()
	}
}

// unknown says what to do about a field that a type does not have.
func unknown(name string, path *field.Path, structure reflect.Type) string {
	known := fieldsOf(structure)
	if path == nil {
		if name == "undefined" { // JavaScript's name for what follows the first slash of a path without any.
			return "unknown field at the root: the path of a JSON patch begins with a slash"
		}
		for _, parent := range slices.Sorted(maps.Keys(known)) {
			if inner := structure.FieldByIndex(known[parent]).Type; inner.Kind() == reflect.Struct && hasField(inner, name) {
				return fmt.Sprintf("unknown field at the root: the path of a JSON patch begins with a slash: /%s/%s", parent, name)
			}
		}
	}
	if similar := similar(name, slices.Sorted(maps.Keys(known))); similar != "" {
		return fmt.Sprintf("unknown field: did you mean %s?", similar)
	}
	return "unknown field"
}

func hasField(structure reflect.Type, name string) bool {
	_, has := fieldsOf(structure)[name]
	return has
}

// similar is the one of the names that is written most alike; none if none is.
func similar(name string, names []string) string {
	best, least := "", 1+len(name)/4
	for _, candidate := range names {
		if edits := distance(strings.ToLower(name), strings.ToLower(candidate)); edits <= least && (best == "" || edits < least) {
			best, least = candidate, edits
		}
	}
	return best
}

// distance is the number of letters that must be added, left out or changed to make one text of the other.
func distance(from, to string) int {
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(from) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(to) {
			changed := diagonal
			if from[i] != to[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
