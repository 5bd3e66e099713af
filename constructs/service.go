package constructs

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// ServiceProps are settings of a tier's Service. The types NodePort and LoadBalancer open the tier to clients outside the
// cluster, and a network policy admits them: <app>-<component>-service.
type ServiceProps struct {
	// Type is ServiceClusterIP, ServiceNodePort or ServiceLoadBalancer. Defaults to ClusterIP, which clients outside the
	// cluster cannot reach.
	Type ServiceType

	// Annotations of the Service, such as those that a cloud's load balancer reads. Defaults to none.
	Annotations map[string]string

	// SourceRanges are the address blocks of the clients of a LoadBalancer. Defaults to all addresses.
	SourceRanges []string

	// ExternalTrafficPolicy decides which pods a node forwards requests to, with the types NodePort and LoadBalancer.
	//
	// With TrafficLocal a node forwards requests to its own pods only and drops them if it has none, so a load balancer
	// must check the nodes' health; those of clouds do. The pods see the client's address, and the network policy admits
	// SourceRanges. If a load balancer sends requests from its own addresses, add them to the tier's Sources.
	//
	// With TrafficCluster a node forwards requests to any pod. The pods see an address of a node instead of the client's,
	// and what that is to a network policy differs from one network plugin to the next, so the policy admits everyone to
	// the tier's port: SourceRanges limit the load balancer, but not the cluster's own pods.
	//
	// Defaults to Local.
	ExternalTrafficPolicy TrafficPolicy

	// LoadBalancerClass names the implementation of a LoadBalancer. It cannot be changed later. Defaults to the cluster's
	// own.
	LoadBalancerClass string

	// NodePort is the port of the nodes, from 30000 to 32767, with the types NodePort and LoadBalancer. Defaults to one
	// that Kubernetes selects.
	NodePort int
}

// ServiceType is a type of Service.
// https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
type ServiceType string

// The types of Services.
const (
	ServiceClusterIP    ServiceType = "ClusterIP"
	ServiceNodePort     ServiceType = "NodePort"
	ServiceLoadBalancer ServiceType = "LoadBalancer"
)

// TrafficPolicy is an external traffic policy of a Service.
// https://kubernetes.io/docs/tutorials/services/source-ip/
type TrafficPolicy string

// The external traffic policies.
const (
	TrafficLocal   TrafficPolicy = "Local"
	TrafficCluster TrafficPolicy = "Cluster"
)

// The ports that Kubernetes gives to Services, unless the API server is told otherwise.
// https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
const (
	firstNodePort = 30000
	lastNodePort  = 32767
)

func (s ServiceProps) withDefaults() ServiceProps {
	s.Type = cmp.Or(s.Type, ServiceClusterIP)
	if s.external() {
		s.ExternalTrafficPolicy = cmp.Or(s.ExternalTrafficPolicy, TrafficLocal)
	}
	return s
}

// external reports whether clients outside the cluster reach the Service.
func (s ServiceProps) external() bool { return s.Type != ServiceClusterIP }

// validate expects the defaults to be filled in.
func (s ServiceProps) validate(path *field.Path) field.ErrorList {
	if errs := check.OneOf(path.Child("type"), s.Type, ServiceClusterIP, ServiceNodePort, ServiceLoadBalancer); len(errs) > 0 {
		return errs
	}
	errs := check.Annotations(path.Child("annotations"), s.Annotations)
	errs = append(errs, s.validateUnused(path)...)
	errs = append(errs, disjointBlocks{}.add(path.Child("sourceRanges"), s.SourceRanges)...)
	if s.external() {
		errs = append(errs, check.OneOf(path.Child("externalTrafficPolicy"), s.ExternalTrafficPolicy, TrafficLocal, TrafficCluster)...)
	}
	if s.LoadBalancerClass != "" {
		errs = append(errs, check.Invalid(path.Child("loadBalancerClass"), s.LoadBalancerClass, validation.IsQualifiedName(s.LoadBalancerClass))...)
	}
	if s.NodePort != 0 && (s.NodePort < firstNodePort || s.NodePort > lastNodePort) {
		errs = append(errs, field.Invalid(path.Child("nodePort"), s.NodePort, validation.InclusiveRangeError(firstNodePort, lastNodePort)))
	}
	return errs
}

