package native

import (
	"strings"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// The functions of this file read what the client sends, as jsii's kernel does for the types that the members declare. They hand over what it would refuse,
// because its messages are its own.
// https://github.com/aws/jsii/blob/main/packages/%40jsii/kernel/src/serialization.ts

// text is a field of the request itself.
func text(request *js.Object, name string) string {
	value, _ := request.Get(name)
	s, ok := value.(string)
	if !ok {
		handOver("a request without " + name)
	}
	return s
}

// target is the object whose member is asked for.
func (k *kernel) target(request *js.Object) referable {
	value, _ := request.Get("objref")
	return k.referred(value)
}

func (k *kernel) referred(value any) referable {
	reference, ok := value.(*js.Object)
	if !ok {
		handOver("an argument that is not an object")
	}
	id, _ := reference.Get("$jsii.byref")
	name, _ := id.(string)
	o, ok := k.objects.byID[name]
	if !ok {
		handOver("the unknown object " + name)
	}
	return o
}

// arguments are those of one call.
type arguments struct {
	kernel *kernel
	values []any
}

func (k *kernel) arguments(request *js.Object) arguments {
	value, _ := request.Get("args")
	if value == nil {
		return arguments{kernel: k}
	}
	values, ok := value.([]any)
	if !ok {
		handOver("a request without a list of arguments")
	}
	return arguments{k, values}
}

// atMost hands over a call with more arguments than the member has.
func (a arguments) atMost(n int) {
	if len(a.values) > n {
		handOver("a call with too many arguments")
	}
}

// at is an argument, or nil if it was left out.
func (a arguments) at(i int) any {
	if i < len(a.values) {
		return a.values[i]
	}
	return nil
}

func (a arguments) string(i int) string {
	s, ok := a.at(i).(string)
	if !ok {
		handOver("an argument that is not a text")
	}
	return s
}

func (a arguments) construct(i int) *construct {
	c, ok := a.kernel.referred(a.at(i)).(*construct)
	if !ok {
		handOver("an argument that is not a construct")
	}
	return c
}

// constructs are all arguments, of a member that takes any number of them.
func (a arguments) constructs() []*construct {
	all := make([]*construct, len(a.values))
	for i := range a.values {
		all[i] = a.construct(i)
	}
	return all
}

// fields are those of an argument that is a struct of the given type. There are none if it was left out.
func (a arguments) fields(i int, class string, known ...string) *js.Object {
	return fields(a.at(i), class, known...)
}

func fields(value any, class string, known ...string) *js.Object {
	if value == nil {
		return &js.Object{}
	}
	wrapped, ok := value.(*js.Object)
	if !ok || wrapped.Len() != 1 {
		handOver("an argument that is not a " + class)
	}
	content, _ := wrapped.Get("$jsii.struct")
	descriptor, ok := content.(*js.Object)
	if !ok {
		handOver("an argument that is not a " + class)
	}
	if actual, _ := descriptor.Get("fqn"); actual != class {
		handOver("an argument that is not a " + class)
	}
	data, _ := descriptor.Get("data")
	set, ok := data.(*js.Object)
	if !ok {
		handOver("an argument that is not a " + class)
	}
	given := &js.Object{}
	for name, value := range set.All {
		switch {
		case value == nil: // Undefined.
		case !contains(known, name):
			handOver("the field " + name + " of " + class)
		default:
			given.Set(name, value)
		}
	}
	return given
}

func contains(list []string, element string) bool {
	for _, other := range list {
		if other == element {
			return true
		}
	}
	return false
}

// optionalString is a field of a struct.
func optionalString(fields *js.Object, name string) (s string, ok bool) {
	value, ok := fields.Get(name)
	if !ok {
		return "", false
	}
	s, isString := value.(string)
	if !isString {
		handOver("a field " + name + " that is not a text")
	}
	return s, true
}

func optionalBool(fields *js.Object, name string, otherwise bool) bool {
	value, ok := fields.Get(name)
	if !ok {
		return otherwise
	}
	b, ok := value.(bool)
	if !ok {
		handOver("a field " + name + " that is neither true nor false")
	}
	return b
}

// optionalStrings is a field that maps texts to texts. It is empty if the struct does not have it.
func optionalStrings(fields *js.Object, name string) *js.Object {
	value, ok := fields.Get(name)
	if !ok {
		return &js.Object{}
	}
	wrapped, ok := value.(*js.Object)
	if !ok || wrapped.Len() != 1 {
		handOver("a field " + name + " that is not a map")
	}
	content, _ := wrapped.Get("$jsii.map")
	entries, ok := content.(*js.Object)
	if !ok {
		handOver("a field " + name + " that is not a map")
	}
	for key, value := range entries.All {
		checkRenderedKey(key)
		if _, ok := value.(string); !ok {
			handOver("a field " + name + " with a value that is not a text")
		}
	}
	return entries
}

// plain is an argument of any type, without jsii's marks of maps. Null is undefined for jsii: it is left out of maps.
func plain(value any) any {
	switch value := value.(type) {
	case []any:
		list := make([]any, len(value))
		for i, element := range value {
			list[i] = plain(element)
		}
		return list
	case *js.Object:
		if entries, marked := value.Get("$jsii.map"); marked {
			unmarked, ok := entries.(*js.Object)
			if !ok || value.Len() != 1 {
				handOver("a map with names of jsii")
			}
			return plainMap(unmarked)
		}
		return plainMap(value)
	case float64:
		if value-value != 0 {
			handOver("a number that is too large")
		}
	}
	return value
}

func plainMap(entries *js.Object) *js.Object {
	result := &js.Object{}
	for key, value := range entries.All {
		checkKey(key)
		if strings.HasPrefix(key, "$jsii.") {
			handOver("a value that is not data only")
		}
		if value := plain(value); value != nil {
			result.Set(key, value)
		}
	}
	return result
}

// optionalText is a field of a struct: a string, or nil.
func optionalText(fields *js.Object, name string) any {
	if s, ok := optionalString(fields, name); ok {
		return s
	}
	return nil
}

// optionalList is a field that is a list of texts.
func optionalList(fields *js.Object, name string) []any {
	value, ok := fields.Get(name)
	if !ok {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		handOver("a field " + name + " that is not a list")
	}
	for _, element := range list {
		if _, ok := element.(string); !ok {
			handOver("a field " + name + " with an element that is not a text")
		}
	}
	return list
}

func (a arguments) object(i int) referable { return a.kernel.referred(a.at(i)) }
