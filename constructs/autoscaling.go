package constructs

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Autoscaling has a HorizontalPodAutoscaler set the number of replicas, or leaves it to another autoscaler. The cluster
// must run a metrics server, and for Metrics an adapter such as that of Prometheus.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
type Autoscaling struct {
	// MinReplicas is the lower limit. Defaults to 2, or to 0 with External.
	MinReplicas int

	// MaxReplicas is the upper limit, at least MinReplicas. Required.
	MaxReplicas int

	// TargetCPUUtilization is the average CPU usage to maintain, as a percentage of the request. Defaults to 80, or to
	// no target if TargetMemoryUtilization or Metrics is set.
	TargetCPUUtilization int

	// TargetMemoryUtilization is the average memory usage to maintain, as a percentage of the request. Defaults to no
	// target.
	TargetMemoryUtilization int

	// Metrics are further metrics to maintain. The number of pods is the largest that any target asks for. Defaults to
	// none.
	Metrics []AutoscalingMetric

	// ScaleUp limits how fast pods are added. Defaults to Kubernetes's: at most 4 pods or 100% within 15 seconds.
	ScaleUp ScalingRules

	// ScaleDown limits how fast pods are removed. Defaults to Kubernetes's: as far as the load of the last 5 minutes allows.
	ScaleDown ScalingRules

	// External leaves the number of pods to an autoscaler of your own, such as a ScaledObject of KEDA: no
	// HorizontalPodAutoscaler is added, and the Deployment has no number of replicas. Only the limits may be set too: they
	// must be those of the autoscaler. Defaults to false.
	External bool
}

// AutoscalingMetric is a metric of the pods, or of something outside of them such as a queue.
type AutoscalingMetric struct {
	// Name is the name of the metric. Required.
	Name string

	// AverageValue is the value to maintain for each pod, as a quantity: "100", "500m". Required.
	AverageValue string

	// External divides one value by the number of pods, such as the length of a queue. Defaults to false: each pod has a
	// value of its own.
	External bool

	// Labels select the series of the metric. Defaults to none.
	Labels map[string]string
}

// ScalingRules limit how fast pods are added or removed.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior
type ScalingRules struct {
	// StabilizationWindow is the time over which the most careful number of pods counts, in whole seconds up to an hour.
	// Defaults to Kubernetes's: 5 minutes for ScaleDown, and none for ScaleUp.
	StabilizationWindow time.Duration

	// Pods is how many pods may be added or removed within Period. Together with Percent, the larger number counts.
	// Defaults to no limit of this kind.
	Pods int

	// Percent is how many pods may be added or removed within Period, in percent of those at its start. Defaults to no limit of
	// this kind.
	Percent int

	// Period is the time of Pods and Percent, in whole seconds up to 30 minutes. Defaults to 1 min.
	Period time.Duration
}

// The defaults of autoscaling.
const (
	DefaultMinReplicas          = 2
	DefaultTargetCPUUtilization = 80
	DefaultScalingPeriod        = time.Minute
)

// The longest times that Kubernetes takes.
// https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/apis/autoscaling/validation/validation.go
const (
	mostStabilization = time.Hour
	mostScalingPeriod = 30 * time.Minute
)

func (a Autoscaling) withDefaults() Autoscaling {
	if a.External {
		return a
	}
	a.MinReplicas = cmp.Or(a.MinReplicas, DefaultMinReplicas)
	if a.TargetMemoryUtilization == 0 && len(a.Metrics) == 0 {
		a.TargetCPUUtilization = cmp.Or(a.TargetCPUUtilization, DefaultTargetCPUUtilization)
	}
	a.ScaleUp, a.ScaleDown = a.ScaleUp.withDefaults(), a.ScaleDown.withDefaults()
	return a
}

func (r ScalingRules) withDefaults() ScalingRules {
	if r.Pods != 0 || r.Percent != 0 {
		r.Period = cmp.Or(r.Period, DefaultScalingPeriod)
	}
	return r
}

// validate checks autoscaling whose defaults are filled in.
func (a Autoscaling) validate(path *field.Path) field.ErrorList {
	least := 1
	if a.External {
		least = 0
	}
	errs := check.AtLeast(path.Child("minReplicas"), a.MinReplicas, least)
	switch {
	case a.MaxReplicas == 0:
		errs = append(errs, field.Required(path.Child("maxReplicas"), ""))
	case a.MaxReplicas < a.MinReplicas:
		errs = append(errs, field.Invalid(path.Child("maxReplicas"), a.MaxReplicas, "must not be below minReplicas ("+check.OrDefault(a.MinReplicas, DefaultMinReplicas)+")"))
	default:
		errs = append(errs, check.AtLeast(path.Child("maxReplicas"), a.MaxReplicas, 1)...)
	}
	if a.External {
		return append(errs, a.validateExternal(path.Child("external"))...)
	}
	for i, metric := range a.Metrics {
		errs = append(errs, metric.validate(path.Child("metrics").Index(i))...)
	}
	return slices.Concat(
		errs,
		check.AtLeast(path.Child("targetCPUUtilization"), a.TargetCPUUtilization, 0),
		check.AtLeast(path.Child("targetMemoryUtilization"), a.TargetMemoryUtilization, 0),
		a.ScaleUp.validate(path.Child("scaleUp")),
		a.ScaleDown.validate(path.Child("scaleDown")),
	)
}

