// Package manifest makes the objects that constructs consist of, from Kubernetes's structs and plain values, and adds them
// to the tree of cdk8s. It knows no props: those convert themselves.
package manifest

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// Component is a part of an application, in a namespace. Names, labels and selectors follow from it.
type Component struct {
	App       string // The chart's label app, or else its id.
	ID        string // The construct's id.
	Namespace string // The chart's namespace; empty where kubectl decides.

	tree     *tree // Nil for one that is in no tree.
	anywhere bool
}

// Anywhere is the component of props that are validated before they have one: near every server.
var Anywhere = Component{App: "app", ID: "component", Namespace: "namespace", anywhere: true}

// Near reports whether a component is in the same namespace.
func (c Component) Near(other Component) bool {
	return c.Namespace == other.Namespace || c.anywhere || other.anywhere
}

// Beside reports whether a component is also in the same application.
func (c Component) Beside(other Component) bool {
	return c.Near(other) && (c.App == other.App || c.anywhere || other.anywhere)
}

// Name is the name of the component's objects: <app>-<component>.
func (c Component) Name() string { return c.App + "-" + c.ID }

// Suffixed names an object that a component has in addition to its main ones.
func (c Component) Suffixed(suffix string) string { return c.Name() + "-" + suffix }

// Selector is what selects the component's pods, in Deployment, Service and policies. The API server does not let a
// Deployment's selector change, so nothing is ever added here.
func (c Component) Selector() map[string]string {
	return map[string]string{"app": c.App, "component": c.ID}
}

// Labels are those of the component's objects and pods: the selector and the recommended ones.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
func (c Component) Labels() map[string]string {
	return map[string]string{
		"app":                          c.App,
		"component":                    c.ID,
		"app.kubernetes.io/name":       c.Name(),
		"app.kubernetes.io/component":  c.ID,
		"app.kubernetes.io/part-of":    c.App,
		"app.kubernetes.io/managed-by": "cdk8s",
	}
}

// CheckLabels checks labels that are added to those of a component.
func CheckLabels(path *field.Path, labels map[string]string) field.ErrorList {
	errs := check.Labels(path, labels)
	reserved := Component{}.Labels()
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if _, set := reserved[key]; set {
			errs = append(errs, field.Forbidden(check.At(path, key), "is set by the construct"))
		}
	}
	return errs
}

// CheckName checks the name, which is that of a Service and of label values: both end at 63 characters.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
func (c Component) CheckName(path *field.Path) field.ErrorList {
	id := path.Child("id")
	if errs := check.ID(id, c.ID); len(errs) > 0 {
		return errs
	}
	if problems := validation.IsDNS1035Label(c.Name()); len(problems) > 0 {
		detail := fmt.Sprintf("the objects' name %q, which begins with the chart's label app or else its id: %s", c.Name(), problems[0])
		return field.ErrorList{field.Invalid(id, c.ID, detail)}
	}
	return nil
}

// CheckMetricsName wants room for what is appended to the component's name, which itself is checked elsewhere.
func (c Component) CheckMetricsName(prop *field.Path) field.ErrorList {
	if len(validation.IsDNS1035Label(c.Name())) > 0 {
		return nil
	}
	name := c.Suffixed(MetricsPort)
	return check.Invalid(prop, name, validation.IsDNS1035Label(name))
}
