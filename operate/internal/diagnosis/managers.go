package diagnosis

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// appliers are the field managers of those who create objects from manifests and apply them, and of controllers that change what they are
// made for.
var appliers = []string{
	"kubectl", "kubectl-client-side-apply", "kubectl-create", "argocd-controller", "kustomize-controller", "helm", "helm-controller", "kube-controller-manager",
}

// notes are annotations that are no change of what is declared: kubectl and others restart pods by one, and the other is for a history.
var notes = []string{"f:kubectl.kubernetes.io/restartedAt", "f:kubernetes.io/change-cause"}

// mostPaths is how many fields are named.
const mostPaths = 3

// changed says who changed which fields other than by applying manifests. Fields that are as declared are left out: somebody may have
// changed them back.
func changed(live metav1.Object, declared *unstructured.Unstructured) string {
	return changedIn("", live, declared)
}

// changedIn is changed for fields at a path. What somebody wrote into annotations does not explain why pods do not run.
func changedIn(path string, live metav1.Object, declared *unstructured.Unstructured) string {
	current, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
	if err != nil {
		return ""
	}
	var found []string
	for _, entry := range live.GetManagedFields() {
		paths := changedBy(entry, declared.Object, current)
		paths = slices.DeleteFunc(paths, func(p string) bool { return !strings.HasPrefix(p, path) })
		if len(paths) == 0 {
			continue
		}
		if len(paths) > mostPaths {
			paths = append(paths[:mostPaths], "…")
		}
		by := entry.Manager
		if entry.Time != nil {
			by += " at " + entry.Time.UTC().Format(time.RFC3339)
		}
		found = append(found, fmt.Sprintf("%s by %s", strings.Join(paths, ", "), by))
	}
	return strings.Join(found, "; ")
}

// changedBy are the paths of one manager, of what people declare. Fields that are not declared count if they were added with kubectl:
// controllers add what is theirs to decide.
func changedBy(entry metav1.ManagedFieldsEntry, declared, live map[string]any) []string {
	// "kubectl scale" calls itself as "kubectl apply --server-side" does.
	isApplier := slices.Contains(appliers, entry.Manager) && (entry.Manager != "kubectl" || entry.Operation == metav1.ManagedFieldsOperationApply)
	if isApplier || entry.Subresource == "status" || entry.FieldsV1 == nil {
		return nil
	}
	var fields map[string]map[string]any
	if json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields) != nil {
		return nil
	}
	o := owner{additions: strings.HasPrefix(entry.Manager, "kubectl") && entry.Operation == metav1.ManagedFieldsOperationUpdate}
	delete(fields, "f:status")
	metadata := fields["f:metadata"]
	delete(fields, "f:metadata")
	var paths []string
	for _, name := range []string{"labels", "annotations"} {
		below, _ := metadata["f:"+name].(map[string]any)
		paths = append(paths, o.differing("metadata."+name, below, member(declared["metadata"], name), member(live["metadata"], name))...)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field := strings.TrimPrefix(name, "f:")
		paths = append(paths, o.changedBelow(field, fields[name], declared[field], live[field])...)
	}
	return paths
}

// owner is a manager of fields.
type owner struct {
	additions bool // Its fields count even if they are not declared.
}

// differing are the paths of the fields with another value than declared.
// https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#FieldsV1
func (o owner) differing(path string, fields map[string]any, declared, live any) []string {
	var paths []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		below, _ := fields[name].(map[string]any)
		field, isField := strings.CutPrefix(name, "f:")
		key, isElement := strings.CutPrefix(name, "k:")
		switch {
		case slices.Contains(notes, name):
		case isField:
			paths = append(paths, o.changedBelow(path+"."+field, below, member(declared, field), member(live, field))...)
		case isElement:
			paths = append(paths, o.changedBelow(path+"["+elementName(key)+"]", below, element(declared, key), element(live, key))...)
		}
	}
	return paths
}

// changedBelow is the path itself where nobody owns less than the whole, and for an element of a list that was added.
func (o owner) changedBelow(path string, fields map[string]any, declared, live any) []string {
	below := len(fields)
	if _, whole := fields["."]; whole {
		below--
	}
	switch {
	case reflect.DeepEqual(declared, live), declared == nil && !o.additions:
		return nil
	case below == 0, declared == nil && strings.HasSuffix(path, "]"):
		return []string{path}
	}
	return o.differing(path, fields, declared, live)
}

func member(value any, name string) any {
	fields, _ := value.(map[string]any)
	return fields[name]
}

// element is the one of a list that has the values of a key. Manifests leave out values that are defaults.
func element(value any, key string) any {
	var wanted map[string]any
	if json.Unmarshal([]byte(key), &wanted) != nil {
		return nil
	}
	list, _ := value.([]any)
	for _, candidate := range list {
		matches := true
		for name, want := range wanted {
			if is := member(candidate, name); is != nil && fmt.Sprint(is) != fmt.Sprint(want) {
				matches = false
			}
		}
		if matches {
			return candidate
		}
	}
	return nil
}

// elementName is the name of an element of a list, or all of its key.
func elementName(key string) string {
	var parts map[string]any
	if json.Unmarshal([]byte(key), &parts) == nil && parts["name"] != nil {
		return fmt.Sprint(parts["name"])
	}
	return strings.NewReplacer(`"`, "", "{", "", "}", "").Replace(key)
}
