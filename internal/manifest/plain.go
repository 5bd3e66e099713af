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
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil
	}
	if scalar, is := v.Interface().(Scalar); is {
		return plainValue(reflect.ValueOf(scalar.value))
	}
	if v.Type().NumMethod() > 0 {
		return throughJSON(v)
	}
	return plainKind(v)
}

// plainKind is for a value that does not say itself how it is written.
func plainKind(v reflect.Value) any {
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
