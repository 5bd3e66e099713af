package constructs

import (
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// SecretKey is a key of a Secret that exists in the namespace. No construct ever holds a secret's value.
type SecretKey struct {
	// Secret is the Secret's name. Required.
	Secret string

	// Key is the key within the Secret. Required.
	Key string
}

func (s SecretKey) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		checkObjectName(path.Child("secret"), s.Secret),
		checkSecretKey(path.Child("key"), s.Key),
	)
}

func checkSecretKey(path *field.Path, key string) field.ErrorList {
	if key == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return invalid(path, key, validation.IsConfigMapKey(key))
}

// environment is a container's environment variables, in the order in which they are written. A value may refer to a
// variable before it as $(NAME): those of connections come first, then those from Secrets, then the plain ones.
type environment []*k8s.EnvVar

func plainVariable(name, value string) *k8s.EnvVar {
	variable := &k8s.EnvVar{Name: jsii.String(name)}
	if value != "" {
		// The API server drops an empty value, and a GitOps tool would see a difference.
		variable.Value = jsii.String(value)
	}
	return variable
}

func secretVariable(name string, key SecretKey) *k8s.EnvVar {
	return &k8s.EnvVar{Name: jsii.String(name), ValueFrom: &k8s.EnvVarSource{
		SecretKeyRef: &k8s.SecretKeySelector{Name: jsii.String(key.Secret), Key: jsii.String(key.Key)},
	}}
}

// newEnvironment adds the variables of the props to those that connections set.
func newEnvironment(connected environment, fromSecrets map[string]SecretKey, plain map[string]string) environment {
	all := append(environment{}, connected...)
	for _, name := range sortedKeys(fromSecrets) {
		all = append(all, secretVariable(name, fromSecrets[name]))
	}
	for _, name := range sortedKeys(plain) {
		all = append(all, plainVariable(name, plain[name]))
	}
	return all
}

// checkEnvironment checks the props Env and SecretEnv against each other and against what connections set.
func checkEnvironment(path *field.Path, connected environment, fromSecrets map[string]SecretKey, plain map[string]string) field.ErrorList {
	taken := map[string]string{}
	for _, variable := range connected {
		taken[*variable.Name] = "a connection sets it"
	}
	var errs field.ErrorList
	check := func(path *field.Path, name, source string) {
		errs = append(errs, invalid(path, name, validation.IsEnvVarName(name))...)
		if other, exists := taken[name]; exists {
			errs = append(errs, &field.Error{Type: field.ErrorTypeDuplicate, Field: path.String(), BadValue: name, Detail: other})
		}
		taken[name] = source
	}
	for _, name := range sortedKeys(fromSecrets) {
		at := keyed(path.Child("secretEnv"), name)
		check(at, name, "secretEnv sets it")
		errs = append(errs, fromSecrets[name].validate(at)...)
	}
	for _, name := range sortedKeys(plain) {
		at := keyed(path.Child("env"), name)
		check(at, name, "env sets it")
		errs = append(errs, checkText(at, plain[name])...)
	}
	return errs
}
