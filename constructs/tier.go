package constructs

import (
	"fmt"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// tier is what every construct of this package is made of: a node of the tree, its place, and its objects by id.
type tier struct {
	place
	path    *field.Path // The root of the props in error messages.
	chart   *chart
	node    awsconstructs.Construct // Nil if the tree refused the id.
	nearest awsconstructs.Construct // The node, or else the scope: where errors are reported.
	invalid bool
	objects map[string]cdk8s.ApiObject
	order   []string // Their ids, as they were added.
}

// newTier adds a node to the tree. Whatever is wrong with scope or id is reported when the tree is validated.
func newTier(scope awsconstructs.Construct, id, kind string) *tier {
	t := &tier{path: field.NewPath(kind), nearest: scope, objects: map[string]cdk8s.ApiObject{}}
	chart, err := chartOf(scope)
	if err != nil {
		t.refuse(field.ErrorList{field.Forbidden(t.path, err.Error())})
		return t
	}
	t.chart = chart
	t.place = place{app: chart.app, component: id, namespace: chart.namespace}
	if len(checkID(t.path.Child("id"), id)) > 0 {
		return t // The scope reports it, with the props. In the tree it could be anything: JavaScript's toString, a line break.
	}
	if t.node, err = newNode(scope, id); err != nil {
		t.refuse(field.ErrorList{field.Duplicate(t.path.Child("id"), id)})
		return t
	}
	t.nearest = t.node
	return t
}

// newNode fails if the scope has a child of that id already.
func newNode(scope awsconstructs.Construct, id string) (node awsconstructs.Construct, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			if scope.Node().TryFindChild(jsii.String(id)) == nil {
				panic(problem)
			}
			err = fmt.Errorf("%v", problem)
		}
	}()
	return awsconstructs.NewConstruct(scope, jsii.String(id)), nil
}

// Construct is the node of the tree, to be given to what takes one (dependencies, aspects). That of a construct whose id
// the tree refused is outside of it.
func (t *tier) Construct() awsconstructs.Construct {
	if t.node == nil {
		return nowhere()
	}
	return t.node
}

// Objects returns all objects in the order in which they are written, those that have no method of their own among
// them: the network policies that open other tiers to this one.
func (t *tier) Objects() []cdk8s.ApiObject {
	objects := make([]cdk8s.ApiObject, 0, len(t.order))
	for _, id := range t.order {
		objects = append(objects, t.objects[id])
	}
	return objects
}

// accept reports the errors of the props, and says whether there are none. Without it nothing may be built.
func (t *tier) accept(errs field.ErrorList) bool {
	if t.chart != nil {
		errs = append(t.validate(t.path), errs...)
	}
	if len(errs) > 0 {
		t.refuse(errs)
	}
	return !t.invalid
}

// refuse makes synthesis fail with the errors.
func (t *tier) refuse(errs field.ErrorList) {
	t.invalid = true
	report(t.nearest, errs)
}

// report makes synthesis fail with the errors, as those of a node.
func report(node awsconstructs.Construct, errs field.ErrorList) {
	problems := make([]*string, 0, len(errs))
	for _, err := range errs {
		problems = append(problems, jsii.String(err.Error()))
	}
	node.Node().AddValidation(&knownProblems{problems})
}

// knownProblems is a validation whose result is there already.
type knownProblems struct{ problems []*string }

func (v *knownProblems) Validate() *[]*string { return &v.problems }