// validateExternal refuses what only a HorizontalPodAutoscaler has.
func (a Autoscaling) validateExternal(path *field.Path) field.ErrorList {
	none := ScalingRules{}
	if a.TargetCPUUtilization != 0 || a.TargetMemoryUtilization != 0 || len(a.Metrics) > 0 || a.ScaleUp != none || a.ScaleDown != none {
		return field.ErrorList{field.Forbidden(path, "another autoscaler has targets and rules of its own: remove external, or all fields except minReplicas and maxReplicas")}
	}
	return nil
}

func (m AutoscalingMetric) validate(path *field.Path) field.ErrorList {
	name := path.Child("name")
	var errs field.ErrorList
	if m.Name == "" {
		errs = append(errs, field.Required(name, ""))
	} else {
		errs = append(errs, check.Variable(name, m.Name)...)
		errs = append(errs, check.Invalid(name, m.Name, content.IsPathSegmentName(m.Name))...)
	}
	errs = append(errs, check.Positive(path.Child("averageValue"), m.AverageValue)...)
	return append(errs, check.Labels(path.Child("labels"), m.Labels)...)
}

// validate expects the defaults to be filled in.
func (r ScalingRules) validate(path *field.Path) field.ErrorList {
	errs := slices.Concat(
		check.AtLeast(path.Child("pods"), r.Pods, 0),
		check.AtLeast(path.Child("percent"), r.Percent, 0),
	)
	if r.StabilizationWindow != 0 {
		errs = append(errs, check.WholeSeconds(path.Child("stabilizationWindow"), r.StabilizationWindow, time.Second, mostStabilization)...)
	}
	switch {
	case r.Period == 0:
	case r.Pods == 0 && r.Percent == 0:
		errs = append(errs, field.Forbidden(path.Child("period"), "has no effect without pods or percent: remove it"))
	default:
		errs = append(errs, check.WholeSeconds(path.Child("period"), r.Period, time.Second, mostScalingPeriod)...)
	}
	return errs
}

// autoscaler returns the HorizontalPodAutoscaler of a component's Deployment, or nil without one.
func (a *Autoscaling) autoscaler(c manifest.Component) *manifest.Object {
	if a == nil || a.External {
		return nil
	}
	metrics := []*k8s.MetricSpecV2{}
	if a.TargetCPUUtilization > 0 {
		metrics = append(metrics, utilization("cpu", a.TargetCPUUtilization))
	}
	if a.TargetMemoryUtilization > 0 {
		metrics = append(metrics, utilization("memory", a.TargetMemoryUtilization))
	}
	for _, metric := range a.Metrics {
		metrics = append(metrics, metric.spec())
	}
	spec := k8s.HorizontalPodAutoscalerSpecV2{
		MinReplicas: jsii.Number(a.MinReplicas),
		MaxReplicas: jsii.Number(a.MaxReplicas),
		Metrics:     &metrics,
		Behavior:    a.behavior(),
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

func (m AutoscalingMetric) spec() *k8s.MetricSpecV2 {
	identifier := &k8s.MetricIdentifierV2{Name: jsii.String(m.Name)}
	if len(m.Labels) > 0 {
		identifier.Selector = manifest.Selecting(m.Labels)
	}
	target := &k8s.MetricTargetV2{Type: jsii.String("AverageValue"), AverageValue: manifest.Quantity(m.AverageValue)}
	if m.External {
		return &k8s.MetricSpecV2{Type: jsii.String("External"), External: &k8s.ExternalMetricSourceV2{Metric: identifier, Target: target}}
	}
	return &k8s.MetricSpecV2{Type: jsii.String("Pods"), Pods: &k8s.PodsMetricSourceV2{Metric: identifier, Target: target}}
}

// behavior is nil if it is Kubernetes's own.
func (a *Autoscaling) behavior() *k8s.HorizontalPodAutoscalerBehaviorV2 {
	behavior := k8s.HorizontalPodAutoscalerBehaviorV2{ScaleUp: a.ScaleUp.rules(), ScaleDown: a.ScaleDown.rules()}
	if behavior == (k8s.HorizontalPodAutoscalerBehaviorV2{}) {
		return nil
	}
	return &behavior
}

func (r ScalingRules) rules() *k8s.HpaScalingRulesV2 {
	if r == (ScalingRules{}) {
		return nil
	}
	rules := &k8s.HpaScalingRulesV2{}
	if r.StabilizationWindow > 0 {
		rules.StabilizationWindowSeconds = jsii.Number(r.StabilizationWindow.Seconds())
	}
	var policies []*k8s.HpaScalingPolicyV2
	add := func(kind string, value int) {
		if value > 0 {
			policies = append(policies, &k8s.HpaScalingPolicyV2{Type: jsii.String(kind), Value: jsii.Number(value), PeriodSeconds: jsii.Number(r.Period.Seconds())})
		}
	}
	add("Pods", r.Pods)
	add("Percent", r.Percent)
	if len(policies) > 0 {
		rules.Policies = &policies
	}
	return rules
}
