package manifest

import (
	"errors"
	"slices"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Allowance are fields, by their paths, of the objects at or below a construct that may be of no type that is known.
type Allowance struct {
	Of    awsconstructs.IConstruct
	paths []string
}

// AllowFields keeps an allowance for when the tree is synthesized.
func AllowFields(of awsconstructs.IConstruct, paths []string) {
	if of == nil {
		panic(errors.New("the object of AllowFields is nil"))
	}
	root := of.Node().Root()
	allowances[root] = append(allowances[root], Allowance{of, paths})
}

// Allowances are those of an application.
func Allowances(app cdk8s.App) []Allowance {
	if len(allowances) == 0 {
		return nil // As almost always: spare the calls into the kernel.
	}
	return allowances[app.Node().Root()]
}

// Allows reports whether a problem is in one of the fields. What Pod Security forbids, a field cannot allow.
func (a Allowance) Allows(problem *field.Error) bool {
	return problem.Type != field.ErrorTypeForbidden && slices.ContainsFunc(a.paths, func(path string) bool {
		rest, within := strings.CutPrefix(problem.Field, path)
		return within && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}
