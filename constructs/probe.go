package constructs

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Probe asks a container for its state. It is an HTTPProbe, a TCPProbe, a GRPCProbe, an ExecProbe, a HeartbeatProbe or
// NoProbe.
// https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
type Probe interface {
	withDefaults(timing ProbeTiming) Probe

	// validate and probe expect the defaults to be filled in.
	validate(prop *field.Path, of probed) field.ErrorList
	probe(of probed) *k8s.Probe
}

// probed is what probes need to know of a container.
type probed struct {
	port        int // Its port "http"; 0 without one.
	environment *ordering
	emptyDirs   []EmptyDir
}

// TCPProbe opens a connection to a container.
type TCPProbe struct {
	// Port is the port that the probe connects to. Required for a Worker and a Scheduler. Defaults to the tier's port.
	Port int

	// Timing schedules the connections. The defaults of its fields depend on the probe.
	Timing ProbeTiming
}

// GRPCProbe calls the gRPC health checking protocol of a container, without TLS.
// https://github.com/grpc/grpc/blob/master/doc/health-checking.md
type GRPCProbe struct {
	// Port is the port that the call goes to. Required for a Worker and a Scheduler. Defaults to the tier's port.
	Port int

	// Service is the name of the service that is asked for. Defaults to none, which asks for the server as a whole.
	Service string

	// Timing schedules the calls. The defaults of its fields depend on the probe.
	Timing ProbeTiming
}

// ExecProbe runs a program in a container. Exit status 0 is a success.
type ExecProbe struct {
	// Command is the program, which the image must contain, and its arguments. No shell reads it. It can refer as $(NAME)
	// to a variable of Env whose value refers to no other one: Kubernetes does not resolve more in probes. A shell can
	// read all of them: []string{"sh", "-c", `pg_isready -d "$DATABASE_URL"`}. Required.
	Command []string

	// Timing schedules the runs. The defaults of its fields depend on the probe.
	Timing ProbeTiming
}

// NoProbe asks nothing: the container counts as live or ready while its program runs.
type NoProbe struct{}

var _ = []Probe{HTTPProbe{}, TCPProbe{}, GRPCProbe{}, ExecProbe{}, HeartbeatProbe{}, NoProbe{}}

// ProbeTiming schedules a probe, and decides when it has failed.
type ProbeTiming struct {
	// InitialDelaySeconds is the time from the start of the container to the first probe. Defaults to 30 for liveness,
	// 5 for readiness and 0 for startup.
	InitialDelaySeconds *int

	// PeriodSeconds is the time between two probes. Defaults to 10 for liveness and 5 for readiness and startup.
	PeriodSeconds int

	// TimeoutSeconds is the time limit of an answer. Defaults to 3 for liveness and readiness and 5 for startup;
	// Kubernetes's own default of 1 is short for a busy server.
	TimeoutSeconds int

	// FailureThreshold is the number of consecutive failures after which the probe has failed. Defaults to 3 for liveness
	// and readiness, and to 120 for startup, which gives a server ten minutes.
	FailureThreshold int
}

// The defaults of probes. A container that fails to answer for 30 seconds is restarted; one that fails for 15 gets no
// requests.
var (
	livenessTiming  = ProbeTiming{InitialDelaySeconds: new(30), PeriodSeconds: 10, TimeoutSeconds: 3, FailureThreshold: 3}
	readinessTiming = ProbeTiming{InitialDelaySeconds: new(5), PeriodSeconds: 5, TimeoutSeconds: 3, FailureThreshold: 3}

	// startupTiming gives a server ten minutes to recover after a crash, or to load its data. The liveness probe waits for it;
	// on its own it would end the server in the midst, again and again.
	startupTiming = ProbeTiming{InitialDelaySeconds: new(0), PeriodSeconds: 5, TimeoutSeconds: 5, FailureThreshold: 120}
)

// probes are those of a container.
type probes struct{ startup, liveness, readiness Probe }

// withDefaults fills in a probe for each that is not set, and the fields of those that are.
func (p probes) withDefaults(defaults probes) probes {
	fill := func(probe, byDefault Probe, timing ProbeTiming) Probe {
		if probe == nil {
			probe = byDefault
		}
		if manifest.IsNil(probe) {
			return probe // validate reports it.
		}
		return probe.withDefaults(timing)
	}
	return probes{
		startup:   fill(p.startup, defaults.startup, startupTiming),
		liveness:  fill(p.liveness, defaults.liveness, livenessTiming),
		readiness: fill(p.readiness, defaults.readiness, readinessTiming),
	}
}

