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

// Object is a JavaScript object: a map whose keys have an order. The zero Object is empty.
type Object struct {
	// entries are in JavaScript's order: array indices first, ascending, then the other keys as they were added.
	// https://tc39.es/ecma262/#sec-ordinaryownpropertykeys
	entries []entry
	indices int            // The number of entries whose keys are array indices.
	byKey   map[string]int // The places of the keys. Nil as long as the object is small.
}

type entry struct {
	key   string
	value any
}

const notIndex = -1

// scanned is the number of entries up to which a search from the front is faster than a map.
const scanned = 12

// Len returns the number of keys.
func (o *Object) Len() int { return len(o.entries) }

// Get returns the value of a key, and whether the object has the key.
func (o *Object) Get(key string) (value any, ok bool) {
	if i := o.find(key); i >= 0 {
		return o.entries[i].value, true
	}
	return nil, false
}

// Set sets a key. A key that exists keeps its place.
func (o *Object) Set(key string, value any) {
	if i := o.find(key); i >= 0 {
		o.entries[i].value = value
		return
	}
	at := len(o.entries)
	if index := arrayIndex(key); index != notIndex {
		at, _ = slices.BinarySearchFunc(o.entries[:o.indices], index, func(e entry, index int64) int { return cmp.Compare(arrayIndex(e.key), index) })
		o.indices++
	}
	o.entries = slices.Insert(o.entries, at, entry{key, value})
	if o.byKey != nil && at == len(o.entries)-1 {
		o.byKey[key] = at
		return
	}
	o.findPlaces()
}

// Delete removes a key, if the object has it.
func (o *Object) Delete(key string) {
	i := o.find(key)
	if i < 0 {
		return
	}
	if i < o.indices {
		o.indices--
	}
	o.entries = slices.Delete(o.entries, i, i+1)
	o.findPlaces()
}

// findPlaces makes the map of places, if the object is large.
func (o *Object) findPlaces() {
	o.byKey = nil
	if len(o.entries) <= scanned {
		return
	}
	o.byKey = make(map[string]int, 2*len(o.entries))
	for i, e := range o.entries {
		o.byKey[e.key] = i
	}
}

// Keys returns the keys in JavaScript's order.
func (o *Object) Keys() []string {
	keys := make([]string, len(o.entries))
	for i, e := range o.entries {
		keys[i] = e.key
	}
	return keys
}

// All passes keys and values in JavaScript's order. The object must not get or lose keys meanwhile.
func (o *Object) All(yield func(key string, value any) bool) {
	for _, e := range o.entries {
		if !yield(e.key, e.value) {
			return
		}
	}
}

// find returns the place of a key, or -1.
func (o *Object) find(key string) int {
	if o.byKey != nil {
		if i, ok := o.byKey[key]; ok {
			return i
		}
		return -1
	}
	for i := range o.entries {
		if o.entries[i].key == key {
			return i
		}
	}
	return -1
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
		clone := &Object{entries: slices.Clone(v.entries), indices: v.indices, byKey: maps.Clone(v.byKey)}
		for i := range clone.entries {
			clone.entries[i].value = Clone(clone.entries[i].value)
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
