package constructs

import (
	"cmp"
	"regexp"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Resources are what a container asks for and what it may use at most.
// https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
type Resources struct {
	// Requests are what the scheduler reserves. Each field defaults to the tier's own.
	Requests ResourceList

	// Limits are what the container is held to: CPU is throttled, memory beyond the limit ends the container. Each field
	// defaults to the tier's own, and must not be below the request.
	Limits ResourceList
}

// ResourceList names amounts of CPU and memory as Kubernetes quantities. They are written in the API server's own form:
// "1000m" becomes "1" and "2048Mi" becomes "2Gi", so that GitOps tools see no difference.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
type ResourceList struct {
	// CPU in cores, to the thousandth: "250m" or "0.25" is a quarter of a core.
	CPU string

	// Memory in bytes, with a suffix: "512Mi", "1Gi".
	Memory string
}

// minMemory is less than the smallest process needs: a quantity below it is a slip of the suffix ("512m", "512").
const minMemory = "4Mi"

// maxBytes is far beyond any node or volume. The API server counts bytes in thousandths in places, and takes some ten times
// as much for a fraction.
const maxBytes = "1Pi"

// minCPU is the precision that the kubelet works with.
const minCPU = "1m"

// or fills in what is not set.
func (r Resources) or(defaults Resources) Resources {
	return Resources{Requests: r.Requests.or(defaults.Requests), Limits: r.Limits.or(defaults.Limits)}
}

func (l ResourceList) or(defaults ResourceList) ResourceList {
	return ResourceList{CPU: cmp.Or(l.CPU, defaults.CPU), Memory: cmp.Or(l.Memory, defaults.Memory)}
}

func (r Resources) validate(path *field.Path) field.ErrorList {
	requests, limits := path.Child("requests"), path.Child("limits")
	errs := checkRequestAndLimit(requests.Child("cpu"), r.Requests.CPU, limits.Child("cpu"), r.Limits.CPU, checkCPU)
	return append(errs,
		checkRequestAndLimit(requests.Child("memory"), r.Requests.Memory, limits.Child("memory"), r.Limits.Memory, checkMemory)...)
}

func checkRequestAndLimit(requestPath *field.Path, request string, limitPath *field.Path, limit string,
	check func(*field.Path, string) field.ErrorList,
) field.ErrorList {
	errs := append(check(requestPath, request), check(limitPath, limit)...)
	if len(errs) > 0 {
		return errs
	}
	if most := resource.MustParse(limit); ptr(resource.MustParse(request)).Cmp(most) > 0 {
		return field.ErrorList{field.Invalid(requestPath, request, "must not exceed the limit "+most.String())}
	}
	return nil
}

func checkCPU(path *field.Path, cpu string) field.ErrorList {
	amount, errs := parseQuantity(path, cpu)
	if len(errs) > 0 {
		return errs
	}
	if amount.Cmp(resource.MustParse(minCPU)) < 0 || !multipleOf(amount, resource.Milli) {
		return field.ErrorList{field.Invalid(path, cpu, "must be whole thousandths of a core, at least "+minCPU)}
	}
	return nil
}

func checkMemory(path *field.Path, memory string) field.ErrorList {
	return checkBytes(path, memory, minMemory)
}

// checkBytes checks an amount of memory or storage.
func checkBytes(path *field.Path, bytes, least string) field.ErrorList {
	amount, errs := parseQuantity(path, bytes)
	if len(errs) > 0 {
		return errs
	}
	if amount.Cmp(resource.MustParse(least)) < 0 || amount.Cmp(resource.MustParse(maxBytes)) > 0 {
		return field.ErrorList{field.Invalid(path, bytes, "must be at least "+least+" and at most "+maxBytes)}
	}
	if !multipleOf(amount, 0) {
		return field.ErrorList{field.Invalid(path, bytes, "must be whole bytes")}
	}
	return nil
}

// multipleOf says whether an amount has no digits below the scale.
func multipleOf(amount resource.Quantity, scale resource.Scale) bool {
	rounded := amount.DeepCopy()
	return rounded.RoundUp(scale)
}

// longExponent matches what takes Kubernetes' own code minutes to parse or to compare: "1e-1000000000".
var longExponent = regexp.MustCompile(`[eE][-+]?[0-9]{3,}$`)

func parseQuantity(path *field.Path, text string) (resource.Quantity, field.ErrorList) {
	if text == "" {
		return resource.Quantity{}, field.ErrorList{field.Required(path, `a quantity such as "500m" or "1Gi"`)}
	}
	if !longExponent.MatchString(text) {
		if amount, err := resource.ParseQuantity(text); err == nil {
			return amount, nil
		}
	}
	return resource.Quantity{}, field.ErrorList{field.Invalid(path, text, `must be a quantity such as "500m" or "1Gi"`)}
}

// requirements expects resources that are valid.
func (r Resources) requirements() *k8s.ResourceRequirements {
	return &k8s.ResourceRequirements{Requests: r.Requests.quantities(), Limits: r.Limits.quantities()}
}

func (l ResourceList) quantities() *map[string]k8s.Quantity {
	return &map[string]k8s.Quantity{"cpu": quantity(l.CPU), "memory": quantity(l.Memory)}
}

// quantity expects a quantity that is valid, and gives the API server's own form of it.
func quantity(text string) k8s.Quantity {
	amount := resource.MustParse(text)
	// An amount keeps the text that it was parsed from, if that is near enough to the canonical form ("+5", "08m"), until it is
	// reckoned with.
	amount.Add(resource.Quantity{})
	return scalar{amount.String()}
}
