package constructs

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
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

	// Extended are numbers of GPUs and other devices that nodes offer, by name: {"nvidia.com/gpu": 1}. A container gets
	// them for itself: they are its request and its limit. Nodes with GPUs often have a taint, see Pod.Tolerations.
	// Defaults to none.
	// https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/
	Extended map[string]int

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

	// EphemeralStorage is a quantity of bytes on the disk of the node: the container's logs, and its EmptyDirs that are
	// not in memory. A pod that exceeds its limit is evicted. Defaults to none.
	EphemeralStorage string
}

// WithDefaults fills in the fields that are not set.
func (r Resources) WithDefaults(defaults Resources) Resources {
	return Resources{
		Requests: r.Requests.withDefaults(defaults.Requests),
		Limits:   r.Limits.withDefaults(defaults.Limits),
		Extended: r.extendedOr(defaults),
		unset: unsetResources{
			requestedCPU:    r.unset.requestedCPU || r.Requests.CPU == "",
			requestedMemory: r.unset.requestedMemory || r.Requests.Memory == "",
			limitedCPU:      r.unset.limitedCPU || r.Limits.CPU == "",
			limitedMemory:   r.unset.limitedMemory || r.Limits.Memory == "",
		},
	}
}

func (l ResourceList) withDefaults(defaults ResourceList) ResourceList {
	return ResourceList{
		CPU:              cmp.Or(l.CPU, defaults.CPU),
		Memory:           cmp.Or(l.Memory, defaults.Memory),
		EphemeralStorage: cmp.Or(l.EphemeralStorage, defaults.EphemeralStorage),
	}
}

func (r Resources) isZero() bool {
	return r.Requests == ResourceList{} && r.Limits == ResourceList{} && len(r.Extended) == 0
}

func (r Resources) extendedOr(defaults Resources) map[string]int {
	if len(r.Extended) == 0 {
		return defaults.Extended
	}
	return r.Extended
}

// boundedCPU is a limit of CPU, or empty for none.
func (l ResourceList) boundedCPU() string {
	if l.CPU == NoLimit {
		return ""
	}
	return l.CPU
}

// Validate checks resources whose defaults are filled in.
func (r Resources) Validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		r.validateCPU(path),
		r.validateMemory(path),
		r.validateEphemeralStorage(path),
		r.validateExtended(path.Child("extended")),
	)
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

func (r Resources) validateEphemeralStorage(path *field.Path) field.ErrorList {
	request := quantityProp{path.Child("requests", "ephemeralStorage"), r.Requests.EphemeralStorage, false}
	limit := quantityProp{path.Child("limits", "ephemeralStorage"), r.Limits.EphemeralStorage, false}
	checkStorage := func(path *field.Path, bytes string) field.ErrorList {
		return check.Bytes(path, bytes, check.MinStorage)
	}
	switch {
	case request.quantity == "" && limit.quantity == "":
		return nil
	case request.quantity == "":
		return checkStorage(limit.prop, limit.quantity)
	case limit.quantity == "":
		return checkStorage(request.prop, request.quantity)
	}
	return checkRequestAndLimit(request, limit, checkStorage)
}

// validateExtended takes the names that Kubernetes does.
// https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/apis/core/helper/helpers.go
func (r Resources) validateExtended(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, name := range slices.Sorted(maps.Keys(r.Extended)) {
		at := check.At(path, name)
		// In a quota the name has a prefix.
		if problems := validation.IsQualifiedName("requests." + name); len(problems) > 0 {
			errs = append(errs, check.Invalid(at, name, problems)...)
		} else if !strings.Contains(name, "/") || strings.Contains(name, "kubernetes.io/") || strings.HasPrefix(name, "requests.") {
			errs = append(errs, field.Invalid(at, name, "must be the name that a device plugin gives, with its domain: nvidia.com/gpu"))
		}
		errs = append(errs, check.AtLeast(at, r.Extended[name], 1)...)
	}
	return errs
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
	requests := map[string]k8s.Quantity{"cpu": manifest.Quantity(r.Requests.CPU), "memory": manifest.Quantity(r.Requests.Memory)}
	limits := map[string]k8s.Quantity{"memory": manifest.Quantity(r.Limits.Memory)}
	if r.Limits.CPU != NoLimit {
		limits["cpu"] = manifest.Quantity(r.Limits.CPU)
	}
	if r.Requests.EphemeralStorage != "" {
		requests["ephemeral-storage"] = manifest.Quantity(r.Requests.EphemeralStorage)
	}
	if r.Limits.EphemeralStorage != "" {
		limits["ephemeral-storage"] = manifest.Quantity(r.Limits.EphemeralStorage)
	}
	for name, number := range r.Extended {
		// Kubernetes takes them for equal if there is only a limit. Both are written, as the API server would.
		requests[name], limits[name] = manifest.Quantity(strconv.Itoa(number)), manifest.Quantity(strconv.Itoa(number))
	}
	return &k8s.ResourceRequirements{Requests: &requests, Limits: &limits}
}
