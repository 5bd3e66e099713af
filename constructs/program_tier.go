package constructs

import (
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/internal/manifest"
)

// programTier is what all tiers have in common that keep a program running: Frontend, Backend, Worker and Scheduler.
type programTier struct {
	construct

	programNeeds
	deployment       cdk8s.ApiObject
	service          cdk8s.ApiObject
	metricsService   cdk8s.ApiObject
	disruptionBudget cdk8s.ApiObject
	autoscaler       cdk8s.ApiObject
	policy           cdk8s.ApiObject
}

// programNeeds are objects that the pods of a program refer to.
type programNeeds struct {
	configMap cdk8s.ApiObject
	claim     cdk8s.ApiObject
	account   cdk8s.ApiObject
}

// addNeeds adds what the pods refer to. The labels and annotations are those of all objects that follow, too.
func (p program) addNeeds(node *manifest.Node) programNeeds {
	node.Labels, node.Annotations = p.labels, p.annotations
	var needs programNeeds
	needs.configMap = node.Add(manifest.FileConfigMap(p.Component, p.files))
	if p.storage != nil {
		needs.claim = node.Add(p.storage.Claim())
	}
	for i, volume := range p.volumes {
		if claim, is := volume.(ClaimVolume); is {
			node.UseClaim(node.Path.Child("volumes").Index(i).Child("claimName"), claim.ClaimName, claim.shared())
		}
	}
	if p.migrations == nil { // The migrations' Job, which comes first, adds it.
		needs.account = node.Add(p.account.object(node.Path.Child("serviceAccount")))
	}
	return needs
}

// clients are the objects for those of a program that serves requests: its Service, and the policies that admit clients
// whose constructs add none. The zero value is for a program that serves no requests.
type clients struct {
	service  *manifest.Object
	policies []*manifest.Object
}

// addObjects expects a program that is valid. The kind is that of its target, if it has metrics.
func (t *programTier) addObjects(p program, kind any, of clients) {
	node := t.node
	t.programNeeds = p.addNeeds(node)
	deployment := p.workload().Deployment()
	deployment.Reaches = p.awaits().awaited()
	t.deployment = node.Add(deployment)
	t.service = node.Add(of.service)
	if p.metrics != nil {
		t.metricsService = node.Add(manifest.MetricsService(p.Component, p.metricsPortName(), p.metrics.Port))
		node.AddTarget(node.Path.Child("metrics"), manifest.Target{
			Component: p.Component, Path: p.metrics.Path, Port: p.metrics.Port, Kind: kind,
		})
	}
	if !p.single {
		t.disruptionBudget = node.Add(p.budget.object(p.Component))
	}
	t.autoscaler = node.Add(p.autoscaling.autoscaler(p.Component))
	t.policy = node.Add(manifest.ClientPolicy(p.Component, p.connections))
	node.AddAll(manifest.Openings(p.Component, p.connections))
	node.AddAll(of.policies)
	if len(p.initContainers) > 0 {
		p.refuseToWait(node)
	}
}

// Component is for use within this module.
func (t *programTier) Component() manifest.Component { return t.node.Component }

// Deployment returns the Deployment.
func (t *programTier) Deployment() cdk8s.ApiObject { return t.node.Handle(t.deployment) }

// MetricsService returns the Service through which Prometheus finds the pods, or nil without Metrics.
func (t *programTier) MetricsService() cdk8s.ApiObject { return t.node.Handle(t.metricsService) }

// NetworkPolicy returns the tier's own policy.
func (t *programTier) NetworkPolicy() cdk8s.ApiObject { return t.node.Handle(t.policy) }

// ConfigMap returns the ConfigMap that holds the files, or nil without Files.
func (t *programTier) ConfigMap() cdk8s.ApiObject { return t.node.Handle(t.configMap) }

// ServiceAccount returns the ServiceAccount that is added, or nil without one.
func (t *programTier) ServiceAccount() cdk8s.ApiObject { return t.node.Handle(t.account) }
