package constructs

import (
	"testing"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestHTTPProbeValidate(t *testing.T) {
	least := ProbeTiming{InitialDelaySeconds: new(0), PeriodSeconds: 1, TimeoutSeconds: 1, FailureThreshold: 1}
	runChecks(t, map[string]expectation{
		"defaults": {errs: HTTPProbe{}.withDefaults(livenessTiming).validate(checktest.Prop)},
		"least":    {errs: HTTPProbe{Path: "/", Timing: least}.validate(checktest.Prop)},
		"all wrong": {
			HTTPProbe{
				Path:   "health",
				Timing: ProbeTiming{InitialDelaySeconds: new(-1), PeriodSeconds: -1, TimeoutSeconds: -2, FailureThreshold: -3},
			}.withDefaults(livenessTiming).validate(checktest.Prop),
			[]string{
				`prop.path: Invalid value: "health": must begin with /`,
				"prop.timing.initialDelaySeconds: Invalid value: -1: " + checktest.NotBelow0Rule,
				"prop.timing.periodSeconds: Invalid value: -1: " + checktest.NotBelow1Rule,
				"prop.timing.timeoutSeconds: Invalid value: -2: " + checktest.NotBelow1Rule,
				"prop.timing.failureThreshold: Invalid value: -3: " + checktest.NotBelow1Rule,
			},
		},
	})
}
