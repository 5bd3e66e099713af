package changes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Danger is why a change deserves a second look.
type Danger struct {
	// Kind is one of immutable, claim, selector, restart, replicas, policy, conflict, kind and refused.
	Kind    string `json:"kind"`
	Message string `json:"message"`

	path string
}

// String is the danger on one line.
func (d Danger) String() string { return d.Kind + ": " + d.Message }

// immutable are the fields that the API server does not let anyone change, by kind.
var immutable = map[string][]string{
	"ClusterRoleBinding":    {"roleRef"},
	"Job":                   {"spec.completionMode", "spec.selector", "spec.template"},
	"PersistentVolumeClaim": {"spec.accessModes", "spec.dataSource", "spec.selector", "spec.storageClassName", "spec.volumeMode", "spec.volumeName"},
	"RoleBinding":           {"roleRef"},
	"Service":               {"spec.clusterIP"},
	"StatefulSet":           {"spec.podManagementPolicy", "spec.serviceName", "spec.volumeClaimTemplates"},
}

// selectors are the fields that say which pods an object is about, by kind, and what a change of them does.
var selectors = map[string]struct{ field, effect string }{
	"DaemonSet":           {"spec.selector", immutableSelector},
	"Deployment":          {"spec.selector", immutableSelector},
	"NetworkPolicy":       {"spec.podSelector", "the policy selects other pods: check that the former ones are still protected"},
	"PodDisruptionBudget": {"spec.selector", "the budget selects other pods: check that the former ones still have one"},
	"Service":             {"spec.selector", "requests are routed to other pods: check that pods with these labels are ready"},
	"StatefulSet":         {"spec.selector", immutableSelector},
}

const immutableSelector = "delete the object with --cascade=orphan, apply, then delete what controls the former pods"

// mark finds the dangers of every change.
func (c *Comparison) mark() {
	for _, change := range c.Changes {
		change.markFields()
		change.markRestart()
		c.markReplicas(change)
		change.markRefused()
	}
	c.markPolicies()
}

func (c *Change) warn(d Danger) { c.Dangers = append(c.Dangers, d) }

// markFields finds fields that cannot change, claims that shrink or go, and selectors.
func (c *Change) markFields() {
	if c.Action == Keep && c.Kind == "PersistentVolumeClaim" {
		c.warn(Danger{Kind: "claim", Message: "no longer declared: kept with its data; delete it by hand when nobody needs the data"})
	}
	if selector := selectors[c.Kind]; selector.field != "" && c.differs(selector.field) {
		c.warn(Danger{Kind: "selector", Message: selector.field + ": " + selector.effect, path: selector.field})
	}
	for _, field := range c.immutableFields() {
		if c.differs(field) {
			c.warn(c.immutable(field))
		}
	}
	const size = "spec.resources.requests.storage"
	if c.Kind == "PersistentVolumeClaim" && c.shrinks(size) {
		c.warn(Danger{
			Kind: "claim", path: size,
			Message: "volumes never shrink: declare the former size, or name another claim and copy the data",
		})
	}
}

func (c *Change) immutable(field string) Danger {
	d := Danger{Kind: "immutable", Message: field + " cannot change: delete the object, then apply", path: field}
	if c.Kind == "PersistentVolumeClaim" {
		d.Message = field + " cannot change: name another claim, and copy the data"
	}
	return d
}

// immutableFields depend on the object too: a ConfigMap and a Secret can be made immutable.
func (c *Change) immutableFields() []string {
	if c.Before == nil || c.Kind != "ConfigMap" && c.Kind != "Secret" {
		return immutable[c.Kind]
	}
	fields := c.secretType()
	if frozen, _, _ := unstructured.NestedBool(c.Before.Object, "immutable"); frozen {
		fields = append(fields, "binaryData", "data", "immutable", "stringData")
	}
	return fields
}

// secretType is the field with the type of a Secret if that changes: manifests may leave out the default.
func (c *Change) secretType() []string {
	typeOf := func(object *unstructured.Unstructured) string {
		declared, _, _ := unstructured.NestedString(object.Object, "type")
		return cmp.Or(declared, "Opaque")
	}
	if c.Kind == "Secret" && c.After != nil && typeOf(c.Before) != typeOf(c.After) {
		return []string{"type"}
	}
	return nil
}

// differs reports whether a field, or one below it, changes.
func (c *Change) differs(field string) bool {
	return slices.ContainsFunc(c.Fields, func(f Field) bool { return within(f.Path, field) })
}

