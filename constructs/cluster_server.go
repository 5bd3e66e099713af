package constructs

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// ClusterServer is a server in the cluster that no construct of this library adds: a database that an operator runs, an
// OpenTelemetry collector, a service of another team.
//
// The policies allow the clients' side of a connection. The server's side is not this library's: if the namespace of the
// server denies connections, its owner must admit the clients. The exception is a namespace that a Namespace of the same
// App closes. There, each client adds a policy that admits it, so the Namespace must be created before the clients.
type ClusterServer struct {
	// Service is the name of the server's Service. Required.
	Service string

	// Namespace is the namespace of the Service and its pods. Required.
	Namespace string

	// Port is the TCP port of the Service. Required.
	Port int

	// PodPort is the port of the pods, which network policies name: the Service's targetPort. Defaults to Port.
	PodPort int

	// PodLabels are labels of the pods. Required: without labels, clients could connect to all pods of the namespace.
	PodLabels map[string]string
}

var _ Server = ClusterServer{}

// Endpoint returns Service and Port. The name of the Service resolves in its own namespace.
func (s ClusterServer) Endpoint() Endpoint { return Endpoint{Host: s.Service, Port: s.Port} }

// Destination is for use within this module.
func (s ClusterServer) Destination() manifest.Destination {
	return manifest.Destination{
		Host: s.Service, Port: s.Port, PodPort: cmp.Or(s.PodPort, s.Port),
		Foreign: &manifest.ForeignPods{Namespace: s.Namespace, PodLabels: s.PodLabels},
	}
}

// Validate checks the names, ports and labels.
func (s ClusterServer) Validate(path *field.Path) field.ErrorList {
	errs := slices.Concat(
		check.RequiredLabel(path.Child("service"), s.Service, validation.IsDNS1035Label),
		check.RequiredLabel(path.Child("namespace"), s.Namespace, validation.IsDNS1123Label),
		check.Port(path.Child("port"), s.Port),
		check.Labels(path.Child("podLabels"), s.PodLabels),
	)
	if s.PodPort != 0 {
		errs = append(errs, check.Port(path.Child("podPort"), s.PodPort)...)
	}
	if len(s.PodLabels) == 0 {
		errs = append(errs, field.Required(path.Child("podLabels"), "without labels, clients could connect to all pods of the namespace: set labels that only the server's pods have"))
	}
	return errs
}
