package constructs

import (
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// The defaults of the HTTP tiers.
const (
	DefaultReplicas           = 2
	DefaultPreStopSeconds     = 5
	DefaultGracePeriodSeconds = 30
)

// serverTier is the part of a construct that is an httpServer.
type serverTier struct {
	*tier
	server httpServer
}

// httpTier is a serverTier with replicas, to which an Ingress may lead.
type httpTier struct{ serverTier }

// newHTTPTier adds the server's objects, unless it or the rest of the props is invalid.
func newHTTPTier(t *tier, server httpServer, errs field.ErrorList) httpTier {
	if t.accept(append(server.validate(t.path), errs...)) {
		t.addObjects(server.objects())
		if server.metrics != nil {
			t.addTarget(t.path.Child("metrics"), server.target())
		}
	}
	return httpTier{serverTier{tier: t, server: server}}
}

// replicasOr is the number of replicas, or nil where an autoscaler decides and nobody else tried to.
func replicasOr(number int, replicas *int, autoscaling *Autoscaling) *int {
	if replicas == nil && autoscaling == nil {
		return &number
	}
	return replicas
}

func autoscalingOf(autoscaling *Autoscaling) *Autoscaling {
	if autoscaling == nil {
		return nil
	}
	return ptr(autoscaling.withDefaults())
}

// Endpoint is where the Service listens.
func (s *serverTier) Endpoint() Endpoint { return s.destination().Endpoint }

func (s *serverTier) destination() destination { return s.server.destination() }

// Deployment returns the object for patches.
func (s *serverTier) Deployment() cdk8s.ApiObject { return s.handle("deployment") }

// Service returns the object for patches.
func (s *serverTier) Service() cdk8s.ApiObject { return s.handle("service") }

// MetricsService returns the object by which Prometheus finds the pods, for patches; nil without metrics.
func (s *serverTier) MetricsService() cdk8s.ApiObject { return s.handle("metrics-service") }

// NetworkPolicy returns the tier's own policy for patches.
func (s *serverTier) NetworkPolicy() cdk8s.ApiObject { return s.handle("network-policy") }

// PodDisruptionBudget returns the object for patches.
func (h *httpTier) PodDisruptionBudget() cdk8s.ApiObject { return h.handle("pod-disruption-budget") }

// HorizontalPodAutoscaler returns the object for patches; nil without autoscaling.
func (h *httpTier) HorizontalPodAutoscaler() cdk8s.ApiObject {
	return h.handle("horizontal-pod-autoscaler")
}

// ConfigMap returns the object that holds the files, for patches; nil without files.
func (h *httpTier) ConfigMap() cdk8s.ApiObject { return h.handle("config-map") }

func (h *httpTier) http() {}
