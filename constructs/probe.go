package constructs

import (
	"cmp"
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// HTTPProbe requests a path from a container. Any status from 200 to 399 is a success.
// https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
type HTTPProbe struct {
	// Path is requested from the tier's port. Defaults to "/health".
	Path string

	// Timing schedules the requests. The defaults of its fields depend on the probe.
	Timing ProbeTiming
}

// ProbeTiming schedules a probe, and decides when it has failed.
type ProbeTiming struct {
	// InitialDelaySeconds is the time from the start of the container to the first probe. Defaults to 30 for liveness
	// and 5 for readiness.
	InitialDelaySeconds *int

	// PeriodSeconds is the time between two probes. Defaults to 10 for liveness and 5 for readiness.
	PeriodSeconds int

	// TimeoutSeconds is the time limit of an answer. Defaults to 3; Kubernetes's own default of 1 is short for a busy
	// server.
	TimeoutSeconds int

	// FailureThreshold is the number of consecutive failures after which the probe has failed. Defaults to 3.
	FailureThreshold int
}

// DefaultHealthPath is the default path of the HTTP tiers' probes.
const DefaultHealthPath = "/health"

// The defaults of probes. A container that fails to answer for 30 seconds is restarted; one that fails for 15 gets no
// requests.
var (
	livenessTiming  = ProbeTiming{InitialDelaySeconds: new(30), PeriodSeconds: 10, TimeoutSeconds: 3, FailureThreshold: 3}
	readinessTiming = ProbeTiming{InitialDelaySeconds: new(5), PeriodSeconds: 5, TimeoutSeconds: 3, FailureThreshold: 3}

	// startupTiming gives a server ten minutes to recover after a crash, or to load its data. The liveness probe waits for it;
	// on its own it would end the server in the midst, again and again.
	startupTiming = ProbeTiming{InitialDelaySeconds: new(0), PeriodSeconds: 5, TimeoutSeconds: 5, FailureThreshold: 120}
)

// withDefaults fills in the fields that are not set.
func (p HTTPProbe) withDefaults(timing ProbeTiming) HTTPProbe {
	return HTTPProbe{Path: cmp.Or(p.Path, DefaultHealthPath), Timing: p.Timing.withDefaults(timing)}
}

// withDefaults fills in the fields that are not set.
func (t ProbeTiming) withDefaults(defaults ProbeTiming) ProbeTiming {
	return ProbeTiming{
		InitialDelaySeconds: cmp.Or(t.InitialDelaySeconds, defaults.InitialDelaySeconds),
		PeriodSeconds:       cmp.Or(t.PeriodSeconds, defaults.PeriodSeconds),
		TimeoutSeconds:      cmp.Or(t.TimeoutSeconds, defaults.TimeoutSeconds),
		FailureThreshold:    cmp.Or(t.FailureThreshold, defaults.FailureThreshold),
	}
}

// validate checks a probe whose defaults are filled in.
func (p HTTPProbe) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		check.URLPath(path.Child("path"), p.Path),
		p.Timing.validate(path.Child("timing")),
	)
}

// validate checks a timing whose defaults are filled in.
func (t ProbeTiming) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		check.AtLeast(path.Child("initialDelaySeconds"), *t.InitialDelaySeconds, 0),
		check.AtLeast(path.Child("periodSeconds"), t.PeriodSeconds, 1),
		check.AtLeast(path.Child("timeoutSeconds"), t.TimeoutSeconds, 1),
		check.AtLeast(path.Child("failureThreshold"), t.FailureThreshold, 1),
	)
}

// Liveness is for use within this module.
func (p HTTPProbe) Liveness() *k8s.Probe { return p.withDefaults(livenessTiming).probe() }

// Readiness is for use within this module.
func (p HTTPProbe) Readiness() *k8s.Probe { return p.withDefaults(readinessTiming).probe() }

// Startup is for use within this module.
func (p HTTPProbe) Startup() *k8s.Probe { return p.withDefaults(startupTiming).probe() }

// probe asks the container's port "http".
func (p HTTPProbe) probe() *k8s.Probe {
	return p.Timing.probe(k8s.Probe{HttpGet: &k8s.HttpGetAction{Path: jsii.String(p.Path), Port: manifest.Text(manifest.HTTPPort)}})
}

// probe times what asks the container.
func (t ProbeTiming) probe(asking k8s.Probe) *k8s.Probe {
	asking.PeriodSeconds = jsii.Number(t.PeriodSeconds)
	asking.TimeoutSeconds = jsii.Number(t.TimeoutSeconds)
	asking.FailureThreshold = jsii.Number(t.FailureThreshold)
	if *t.InitialDelaySeconds > 0 {
		// The API server drops a delay of 0, and a GitOps tool would see a difference.
		asking.InitialDelaySeconds = jsii.Number(*t.InitialDelaySeconds)
	}
	return &asking
}
