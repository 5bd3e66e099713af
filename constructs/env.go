package constructs

import (
	"maps"
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// SecretKeyRef is a key of a Secret in the namespace of the pods. No construct ever holds the value.
type SecretKeyRef struct {
	// Secret is the name of the Secret. Required.
	Secret string

	// Key is the key within the Secret. Required.
	Key string
}

// Validate checks the names of the Secret and the key.
func (s SecretKeyRef) Validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		check.ObjectName(path.Child("secret"), s.Secret),
		check.Key(path.Child("key"), s.Key),
	)
}

// Variable returns an environment variable that takes its value from the key.
func (s SecretKeyRef) Variable(name string) *k8s.EnvVar {
	return &k8s.EnvVar{Name: jsii.String(name), ValueFrom: &k8s.EnvVarSource{
		SecretKeyRef: &k8s.SecretKeySelector{Name: jsii.String(s.Secret), Key: jsii.String(s.Key)},
	}}
}

// newEnvironment adds the variables of the props to those that connections set: those of connections come first, then those from
// Secrets, then the plain ones, each sorted by name as far as their references let them.
func newEnvironment(connected []*k8s.EnvVar, fromSecrets map[string]SecretKeyRef, plain map[string]string) *ordering {
	all := slices.Clone(connected)
	for _, name := range slices.Sorted(maps.Keys(fromSecrets)) {
		all = append(all, fromSecrets[name].Variable(name))
	}
	for _, name := range slices.Sorted(maps.Keys(plain)) {
		all = append(all, manifest.Variable(name, plain[name]))
	}
	return order(all)
}

// checkEnvironment checks the props Env and SecretEnv against each other and against what connections set.
func checkEnvironment(path *field.Path, connected []*k8s.EnvVar, fromSecrets map[string]SecretKeyRef, plain map[string]string) field.ErrorList {
	taken := map[string]string{}
	for _, variable := range connected {
		taken[*variable.Name] = "already set by a connection"
	}
	var errs field.ErrorList
	checkName := func(path *field.Path, name, source string) {
		errs = append(errs, check.Invalid(path, name, validation.IsEnvVarName(name))...)
		if other, exists := taken[name]; exists {
			errs = append(errs, check.Duplicate(path, name, other))
		}
		taken[name] = source
	}
	for _, name := range slices.Sorted(maps.Keys(fromSecrets)) {
		at := check.At(path.Child("secretEnv"), name)
		checkName(at, name, "already set by "+path.Child("secretEnv").String())
		errs = append(errs, fromSecrets[name].Validate(at)...)
	}
	environment := newEnvironment(connected, fromSecrets, plain)
	for _, name := range slices.Sorted(maps.Keys(plain)) {
		at := check.At(path.Child("env"), name)
		checkName(at, name, "already set by "+path.Child("env").String())
		errs = append(errs, check.Variable(at, plain[name])...)
		errs = append(errs, environment.check(at, name)...)
	}
	return errs
}
