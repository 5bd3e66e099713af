package manifest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// plain turns a typed struct of cdk8s-plus, or a map with such structs, into maps, slices and values, without the fields that are not set: what it
// is as JSON. To write and read JSON takes several times as long, so that is only for types that say themselves how they are written.
func plain(typed any) map[string]any {
	fields, _ := plainValue(reflect.ValueOf(typed)).(map[string]any)
	return fields // Nil for a nil map.
}

// plainValue is nil for a value that is not set.
func plainValue(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.Invalid || (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil():
		return nil
	case v.Kind() == reflect.Interface:
		return plainValue(v.Elem())
	case v.Type() == scalarType:
		return plainValue(reflect.ValueOf(v.Interface().(Scalar).value))
	case v.Type().NumMethod() > 0:
		return throughJSON(v)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return plainValue(v.Elem())
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int32, reflect.Int64:
		return float64(v.Int())
	case reflect.Float64:
		return v.Float()
	case reflect.Map:
		return plainMap(v)
	case reflect.Slice:
		return plainSlice(v)
	case reflect.Struct:
		return plainStruct(v)
	default:
		return throughJSON(v)
	}
}

func plainMap(v reflect.Value) any {
	if v.Type().Key().Kind() != reflect.String || v.Type().Key().NumMethod() > 0 {
		return throughJSON(v)
	}
	if v.IsNil() {
		return nil
	}
	fields := make(map[string]any, v.Len())
	for entries := v.MapRange(); entries.Next(); {
		if value := plainValue(entries.Value()); value != nil {
			fields[entries.Key().String()] = value
		}
	}
	return fields
}

func plainSlice(v reflect.Value) any {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return throughJSON(v)
	}
	if v.IsNil() {
		return nil
	}
	list := make([]any, v.Len())
	for i := range list {
		list[i] = plainValue(v.Index(i))
	}
	return list
}

func plainStruct(v reflect.Value) any {
	names, are := fieldNames(v.Type())
	if !are {
		return throughJSON(v)
	}
	fields := map[string]any{}
	for i, name := range names {
		if value := plainValue(v.Field(i)); value != nil {
			fields[name] = value
		}
	}
	return fields
}

// namesOfFields are kept for each type. They are nil for a type that JSON alone knows how to write.
var namesOfFields sync.Map

// fieldNames are those of a struct's fields in JSON, if every field is just that: exported, with a name, and without options.
func fieldNames(of reflect.Type) (names []string, are bool) {
	if known, is := namesOfFields.Load(of); is {
		names = known.([]string)
		return names, names != nil
	}
	names = make([]string, 0, of.NumField())
	for i := range of.NumField() {
		field := of.Field(i)
		name := field.Tag.Get("json")
		if field.Anonymous || !field.IsExported() || name == "" || name == "-" || strings.Contains(name, ",") {
			names = nil
			break
		}
		names = append(names, name)
	}
	namesOfFields.Store(of, names)
	return names, names != nil
}

var scalarType = reflect.TypeFor[Scalar]()

func throughJSON(v reflect.Value) any {
	encoded, err := json.Marshal(v.Interface())
	if err != nil {
		panic(fmt.Errorf("encode %s: %w", v.Type(), err))
	}
	var value any
	if err := json.Unmarshal(encoded, &value); err != nil {
		panic(fmt.Errorf("decode %s: %w", v.Type(), err))
	}
	return withoutNulls(value)
}

// withoutNulls removes the fields that are not set.
func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, element := range value {
			if withoutNulls(element) == nil {
				delete(value, key)
			}
		}
	case []any:
		for _, element := range value {
			withoutNulls(element)
		}
	}
	return value
}
