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

// variables are the environment of a container. Its fields are those of the props.
type variables struct {
	connected []*k8s.EnvVar // What the connections set.
	env       map[string]string
	secretEnv map[string]SecretKeyRef
	fieldEnv  map[string]FieldRef
	envFrom   []EnvFrom
	pod       PodProps
	inherited *variables // What the container's own replace.
}

// merged adds the variables that are inherited.
func (v variables) merged() variables {
	if v.inherited == nil {
		return v
	}
	all := *v.inherited
	all.env = inherit(all.env, v.env, v.sets)
	all.secretEnv = inherit(all.secretEnv, v.secretEnv, v.sets)
	all.fieldEnv = inherit(all.fieldEnv, v.fieldEnv, v.sets)
	all.envFrom = slices.Concat(all.envFrom, v.envFrom)
	return all
}

// sets reports whether one of the container's own props sets a variable.
func (v variables) sets(name string) bool {
	_, plain := v.env[name]
	_, secret := v.secretEnv[name]
	_, isField := v.fieldEnv[name]
	return plain || secret || isField
}

func inherit[V any](from, own map[string]V, replaced func(name string) bool) map[string]V {
	all := map[string]V{}
	for name, value := range from {
		if !replaced(name) {
			all[name] = value
		}
	}
	maps.Copy(all, own)
	return all
}

// ordered puts the variables of connections first, then those from Secrets, those with fields, and the plain ones, each
// sorted by name as far as their references let them.
func (v variables) ordered() *ordering {
	v = v.merged()
	all := slices.Clone(v.connected)
	for _, name := range slices.Sorted(maps.Keys(v.secretEnv)) {
		all = append(all, v.secretEnv[name].Variable(name))
	}
	for _, name := range slices.Sorted(maps.Keys(v.fieldEnv)) {
		all = append(all, v.fieldEnv[name].variable(name))
	}
	for _, name := range slices.Sorted(maps.Keys(v.env)) {
		all = append(all, manifest.Variable(name, v.env[name]))
	}
	ordered := order(all)
	for _, from := range v.envFrom {
		ordered.prefixes = append(ordered.prefixes, from.Prefix)
	}
	return ordered
}

// validate checks the container's own props against each other and against what connections set.
func (v variables) validate(path *field.Path) field.ErrorList {
	taken := map[string]string{}
	for _, variable := range v.merged().connected {
		taken[*variable.Name] = "already set by a connection"
	}
	var errs field.ErrorList
	// Each name is checked against those of the props before.
	checkNames := func(prop *field.Path, names []string, checkValue func(at *field.Path, name string) field.ErrorList) {
		for _, name := range names {
			at := check.At(prop, name)
			errs = append(errs, check.Invalid(at, name, validation.IsEnvVarName(name))...)
			if other, exists := taken[name]; exists {
				errs = append(errs, check.Duplicate(at, name, other))
			}
			taken[name] = "already set by " + prop.String()
			errs = append(errs, checkValue(at, name)...)
		}
	}
	checkNames(path.Child("secretEnv"), slices.Sorted(maps.Keys(v.secretEnv)), func(at *field.Path, name string) field.ErrorList {
		return v.secretEnv[name].Validate(at)
	})
	checkNames(path.Child("fieldEnv"), slices.Sorted(maps.Keys(v.fieldEnv)), func(at *field.Path, name string) field.ErrorList {
		return v.fieldEnv[name].validate(at, v.pod)
	})
	environment := v.ordered()
	checkNames(path.Child("env"), slices.Sorted(maps.Keys(v.env)), func(at *field.Path, name string) field.ErrorList {
		return append(check.Variable(at, v.env[name]), environment.check(at, name)...)
	})
	return append(errs, validateEnvFrom(path.Child("envFrom"), v.envFrom)...)
}

// addTo sets the fields of a container.
func (v variables) addTo(container *k8s.Container) {
	if env := v.ordered().placed; len(env) > 0 {
		container.Env = &env
	}
	sources := []*k8s.EnvFromSource{}
	for _, from := range v.merged().envFrom {
		sources = append(sources, from.source())
	}
	if len(sources) > 0 {
		container.EnvFrom = &sources
	}
}
