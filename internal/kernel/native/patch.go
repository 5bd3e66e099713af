package native

import (
	"strconv"
	"strings"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// jsonPatch is one operation of a JsonPatch.
// https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/json-patch.ts
type jsonPatch struct {
	reference
	op, path, from string
	value          any
}

func newJSONPatch(op string, args arguments) *jsonPatch {
	p := &jsonPatch{reference: reference{class: classJSONPatch}, op: op}
	switch op {
	case "add", "replace", "test":
		args.atMost(2)
		p.path, p.value = args.string(0), normalize(plain(args.at(1)))
		if p.value == nil {
			handOver("a patch without a value")
		}
	case "remove":
		args.atMost(1)
		p.path = args.string(0)
	case "copy", "move":
		args.atMost(2)
		p.from, p.path = args.string(0), args.string(1)
	default:
		handOver("the method " + op + " of JsonPatch")
	}
	return p
}

// normalize is what is left of a value when JavaScript writes it as JSON and reads it again: 0 has no sign.
func normalize(value any) any {
	switch value := value.(type) {
	case float64:
		return value + 0
	case []any:
		for i, element := range value {
			value[i] = normalize(element)
		}
	case *js.Object:
		for key, element := range value.All {
			value.Set(key, normalize(element))
		}
	}
	return value
}

// applyPatches changes a document as fast-json-patch does without its validation. It returns JavaScript's error, if there is one.
// https://github.com/Starcounter-Jack/JSON-Patch/blob/master/src/core.ts
func applyPatches(document *js.Object, patches []referable) (problem string) {
	for _, p := range patches {
		if _, ok := p.(*jsonPatch); !ok {
			return "TypeError: o._toJson is not a function"
		}
	}
	for i, p := range patches {
		if problem := p.(*jsonPatch).apply(document, i); problem != "" {
			return problem
		}
	}
	return ""
}

func (p *jsonPatch) apply(document *js.Object, index int) (problem string) {
	switch p.op {
	case "copy":
		value, ok := find(document, p.from)
		if !ok {
			handOver("a patch that copies what is not there")
		}
		return change(document, "add", p.path, js.Clone(value))
	case "move":
		value, ok := find(document, p.from)
		if _, there := find(document, parent(p.path)); !ok || !there || strings.HasPrefix(p.path, p.from) {
			handOver("a patch that moves what is not there")
		}
		if problem := change(document, "remove", p.from, nil); problem != "" {
			return problem
		}
		return change(document, "add", p.path, value)
	case "test":
		if _, ok := find(document, parent(p.path)); !ok {
			handOver("a patch that tests what is not there")
		}
		if value, ok := find(document, p.path); ok && equal(value, p.value) {
			return ""
		}
		return p.failedTest(document, index)
	}
	return change(document, p.op, p.path, js.Clone(p.value))
}

// parent is the path of the map or list that has the value of a path.
func parent(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 0)] }

// segments are the parts of a path. What is before the first slash does not count.
func segments(path string) []string {
	if path == "" {
		handOver("a patch of a whole object")
	}
	parts := strings.Split(path, "/")[1:]
	if len(parts) == 0 {
		return []string{"undefined"} // There is no second part, and JavaScript makes a key of that.
	}
	for i, part := range parts {
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		checkLookup(part)
		parts[i] = part
	}
	return parts
}

// find returns the value at a path. It hands over paths that lead through anything but maps and lists.
func find(document *js.Object, path string) (value any, ok bool) {
	value, ok = document, true
	if path == "" {
		return value, ok
	}
	for _, part := range segments(path) {
		switch in := value.(type) {
		case *js.Object:
			value, ok = in.Get(part)
		case []any:
			i := position(part, in)
			if ok = i < len(in); ok {
				value = in[i]
			}
		default:
			handOver("a patch of a field of a text or a number")
		}
		if !ok {
			return nil, false
		}
	}
	return value, true
}

// position is where a list has the element of a path: an index, or "-" for its end.
func position(part string, list []any) int {
	if part == "-" {
		return len(list)
	}
	const digits = 9 // More do not fit JavaScript's integers.
	if len(part) > digits || strings.Trim(part, "0123456789") != "" {
		handOver("a patch of a list without an index")
	}
	i, _ := strconv.Atoi(part) // Without digits it is 0, as in JavaScript.
	return i
}

