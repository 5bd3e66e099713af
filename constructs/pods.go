package constructs

import (
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// PodsProps are the properties of Pods.
type PodsProps struct {
	// Port is the TCP port that the pods listen on, and the port of their Service. Defaults to none: no client can connect
	// to the pods.
	Port int

	// Database is the PostgreSQL server. The pods may connect to it, and Env has its URL in DATABASE_URL. Defaults to
	// none.
	Database PostgresServer

	// Redis is the Redis server. The pods may connect to it, and Env has its URL, including the password, in REDIS_URL
	// and the password alone in REDIS_PASSWORD. Defaults to none.
	Redis RedisServer

	// Connections are other servers that the pods may connect to. They set no environment variables. Defaults to none.
	Connections []Server

	// Sources are clients that no construct of this library adds, and that may connect to Port. Defaults to none.
	Sources Sources

	// Metrics has Prometheus scrape the pods. Defaults to none.
	Metrics *MetricsEndpoint
}

// Pods joins pods to an application that no construct of this library adds: those of a StatefulSet or a DaemonSet that the
// program adds as an ApiObject, of a class of cdk8s-plus, or of a custom resource whose operator adds them. The pods must be
// in the chart's namespace, and have the labels that Labels returns.
//
// With a Port, Pods is a server as the tiers are: other tiers connect to it, and an Ingress routes requests to it. A type of
// your own that embeds *Pods is a Server too.
type Pods struct {
	construct
	pods pods

	service        cdk8s.ApiObject
	metricsService cdk8s.ApiObject
	policy         cdk8s.ApiObject
}

var _ HTTPServer = (*Pods)(nil)

// NewPods adds network policies that deny all connections except for the declared ones, with Port a Service, and with
// Metrics a Service for Prometheus.
func NewPods(scope awsconstructs.Construct, id string, props PodsProps) *Pods {
	node := manifest.NewNode(scope, id, "pods")
	p := &Pods{construct: construct{node}, pods: props.pods(node.Path, node.Component)}
	if node.Accept(p.pods.validate(node.Path)) {
		p.addObjects()
	}
	return p
}

func (p *Pods) addObjects() {
	node, pods := p.node, p.pods
	if pods.port != 0 {
		p.service = node.Add(manifest.Service(pods.Component, podsPort, pods.port, toPort(pods.port)))
	}
	if pods.metrics != nil {
		p.metricsService = node.Add(manifest.MetricsService(pods.Component, manifest.MetricsPort, pods.metrics.Port, toPort(pods.metrics.Port)))
		node.AddTarget(node.Path.Child("metrics"), manifest.Target{
			Component: pods.Component, Path: pods.metrics.Path, Port: pods.metrics.Port, Kind: manifest.UnknownTarget{},
		})
	}
	p.policy = node.Add(manifest.ClientPolicy(pods.Component, pods.connections))
	node.AddAll(manifest.Openings(pods.Component, pods.connections))
	node.Add(pods.sources.Policy(pods.Component, pods.port))
}

// podsPort is the name of the Service's port. What the pods speak is not known.
const podsPort = "tcp"

// toPort leads to a port by its number, because the containers' names of ports are not known.
func toPort(number int) func(*k8s.ServiceSpec) {
	return func(spec *k8s.ServiceSpec) {
		for _, port := range *spec.Ports {
			port.TargetPort = manifest.Number(number)
		}
	}
}

// Validate checks the props, except for what depends on the chart.
func (p PodsProps) Validate(path *field.Path) field.ErrorList {
	return p.pods(path, manifest.Anywhere).validate(path)
}

func (p PodsProps) pods(path *field.Path, at manifest.Component) pods {
	used := serversUsed{database: p.Database, redis: p.Redis, connections: p.Connections}
	return pods{
		Component: at, port: p.Port, env: used.env(at), connections: used.all(path), sources: p.Sources, metrics: p.Metrics.metrics(),
	}
}

// pods are PodsProps with the defaults filled in.
type pods struct {
	manifest.Component
	port        int
	env         []*k8s.EnvVar
	connections []manifest.Connection
	sources     Sources
	metrics     *Metrics
}

func (p pods) validate(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	switch {
	case p.port != 0:
		errs = check.Port(path.Child("port"), p.port)
	case len(p.sources) > 0:
		errs = field.ErrorList{field.Required(path.Child("port"), "sources is set, which connects to it: set both or neither")}
	}
	return slices.Concat(
		errs,
		p.metrics.validate(path.Child("metrics"), p.Component),
		p.sources.ValidateAt(path.Child("sources"), p.Component),
		manifest.CheckConnections(p.Component, p.connections),
	)
}

// Labels returns the labels that the pods must have: the Services and network policies select the pods by them. A change of
// the application's or the construct's name changes them.
func (p *Pods) Labels() map[string]string { return p.pods.Labels() }

// Env returns the environment variables of Database and Redis as the env of a container has them. Append to it for further
// variables; those that refer to these must come later.
func (p *Pods) Env() []map[string]any { return manifest.PlainEnv(p.pods.env) }

// Endpoint returns the host and port of the Service.
func (p *Pods) Endpoint() Endpoint { return Endpoint{Host: p.pods.Name(), Port: p.pods.port} }

// Component is for use within this module.
func (p *Pods) Component() manifest.Component { return p.pods.Component }

// Destination is for use within this module.
func (p *Pods) Destination() manifest.Destination {
	destination := p.pods.Destination(p.pods.port)
	destination.NoPort = p.pods.port == 0
	return destination
}

// HTTP is for use within this module.
func (p *Pods) HTTP() manifest.HTTP {
	if m := p.pods.metrics; m != nil && m.Port == p.pods.port {
		return manifest.HTTP{MetricsPath: m.Path}
	}
	return manifest.HTTP{}
}

// Service returns the Service, or nil without Port.
func (p *Pods) Service() cdk8s.ApiObject { return p.node.Handle(p.service) }

// MetricsService returns the Service through which Prometheus finds the pods, or nil without Metrics.
func (p *Pods) MetricsService() cdk8s.ApiObject { return p.node.Handle(p.metricsService) }

// NetworkPolicy returns the pods' own policy.
func (p *Pods) NetworkPolicy() cdk8s.ApiObject { return p.node.Handle(p.policy) }
