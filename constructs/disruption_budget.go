package constructs

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// DisruptionBudget limits how many pods of a tier may be evicted at the same time, such as when nodes are drained. Pods
// that are not healthy can always be evicted. Set one field at most.
// https://kubernetes.io/docs/tasks/run-application/configure-pdb/
type DisruptionBudget struct {
	// MaxUnavailable is the number or percentage of pods that may be missing: "2", "25%". Defaults to 1, unless
	// MinAvailable is set.
	MaxUnavailable string

	// MinAvailable is the number or percentage of pods that must remain: "2", "75%". It must be below the number of
	// replicas: a node could not be drained otherwise. Defaults to none.
	MinAvailable string
}

func (d DisruptionBudget) withDefaults() DisruptionBudget {
	if d.MinAvailable == "" {
		d.MaxUnavailable = cmp.Or(d.MaxUnavailable, "1")
	}
	return d
}

// validate expects the defaults to be filled in, and takes the smallest number of replicas.
func (d DisruptionBudget) validate(path *field.Path, replicas int) field.ErrorList {
	switch {
	case d.MinAvailable == "":
		return d.validateMaxUnavailable(path.Child("maxUnavailable"))
	case d.MaxUnavailable == "":
		return d.validateMinAvailable(path.Child("minAvailable"), replicas)
	}
	return field.ErrorList{field.Forbidden(path.Child("minAvailable"), "maxUnavailable is set: remove one of them")}
}

func (d DisruptionBudget) validateMaxUnavailable(path *field.Path) field.ErrorList {
	number, isPercentage, errs := podCount(path, d.MaxUnavailable)
	switch {
	case len(errs) > 0:
		return errs
	case number == 0:
		return field.ErrorList{field.Invalid(path, d.MaxUnavailable, "must be above 0: no node with a pod of the tier could be drained")}
	case isPercentage && number > 100:
		return field.ErrorList{field.Invalid(path, d.MaxUnavailable, "must not exceed 100%")}
	}
	return nil
}

func (d DisruptionBudget) validateMinAvailable(path *field.Path, replicas int) field.ErrorList {
	number, isPercentage, errs := podCount(path, d.MinAvailable)
	if isPercentage && number < 100 && replicas > 0 {
		number, isPercentage = (number*replicas+99)/100, false // Kubernetes rounds up.
	}
	if isPercentage && number >= 100 || !isPercentage && replicas > 0 && number >= replicas {
		errs = append(errs, field.Invalid(path, d.MinAvailable, fmt.Sprintf(
			"must be below the smallest number of replicas (%d): no node with a pod of the tier could be drained", replicas)))
	}
	return errs
}

// podCount reads a number or a percentage of pods.
func podCount(path *field.Path, text string) (number int, isPercentage bool, errs field.ErrorList) {
	digits, isPercentage := strings.CutSuffix(text, "%")
	number, err := strconv.Atoi(digits)
	if err != nil || strconv.Itoa(number) != digits || number < 0 {
		return 0, false, field.ErrorList{field.Invalid(path, text, "must be a number or a percentage of pods, such as \"2\" or \"25%\"")}
	}
	return number, isPercentage, check.AtLeast(path, number, 0)
}

// object expects valid values.
func (d DisruptionBudget) object(c manifest.Component) *manifest.Object {
	scalar := func(text string) manifest.Scalar {
		if number, err := strconv.Atoi(text); err == nil {
			return manifest.Number(number)
		}
		return manifest.Text(text)
	}
	if d.MinAvailable != "" {
		return manifest.MinAvailable(c, scalar(d.MinAvailable))
	}
	return manifest.MaxUnavailable(c, scalar(d.MaxUnavailable))
}
