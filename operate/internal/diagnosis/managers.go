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

// appliers are the field managers of those who apply manifests, and of controllers that change what they are made for.
var appliers = []string{"kubectl-client-side-apply", "argocd-controller", "kustomize-controller", "helm", "kube-controller-manager"}

// mostPaths is how many fields are named.
const mostPaths = 3

// changed says who changed which fields of the specification other than by applying manifests. Fields that are as declared are left out:
// somebody may have changed them back.
func changed(live metav1.Object, declared *unstructured.Unstructured) string {
	current, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
	if err != nil {
		return ""
	}
	var found []string
	for _, entry := range live.GetManagedFields() {
		if entry.Operation != metav1.ManagedFieldsOperationUpdate || entry.Subresource == "status" || slices.Contains(appliers, entry.Manager) || entry.FieldsV1 == nil {
			continue
		}
		var fields struct {
			Spec map[string]any `json:"f:spec"`
		}
		if json.Unmarshal(entry.FieldsV1.Raw, &fields) != nil {
			continue
		}
		paths := differing("spec", fields.Spec, declared.Object["spec"], current["spec"])
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

// differing are the paths of the fields with another value than declared.
// https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#FieldsV1
func differing(path string, fields map[string]any, declared, live any) []string {
	var paths []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		below, _ := fields[name].(map[string]any)
		field, isField := strings.CutPrefix(name, "f:")
		key, isElement := strings.CutPrefix(name, "k:")
		switch {
		case isField:
			paths = append(paths, changedBelow(path+"."+field, below, member(declared, field), member(live, field))...)
		case isElement:
			paths = append(paths, changedBelow(path+"["+elementName(key)+"]", below, element(declared, key), element(live, key))...)
		}
	}
	return paths
}

// changedBelow is the path itself where nobody owns less than the whole.
func changedBelow(path string, fields map[string]any, declared, live any) []string {
	switch {
	case reflect.DeepEqual(declared, live):
		return nil
	case len(fields) == 0 || declared == nil:
		return []string{path}
	}
	return differing(path, fields, declared, live)
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
