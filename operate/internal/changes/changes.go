// Package changes compares two states of an application's objects, marks the differences that are dangerous, and prints them.
package changes

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Comparison is what differs between two states.
type Comparison struct {
	Environment string    `json:"environment"`
	Against     string    `json:"against"`           // Cluster, or a git revision.
	Context     string    `json:"context,omitempty"` // Of the kubeconfig.
	Changes     []*Change `json:"changes"`
	Notes       []string  `json:"notes,omitempty"`

	// Others are objects of the namespaces that are not the application's: policies and autoscalers that decide about it, and workloads, about
	// which its policies decide.
	Others []*unstructured.Unstructured `json:"-"`
}

// Cluster is what manifests are compared with unless it is a git revision.
const Cluster = "cluster"

// Change is what happens to one object.
type Change struct {
	Reference
	Action  Action   `json:"action"`
	Fields  []Field  `json:"fields,omitempty"`
	Dangers []Danger `json:"dangers,omitempty"`
	Note    string   `json:"note,omitempty"`

	// Before and After are the object in both states, or nil.
	Before *unstructured.Unstructured `json:"-"`
	After  *unstructured.Unstructured `json:"-"`

	// Refused is why the API server would not accept the change.
	Refused []Refusal `json:"-"`
}

// Refusal is an error of the API server about one field.
type Refusal struct {
	Field, Message string
}

// Reference identifies an object.
type Reference struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

// Action is what happens to an object.
type Action string

// Actions.
const (
	None       Action = "none"
	Create     Action = "create"
	Update     Action = "update"
	Undeclared Action = "undeclared" // No longer declared: applying leaves it.
	Keep       Action = "keep"       // No longer declared, and never pruned.
	Delete     Action = "delete"
)

// ReferenceOf identifies an object.
func ReferenceOf(object *unstructured.Unstructured) Reference {
	return Reference{object.GetAPIVersion(), object.GetKind(), object.GetNamespace(), object.GetName()}
}

// String is how messages name an object.
func (r Reference) String() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// New compares two states of an object, of which either may be nil.
func New(before, after *unstructured.Unstructured) *Change {
	c := &Change{Before: before, After: after}
	switch {
	case before == nil:
		c.Reference, c.Action = ReferenceOf(after), Create
	case after == nil:
		c.Reference, c.Action = ReferenceOf(before), Undeclared
		if neverPruned(c.Kind) {
			c.Action = Keep
		}
	default:
		c.Reference, c.Action = ReferenceOf(after), None
		c.compare()
	}
	return c
}

// Between compares what two sets of manifests declare.
func Between(before, after []unstructured.Unstructured) *Comparison {
	former := map[Reference][]*unstructured.Unstructured{} // Manifests may declare an object twice.
	for i := range before {
		id := identity(&before[i])
		former[id] = append(former[id], &before[i])
	}
	c := &Comparison{}
	for i := range after {
		id := identity(&after[i])
		if len(former[id]) == 0 {
			c.Changes = append(c.Changes, New(nil, &after[i]))
			continue
		}
		c.Changes = append(c.Changes, New(former[id][0], &after[i]))
		former[id] = former[id][1:]
	}
	for i := range before {
		if slices.Contains(former[identity(&before[i])], &before[i]) {
			c.Changes = append(c.Changes, New(&before[i], nil))
		}
	}
	return c
}

// identity leaves out the version: an object is the same in all of them.
func identity(object *unstructured.Unstructured) Reference {
	r := ReferenceOf(object)
	r.APIVersion = object.GroupVersionKind().Group
	return r
}

// neverPruned reports whether deleting an object of the kind would lose data.
func neverPruned(kind string) bool {
	return kind == "PersistentVolumeClaim" || kind == "Namespace"
}

func (c *Change) compare() {
	c.Fields = compareValues("", relevant(c.Before), relevant(c.After))
	if len(c.Fields) > 0 {
		c.Action = Update
	}
	if c.Kind == "Secret" {
		for i := range c.Fields {
			c.Fields[i].hide()
		}
	}
}

// remains is the object as it is after applying, which deletes nothing.
func (c *Change) remains() *unstructured.Unstructured {
	if c.Action == Undeclared || c.Action == Keep {
		return c.Before
	}
	return c.After
}

// Finish marks the dangers, and leaves out the objects that do not change.
func (c *Comparison) Finish() {
	slices.SortStableFunc(c.Changes, func(a, b *Change) int { return cmp.Compare(a.order(), b.order()) })
	c.mark()
	c.Changes = slices.DeleteFunc(c.Changes, func(change *Change) bool {
		return change.Action == None && len(change.Dangers) == 0 && change.Note == ""
	})
	if c.Changes == nil {
		c.Changes = []*Change{} // An empty list in JSON, not null.
	}
}

// order puts what is no longer declared after the rest.
func (c *Change) order() int {
	switch c.Action {
	case Undeclared, Delete:
		return 1
	case Keep:
		return 2
	default:
		return 0
	}
}

// Differs reports whether anything would change, or is no longer declared. What the cluster keeps does not count: nobody could change it
// by applying or pruning.
func (c *Comparison) Differs() bool {
	return slices.ContainsFunc(c.Changes, func(change *Change) bool { return change.Action != Keep || c.Against != Cluster })
}
