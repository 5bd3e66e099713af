package constructs

import (
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// EnvFrom sets an environment variable for every key of a Secret or a ConfigMap. Set Secret or ConfigMap. Variables of
// Env, SecretEnv, FieldEnv and of connections replace those of the same name, and a later EnvFrom replaces those of an
// earlier one. Pods read the keys when they start: a change needs a restart.
// https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#configure-all-key-value-pairs-in-a-configmap-as-container-environment-variables
type EnvFrom struct {
	// Secret is the name of a Secret in the namespace of the pods.
	Secret string

	// ConfigMap is the name of a ConfigMap in the namespace of the pods.
	ConfigMap string

	// Prefix is put before each key. Defaults to none.
	Prefix string

	// Optional starts the container also while the Secret or ConfigMap does not exist. Defaults to false.
	Optional bool
}

func validateEnvFrom(path *field.Path, all []EnvFrom) field.ErrorList {
	var errs field.ErrorList
	for i, from := range all {
		at := path.Index(i)
		errs = append(errs, from.validate(at)...)
		same := func(other EnvFrom) bool {
			return other.Secret == from.Secret && other.ConfigMap == from.ConfigMap && other.Prefix == from.Prefix
		}
		if first := slices.IndexFunc(all, same); first < i {
			errs = append(errs, check.Duplicate(at, from.Secret+from.ConfigMap, "the same as "+path.Index(first).String()))
		}
	}
	return errs
}

func (e EnvFrom) validate(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	switch {
	case e.Secret == "" && e.ConfigMap == "":
		errs = append(errs, field.Required(path, "set secret or configMap"))
	case e.Secret != "" && e.ConfigMap != "":
		errs = append(errs, field.Forbidden(path, "secret and configMap exclude each other: use an element for each"))
	}
	errs = append(errs, check.OptionalObjectName(path.Child("secret"), e.Secret)...)
	errs = append(errs, check.OptionalObjectName(path.Child("configMap"), e.ConfigMap)...)
	if e.Prefix != "" {
		errs = append(errs, check.Invalid(path.Child("prefix"), e.Prefix, validation.IsEnvVarName(e.Prefix))...)
	}
	return errs
}

func (e EnvFrom) source() *k8s.EnvFromSource {
	source := &k8s.EnvFromSource{Prefix: optional(e.Prefix)}
	var mayLack *bool // The API server's default is false.
	if e.Optional {
		mayLack = jsii.Bool(true)
	}
	if e.Secret != "" {
		source.SecretRef = &k8s.SecretEnvSource{Name: jsii.String(e.Secret), Optional: mayLack}
	} else {
		source.ConfigMapRef = &k8s.ConfigMapEnvSource{Name: jsii.String(e.ConfigMap), Optional: mayLack}
	}
	return source
}
