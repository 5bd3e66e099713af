package constructs

import (
	"path"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// command is what a container runs instead of what its image says. Its fields are those of the props.
// https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
type command struct {
	command    []string
	args       []string
	workingDir string
}

// validate checks references against the container's variables: Kubernetes leaves a reference to any other as it is, and
// the program would get the text $(NAME).
func (c command) validate(prop *field.Path, environment *ordering) field.ErrorList {
	errs := checkCommand(prop.Child("command"), c.command)
	for i, word := range c.command {
		errs = append(errs, environment.checkReferences(prop.Child("command").Index(i), word)...)
	}
	for i, word := range c.args {
		at := prop.Child("args").Index(i)
		errs = append(errs, check.Variable(at, word)...)
		errs = append(errs, environment.checkReferences(at, word)...)
	}
	return append(errs, checkWorkingDir(prop.Child("workingDir"), c.workingDir)...)
}

// checkCommand checks a program and its arguments, except for references.
func checkCommand(prop *field.Path, command []string) field.ErrorList {
	var errs field.ErrorList
	for i, word := range command {
		if i == 0 && word == "" {
			errs = append(errs, field.Required(prop.Index(0), "the program to run"))
		}
		errs = append(errs, check.Variable(prop.Index(i), word)...)
	}
	return errs
}

func checkWorkingDir(prop *field.Path, dir string) field.ErrorList {
	if errs := check.Variable(prop, dir); dir == "" || len(errs) > 0 {
		return errs
	}
	if !path.IsAbs(dir) {
		return field.ErrorList{field.Invalid(prop, dir, "must be absolute")}
	}
	if names := referencesIn(&dir); len(names) > 0 {
		return field.ErrorList{field.Invalid(prop, dir, "must not refer to $("+strings.Join(names, "), $(")+"): Kubernetes resolves no variables here")}
	}
	return nil
}

// addTo sets the fields of a container that are not the image's.
func (c command) addTo(container *k8s.Container) {
	if len(c.command) > 0 {
		container.Command = jsii.Strings(c.command...)
	}
	if len(c.args) > 0 {
		container.Args = jsii.Strings(c.args...)
	}
	container.WorkingDir = optional(c.workingDir)
}
