package constructs

import (
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/internal/manifest"
)

// Endpoint is where a server listens.
type Endpoint struct {
	// Host is a DNS name or an IP address. That of a tier is its Service's name, which resolves in its own namespace.
	Host string

	// Port is the TCP port.
	Port int
}

// Server is what a tier can be connected to: a tier, or an ExternalServer. Declaring a connection opens it in both network
// policies; whatever is not declared stays closed.
type Server interface {
	// Endpoint is where the server listens.
	Endpoint() Endpoint

	// Destination is what policies and clients need to know; it also keeps the set of servers closed.
	Destination() manifest.Destination
}

// HTTPServer is a tier that an Ingress can lead to: a Frontend, a Backend, a monitoring.Grafana.
type HTTPServer interface {
	Server

	// HTTP keeps the set of servers to those that speak HTTP.
	HTTP() manifest.HTTP
}

// construct is what every construct of this package has.
type construct struct{ node *manifest.Node }

// Construct is the node of the tree, to be given to what takes one (dependencies, aspects). That of a construct whose id
// the tree refused is outside of it.
func (c construct) Construct() awsconstructs.Construct { return c.node.Construct() }

// Objects returns all objects in the order in which they are written, those that have no method of their own among
// them: the network policies that open other tiers to this one.
func (c construct) Objects() []cdk8s.ApiObject { return c.node.Objects() }
