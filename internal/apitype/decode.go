package apitype

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// decoder fills a type with values as strictly as the API server does, but continues after a problem. The API server's own decoder
// (sigs.k8s.io/json) stops at the first value of a wrong type, and names no field where the type decodes itself, such as a quantity.
type decoder struct{ errs field.ErrorList }

// decode fills in a value as encoding/json gives it. Null leaves the field as it is.
func (d *decoder) decode(value any, into reflect.Value, path *field.Path) {
	if value == nil {
		return
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	fields, isObject := value.(map[string]any)
	elements, isList := value.([]any)
	_, decodesItself := into.Addr().Interface().(json.Unmarshaler)
	switch kind := into.Kind(); {
	case decodesItself:
		d.decodeScalar(value, into, path)
	case kind == reflect.Struct && isObject:
		d.decodeStruct(fields, into, path)
	case kind == reflect.Map && isObject:
		d.decodeMap(fields, into, path)
	case kind == reflect.Slice && isList:
		into.Set(reflect.MakeSlice(into.Type(), len(elements), len(elements)))
		for i, element := range elements {
			d.decode(element, into.Index(i), path.Index(i))
		}
	default:
		d.decodeScalar(value, into, path)
	}
}

func (d *decoder) decodeStruct(fields map[string]any, into reflect.Value, path *field.Path) {
	known := fieldsOf(into.Type())
	for name, value := range fields {
		if index, is := known[name]; is {
			d.decode(value, into.FieldByIndex(index), path.Child(name))
			continue
		}
		d.errs = append(d.errs, field.Invalid(child(path, name), shown(value), unknown(name, path, into.Type())))
	}
}

func (d *decoder) decodeMap(fields map[string]any, into reflect.Value, path *field.Path) {
	into.Set(reflect.MakeMapWithSize(into.Type(), len(fields)))
	for key, value := range fields {
		at := check.At(path, key)
		d.errs = append(d.errs, check.Text(at, key)...)
		element := reflect.New(into.Type().Elem()).Elem()
		d.decode(value, element, at)
		into.SetMapIndex(reflect.ValueOf(key).Convert(into.Type().Key()), element)
	}
}

func (d *decoder) decodeScalar(value any, into reflect.Value, path *field.Path) {
	text, isText := value.(string)
	if isText {
		d.errs = append(d.errs, check.Text(path, text)...)
		if into.Kind() == reflect.String {
			into.SetString(text)
			return
		}
	}
	encoded, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(encoded, into.Addr().Interface())
	}
	if err != nil {
		d.errs = append(d.errs, field.Invalid(path, shown(value), expected(into, err)))
	}
}

// child is the path of a field whose name may be anything.
func child(path *field.Path, name string) *field.Path {
	if strings.ContainsAny(name, ".[]") || strconv.Quote(name) != `"`+name+`"` {
		return check.At(path, name)
	}
	return path.Child(name)
}

// shown is a value as an error shows it: objects and lists are too long.
func shown(value any) any {
	switch value.(type) {
	case map[string]any, []any:
		return field.OmitValueType{}
	default:
		return value
	}
}

// fieldsByType keeps what fieldsOf found.
var fieldsByType sync.Map

// fieldsOf finds a struct's fields, those of structs that are inlined too, by their names in JSON.
func fieldsOf(structure reflect.Type) map[string][]int {
	if known, is := fieldsByType.Load(structure); is {
		return known.(map[string][]int)
	}
	found := map[string][]int{}
	for i := range structure.NumField() {
		f := structure.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			for inner, index := range fieldsOf(f.Type) {
				found[inner] = append([]int{i}, index...)
			}
		case name != "" && name != "-":
			found[name] = []int{i}
		}
	}
	fieldsByType.Store(structure, found)
	return found
}
