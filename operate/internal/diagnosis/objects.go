package diagnosis

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/internal/apitype"
)

// Live is a declared object as the cluster has it.
type Live struct {
	Object     *unstructured.Unstructured // Nil if it is missing.
	Unknown    bool                       // The cluster does not know its kind.
	Unreadable bool                       // The user may not read it.
}

// Objects says which declared objects are missing or being deleted, and which were changed by hand.
//
// An object that differs from the manifests although nobody is known to have changed it is not at fault: the manifests may be newer than
// what was applied. It is noted.
func Objects(s *State) Result {
	c := comparison{State: s}
	for i, declared := range s.Declared {
		c.add(declared, s.Live[i])
	}
	return c.result()
}

// comparison is what is known of the declared objects so far.
type comparison struct {
	*State
	found                  findings
	missing, differ, notes []string
	same, unread           int
}

func (c *comparison) add(declared *unstructured.Unstructured, live Live) {
	name := nameOf(declared)
	switch {
	case live.Unknown:
		c.found.add(unknownKind(declared))
	case live.Unreadable:
		c.unread++
	case live.Object == nil && goes(declared):
		c.same++
		c.notes = append(c.notes, name+" is not there: it is removed some time after it has finished")
	case live.Object == nil:
		c.missing = append(c.missing, name)
	case live.Object.GetDeletionTimestamp() != nil:
		c.found.add(c.deleted(live.Object))
	case c.changedAfterwards(&c.found, live.Object, declared):
	case len(differences("", live.Object.Object, declared.Object)) > 0:
		c.differ = append(c.differ, name)
	default:
		c.same++
	}
}

func (c *comparison) result() Result {
	all := len(c.Declared)
	result := Result{Findings: append(c.State.missing(c.missing, all), c.found...), Notes: c.notes, Summary: plural(c.same, "object") + " as declared"}
	if len(c.differ) > 0 {
		result.Notes = append(result.Notes, several(c.differ)+" from the manifests, which may be newer than what was applied: see the command diff")
	}
	if c.same < all {
		result.Summary = fmt.Sprintf("%d of %s as declared", c.same, plural(all, "object"))
	}
	if c.unread > 0 {
		result.Summary += fmt.Sprintf(", %d not readable", c.unread)
		result.NotChecked = c.same+len(c.differ) == 0
	}
	return result
}

// goes reports whether an object is removed by itself: https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished
func goes(declared *unstructured.Unstructured) bool {
	_, exists, _ := unstructured.NestedFieldNoCopy(declared.Object, "spec", "ttlSecondsAfterFinished")
	return declared.GetKind() == "Job" && exists
}

// deleted is about an object that is gone as soon as nothing holds it any more.
func (s *State) deleted(live *unstructured.Unstructured) Finding {
	return Finding{
		Object: nameOf(live), Cause: "is being deleted, and waits for " + strings.Join(live.GetFinalizers(), ", "),
		Advice: "nobody can stop that: save what is needed of it, and once it is gone, " + s.apply(),
	}
}

// changedAfterwards adds a finding about an object that is not as it was applied.
func (s *State) changedAfterwards(found *findings, live, declared *unstructured.Unstructured) bool {
	by := changed(live, declared)
	if paths := lost(live, declared); by == "" && len(paths) > 0 {
		if len(paths) > mostPaths {
			paths = append(paths[:mostPaths], "…")
		}
		by = strings.Join(paths, ", ") + " by someone of whom Kubernetes keeps no record"
	}
	if by == "" {
		return false
	}
	found.add(Finding{Object: nameOf(declared), Cause: "was changed after it was applied", Changed: by, Advice: s.undo(live, declared)})
	return true
}

// lost are fields that are not as declared, although they were applied so. Only client-side apply keeps what it applied.
func lost(live, declared *unstructured.Unstructured) []string {
	var applied map[string]any
	if json.Unmarshal([]byte(live.GetAnnotations()[apitype.LastApplied]), &applied) != nil {
		return nil
	}
	before := differences("", applied, declared.Object)
	return slices.DeleteFunc(differences("", live.Object, declared.Object), func(path string) bool { return slices.Contains(before, path) })
}

func unknownKind(declared *unstructured.Unstructured) Finding {
	return Finding{
		Object:   declared.GetAPIVersion() + " " + declared.GetKind(),
		Cause:    "the cluster does not know this kind",
		Affected: []string{nameOf(declared)},
		Advice:   "install what defines it first; see what there is: kubectl api-resources",
	}
}

// undo knows that applying leaves alone what somebody has added.
func (s *State) undo(live, declared *unstructured.Unstructured) string {
	if len(differences("", live.Object, declared.Object)) > 0 {
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

// differences are the paths of declared values that a value of the cluster does not have. It may have more: defaults, and what others add.
func differences(path string, live, declared any) []string {
	switch declared := declared.(type) {
	case nil:
		return nil
	case map[string]any:
		return differentFields(path, live, declared)
	case []any:
		return differentElements(path, live, declared)
	}
	if reflect.DeepEqual(live, declared) || sameQuantity(live, declared) {
		return nil
	}
	return []string{path}
}

func differentFields(path string, live any, declared map[string]any) []string {
	fields, _ := live.(map[string]any)
	var found []string
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		below := strings.TrimPrefix(path+"."+name, ".")
		if below == "status" || below == "stringData" { // The first is not applied, and the second is only written.
			continue
		}
		found = append(found, differences(below, fields[name], declared[name])...)
	}
	return found
}

// differentElements takes no notice of the order, which the API server keeps and others who add elements may not.
func differentElements(path string, live any, declared []any) []string {
	list, _ := live.([]any)
	var found []string
	for i, value := range declared {
		if slices.ContainsFunc(list, func(candidate any) bool { return len(differences("", candidate, value)) == 0 }) {
			continue
		}
		name, named := member(value, "name").(string)
		if !named {
			found = append(found, fmt.Sprintf("%s[%d]", path, i))
			continue
		}
		path := path + "[" + name + "]"
		if at := slices.IndexFunc(list, func(candidate any) bool { return member(candidate, "name") == name }); at >= 0 {
			found = append(found, differences(path, list[at], value)...)
			continue
		}
		found = append(found, path)
	}
	return found
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