func within(path, field string) bool {
	rest, ok := strings.CutPrefix(path, field)
	return ok && (rest == "" || strings.ContainsAny(rest[:1], ".[ "))
}

func (c *Change) shrinks(field string) bool {
	return slices.ContainsFunc(c.Fields, func(f Field) bool {
		before, err := resource.ParseQuantity(fmt.Sprint(f.Old))
		if f.Path != field || err != nil {
			return false
		}
		after, err := resource.ParseQuantity(fmt.Sprint(f.New))
		return err == nil && after.Cmp(before) < 0
	})
}

// markRestart finds stores of one replica that are down while their pod is replaced.
func (c *Change) markRestart() {
	if !c.differs("spec.template") || !isWorkload(c.Kind) || replicas(c.After) > 1 || !keepsData(c.After) {
		return
	}
	c.warn(Danger{Kind: "restart", Message: "the only pod is replaced, and is unavailable until the new one is ready: apply when an outage is acceptable"})
}

func isWorkload(kind string) bool { return kind == "Deployment" || kind == "StatefulSet" }

// replicas defaults to 1, as in the API.
func replicas(workload *unstructured.Unstructured) int64 {
	number, found, err := unstructured.NestedInt64(workload.Object, "spec", "replicas")
	if !found || err != nil {
		return 1
	}
	return number
}

// keepsData reports whether the pods mount a claim.
func keepsData(workload *unstructured.Unstructured) bool {
	templates, _, _ := unstructured.NestedSlice(workload.Object, "spec", "volumeClaimTemplates")
	volumes, _, _ := unstructured.NestedSlice(workload.Object, "spec", "template", "spec", "volumes")
	return len(templates) > 0 || slices.ContainsFunc(volumes, func(volume any) bool {
		fields, _ := volume.(map[string]any)
		return fields["persistentVolumeClaim"] != nil
	})
}

// markReplicas finds workloads whose number of replicas an autoscaler sets, and the change too.
func (c *Comparison) markReplicas(change *Change) {
	if !change.differs("spec.replicas") {
		return
	}
	declared := func(other *Change) *unstructured.Unstructured { return other.After }
	remaining := func(other *Change) *unstructured.Unstructured { return other.remains() }
	if name := c.autoscaler(change, declared, nil); name != "" {
		change.warn(Danger{
			Kind: "replicas", path: "spec.replicas",
			Message: "autoscaler " + name + " sets them: keep the current number when you stop declaring it",
		})
	} else if name := c.autoscaler(change, remaining, c.Others); name != "" {
		change.warn(Danger{
			Kind: "replicas", path: "spec.replicas",
			Message: "autoscaler " + name + " sets them and is not declared: delete it first",
		})
	}
}

// autoscaler is the name of one that scales the workload.
func (c *Comparison) autoscaler(workload *Change, state func(*Change) *unstructured.Unstructured, others []*unstructured.Unstructured) string {
	candidates := slices.Clone(others)
	for _, change := range c.Changes {
		candidates = append(candidates, state(change))
	}
	for _, candidate := range candidates {
		if candidate == nil || candidate.GetKind() != "HorizontalPodAutoscaler" || candidate.GetNamespace() != workload.Namespace {
			continue
		}
		target, _, _ := unstructured.NestedStringMap(candidate.Object, "spec", "scaleTargetRef")
		if target["kind"] == workload.Kind && target["name"] == workload.Name {
			return candidate.GetName()
		}
	}
	return ""
}

// markRefused says why the API server refuses the change, unless that is said already.
func (c *Change) markRefused() {
	for _, refusal := range c.Refused {
		said := slices.ContainsFunc(c.Dangers, func(d Danger) bool {
			return d.path != "" && (within(refusal.Field, d.path) || within(d.path, refusal.Field))
		})
		if !said {
			c.warn(Danger{Kind: "refused", Message: "the API server refuses the change: " + refusal.text(c.Kind == "Secret")})
		}
	}
}

// text is the refusal on one line, without objects as values: what they contain is printed above.
func (r Refusal) text(secret bool) string {
	if secret {
		return "the Secret is invalid" // The message may quote what is in it.
	}
	message, _, _ := strings.Cut(r.Message, "\n")
	if end := strings.LastIndex(message, "}: "); end >= 0 && strings.HasPrefix(message, "Invalid value: {") {
		message = message[end+len("}: "):]
	}
	if r.Field == "" {
		return message
	}
	return r.Field + ": " + message
}
