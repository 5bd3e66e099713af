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

// PodProps are the pod settings that all tiers share.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec
type PodProps struct {
	// ImagePullSecrets names the Secrets for pulling images. Defaults to none.
	ImagePullSecrets []string

	// ServiceAccountName names an existing ServiceAccount. Defaults to the namespace's ServiceAccount "default".
	ServiceAccountName string

	// AutomountServiceAccountToken mounts a token for the Kubernetes API into the container. Defaults to false, except
	// for monitoring.KubeStateMetrics and a monitoring.Prometheus with ScrapeKubelets, which need the token.
	AutomountServiceAccountToken bool

	// PriorityClassName names the PriorityClass, which decides the order of preemption and eviction. Defaults to the
	// cluster's default.
	PriorityClassName string

	// RuntimeClassName names the RuntimeClass, which decides how nodes run the containers: in a sandbox, or with access to
	// GPUs. Defaults to the runtime of the nodes.
	// https://kubernetes.io/docs/concepts/containers/runtime-class/
	RuntimeClassName string

	// NodeSelector holds labels that a node must have. Defaults to none.
	NodeSelector map[string]string

	// Tolerations let pods run on nodes with taints. Defaults to none.
	Tolerations []Toleration

	// Affinity prefers or requires nodes by their labels, and by the pods that run there. Defaults to none.
	Affinity Affinity

	// RunAsUser is the numeric user id of the container. Root (0) cannot be set. Forbidden if the cluster AssignsUsers.
	// Defaults to the tier's user.
	RunAsUser int

	// RunAsGroup is the numeric group id of the container and of the files on its volumes. Forbidden if the cluster
	// AssignsUsers. Defaults to the tier's group.
	RunAsGroup int

	// TerminationGracePeriodSeconds is how long a pod that was told to stop may run before it is killed. Defaults to the tier's
	// grace period.
	TerminationGracePeriodSeconds int

	// Labels are added to the labels of the pods. Defaults to none.
	Labels map[string]string

	// Annotations are added to the pods. Defaults to none.
	Annotations map[string]string
}

// Toleration lets a pod run on nodes with a matching taint.
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
type Toleration struct {
	// Key is the key of the taint. With TolerationExists, an empty key matches every taint. Required unless Operator is
	// TolerationExists.
	Key string

	// Operator is TolerationEqual or TolerationExists. Defaults to "Equal".
	Operator TolerationOperator

	// Value is the value of the taint. It must be empty with TolerationExists.
	Value string

	// Effect is the effect of the taint. Defaults to all effects.
	Effect TaintEffect

	// TolerationSeconds is how long a pod stays on a node after a NoExecute taint appears. It requires Effect to be
	// TaintNoExecute. Defaults to no limit.
	TolerationSeconds *int
}

// TolerationOperator compares a toleration with a taint.
type TolerationOperator string

// The operators of tolerations.
const (
	TolerationEqual  TolerationOperator = "Equal"
	TolerationExists TolerationOperator = "Exists"
)

// TaintEffect is what happens to pods that do not tolerate a taint.
type TaintEffect string

// The effects of taints.
const (
	TaintNoSchedule       TaintEffect = "NoSchedule"
	TaintPreferNoSchedule TaintEffect = "PreferNoSchedule"
	TaintNoExecute        TaintEffect = "NoExecute"
)

// WithDefaults fills in the user, the group and the grace period if they are not set, and the defaults of Affinity. A cluster that assigns users does
// so for user and group.
func (p PodProps) WithDefaults(at manifest.Component, defaults PodProps) PodProps {
	if !at.Cluster().AssignsUsers {
		p.RunAsUser = cmp.Or(p.RunAsUser, defaults.RunAsUser)
		p.RunAsGroup = cmp.Or(p.RunAsGroup, defaults.RunAsGroup)
	}
	p.TerminationGracePeriodSeconds = cmp.Or(p.TerminationGracePeriodSeconds, defaults.TerminationGracePeriodSeconds)
	p.Affinity = p.Affinity.withDefaults()
	return p
}

