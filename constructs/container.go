package constructs

import (
	"cmp"
	"strings"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// PullPolicy decides when the kubelet pulls an image.
// https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
type PullPolicy string

// The pull policies of Kubernetes.
const (
	PullAlways       PullPolicy = "Always"
	PullIfNotPresent PullPolicy = "IfNotPresent"
	PullNever        PullPolicy = "Never"
)

// WithDefault returns the policy, or the default for an image: Always for the tag "latest", otherwise IfNotPresent.
func (p PullPolicy) WithDefault(image string) PullPolicy {
	if strings.HasSuffix(image, ":latest") {
		return cmp.Or(p, PullAlways)
	}
	return cmp.Or(p, PullIfNotPresent)
}

// Validate checks a policy whose default is filled in.
func (p PullPolicy) Validate(path *field.Path) field.ErrorList {
	return check.OneOf(path, p, PullAlways, PullIfNotPresent, PullNever)
}

// Resources are the CPU and memory that a container requests, and the limits that it must not exceed.
// https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
type Resources struct {
	// Requests are what the scheduler reserves. Each field defaults to the tier's own.
	Requests ResourceList

	// Limits bound the usage: above its CPU limit a container is throttled, above its memory limit it is killed. They
	// must not be below the requests. CPU may be NoLimit. Each field defaults to the tier's own.
	Limits ResourceList

	unset unsetResources // For errors.
}

// NoLimit as the CPU of Limits removes the limit: the container may use all CPU that its node has to spare. Alerts and
// dashboards that compare usage with the limit are then left out. Memory must have a limit.
const NoLimit = "none"

// unsetResources marks the fields that no prop sets: their values are defaults.
type unsetResources struct{ requestedCPU, requestedMemory, limitedCPU, limitedMemory bool }

// ResourceList holds Kubernetes quantities of CPU and memory. They are written in the API server's canonical form:
// "1000m" becomes "1" and "2048Mi" becomes "2Gi", so that GitOps tools report no difference.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
type ResourceList struct {
	// CPU is a quantity of cores, in whole thousandths: "250m" or "0.25" is a quarter of a core.
	CPU string

	// Memory is a quantity of bytes: "512Mi", "1Gi".
	Memory string
}

// WithDefaults fills in the fields that are not set.
func (r Resources) WithDefaults(defaults Resources) Resources {
	return Resources{
		Requests: r.Requests.withDefaults(defaults.Requests),
		Limits:   r.Limits.withDefaults(defaults.Limits),
		unset: unsetResources{
			requestedCPU:    r.unset.requestedCPU || r.Requests.CPU == "",
			requestedMemory: r.unset.requestedMemory || r.Requests.Memory == "",
			limitedCPU:      r.unset.limitedCPU || r.Limits.CPU == "",
			limitedMemory:   r.unset.limitedMemory || r.Limits.Memory == "",
		},
	}
}

func (l ResourceList) withDefaults(defaults ResourceList) ResourceList {
	return ResourceList{CPU: cmp.Or(l.CPU, defaults.CPU), Memory: cmp.Or(l.Memory, defaults.Memory)}
}

// Validate checks resources whose defaults are filled in.
func (r Resources) Validate(path *field.Path) field.ErrorList {
	return append(r.validateCPU(path), r.validateMemory(path)...)
}

func (r Resources) validateCPU(path *field.Path) field.ErrorList {
	request := quantityProp{path.Child("requests", "cpu"), r.Requests.CPU, r.unset.requestedCPU}
	if r.Limits.CPU == NoLimit {
		return check.CPU(request.prop, request.quantity)
	}
	return checkRequestAndLimit(request, quantityProp{path.Child("limits", "cpu"), r.Limits.CPU, r.unset.limitedCPU}, check.CPU)
}

func (r Resources) validateMemory(path *field.Path) field.ErrorList {
	checkMemory := func(path *field.Path, memory string) field.ErrorList {
		if memory == NoLimit {
			return field.ErrorList{field.Invalid(path, memory, `must be a quantity such as "512Mi" or "1Gi": only the CPU limit can be removed. A container without a memory limit can take all memory of its node, whose other pods are then killed`)}
		}
		return check.Bytes(path, memory, check.MinMemory)
	}
	return checkRequestAndLimit(
		quantityProp{path.Child("requests", "memory"), r.Requests.Memory, r.unset.requestedMemory},
		quantityProp{path.Child("limits", "memory"), r.Limits.Memory, r.unset.limitedMemory}, checkMemory)
}

// quantityProp is one of the Resources.
type quantityProp struct {
	prop      *field.Path
	quantity  string
	isDefault bool
}

func checkRequestAndLimit(request, limit quantityProp, check func(*field.Path, string) field.ErrorList) field.ErrorList {
	if errs := append(check(request.prop, request.quantity), check(limit.prop, limit.quantity)...); len(errs) > 0 {
		return errs
	}
	most, asked := resource.MustParse(limit.quantity), resource.MustParse(request.quantity)
	if asked.Cmp(most) <= 0 {
		return nil
	}
	problem := "must not exceed the limit " + most.String()
	switch {
	case request.isDefault:
		problem = "is the default, and exceeds the limit " + most.String() + ": set it too"
	case limit.isDefault:
		problem += ", which is the default: set " + limit.prop.String() + " too"
	}
	return field.ErrorList{field.Invalid(request.prop, request.quantity, problem)}
}

// memoryLimit describes the memory limit in errors.
func (r Resources) memoryLimit() string {
	limit := resource.MustParse(r.Limits.Memory)
	if r.unset.limitedMemory {
		return limit.String() + ", the default"
	}
	return limit.String()
}

// Requirements converts valid resources.
func (r Resources) Requirements() *k8s.ResourceRequirements {
	limits := map[string]k8s.Quantity{"memory": manifest.Quantity(r.Limits.Memory)}
	if r.Limits.CPU != NoLimit {
		limits["cpu"] = manifest.Quantity(r.Limits.CPU)
	}
	return &k8s.ResourceRequirements{
		Requests: &map[string]k8s.Quantity{"cpu": manifest.Quantity(r.Requests.CPU), "memory": manifest.Quantity(r.Requests.Memory)},
		Limits:   &limits,
	}
}
