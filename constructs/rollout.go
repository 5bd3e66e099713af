package constructs

import (
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// Rollout controls how pods are replaced when their template changes.
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
type Rollout struct {
	// MaxUnavailable is the number of pods that may be missing during a rollout. Defaults to 1, or to 0 for a single
	// replica, which would otherwise be down during every rollout, where another autoscaler may keep only one, and where new
	// pods wait for migrations, during which pods would be missing.
	MaxUnavailable *int

	// MaxSurge is the number of pods that may exist in addition to the replicas during a rollout. It and MaxUnavailable
	// must not both be 0. Defaults to 1.
	MaxSurge *int
}

// withDefaults fills in the defaults for a tier that has at least so many replicas.
func (r Rollout) withDefaults(replicas int) Rollout {
	if r.MaxSurge == nil {
		r.MaxSurge = new(1)
	}
	if r.MaxUnavailable == nil {
		r.MaxUnavailable = new(1)
		if replicas == 1 && *r.MaxSurge > 0 {
			r.MaxUnavailable = new(0)
		}
	}
	return r
}

// validate checks a rollout whose defaults are filled in.
func (r Rollout) validate(path *field.Path) field.ErrorList {
	errs := check.AtLeast(path.Child("maxUnavailable"), *r.MaxUnavailable, 0)
	errs = append(errs, check.AtLeast(path.Child("maxSurge"), *r.MaxSurge, 0)...)
	if *r.MaxUnavailable == 0 && *r.MaxSurge == 0 {
		errs = append(errs, field.Invalid(path.Child("maxUnavailable"), 0, "must not be 0 if maxSurge is 0: no pod could be replaced"))
	}
	return errs
}
