package constructs

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// FieldRef is a field of the pod, or a request or limit of the container. Set Field or Resource.
// https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
type FieldRef struct {
	// Field is a field of the pod: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
	// "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
	// "metadata.labels['<key>']" or "metadata.annotations['<key>']" with a key of the tier's labels or of Pod.
	Field string

	// Resource is "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory" or
	// "limits.ephemeral-storage". A limit that the container does not have is what its node can give to pods.
	Resource string

	// Divisor is the unit of the value of Resource, which is rounded up to a whole number: "1" or "1m" for CPU, and for
	// memory and storage "1" or one of a larger unit, such as "1Mi". Defaults to 1.
	Divisor string
}

const defaultDivisor = "1"

// The fields, resources and units that Kubernetes accepts in environment variables.
// https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/apis/core/validation/validation.go
var (
	envFields = []string{
		"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
		"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
	}
	// controllersKeys are labels and annotations that Kubernetes's controllers and this library give to pods.
	// https://kubernetes.io/docs/reference/labels-annotations-taints/
	controllersKeys = append([]string{
		"batch.kubernetes.io/job-completion-index", "batch.kubernetes.io/cronjob-scheduled-timestamp", "pod-template-hash", manifest.ChecksumAnnotation,
	}, jobControllersLabels...)
	keyedField   = regexp.MustCompile(`^metadata\.(labels|annotations)\['(.*)'\]$`)
	envResources = []string{
		"requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage",
	}
	cpuUnits  = []string{defaultDivisor, "1m"}
	byteUnits = []string{defaultDivisor, "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"}
)

func (f FieldRef) validate(path *field.Path, pod PodProps) field.ErrorList {
	switch {
	case f.Field == "" && f.Resource == "":
		return field.ErrorList{field.Required(path, "set field or resource")}
	case f.Field != "" && f.Resource != "":
		return field.ErrorList{field.Forbidden(path, "field and resource exclude each other: remove one of them")}
	case f.Field != "":
		errs := f.validateField(path.Child("field"), pod)
		if f.Divisor != "" {
			errs = append(errs, field.Forbidden(path.Child("divisor"), "has no effect without resource: remove it"))
		}
		return errs
	}
	return append(check.OneOf(path.Child("resource"), f.Resource, envResources...), f.validateDivisor(path.Child("divisor"))...)
}

// validateField refuses labels and annotations that the pods do not have: the variable would be empty.
func (f FieldRef) validateField(prop *field.Path, pod PodProps) field.ErrorList {
	keyed := keyedField.FindStringSubmatch(f.Field)
	if keyed == nil {
		if slices.Contains(envFields, f.Field) {
			return nil
		}
		return field.ErrorList{field.NotSupported(prop, f.Field, append(slices.Clone(envFields), "metadata.labels['<key>']", "metadata.annotations['<key>']"))}
	}
	values, own := pod.Annotations, []string{}
	if keyed[1] == "labels" {
		values, own = pod.Labels, slices.Sorted(maps.Keys(manifest.Component{}.Labels()))
	}
	if _, set := values[keyed[2]]; set || slices.Contains(own, keyed[2]) || slices.Contains(controllersKeys, keyed[2]) {
		return nil
	}
	return field.ErrorList{field.Invalid(prop, f.Field, "the pods do not have it, and the variable would be empty: add it to pod."+keyed[1])}
}

func (f FieldRef) validateDivisor(prop *field.Path) field.ErrorList {
	units := byteUnits
	if strings.HasSuffix(f.Resource, ".cpu") {
		units = cpuUnits
	}
	return check.OneOf(prop, cmp.Or(f.Divisor, defaultDivisor), units...)
}

// variable returns an environment variable with the value of the field.
func (f FieldRef) variable(name string) *k8s.EnvVar {
	source := &k8s.EnvVarSource{}
	if f.Field != "" {
		source.FieldRef = &k8s.ObjectFieldSelector{FieldPath: jsii.String(f.Field)}
	} else {
		// Written out, because the API server would add a zero, which means the same. The units are in its own form.
		divisor := manifest.Text(cmp.Or(f.Divisor, defaultDivisor))
		source.ResourceFieldRef = &k8s.ResourceFieldSelector{Resource: jsii.String(f.Resource), Divisor: divisor}
	}
	return &k8s.EnvVar{Name: jsii.String(name), ValueFrom: source}
}
