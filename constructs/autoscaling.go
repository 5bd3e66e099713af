package constructs

import (
	"cmp"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Autoscaling has a HorizontalPodAutoscaler set the number of replicas. The cluster must run a metrics server.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
type Autoscaling struct {
	// MinReplicas is the lower limit. Defaults to 2.
	MinReplicas int

	// MaxReplicas is the upper limit, at least MinReplicas. Required.
	MaxReplicas int

	// TargetCPUUtilization is the average CPU usage to maintain, as a percentage of the request. Defaults to 80, or to
	// no target if TargetMemoryUtilization is set.
	TargetCPUUtilization int

	// TargetMemoryUtilization is the average memory usage to maintain, as a percentage of the request. Defaults to no
	// target.
	TargetMemoryUtilization int
}

// The defaults of autoscaling.
const (
	DefaultMinReplicas          = 2
	DefaultTargetCPUUtilization = 80
)

func (a Autoscaling) withDefaults() Autoscaling {
	a.MinReplicas = cmp.Or(a.MinReplicas, DefaultMinReplicas)
	if a.TargetMemoryUtilization == 0 {
		a.TargetCPUUtilization = cmp.Or(a.TargetCPUUtilization, DefaultTargetCPUUtilization)
	}
	return a
}

// validate checks autoscaling whose defaults are filled in.
func (a Autoscaling) validate(path *field.Path) field.ErrorList {
	errs := check.AtLeast(path.Child("minReplicas"), a.MinReplicas, 1)
	switch {
	case a.MaxReplicas == 0:
		errs = append(errs, field.Required(path.Child("maxReplicas"), ""))
	case a.MaxReplicas < a.MinReplicas:
		errs = append(errs, field.Invalid(path.Child("maxReplicas"), a.MaxReplicas, "must not be below minReplicas ("+check.OrDefault(a.MinReplicas, DefaultMinReplicas)+")"))
	default:
		errs = append(errs, check.AtLeast(path.Child("maxReplicas"), a.MaxReplicas, 1)...)
	}
	errs = append(errs, check.AtLeast(path.Child("targetCPUUtilization"), a.TargetCPUUtilization, 0)...)
	return append(errs, check.AtLeast(path.Child("targetMemoryUtilization"), a.TargetMemoryUtilization, 0)...)
}

// autoscaler returns the HorizontalPodAutoscaler of a component's Deployment, or nil without autoscaling.
func (a *Autoscaling) autoscaler(c manifest.Component) *manifest.Object {
	if a == nil {
		return nil
	}
	metrics := []*k8s.MetricSpecV2{}
	if a.TargetCPUUtilization > 0 {
		metrics = append(metrics, utilization("cpu", a.TargetCPUUtilization))
	}
	if a.TargetMemoryUtilization > 0 {
		metrics = append(metrics, utilization("memory", a.TargetMemoryUtilization))
	}
	spec := k8s.HorizontalPodAutoscalerSpecV2{
		MinReplicas: jsii.Number(a.MinReplicas),
		MaxReplicas: jsii.Number(a.MaxReplicas),
		Metrics:     &metrics,
		ScaleTargetRef: &k8s.CrossVersionObjectReferenceV2{
			ApiVersion: jsii.String("apps/v1"), Kind: jsii.String("Deployment"), Name: jsii.String(c.Name()),
		},
	}
	return &manifest.Object{
		ID: "horizontal-pod-autoscaler", APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler", Name: c.Name(),
		Fields: map[string]any{"spec": spec},
	}
}

func utilization(resource string, percent int) *k8s.MetricSpecV2 {
	return &k8s.MetricSpecV2{
		Type: jsii.String("Resource"),
		Resource: &k8s.ResourceMetricSourceV2{
			Name:   jsii.String(resource),
			Target: &k8s.MetricTargetV2{Type: jsii.String("Utilization"), AverageUtilization: jsii.Number(percent)},
		},
	}
}
