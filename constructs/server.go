package constructs

import (
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/internal/manifest"
)

// Endpoint is the address of a server.
type Endpoint struct {
	// Host is a DNS name or an IP address. The host of a tier is the name of its Service, which resolves in its own
	// namespace.
	Host string

	// Port is the TCP port.
	Port int
}

// Server is a target of connections: a tier, Pods, a ClusterServer or an ExternalServer. A type of your own is one if it
// embeds one of them.
type Server interface {
	// Endpoint returns the address of the server.
	Endpoint() Endpoint

	// Destination is for use within this module, which implements all servers.
	Destination() manifest.Destination
}

// HTTPServer is a tier that an Ingress can route requests to: a Frontend, a Backend, a monitoring.Grafana, or Pods that
// speak HTTP.
type HTTPServer interface {
	Server

	// HTTP is for use within this module, which implements all HTTP servers.
	HTTP() manifest.HTTP
}

// construct is what every construct of this package has.
type construct struct{ node *manifest.Node }

// Construct returns the construct's node in the tree.
func (c construct) Construct() awsconstructs.Construct { return c.node.Construct() }

// Objects returns all objects of the construct.
func (c construct) Objects() []cdk8s.ApiObject { return c.node.Objects() }
