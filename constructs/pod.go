package constructs

import (
	"cmp"
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// PodProps are the settings of a tier's pods that are the same for every tier.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec
type PodProps struct {
	// ImagePullSecrets names the Secrets with which images are pulled. Defaults to none.
	ImagePullSecrets []string

	// ServiceAccountName names a ServiceAccount that exists in the namespace. Defaults to the namespace's own, "default".
	ServiceAccountName string

	// AutomountServiceAccountToken gives the container a token for the Kubernetes API. Defaults to none, except for
	// monitoring.KubeStateMetrics, and for a monitoring.Prometheus with ScrapeKubelets, which need one.
	AutomountServiceAccountToken bool

	// PriorityClassName names the PriorityClass that decides who is evicted first. Defaults to the cluster's default.
	PriorityClassName string

	// NodeSelector holds labels that a node must have. Defaults to none.
	NodeSelector map[string]string

	// Tolerations let pods run on nodes with taints. Defaults to none.
	Tolerations []Toleration

	// RunAsUser is the numeric user of the container. Defaults to the tier's own; root (0) cannot be asked for.
	RunAsUser int

	// RunAsGroup is the numeric group of the container, and of the files on its volumes. Defaults to the tier's own.
	RunAsGroup int

	// TerminationGracePeriodSeconds is the time from the decision to stop a pod until it is killed. Defaults to the tier's
	// own.
	TerminationGracePeriodSeconds int

	// Labels are added to the pods, beside those that the construct sets. Defaults to none.
	Labels map[string]string

	// Annotations are added to the pods. Defaults to none.
	Annotations map[string]string
}

// Toleration lets a pod run on nodes with a matching taint.
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
type Toleration struct {
	// Key is the taint's key. Empty, with the operator Exists, it means every taint.
	Key string

	// Operator is TolerationEqual or TolerationExists. Defaults to TolerationEqual.
	Operator TolerationOperator

	// Value is the taint's value; it must be empty with TolerationExists.
	Value string

	// Effect is the taint's effect. Defaults to all effects.
	Effect TaintEffect

	// TolerationSeconds is how long a pod stays after a NoExecute taint appears. Defaults to for ever.
	TolerationSeconds *int
}

// TolerationOperator says how a toleration compares values.
type TolerationOperator string

// The operators of tolerations.
const (
	TolerationEqual  TolerationOperator = "Equal"
	TolerationExists TolerationOperator = "Exists"
)

// TaintEffect says what a taint does to pods that do not tolerate it.
type TaintEffect string

// The effects of taints.
const (
	TaintNoSchedule       TaintEffect = "NoSchedule"
	TaintPreferNoSchedule TaintEffect = "PreferNoSchedule"
	TaintNoExecute        TaintEffect = "NoExecute"
)

// WithDefaults fills in the user, the group and the grace period where they are not set.
func (p PodProps) WithDefaults(defaults PodProps) PodProps {
	p.RunAsUser = cmp.Or(p.RunAsUser, defaults.RunAsUser)
	p.RunAsGroup = cmp.Or(p.RunAsGroup, defaults.RunAsGroup)
	p.TerminationGracePeriodSeconds = cmp.Or(p.TerminationGracePeriodSeconds, defaults.TerminationGracePeriodSeconds)
	return p
}

// Validate checks settings whose defaults are filled in.
func (p PodProps) Validate(path *field.Path) field.ErrorList {
	errs := check.OptionalObjectName(path.Child("serviceAccountName"), p.ServiceAccountName)
	errs = append(errs, check.OptionalObjectName(path.Child("priorityClassName"), p.PriorityClassName)...)
	for i, secret := range p.ImagePullSecrets {
		at := path.Child("imagePullSecrets").Index(i)
		errs = append(errs, check.ObjectName(at, secret)...)
		if first := slices.Index(p.ImagePullSecrets, secret); first < i {
			errs = append(errs, check.Duplicate(at, secret, "the same as "+path.Child("imagePullSecrets").Index(first).String()))
		}
	}
	errs = append(errs, check.Labels(path.Child("nodeSelector"), p.NodeSelector)...)
	for i, toleration := range p.Tolerations {
		errs = append(errs, toleration.validate(path.Child("tolerations").Index(i))...)
	}
	errs = append(errs, check.AtLeast(path.Child("runAsUser"), p.RunAsUser, 1)...)
	errs = append(errs, check.AtLeast(path.Child("runAsGroup"), p.RunAsGroup, 0)...)
	errs = append(errs, check.AtLeast(path.Child("terminationGracePeriodSeconds"), p.TerminationGracePeriodSeconds, 1)...)
	errs = append(errs, manifest.CheckLabels(path.Child("labels"), p.Labels)...)
	errs = append(errs, check.Annotations(path.Child("annotations"), p.Annotations)...)
	if _, taken := p.Annotations[manifest.ChecksumAnnotation]; taken {
		errs = append(errs, field.Forbidden(path.Child("annotations").Key(manifest.ChecksumAnnotation), "is set by the construct"))
	}
	return errs
}

// Settings converts valid settings whose defaults are filled in, for a workload. It is for the packages of this module.
func (p PodProps) Settings() manifest.PodSettings {
	spec := k8s.PodSpec{
		ServiceAccountName:            optional(p.ServiceAccountName),
		AutomountServiceAccountToken:  jsii.Bool(p.AutomountServiceAccountToken),
		PriorityClassName:             optional(p.PriorityClassName),
		TerminationGracePeriodSeconds: jsii.Number(p.TerminationGracePeriodSeconds),
	}
	if len(p.NodeSelector) > 0 {
		spec.NodeSelector = manifest.StringMap(p.NodeSelector)
	}
	if len(p.ImagePullSecrets) > 0 {
		secrets := []*k8s.LocalObjectReference{}
		for _, secret := range p.ImagePullSecrets {
			secrets = append(secrets, &k8s.LocalObjectReference{Name: jsii.String(secret)})
		}
		spec.ImagePullSecrets = &secrets
	}
	if len(p.Tolerations) > 0 {
		tolerations := []*k8s.Toleration{}
		for _, t := range p.Tolerations {
			toleration := &k8s.Toleration{
				Operator: jsii.String(string(cmp.Or(t.Operator, TolerationEqual))),
				Key:      optional(t.Key),
				Value:    optional(t.Value),
				Effect:   optional(string(t.Effect)),
			}
			if t.TolerationSeconds != nil {
				toleration.TolerationSeconds = jsii.Number(*t.TolerationSeconds)
			}
			tolerations = append(tolerations, toleration)
		}
		spec.Tolerations = &tolerations
	}
	return manifest.PodSettings{User: p.RunAsUser, Group: p.RunAsGroup, Labels: p.Labels, Annotations: p.Annotations, Spec: spec}
}

func (t Toleration) validate(path *field.Path) field.ErrorList {
	operator := cmp.Or(t.Operator, TolerationEqual)
	errs := check.OneOf(path.Child("operator"), operator, TolerationEqual, TolerationExists)
	if t.Key != "" {
		errs = append(errs, check.Invalid(path.Child("key"), t.Key, validation.IsQualifiedName(t.Key))...)
	} else if operator != TolerationExists {
		errs = append(errs, field.Required(path.Child("key"), "only the operator Exists goes without"))
	}
	if operator == TolerationExists && t.Value != "" {
		errs = append(errs, field.Invalid(path.Child("value"), t.Value, "must be empty with the operator Exists"))
	} else {
		errs = append(errs, check.Invalid(path.Child("value"), t.Value, validation.IsValidLabelValue(t.Value))...)
	}
	if t.Effect != "" {
		errs = append(errs, check.OneOf(path.Child("effect"), t.Effect, TaintNoSchedule, TaintPreferNoSchedule, TaintNoExecute)...)
	}
	if t.TolerationSeconds != nil {
		errs = append(errs, check.AtLeast(path.Child("tolerationSeconds"), *t.TolerationSeconds, 0)...)
		if t.Effect != TaintNoExecute {
			errs = append(errs, field.Invalid(path.Child("effect"), t.Effect, "must be NoExecute when tolerationSeconds is set"))
		}
	}
	return errs
}

// optional is nil for the empty string.
func optional(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}