// validateUnused refuses what the type has no use for.
func (s ServiceProps) validateUnused(path *field.Path) field.ErrorList {
	balanced := s.Type == ServiceLoadBalancer
	var errs field.ErrorList
	for _, field := range []struct {
		prop   string
		unused bool
		types  string
	}{
		{"sourceRanges", len(s.SourceRanges) > 0 && !balanced, "LoadBalancer"},
		{"externalTrafficPolicy", s.ExternalTrafficPolicy != "" && !s.external(), "NodePort or LoadBalancer"},
		{"loadBalancerClass", s.LoadBalancerClass != "" && !balanced, "LoadBalancer"},
		{"nodePort", s.NodePort != 0 && !s.external(), "NodePort or LoadBalancer"},
	} {
		if field.unused {
			errs = append(errs, forbidUnused(path.Child(field.prop), s.Type, field.types))
		}
	}
	return errs
}

func forbidUnused(path *field.Path, of ServiceType, types string) *field.Error {
	return field.Forbidden(path, fmt.Sprintf("has no effect with type %s: set type to %s, or remove it", of, types))
}

// object is the Service of a component whose container has a port of that name, and further ones.
func (s ServiceProps) object(c manifest.Component, portName string, port int, further ...Port) *manifest.Object {
	service := manifest.Service(c, portName, port, s.set, func(spec *k8s.ServiceSpec) {
		for _, port := range further {
			*spec.Ports = append(*spec.Ports, port.service())
		}
	})
	service.Annotations = s.Annotations
	return service
}

func (s ServiceProps) set(spec *k8s.ServiceSpec) {
	spec.Type = jsii.String(string(s.Type))
	if s.ExternalTrafficPolicy != "" {
		spec.ExternalTrafficPolicy = jsii.String(string(s.ExternalTrafficPolicy))
	}
	if len(s.SourceRanges) > 0 {
		spec.LoadBalancerSourceRanges = jsii.Strings(s.SourceRanges...)
	}
	if s.LoadBalancerClass != "" {
		spec.LoadBalancerClass = jsii.String(s.LoadBalancerClass)
	}
	if s.NodePort != 0 {
		(*spec.Ports)[0].NodePort = jsii.Number(s.NodePort)
	}
}

// policy admits the clients outside the cluster, or is nil if they cannot reach the Service.
//
// With the policy Cluster a node puts an address of its own in the place of the client's, before network policies are enforced: with
// Antrea it is that of a gateway interface, and with Cilium the sender becomes a remote node, which no address block contains.
// https://github.com/antrea-io/antrea/releases/tag/v0.12.2
// https://docs.cilium.io/en/latest/security/policy/caveats/#security-identity-for-n-s-service-traffic
func (s ServiceProps) policy(c manifest.Component, port int) *manifest.Object {
	if !s.external() {
		return nil
	}
	var peers []*k8s.NetworkPolicyPeer // None for everyone.
	switch {
	case s.ExternalTrafficPolicy == TrafficCluster:
	case len(s.SourceRanges) > 0:
		peers = manifest.Blocks(c, s.SourceRanges)
	default:
		peers = manifest.Blocks(c, AllAddresses())
	}
	return manifest.AllowSources(c.Destination(port), "service", peers)
}

// declare refuses two Services with one port of the nodes.
func (s ServiceProps) declare(node *manifest.Node) {
	if s.NodePort != 0 {
		key := manifest.Key{GroupKind: schema.GroupKind{Kind: "node port"}, Name: strconv.Itoa(s.NodePort)}
		node.Declare(node.Path.Child("service", "nodePort"), key, ": choose another port")
	}
}
