package constructs

import (
	"cmp"
	"slices"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

// DefaultPreStopSeconds is how long a Frontend or a Backend continues to serve after its pod was told to stop.
const DefaultPreStopSeconds = 5

// httpTier is what Frontend and Backend have in common: replicas of one server behind a Service, to which an Ingress
// may route requests.
type httpTier struct {
	programTier
	server httpServer
}

func newHTTPTier(node *manifest.Node, server httpServer) httpTier {
	return httpTier{programTier: programTier{construct: construct{node}}, server: server}
}

// addObjects expects a server that is valid.
func (h *httpTier) addObjects() {
	s := h.server
	of := clients{
		service:  s.service.object(s.Component, manifest.HTTPPort, s.port, s.furtherPorts...),
		policies: []*manifest.Object{s.service.policy(s.Component, s.port), s.sources.Policy(s.Component, s.port)},
	}
	for _, port := range s.furtherPorts {
		of.policies = append(of.policies, port.Sources.policyAt(port.destination(s.Component)))
	}
	h.programTier.addObjects(s.program, s.targetKind(), of)
	s.service.declare(h.node)
}

// httpServer is the server of a Frontend or a Backend. Its fields are those of their props, with the defaults filled in.
type httpServer struct {
	program
	preStopSeconds *int
	service        ServiceProps
	sources        Sources
}

// withDefaults fills in the defaults that both tiers have.
func (s httpServer) withDefaults() httpServer {
	s.program = s.program.withDefaults()
	s.probes = s.probes.withDefaults(probes{startup: NoProbe{}, liveness: HTTPProbe{}, readiness: HTTPProbe{}})
	if len(s.lifecycle.preStop) > 0 {
		s.preStopSeconds = cmp.Or(s.preStopSeconds, new(0))
	}
	s.preStopSeconds = cmp.Or(s.preStopSeconds, new(DefaultPreStopSeconds))
	// A pod is taken out of its Service at the same moment, and requests go on to arrive until every node has heard of it.
	s.preStop = *s.preStopSeconds
	s.service = s.service.withDefaults()
	return s
}

func (s httpServer) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		s.program.validate(path),
		s.validatePreStop(path),
		s.validateService(path.Child("service")),
		s.sources.ValidateAt(path.Child("sources"), s.Component),
	)
}

// validateService keeps metrics from clients outside the cluster.
func (s httpServer) validateService(path *field.Path) field.ErrorList {
	errs := append(s.service.validate(path), s.Cluster().CheckFamilies(path.Child("sourceRanges"), s.service.SourceRanges)...)
	if s.service.external() && s.metrics != nil && s.metrics.Port == s.port {
		errs = append(errs, field.Invalid(path.Child("type"), s.service.Type,
			"would make the metrics public, which are on the port of the Service: set another metrics port"))
	}
	return errs
}

// targetKind is what alerts and the dashboard follow from.
func (s httpServer) targetKind() any {
	if s.metrics == nil || s.metrics.ScrapeOnly {
		return manifest.UnknownTarget{}
	}
	return manifest.HTTPTarget{
		Availability:  s.metrics.Objective.Availability,
		P95Latency:    s.metrics.Objective.P95Latency,
		CPURequest:    s.resources.Requests.CPU,
		CPULimit:      s.resources.Limits.boundedCPU(),
		MemoryRequest: s.resources.Requests.Memory,
		MemoryLimit:   s.resources.Limits.Memory,
	}
}

// Endpoint returns the host and port of the Service.
func (h *httpTier) Endpoint() Endpoint { return Endpoint{Host: h.server.Name(), Port: h.server.port} }

// Destination is for use within this module.
func (h *httpTier) Destination() manifest.Destination {
	return h.server.Destination(h.server.port)
}

// HTTP is for use within this module.
func (h *httpTier) HTTP() manifest.HTTP {
	if m := h.server.metrics; m != nil && m.Port == h.server.port {
		return manifest.HTTP{MetricsPath: m.Path}
	}
	return manifest.HTTP{}
}

// Service returns the Service.
func (h *httpTier) Service() cdk8s.ApiObject { return h.node.Handle(h.service) }

// PodDisruptionBudget returns the PodDisruptionBudget.
func (h *httpTier) PodDisruptionBudget() cdk8s.ApiObject { return h.node.Handle(h.disruptionBudget) }

// HorizontalPodAutoscaler returns the HorizontalPodAutoscaler, or nil without Autoscaling.
func (h *httpTier) HorizontalPodAutoscaler() cdk8s.ApiObject { return h.node.Handle(h.autoscaler) }
