package constructs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var (
	reference = regexp.MustCompile(`\$\(([^)]*)\)`)

	// clusterVariables are those that kubelet sets in every container, whatever enableServiceLinks says: the API server's address.
	clusterVariables = regexp.MustCompile(`^KUBERNETES_(SERVICE_(HOST|PORT|PORT_HTTPS)|PORT(_443_TCP(_(PROTO|PORT|ADDR))?)?)$`)
)

// referencesIn are the names of the variables that a value refers to as $(NAME). What is no name, as in $(date -u), Kubernetes leaves
// as it is, and $$(NAME) too, except for one dollar sign.
// https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
func referencesIn(value *string) []string {
	if value == nil {
		return nil
	}
	var names []string
	for _, found := range reference.FindAllStringSubmatch(strings.ReplaceAll(*value, "$$", " "), -1) {
		if len(validation.IsEnvVarName(found[1])) == 0 {
			names = append(names, found[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ordering puts variables in an order in which each comes after those that it refers to: Kubernetes resolves no others.
type ordering struct {
	variables map[string]*k8s.EnvVar
	begun     map[string]bool
	placed    []*k8s.EnvVar
	circular  map[string]string // The reference of a variable that leads back to it.
	prefixes  []string          // Of further variables, whose names are not known here.
}

// order changes nothing that need not be.
func order(variables []*k8s.EnvVar) *ordering {
	o := &ordering{variables: map[string]*k8s.EnvVar{}, begun: map[string]bool{}, circular: map[string]string{}}
	for _, variable := range variables {
		o.variables[*variable.Name] = variable
	}
	for _, variable := range variables {
		o.place(variable)
	}
	return o
}

func (o *ordering) place(variable *k8s.EnvVar) {
	if o.begun[*variable.Name] {
		return
	}
	o.begun[*variable.Name] = true
	for _, name := range referencesIn(variable.Value) {
		other, known := o.variables[name]
		switch {
		case known && !o.begun[name]:
			o.place(other)
		case known && !slices.Contains(o.placed, other):
			o.circular[*variable.Name] = name
		}
	}
	o.placed = append(o.placed, variable)
}

// check refuses the references of a variable that Kubernetes would leave as they are.
func (o *ordering) check(path *field.Path, name string) field.ErrorList {
	variable, known := o.variables[name]
	if !known || variable.Value == nil {
		return nil
	}
	errs := o.checkReferences(path, *variable.Value)
	if to, is := o.circular[name]; is {
		errs = append(errs, badReference(path, *variable.Value, to, "which leads back to this variable: remove one of the references"))
	}
	return errs
}

// knows reports whether a variable may be one of the container. Those that kubelet sets are.
func (o *ordering) knows(name string) bool {
	mayHave := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	return o.variables[name] != nil || clusterVariables.MatchString(name) || slices.ContainsFunc(o.prefixes, mayHave)
}

// checkReferences refuses references to what is no variable of the container.
func (o *ordering) checkReferences(path *field.Path, text string) field.ErrorList {
	var errs field.ErrorList
	for _, to := range referencesIn(&text) {
		if !o.knows(to) {
			errs = append(errs, badReference(path, text, to, "which the container does not have: add it to env or secretEnv"))
		}
	}
	return errs
}

// checkStaticReferences refuses references in the command of a probe that kubelet does not resolve: it takes the values of
// variables as they are written, and has none of those from Secrets.
// https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/kubelet/container/helpers.go
func (o *ordering) checkStaticReferences(path *field.Path, text string) field.ErrorList {
	var errs field.ErrorList
	for _, to := range referencesIn(&text) {
		if variable := o.variables[to]; variable == nil || variable.ValueFrom != nil || len(referencesIn(variable.Value)) > 0 {
			errs = append(errs, badReference(path, text, to, "which Kubernetes resolves in a probe only if it is in env and refers to no other variable: have sh -c read \"$"+to+"\""))
		}
	}
	return errs
}

func badReference(path *field.Path, text, to, problem string) *field.Error {
	return field.Invalid(path, text, fmt.Sprintf("refers to $(%s), %s, or write $$(%[1]s) for the text itself", to, problem))
}
