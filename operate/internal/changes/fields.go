package changes

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Field is a difference between two states of an object.
type Field struct {
	Path string `json:"path"`
	Old  any    `json:"old,omitempty"` // Nil if there was none.
	New  any    `json:"new,omitempty"` // Nil if there is none.
}

// hidden is printed instead of the values of Secrets.
const hidden = "(hidden)"

// hide removes the value of a Secret, but not that there is one.
func (f *Field) hide() {
	if !strings.HasPrefix(f.Path, "data") && !strings.HasPrefix(f.Path, "stringData") && !strings.HasPrefix(f.Path, "metadata.annotations") {
		return
	}
	if f.Old != nil {
		f.Old = hidden
	}
	if f.New != nil {
		f.New = hidden
	}
}

// texts are both values, if they are best compared line by line.
func (f *Field) texts() (before, after string, ok bool) {
	before, wasText := f.Old.(string)
	after, isText := f.New.(string)
	return before, after, wasText && isText && strings.Contains(before+after, "\n")
}

// relevant are the fields of an object that people declare.
func relevant(object *unstructured.Unstructured) map[string]any {
	copied := object.DeepCopy()
	for _, field := range []string{"creationTimestamp", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"} {
		unstructured.RemoveNestedField(copied.Object, "metadata", field)
	}
	for _, annotation := range []string{"kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"} {
		unstructured.RemoveNestedField(copied.Object, "metadata", "annotations", annotation)
	}
	if len(copied.GetAnnotations()) == 0 {
		unstructured.RemoveNestedField(copied.Object, "metadata", "annotations")
	}
	delete(copied.Object, "status")
	return copied.Object
}

// compareValues lists the differences between two values, in the order of their paths.
func compareValues(path string, before, after any) []Field {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	formerMap, wasMap := before.(map[string]any)
	currentMap, isMap := after.(map[string]any)
	if wasMap && isMap {
		return compareMaps(path, formerMap, currentMap)
	}
	formerList, wasList := before.([]any)
	currentList, isList := after.([]any)
	if wasList && isList {
		return compareLists(path, formerList, currentList)
	}
	return []Field{{path, before, after}}
}

func compareMaps(path string, before, after map[string]any) []Field {
	keys := slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
	slices.Sort(keys)
	var fields []Field
	for _, key := range slices.Compact(keys) {
		fields = append(fields, compareValues(join(path, key), before[key], after[key])...)
	}
	return fields
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func join(path, key string) string {
	switch {
	case !plainKey.MatchString(key):
		return path + "[" + key + "]"
	case path == "":
		return key
	}
	return path + "." + key
}

// listKeys are the fields that identify the elements of lists, the most telling first. A volume can be mounted twice, which is why the
// path is there.
var listKeys = []string{"name", "mountPath", "containerPort", "port", "host", "path", "key", "topologyKey"}

func compareLists(path string, before, after []any) []Field {
	for _, key := range listKeys {
		former, ok := index(before, key)
		if !ok {
			continue
		}
		if current, ok := index(after, key); ok {
			return compareKeyed(path, former, current)
		}
	}
	return compareUnkeyed(path, before, after)
}

// keyed is a list as a map, and the order of its keys.
type keyed struct {
	elements map[string]any
	order    []string
}

// index fails unless the field identifies every element.
func index(list []any, key string) (keyed, bool) {
	found := keyed{elements: map[string]any{}}
	for _, element := range list {
		fields, _ := element.(map[string]any)
		value, exists := fields[key]
		name := fmt.Sprint(value)
		if key != "name" {
			name = key + "=" + name
		}
		if _, duplicate := found.elements[name]; !exists || duplicate {
			return keyed{}, false
		}
		found.elements[name] = element
		found.order = append(found.order, name)
	}
	return found, true
}

func compareKeyed(path string, before, after keyed) []Field {
	names := slices.Clone(before.order)
	for _, name := range after.order {
		if _, exists := before.elements[name]; !exists {
			names = append(names, name)
		}
	}
	var fields []Field
	for _, name := range names {
		fields = append(fields, compareValues(path+"["+name+"]", before.elements[name], after.elements[name])...)
	}
	if former, current := common(before, after), common(after, before); !slices.Equal(former, current) {
		fields = append(fields, Field{path + " (order)", strings.Join(former, " "), strings.Join(current, " ")})
	}
	return fields
}

// common are the keys that another list has too.
func common(list, other keyed) []string {
	return slices.DeleteFunc(slices.Clone(list.order), func(name string) bool {
		_, exists := other.elements[name]
		return !exists
	})
}

// compareUnkeyed finds the elements that only one of the lists has.
func compareUnkeyed(path string, before, after []any) []Field {
	removed, added := without(before, after), without(after, before)
	switch {
	case len(removed) == 0 && len(added) == 0:
		return []Field{{path + " (order)", before, after}}
	case !slices.EqualFunc(without(before, removed), without(after, added), reflect.DeepEqual):
		return []Field{{path, before, after}} // The rest has another order too.
	case len(removed) == 1 && len(added) == 1:
		place := slices.IndexFunc(after, func(element any) bool { return reflect.DeepEqual(element, added[0]) })
		return compareValues(fmt.Sprintf("%s[%d]", path, place), removed[0], added[0])
	}
	var fields []Field
	for _, element := range removed {
		fields = append(fields, Field{Path: path + "[]", Old: element})
	}
	for _, element := range added {
		fields = append(fields, Field{Path: path + "[]", New: element})
	}
	return fields
}

// without are the elements of a list that another does not have, or not as often.
func without(list, other []any) []any {
	count := map[string]int{}
	for _, element := range other {
		count[encode(element)]++
	}
	var rest []any
	for _, element := range list {
		if key := encode(element); count[key] > 0 {
			count[key]--
		} else {
			rest = append(rest, element)
		}
	}
	return rest
}

// encode is the JSON of a value that was read from JSON.
func encode(value any) string {
	var encoded strings.Builder
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(encoded.String(), "\n")
}
