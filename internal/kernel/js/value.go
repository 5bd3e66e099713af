// Package js has the values of JavaScript as far as they can arrive as JSON, with JavaScript's order of keys, formatting of numbers and
// comparison of strings.
//
// A value is nil (null), Undefined, bool, float64, string, []any or *Object. A string is valid UTF-8: Decode refuses text that only UTF-16 can
// hold.
//
// The package is part of what runs before the packages of a program are initialized (see package early), so it imports little.
package js

import (
	"cmp"
	"maps"
	"slices"
	"unicode/utf8"
)

// Undefined is JavaScript's undefined, which JSON has not.
type Undefined struct{}

// Object is a JavaScript object: a map whose keys have an order: array indices first, ascending, then the other keys as they were added. The zero
// Object is empty.
// https://tc39.es/ecma262/#sec-ordinaryownpropertykeys
type Object struct {
	indices []entry // Those whose keys are array indices.
	names   []entry
	byName  map[string]int // The places of names. Nil as long as there are few.
}

type entry struct {
	key   string
	value any
}

const notIndex = -1

// scanned is the number of entries up to which a search from the front is faster than a map.
const scanned = 12

// Len returns the number of keys.
func (o *Object) Len() int { return len(o.indices) + len(o.names) }

// Get returns the value of a key, and whether the object has the key.
func (o *Object) Get(key string) (value any, ok bool) {
	if among, at, found := o.find(key); found {
		return (*among)[at].value, true
	}
	return nil, false
}

// Set sets a key. A key that exists keeps its place.
func (o *Object) Set(key string, value any) {
	among, at, found := o.find(key)
	if found {
		(*among)[at].value = value
		return
	}
	*among = slices.Insert(*among, at, entry{key, value})
	switch {
	case among == &o.indices:
	case o.byName != nil:
		o.byName[key] = at
	case len(o.names) > scanned:
		o.findNames()
	}
}

// Delete removes a key, if the object has it.
func (o *Object) Delete(key string) {
	among, at, found := o.find(key)
	if !found {
		return
	}
	*among = slices.Delete(*among, at, at+1)
	if among == &o.names && o.byName != nil {
		o.findNames()
	}
}

// findNames makes the map of the places of names.
func (o *Object) findNames() {
	o.byName = make(map[string]int, 2*len(o.names))
	for i, e := range o.names {
		o.byName[e.key] = i
	}
}

// Keys returns the keys in JavaScript's order.
func (o *Object) Keys() []string {
	keys := make([]string, 0, o.Len())
	for key := range o.All {
		keys = append(keys, key)
	}
	return keys
}

// All passes keys and values in JavaScript's order. The object must not get or lose keys meanwhile.
func (o *Object) All(yield func(key string, value any) bool) {
	for _, entries := range [][]entry{o.indices, o.names} {
		for _, e := range entries {
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

// find returns which entries a key is among, and its place there, or the one where it is to be.
func (o *Object) find(key string) (among *[]entry, at int, found bool) {
	if index := arrayIndex(key); index != notIndex {
		at, found = slices.BinarySearchFunc(o.indices, index, func(e entry, index int64) int { return cmp.Compare(arrayIndex(e.key), index) })
		return &o.indices, at, found
	}
	if o.byName != nil {
		if at, found = o.byName[key]; found {
			return &o.names, at, true
		}
		return &o.names, len(o.names), false
	}
	for i := range o.names {
		if o.names[i].key == key {
			return &o.names, i, true
		}
	}
	return &o.names, len(o.names), false
}

// Clone returns a copy that shares no object and no array with the value.
func Clone(value any) any {
	switch v := value.(type) {
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = Clone(item)
		}
		return items
	case *Object:
		clone := &Object{indices: slices.Clone(v.indices), names: slices.Clone(v.names), byName: maps.Clone(v.byName)}
		for _, entries := range [][]entry{clone.indices, clone.names} {
			for i := range entries {
				entries[i].value = Clone(entries[i].value)
			}
		}
		return clone
	}
	return value
}

// arrayIndex returns the number of a key that is one from 0 to 2^32-2 in its shortest form.
// https://tc39.es/ecma262/#array-index
func arrayIndex(key string) int64 {
	if key == "" || len(key) > len("4294967294") || key[0] == '0' && key != "0" {
		return notIndex
	}
	number := int64(0)
	for i := range len(key) {
		if key[i] < '0' || key[i] > '9' {
			return notIndex
		}
		number = 10*number + int64(key[i]-'0')
	}
	if number > 1<<32-2 {
		return notIndex
	}
	return number
}

// Length returns the length of a string in UTF-16 units.
func Length(s string) int {
	length := 0
	for _, r := range s {
		length++
		if r > 0xffff {
			length++
		}
	}
	return length
}

// Compare orders strings as JavaScript's sort does, by their UTF-16 units. A pair of surrogates comes before U+E000 to U+FFFF there.
func Compare(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			continue
		}
		// Both characters have the same bytes before this one, so they start in the same place.
		for i > 0 && !utf8.RuneStart(a[i]) {
			i--
		}
		x, _ := utf8.DecodeRuneInString(a[i:])
		y, _ := utf8.DecodeRuneInString(b[i:])
		return cmp.Compare(rank(x), rank(y))
	}
	return cmp.Compare(len(a), len(b))
}

// rank moves the characters above the surrogates above those that are written as surrogates.
func rank(r rune) rune {
	if r >= 0xe000 && r <= 0xffff {
		return r + utf8.MaxRune
	}
	return r
}