// change adds, replaces or removes the value at a path.
func change(document *js.Object, op, path string, value any) (problem string) {
	parts := segments(path)
	last := parts[len(parts)-1]
	var in any = document
	set := func(any) {} // Replaces the list that in is.
	for _, part := range parts[:len(parts)-1] {
		var next any
		switch parent := in.(type) {
		case *js.Object:
			next, _ = parent.Get(part)
			set = func(list any) { parent.Set(part, list) }
		case []any:
			i := position(part, parent)
			if i < len(parent) {
				if next = parent[i]; next == nil {
					handOver("a patch of a field of null")
				}
			}
			set = func(list any) { parent[i] = list }
		case nil:
			return cannot("read", part)
		default:
			handOver("a patch of a field of a text or a number")
		}
		in = next
	}
	switch in := in.(type) {
	case *js.Object:
		if op == "remove" {
			in.Delete(last)
		} else {
			in.Set(last, value)
		}
	case []any:
		set(changeList(in, op, position(last, in), value))
	case nil:
		if op == "add" {
			return cannot("set", last)
		}
		return cannot("read", last)
	default:
		handOver("a patch of a field of a text or a number")
	}
	return ""
}

// cannot is JavaScript's error for a parent that is missing.
func cannot(verb, field string) string {
	doing := map[string]string{"read": "reading", "set": "setting"}[verb]
	return "TypeError: Cannot " + verb + " properties of undefined (" + doing + " '" + field + "')"
}

func changeList(list []any, op string, i int, value any) []any {
	switch op {
	case "remove":
		if i < len(list) {
			list = append(list[:i:i], list[i+1:]...)
		}
		return list
	case "replace":
		if i > len(list) {
			handOver("a patch behind the end of a list")
		}
		if i < len(list) {
			list[i] = value
			return list
		}
	}
	i = min(i, len(list))
	return append(append(list[:i:i], value), list[i:]...)
}

// equal compares values as the operation test does.
func equal(a, b any) bool {
	switch a := a.(type) {
	case []any:
		other, ok := b.([]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for i := range a {
			if !equal(a[i], other[i]) {
				return false
			}
		}
		return true
	case *js.Object:
		other, ok := b.(*js.Object)
		if !ok || a.Len() != other.Len() {
			return false
		}
		for key, value := range a.All {
			if value2, ok := other.Get(key); !ok || !equal(value, value2) {
				return false
			}
		}
		return true
	}
	return a == b
}

// failedTest is the error of an operation test that found another value.
func (p *jsonPatch) failedTest(document *js.Object, index int) string {
	operation := &js.Object{}
	operation.Set("op", p.op)
	operation.Set("path", p.path)
	operation.Set("value", p.value)
	text := []byte("TEST_OPERATION_FAILED: Test operation failed\nname: TEST_OPERATION_FAILED\nindex: ")
	text = strconv.AppendInt(text, int64(index), 10)
	text = appendIndented(append(text, "\noperation: "...), operation, "\n")
	text = appendIndented(append(text, "\ntree: "...), document, "\n")
	return string(text)
}

// appendIndented writes JSON with two blanks a level. The line break has the indentation of the value.
func appendIndented(text []byte, value any, lineBreak string) []byte {
	inner := lineBreak + "  "
	switch value := value.(type) {
	case []any:
		if len(value) == 0 {
			break
		}
		for i, element := range value {
			text = append(append(text, "[,"[min(i, 1)]), inner...)
			text = appendIndented(text, element, inner)
		}
		return append(append(text, lineBreak...), ']')
	case *js.Object:
		if value.Len() == 0 {
			break
		}
		separator := byte('{')
		for key, element := range value.All {
			text = append(append(text, separator), inner...)
			text = append(js.AppendQuoted(text, key), ": "...)
			text = appendIndented(text, element, inner)
			separator = ','
		}
		return append(append(text, lineBreak...), '}')
	}
	return js.AppendJSON(text, value)
}
