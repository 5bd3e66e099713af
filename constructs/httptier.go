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

// httpTier is the part of a construct that is an httpServer.
type httpTier struct {
	*tier
	server httpServer
}

// newHTTPTier adds the server's objects, unless it or the rest of the props is invalid.
func newHTTPTier(t *tier, server httpServer, errs field.ErrorList) httpTier {
	if t.accept(append(server.validate(t.path), errs...)) {
		t.addObjects(server.objects())
	}
	return httpTier{tier: t, server: server}
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
func (h *httpTier) Endpoint() Endpoint { return h.destination().Endpoint }

func (h *httpTier) destination() destination { return h.server.destination() }

// Deployment returns the object for patches.
func (h *httpTier) Deployment() cdk8s.ApiObject { return h.handle("deployment") }

// Service returns the object for patches.
func (h *httpTier) Service() cdk8s.ApiObject { return h.handle("service") }

// PodDisruptionBudget returns the object for patches.
func (h *httpTier) PodDisruptionBudget() cdk8s.ApiObject { return h.handle("pod-disruption-budget") }

// HorizontalPodAutoscaler returns the object for patches; nil without autoscaling.
func (h *httpTier) HorizontalPodAutoscaler() cdk8s.ApiObject {
	return h.handle("horizontal-pod-autoscaler")
}

// ConfigMap returns the object that holds the files, for patches; nil without files.
func (h *httpTier) ConfigMap() cdk8s.ApiObject { return h.handle("config-map") }

// NetworkPolicy returns the tier's own policy for patches.
func (h *httpTier) NetworkPolicy() cdk8s.ApiObject { return h.handle("network-policy") }

func (h *httpTier) http() {}
