package argocd

import (
	"cmp"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// Sync decides when Argo CD applies the changes in the repository.
type Sync struct {
	// Automated has Argo CD apply changes automatically. Defaults to none: it reports differences, and someone syncs.
	Automated *AutomatedSync

	// Retry repeats a sync that failed. Defaults to 5 times.
	Retry Retry
}

// AutomatedSync is what Argo CD does automatically, in addition to applying what was added or changed.
// https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/
type AutomatedSync struct {
	// Prune deletes objects that are no longer in the repository. Otherwise Argo CD reports them. Defaults to false.
	Prune bool

	// SelfHeal reverts changes that were made in the cluster. Defaults to false.
	SelfHeal bool
}

// Retry schedules the attempts after a failed sync. The time between two attempts doubles with each.
// https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
type Retry struct {
	// Limit is the number of attempts; -1 means no limit. Defaults to 5.
	Limit *int

	// Backoff is the time before the first attempt, in whole seconds. Defaults to 5 s.
	Backoff time.Duration

	// MaxBackoff is the longest time between two attempts, in whole seconds. Defaults to 3 min, or to Backoff if that
	// is longer.
	MaxBackoff time.Duration
}

// What Argo CD's command argocd has as defaults.
const (
	defaultRetryLimit = 5
	defaultBackoff    = 5 * time.Second
	defaultMaxBackoff = 3 * time.Minute
	backoffFactor     = 2
	maxBackoff        = 24 * time.Hour
)

func (s Sync) withDefaults() Sync {
	if s.Retry.Limit == nil {
		s.Retry.Limit = new(defaultRetryLimit)
	}
	s.Retry.Backoff = cmp.Or(s.Retry.Backoff, defaultBackoff)
	s.Retry.MaxBackoff = cmp.Or(s.Retry.MaxBackoff, max(defaultMaxBackoff, s.Retry.Backoff))
	return s
}

func (s Sync) validate(at *field.Path) field.ErrorList { return s.Retry.validate(at.Child("retry")) }

func (r Retry) validate(at *field.Path) field.ErrorList {
	errs := check.AtLeast(at.Child("limit"), *r.Limit, -1)
	errs = append(errs, check.WholeSeconds(at.Child("backoff"), r.Backoff, time.Second, maxBackoff)...)
	errs = append(errs, check.WholeSeconds(at.Child("maxBackoff"), r.MaxBackoff, time.Second, maxBackoff)...)
	if len(errs) == 0 && r.MaxBackoff < r.Backoff {
		errs = append(errs, field.Invalid(at.Child("maxBackoff"), r.MaxBackoff.String(), "must not be below backoff ("+check.OrDefault(check.Duration(r.Backoff), check.Duration(defaultBackoff))+")"))
	}
	return errs
}

// policy spells out what Argo CD would assume. An empty repository prunes nothing, whatever Prune says: allowEmpty.
func (s Sync) policy() map[string]any {
	policy := map[string]any{
		"syncOptions": []string{"ServerSideApply=true"},
		"retry": map[string]any{
			"limit": *s.Retry.Limit,
			"backoff": map[string]any{
				"duration": check.Duration(s.Retry.Backoff), "factor": backoffFactor, "maxDuration": check.Duration(s.Retry.MaxBackoff),
			},
		},
	}
	if s.Automated != nil {
		policy["automated"] = s.Automated.fields()
	}
	return policy
}

func (a AutomatedSync) fields() map[string]any {
	return map[string]any{"enabled": true, "prune": a.Prune, "selfHeal": a.SelfHeal, "allowEmpty": false}
}

// annotations have the API server calculate the differences: its defaults are none then.
// https://argo-cd.readthedocs.io/en/stable/user-guide/diff-strategies/
var annotations = map[string]string{"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
