package argocd

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestRetry(t *testing.T) {
	validate := func(retry Retry) field.ErrorList { return Sync{Retry: retry}.withDefaults().validate(checktest.Prop) }
	const rule = "must be in whole seconds between 1s and 24h"
	runChecks(t, map[string]expectation{
		"defaults":     {validate(Retry{}), nil},
		"never":        {validate(Retry{Limit: new(0)}), nil},
		"without end":  {validate(Retry{Limit: new(-1), Backoff: time.Second, MaxBackoff: 24 * time.Hour}), nil},
		"long backoff": {validate(Retry{Backoff: time.Hour}), nil},
		"wrong": {validate(Retry{Limit: new(-2), Backoff: time.Millisecond, MaxBackoff: 25 * time.Hour}), []string{
			"prop.retry.limit: Invalid value: -2: must be between -1 and 2147483647, inclusive",
			`prop.retry.backoff: Invalid value: "1ms": ` + rule,
			`prop.retry.maxBackoff: Invalid value: "25h0m0s": ` + rule,
		}},
		"most less than least": {validate(Retry{Backoff: time.Minute, MaxBackoff: time.Second}), []string{
			`prop.retry.maxBackoff: Invalid value: "1s": must not be below backoff (1m)`,
		}},
	})
}
