package constructs

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// HTTPProbe asks a container over HTTP whether it is well. Any status from 200 to 399 means yes.
// https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
type HTTPProbe struct {
	// Path is requested from the tier's port. Defaults to DefaultHealthPath.
	Path string

	// Timing says when and how often. Each of its fields has a default of its own for each probe.
	Timing ProbeTiming
}

// ProbeTiming says when and how often a container is asked, and how patiently.
type ProbeTiming struct {
	// InitialDelaySeconds is the time between the container's start and the first probe. Defaults to 30 for liveness and to
	// 5 for readiness.
	InitialDelaySeconds *int

	// PeriodSeconds is the time between two probes. Defaults to 10 for liveness and to 5 for readiness.
	PeriodSeconds int

	// TimeoutSeconds is how long an answer may take. Defaults to 3: Kubernetes' own second is short for a busy server.
	TimeoutSeconds int

	// FailureThreshold is the number of failures in a row that count. Defaults to 3.
	FailureThreshold int
}

// DefaultHealthPath is where the HTTP tiers are asked for their health.
const DefaultHealthPath = "/health"

// The defaults of probes. A container that fails to answer for 30 seconds is restarted; one that fails for 15 gets no
// requests.
var (
	livenessTiming  = ProbeTiming{InitialDelaySeconds: ptr(30), PeriodSeconds: 10, TimeoutSeconds: 3, FailureThreshold: 3}
	readinessTiming = ProbeTiming{InitialDelaySeconds: ptr(5), PeriodSeconds: 5, TimeoutSeconds: 3, FailureThreshold: 3}
)

func (p HTTPProbe) or(timing ProbeTiming) HTTPProbe {
	return HTTPProbe{Path: cmp.Or(p.Path, DefaultHealthPath), Timing: p.Timing.or(timing)}
}

func (t ProbeTiming) or(defaults ProbeTiming) ProbeTiming {
	return ProbeTiming{
		InitialDelaySeconds: cmp.Or(t.InitialDelaySeconds, defaults.InitialDelaySeconds),
		PeriodSeconds:       cmp.Or(t.PeriodSeconds, defaults.PeriodSeconds),
		TimeoutSeconds:      cmp.Or(t.TimeoutSeconds, defaults.TimeoutSeconds),
		FailureThreshold:    cmp.Or(t.FailureThreshold, defaults.FailureThreshold),
	}
}

func (p HTTPProbe) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		checkURLPath(path.Child("path"), p.Path),
		p.Timing.validate(path.Child("timing")),
	)
}

func (t ProbeTiming) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		checkAtLeast(path.Child("initialDelaySeconds"), *t.InitialDelaySeconds, 0),
		checkAtLeast(path.Child("periodSeconds"), t.PeriodSeconds, 1),
		checkAtLeast(path.Child("timeoutSeconds"), t.TimeoutSeconds, 1),
		checkAtLeast(path.Child("failureThreshold"), t.FailureThreshold, 1),
	)
}

// checkURLPath checks the path of a URL, as it is sent.
func checkURLPath(path *field.Path, value string) field.ErrorList {
	if !strings.HasPrefix(value, "/") {
		return field.ErrorList{field.Invalid(path, value, "must begin with /")}
	}
	for _, char := range value {
		if char <= ' ' || char >= 0x7f {
			return field.ErrorList{field.Invalid(path, value, "must be ASCII without spaces; escape other characters as %XX")}
		}
	}
	return nil
}

func (p HTTPProbe) probe() *k8s.Probe {
	probe := p.Timing.probe()
	probe.HttpGet = &k8s.HttpGetAction{Path: jsii.String(p.Path), Port: scalar{httpPortName}}
	return probe
}

// exec is a probe that runs a command in the container. An exit code other than 0 means no.
func (t ProbeTiming) exec(command []string) *k8s.Probe {
	probe := t.probe()
	probe.Exec = &k8s.ExecAction{Command: jsii.Strings(command...)}
	return probe
}

// probe is one without its action.
func (t ProbeTiming) probe() *k8s.Probe {
	probe := &k8s.Probe{
		PeriodSeconds:    jsii.Number(t.PeriodSeconds),
		TimeoutSeconds:   jsii.Number(t.TimeoutSeconds),
		FailureThreshold: jsii.Number(t.FailureThreshold),
	}
	if *t.InitialDelaySeconds > 0 {
		// The API server drops a delay of 0, and a GitOps tool would see a difference.
		probe.InitialDelaySeconds = jsii.Number(*t.InitialDelaySeconds)
	}
	return probe
}
