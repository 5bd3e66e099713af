package argocd

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// GroupKind is a kind of namespaced objects.
type GroupKind struct {
	// Group is the API group: "apps". Defaults to the core group, which has no name.
	Group string

	// Kind is the name of the kind: "Deployment". Required.
	Kind string
}

// ClusterKind is a kind of cluster-scoped objects.
type ClusterKind struct {
	// Group is the API group: "rbac.authorization.k8s.io". Defaults to the core group, which has no name.
	Group string

	// Kind is the name of the kind: "Namespace". Required.
	Kind string

	// Name is the name of an object, or a pattern in which * stands for any characters: "team-*". Defaults to all
	// objects of the kind.
	// https://argo-cd.readthedocs.io/en/stable/user-guide/projects/#restrict-cluster-scoped-resources-by-name
	Name string
}

func (k GroupKind) validate(at *field.Path) field.ErrorList { return checkKind(at, k.Group, k.Kind) }

func (k ClusterKind) validate(at *field.Path) field.ErrorList {
	errs := checkKind(at, k.Group, k.Kind)
	if _, err := path.Match(k.Name, ""); err != nil {
		errs = append(errs, field.Invalid(at.Child("name"), k.Name, "must be a name, or a pattern such as team-*"))
	}
	return append(errs, check.Text(at.Child("name"), k.Name)...)
}

// checkKind refuses Argo CD's patterns: a project lists what it admits.
func checkKind(at *field.Path, group, kind string) field.ErrorList {
	errs := check.OptionalObjectName(at.Child("group"), group)
	if kind == "" {
		return append(errs, field.Required(at.Child("kind"), ""))
	}
	if first := kind[:1]; first != strings.ToUpper(first) || len(validation.IsDNS1035Label(strings.ToLower(kind))) > 0 {
		errs = append(errs, field.Invalid(at.Child("kind"), kind, "must be a kind such as Deployment"))
	}
	return errs
}

// admits reports whether the kind is an object's.
func (k ClusterKind) admits(object schema.GroupKind, name string) bool {
	if k.Group != object.Group || k.Kind != object.Kind {
		return false
	}
	matches, err := path.Match(k.Name, name)
	return k.Name == "" || err == nil && matches
}

func (k GroupKind) compare(other GroupKind) int {
	return cmp.Or(cmp.Compare(k.Group, other.Group), cmp.Compare(k.Kind, other.Kind))
}

func (k ClusterKind) compare(other ClusterKind) int {
	return cmp.Or(cmp.Compare(k.Group, other.Group), cmp.Compare(k.Kind, other.Kind), cmp.Compare(k.Name, other.Name))
}

func (k GroupKind) entry() map[string]any { return map[string]any{"group": k.Group, "kind": k.Kind} }

func (k ClusterKind) entry() map[string]any {
	entry := GroupKind{k.Group, k.Kind}.entry()
	if k.Name != "" {
		entry["name"] = k.Name
	}
	return entry
}

// sorted sorts a list and removes what is in it twice.
func sorted[T comparable](list []T, compare func(T, T) int) []T {
	list = slices.Clone(list)
	slices.SortFunc(list, compare)
	return slices.Compact(list)
}

// exactly is the pattern that only a name itself matches.
func exactly(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}

// dependents are the kinds of the objects that Kubernetes's controllers make of others. A project that does not admit them
// hides them: Argo CD would show a Deployment without its pods and their logs. Endpoints and EndpointSlices it shows to nobody.
var dependents = map[schema.GroupKind][]GroupKind{
	{Group: "", Kind: "ReplicationController"}: {{"", "Pod"}},
	{Group: "apps", Kind: "DaemonSet"}:         {{"apps", "ControllerRevision"}, {"", "Pod"}},
	{Group: "apps", Kind: "Deployment"}:        {{"apps", "ReplicaSet"}, {"", "Pod"}},
	{Group: "apps", Kind: "ReplicaSet"}:        {{"", "Pod"}},
	{Group: "apps", Kind: "StatefulSet"}:       {{"apps", "ControllerRevision"}, {"", "Pod"}, {"", "PersistentVolumeClaim"}},
	{Group: "batch", Kind: "CronJob"}:          {{"batch", "Job"}, {"", "Pod"}},
	{Group: "batch", Kind: "Job"}:              {{"", "Pod"}},
}