// namedProbe is a probe and its prop.
type namedProbe struct {
	prop  string
	probe Probe
}

func (p probes) named() []namedProbe {
	return []namedProbe{{"startup", p.startup}, {"liveness", p.liveness}, {"readiness", p.readiness}}
}

func (p probes) validate(path *field.Path, of probed) field.ErrorList {
	var errs field.ErrorList
	for _, named := range p.named() {
		prop := path.Child(named.prop)
		if manifest.IsNil(named.probe) {
			errs = append(errs, field.Invalid(prop, nil, fmt.Sprintf("must not be a nil %T: omit it for the default, or set NoProbe{}", named.probe)))
			continue
		}
		errs = append(errs, named.probe.validate(prop, of)...)
	}
	return errs
}

func (p probes) addTo(container *k8s.Container, of probed) {
	container.StartupProbe = p.startup.probe(of)
	container.LivenessProbe = p.liveness.probe(of)
	container.ReadinessProbe = p.readiness.probe(of)
}

func (p TCPProbe) withDefaults(timing ProbeTiming) Probe {
	p.Timing = p.Timing.withDefaults(timing)
	return p
}

func (p TCPProbe) validate(prop *field.Path, of probed) field.ErrorList {
	return append(checkProbedPort(prop.Child("port"), p.Port, of), p.Timing.validate(prop.Child("timing"))...)
}

func (p TCPProbe) probe(probed) *k8s.Probe {
	return p.Timing.probe(k8s.Probe{TcpSocket: &k8s.TcpSocketAction{Port: probedPort(p.Port)}})
}

func (p GRPCProbe) withDefaults(timing ProbeTiming) Probe {
	p.Timing = p.Timing.withDefaults(timing)
	return p
}

func (p GRPCProbe) validate(prop *field.Path, of probed) field.ErrorList {
	return slices.Concat(
		checkProbedPort(prop.Child("port"), p.Port, of),
		check.Text(prop.Child("service"), p.Service),
		p.Timing.validate(prop.Child("timing")),
	)
}

// probe names the port by its number: Kubernetes takes no other here.
func (p GRPCProbe) probe(of probed) *k8s.Probe {
	return p.Timing.probe(k8s.Probe{Grpc: &k8s.GrpcAction{Port: jsii.Number(cmp.Or(p.Port, of.port)), Service: optional(p.Service)}})
}

func (p ExecProbe) withDefaults(timing ProbeTiming) Probe {
	p.Timing = p.Timing.withDefaults(timing)
	return p
}

func (p ExecProbe) validate(prop *field.Path, of probed) field.ErrorList {
	at := prop.Child("command")
	errs := checkCommand(at, p.Command)
	if len(p.Command) == 0 {
		errs = append(errs, field.Required(at, "the program to run"))
	}
	for i, word := range p.Command {
		errs = append(errs, of.environment.checkStaticReferences(at.Index(i), word)...)
	}
	return append(errs, p.Timing.validate(prop.Child("timing"))...)
}

func (p ExecProbe) probe(probed) *k8s.Probe {
	return p.Timing.probe(k8s.Probe{Exec: &k8s.ExecAction{Command: jsii.Strings(p.Command...)}})
}

func (NoProbe) withDefaults(ProbeTiming) Probe               { return NoProbe{} }
func (NoProbe) validate(*field.Path, probed) field.ErrorList { return nil }
func (NoProbe) probe(probed) *k8s.Probe                      { return nil }

// checkProbedPort checks a port that defaults to the container's own.
func checkProbedPort(prop *field.Path, port int, of probed) field.ErrorList {
	switch {
	case port != 0:
		return check.Port(prop, port)
	case of.port == 0:
		return field.ErrorList{field.Required(prop, "the container has no port of its own")}
	}
	return nil
}

// probedPort is the port "http" unless there is a number.
func probedPort(port int) manifest.Scalar {
	if port == 0 {
		return manifest.Text(manifest.HTTPPort)
	}
	return manifest.Number(port)
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

// validate checks a timing whose defaults are filled in.
func (t ProbeTiming) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		check.AtLeast(path.Child("initialDelaySeconds"), *t.InitialDelaySeconds, 0),
		check.AtLeast(path.Child("periodSeconds"), t.PeriodSeconds, 1),
		check.AtLeast(path.Child("timeoutSeconds"), t.TimeoutSeconds, 1),
		check.AtLeast(path.Child("failureThreshold"), t.FailureThreshold, 1),
	)
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
