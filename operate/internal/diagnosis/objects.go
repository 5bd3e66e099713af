package diagnosis

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Live is a declared object as the cluster has it.
type Live struct {
	Object     *unstructured.Unstructured // Nil if it is missing.
	Unknown    bool                       // The cluster does not know its kind.
	Unreadable bool                       // The user may not read it.
}

// Objects says which declared objects are missing, and which were changed by hand.
//
// An object that differs from the manifests although nobody changed it by hand is not at fault: the manifests may be newer than what was
// applied. It is noted.
func Objects(s *State) Result {
	var found findings
	var missing []string
	var result Result
	var differ []string
	same := 0
	for i, declared := range s.Declared {
		live := s.Live[i]
		switch {
		case live.Unknown:
			found.add(unknownKind(declared))
			continue
		case live.Unreadable:
			continue
		case live.Object == nil:
			missing = append(missing, nameOf(declared))
			continue
		}
		if by := changed(live.Object, declared); by != "" {
			found.add(Finding{Object: nameOf(declared), Cause: "was changed after it was applied", Changed: by, Advice: s.undo(live.Object, declared)})
			continue
		}
		same++
		if !holds(live.Object.Object, declared.Object) {
			differ = append(differ, nameOf(declared))
		}
	}
	result.Findings = append(s.missing(missing, len(s.Declared)), found...)
	result.Summary = plural(same, "object") + " as declared"
	if len(differ) > 0 {
		result.Notes = []string{several(differ) + " from the manifests, which may be newer than what was applied: see the command diff"}
	}
	if len(result.Findings) > 0 || same < len(s.Declared) {
		result.Summary = fmt.Sprintf("%d of %s as declared", same, plural(len(s.Declared), "object"))
	}
	return result
}

// undo knows that applying leaves alone what somebody has added.
func (s *State) undo(live, declared *unstructured.Unstructured) string {
	if !holds(live.Object, declared.Object) {
		return "declare the change, or undo it: " + s.applying()
	}
	namespace := ""
	if live.GetNamespace() != "" {
		namespace = " -n " + live.GetNamespace()
	}
	return fmt.Sprintf("declare it, or remove it: kubectl%s edit %s/%s", namespace, strings.ToLower(live.GetKind()), live.GetName())
}

// several says which objects differ.
func several(names []string) string {
	if len(names) == 1 {
		return names[0] + " differs"
	}
	return fmt.Sprintf("%s and %d more differ", names[0], len(names)-1)
}

func unknownKind(declared *unstructured.Unstructured) Finding {
	return Finding{
		Object:   declared.GetAPIVersion() + " " + declared.GetKind(),
		Cause:    "the cluster does not know this kind",
		Affected: []string{nameOf(declared)},
		Advice:   "install what defines it first; see what there is: kubectl api-resources",
	}
}

// holds says whether a value of the cluster has all that is declared. It may have more: defaults, and what others add.
func holds(live, declared any) bool {
	switch declared := declared.(type) {
	case nil:
		return true
	case map[string]any:
		return holdsFields(live, declared)
	case []any:
		return holdsElements(live, declared)
	}
	return reflect.DeepEqual(live, declared) || sameQuantity(live, declared)
}

func holdsFields(live any, declared map[string]any) bool {
	fields, isMap := live.(map[string]any)
	for name, value := range declared {
		if name == "status" || name == "stringData" { // The first is not applied, and the second is only written.
			continue
		}
		if !isMap && value != nil || !holds(fields[name], value) {
			return false
		}
	}
	return true
}

// holdsElements takes no notice of the order, which the API server keeps and others who add elements may not.
func holdsElements(live any, declared []any) bool {
	list, _ := live.([]any)
	return !slices.ContainsFunc(declared, func(value any) bool {
		return !slices.ContainsFunc(list, func(candidate any) bool { return holds(candidate, value) })
	})
}

// sameQuantity knows that 1000m is 1, as the cluster stores it.
func sameQuantity(live, declared any) bool {
	a, err := resource.ParseQuantity(fmt.Sprint(live))
	if err != nil {
		return false
	}
	b, err := resource.ParseQuantity(fmt.Sprint(declared))
	return err == nil && a.Cmp(b) == 0
}
