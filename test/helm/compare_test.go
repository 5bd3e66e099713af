package helm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// difference is empty for objects that are the same, to the byte of every text.
func difference(want, got map[string]object) string { return cmp.Diff(want, got) }

// changes are the places in which two sets of objects differ, each as "Kind name: path".
func changes(before, after map[string]object) []string {
	var found []string
	for name := range merged(before, after) {
		switch {
		case before[name] == nil:
			found = append(found, name+": added")
		case after[name] == nil:
			found = append(found, name+": removed")
		default:
			for _, path := range changedPaths(before[name], after[name], "") {
				found = append(found, name+": "+strings.TrimPrefix(path, "."))
			}
		}
	}
	slices.Sort(found)
	return found
}

func changedPaths(before, after any, path string) []string {
	if cmp.Equal(before, after) {
		return nil
	}
	switch was := before.(type) {
	case map[string]any:
		if is, ok := after.(map[string]any); ok {
			return changedFields(was, is, path)
		}
	case []any:
		if is, ok := after.([]any); ok {
			return changedFields(byName(was), byName(is), path)
		}
	}
	return []string{path}
}

func changedFields(before, after map[string]any, path string) []string {
	var found []string
	for key := range merged(before, after) {
		found = append(found, changedPaths(before[key], after[key], path+"."+key)...)
	}
	return found
}

// byName gives elements of lists their names, or else their places.
func byName(list []any) map[string]any {
	elements := map[string]any{}
	for i, element := range list {
		key := fmt.Sprint(i)
		if fields, ok := element.(map[string]any); ok && fields["name"] != nil {
			key = fmt.Sprint(fields["name"])
		}
		elements[key] = element
	}
	return elements
}

func merged[V any](a, b map[string]V) map[string]bool {
	keys := map[string]bool{}
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	return keys
}