// Validate checks settings whose defaults are filled in, for a cluster that does not assign users.
func (p PodProps) Validate(path *field.Path) field.ErrorList {
	return p.ValidateAt(path, manifest.Anywhere)
}

// ValidateAt is for use within this module.
func (p PodProps) ValidateAt(path *field.Path, at manifest.Component) field.ErrorList {
	errs := check.OptionalObjectName(path.Child("serviceAccountName"), p.ServiceAccountName)
	errs = append(errs, check.OptionalObjectName(path.Child("priorityClassName"), p.PriorityClassName)...)
	errs = append(errs, check.OptionalObjectName(path.Child("runtimeClassName"), p.RuntimeClassName)...)
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
	errs = append(errs, p.Affinity.validate(path.Child("affinity"), at)...)
	errs = append(errs, p.checkNodes(path)...)
	errs = append(errs, p.validateUser(path, at.Cluster())...)
	errs = append(errs, check.AtLeast(path.Child("terminationGracePeriodSeconds"), p.TerminationGracePeriodSeconds, 1)...)
	errs = append(errs, manifest.CheckLabels(path.Child("labels"), p.Labels)...)
	errs = append(errs, check.Annotations(path.Child("annotations"), p.Annotations)...)
	if _, taken := p.Annotations[manifest.ChecksumAnnotation]; taken {
		errs = append(errs, field.Forbidden(path.Child("annotations").Key(manifest.ChecksumAnnotation), "is set by the construct"))
	}
	return errs
}

func (p PodProps) validateUser(path *field.Path, cluster manifest.Cluster) field.ErrorList {
	user, group := path.Child("runAsUser"), path.Child("runAsGroup")
	if !cluster.AssignsUsers {
		return append(check.AtLeast(user, p.RunAsUser, 1), check.AtLeast(group, p.RunAsGroup, 0)...)
	}
	const assigned = "the cluster assigns it (AssignsUsers of SetCluster): remove it"
	var errs field.ErrorList
	if p.RunAsUser != 0 {
		errs = append(errs, field.Forbidden(user, assigned))
	}
	if p.RunAsGroup != 0 {
		errs = append(errs, field.Forbidden(group, assigned))
	}
	return errs
}

// Settings is for use within this module.
func (p PodProps) Settings(of manifest.Component) manifest.PodSettings {
	spec := k8s.PodSpec{
		ServiceAccountName:            optional(p.ServiceAccountName),
		AutomountServiceAccountToken:  jsii.Bool(p.AutomountServiceAccountToken),
		PriorityClassName:             optional(p.PriorityClassName),
		RuntimeClassName:              optional(p.RuntimeClassName),
		TerminationGracePeriodSeconds: jsii.Number(p.TerminationGracePeriodSeconds),
		Affinity:                      p.Affinity.spec(of),
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
		errs = append(errs, field.Required(path.Child("key"), "required unless operator is Exists"))
	}
	if operator == TolerationExists && t.Value != "" {
		errs = append(errs, field.Invalid(path.Child("value"), t.Value, "must be empty if operator is Exists"))
	} else {
		errs = append(errs, check.Invalid(path.Child("value"), t.Value, validation.IsValidLabelValue(t.Value))...)
	}
	if t.Effect != "" {
		errs = append(errs, check.OneOf(path.Child("effect"), t.Effect, TaintNoSchedule, TaintPreferNoSchedule, TaintNoExecute)...)
	}
	if t.TolerationSeconds != nil {
		errs = append(errs, check.AtLeast(path.Child("tolerationSeconds"), *t.TolerationSeconds, 0)...)
		if t.Effect != TaintNoExecute {
			errs = append(errs, field.Invalid(path.Child("effect"), t.Effect, "must be NoExecute if tolerationSeconds is set"))
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
