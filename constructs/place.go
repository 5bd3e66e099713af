package constructs

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// place is where a construct stands. Its names, labels and network policies follow from it.
type place struct {
	app       string // The chart's label app, or else its id.
	component string // The construct's id.
	namespace string // The chart's namespace; empty where kubectl decides.
}

// name is the name of the tier's objects: <app>-<component>.
func (p place) name() string { return p.app + "-" + p.component }

// suffixed names an object that a tier has beside its main ones.
func (p place) suffixed(suffix string) string { return p.name() + "-" + suffix }

// validate checks the name, which is that of a Service and of label values: both end at 63 characters.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
func (p place) validate(path *field.Path) field.ErrorList {
	id := path.Child("id")
	if errs := checkID(id, p.component); len(errs) > 0 {
		return errs
	}
	if problems := validation.IsDNS1035Label(p.name()); len(problems) > 0 {
		detail := fmt.Sprintf("the objects' name %q, which begins with the chart's label app or else its id: %s", p.name(), problems[0])
		return field.ErrorList{field.Invalid(id, p.component, detail)}
	}
	return nil
}

func checkID(path *field.Path, id string) field.ErrorList {
	switch id {
	case "":
		return field.ErrorList{field.Required(path, "it names the component")}
	case javaScriptName:
		return field.ErrorList{field.Invalid(path, id, "every JavaScript object, and so every scope in cdk8s, has something of this name")}
	}
	return invalid(path, id, validation.IsDNS1123Label(id))
}
