package constructs

import "testing"

func TestCheckURLPath(t *testing.T) {
	const asciiRule = "must be ASCII without spaces; escape other characters as %XX"
	runChecks(t, map[string]check{
		"root":        {errs: checkURLPath(prop, "/")},
		"query":       {errs: checkURLPath(prop, "/health?deep=1&x=%20")},
		"relative":    {checkURLPath(prop, "health"), []string{`prop: Invalid value: "health": must begin with /`}},
		"whole URL":   {checkURLPath(prop, "http://x/health"), []string{`prop: Invalid value: "http://x/health": must begin with /`}},
		"space":       {checkURLPath(prop, "/a b"), []string{`prop: Invalid value: "/a b": ` + asciiRule}},
		"line break":  {checkURLPath(prop, "/a\n"), []string{`prop: Invalid value: "/a\n": ` + asciiRule}},
		"not ASCII":   {checkURLPath(prop, "/ü"), []string{`prop: Invalid value: "/ü": ` + asciiRule}},
		"delete char": {checkURLPath(prop, "/\x7f"), []string{`prop: Invalid value: "/\x7f": ` + asciiRule}},
	})
}

func TestHTTPProbeValidate(t *testing.T) {
	least := ProbeTiming{InitialDelaySeconds: ptr(0), PeriodSeconds: 1, TimeoutSeconds: 1, FailureThreshold: 1}
	runChecks(t, map[string]check{
		"defaults": {errs: HTTPProbe{}.or(livenessTiming).validate(prop)},
		"least":    {errs: HTTPProbe{Path: "/", Timing: least}.validate(prop)},
		"all wrong": {
			HTTPProbe{
				Path:   "health",
				Timing: ProbeTiming{InitialDelaySeconds: ptr(-1), PeriodSeconds: -1, TimeoutSeconds: -2, FailureThreshold: -3},
			}.or(livenessTiming).validate(prop),
			[]string{
				`prop.path: Invalid value: "health": must begin with /`,
				"prop.timing.initialDelaySeconds: Invalid value: -1: " + notBelow0Rule,
				"prop.timing.periodSeconds: Invalid value: -1: " + notBelow1Rule,
				"prop.timing.timeoutSeconds: Invalid value: -2: " + notBelow1Rule,
				"prop.timing.failureThreshold: Invalid value: -3: " + notBelow1Rule,
			},
		},
	})
}
