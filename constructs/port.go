package constructs

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Port is a further port of a Frontend or a Backend: of the container, of the Service and of the network policies. Nobody
// may connect to it but its Sources, and the tiers that have it among their Connections: see PortServer. A Service of type
// NodePort or LoadBalancer has the port too, but its clients outside the cluster need Sources.
type Port struct {
	// Name is the name of the port, at most 15 lower-case letters, digits and '-'. It must not be "http" or "metrics".
	// Required.
	Name string

	// Number is the port of the container and of the Service. It must differ from all other ports of the pod. Required.
	Number int

	// Protocol is ProtocolTCP, ProtocolUDP or ProtocolSCTP. Defaults to "TCP".
	Protocol Protocol

	// AppProtocol names the protocol for proxies and meshes, such as "grpc" or "kubernetes.io/h2c". Defaults to none.
	// https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol
	AppProtocol string

	// Sidecar is the name of the sidecar that listens. Defaults to none: the tier's own container listens.
	Sidecar string

	// Sources are clients that no construct of this library adds, and that may connect to the port. Those of the tier
	// may not. Defaults to none.
	Sources Sources
}

// Protocol is a transport protocol.
type Protocol string

// The protocols of ports.
const (
	ProtocolTCP  Protocol = "TCP"
	ProtocolUDP  Protocol = "UDP"
	ProtocolSCTP Protocol = "SCTP"
)

func (p Port) withDefaults() Port {
	p.Protocol = cmp.Or(p.Protocol, ProtocolTCP)
	return p
}

// container returns the port as its container has it.
func (p Port) container() *k8s.ContainerPort {
	port := manifest.ContainerPort(p.Name, p.Number)
	port.Protocol = jsii.String(string(p.Protocol))
	return port
}

// service returns the port as the Service has it. The target is a number, whichever container listens.
func (p Port) service() *k8s.ServicePort {
	return &k8s.ServicePort{
		Name: jsii.String(p.Name), Port: jsii.Number(p.Number), TargetPort: manifest.Number(p.Number),
		Protocol: jsii.String(string(p.Protocol)), AppProtocol: optional(p.AppProtocol),
	}
}

// destination is where clients connect to.
func (p Port) destination(of manifest.Component) manifest.Destination {
	destination := of.Destination(p.Number)
	destination.PortName, destination.Protocol = p.Name, string(p.Protocol)
	return destination
}

// portOfPod is a port of one of a pod's containers, and the prop that says so.
type portOfPod struct {
	prop      *field.Path
	number    int
	protocol  Protocol
	container string
}

// describe names the port in errors.
func (p portOfPod) describe() string {
	return fmt.Sprintf("also the port of container %q: see %s", p.container, p.prop)
}

// portsOfPod are all ports that the pod's containers are known to listen on.
func (p program) portsOfPod(path *field.Path) []portOfPod {
	var all []portOfPod
	if p.port != 0 {
		all = append(all, portOfPod{path.Child("port"), p.port, ProtocolTCP, p.ID})
	}
	if p.metrics != nil && p.metrics.Port != p.port {
		all = append(all, portOfPod{path.Child("metrics", "port"), p.metrics.Port, ProtocolTCP, p.ID})
	}
	for i, port := range p.furtherPorts {
		all = append(all, portOfPod{path.Child("ports").Index(i).Child("number"), port.Number, port.Protocol, cmp.Or(port.Sidecar, p.ID)})
	}
	return all
}

// validatePorts refuses two ports of one number or name: containers of a pod share their addresses.
func (p program) validatePorts(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	all := p.portsOfPod(path)
	own := len(all) - len(p.furtherPorts)
	for i, port := range p.furtherPorts {
		at := path.Child("ports").Index(i)
		errs = append(errs, port.validate(at, p)...)
		if first := slices.IndexFunc(p.furtherPorts, func(other Port) bool { return other.Name == port.Name }); first < i {
			errs = append(errs, check.Duplicate(at.Child("name"), port.Name, "the same as "+path.Child("ports").Index(first).Child("name").String()))
		}
		for _, other := range all[:own+i] {
			if other.number == port.Number && other.protocol == port.Protocol {
				errs = append(errs, check.Duplicate(at.Child("number"), port.Number, other.describe()))
			}
		}
	}
	for i, sidecar := range p.sidecars {
		errs = append(errs, sidecar.validateProbedPorts(path.Child("sidecars").Index(i), all)...)
	}
	return errs
}

// validate expects the defaults to be filled in.
func (p Port) validate(path *field.Path, of program) field.ErrorList {
	name := path.Child("name")
	var errs field.ErrorList
	switch p.Name {
	case "":
		errs = append(errs, field.Required(name, ""))
	case manifest.HTTPPort, manifest.MetricsPort:
		errs = append(errs, field.Invalid(name, p.Name, "is the name of a port of the tier's own"))
	default:
		errs = append(errs, check.Invalid(name, p.Name, validation.IsValidPortName(p.Name))...)
	}
	errs = append(errs, check.Port(path.Child("number"), p.Number)...)
	errs = append(errs, check.OneOf(path.Child("protocol"), p.Protocol, ProtocolTCP, ProtocolUDP, ProtocolSCTP)...)
	if p.AppProtocol != "" {
		errs = append(errs, check.Invalid(path.Child("appProtocol"), p.AppProtocol, validation.IsQualifiedName(p.AppProtocol))...)
	}
	if p.Sidecar != "" && !slices.ContainsFunc(of.sidecars, func(s Sidecar) bool { return s.Name == p.Sidecar }) {
		errs = append(errs, field.Invalid(path.Child("sidecar"), p.Sidecar, "must be the name of one of the sidecars"))
	}
	return append(errs, p.Sources.ValidateAt(path.Child("sources"), of.Component)...)
}

// validateProbedPorts refuses probes of ports that another container of the pod listens on: it would answer.
func (s Sidecar) validateProbedPorts(path *field.Path, all []portOfPod) field.ErrorList {
	var errs field.ErrorList
	for _, named := range (probes{s.Startup, s.Liveness, s.Readiness}).named() {
		number := 0
		switch probe := named.probe.(type) {
		case HTTPProbe:
			number = probe.Port
		case TCPProbe:
			number = probe.Port
		case GRPCProbe:
			number = probe.Port
		}
		for _, other := range all {
			if number != 0 && other.number == number && other.protocol == ProtocolTCP && other.container != s.Name {
				errs = append(errs, field.Invalid(path.Child(named.prop, "port"), number, other.describe()))
			}
		}
	}
	return errs
}

// portServer is a further port of a tier as its clients see it.
type portServer struct {
	at   manifest.Component
	port Port // Only a name, if the tier does not have it.
}

// PortServer returns a port of Ports for the Connections of other tiers: Connections: []Server{api.PortServer("grpc")}.
// A name that Ports does not have makes synthesis fail.
func (h *httpTier) PortServer(name string) Server {
	server := portServer{at: h.server.Component, port: Port{Name: name}}
	for _, port := range h.server.furtherPorts {
		if port.Name == name {
			server.port = port
		}
	}
	return server
}

// Endpoint returns the host of the Service, and the port.
func (p portServer) Endpoint() Endpoint { return Endpoint{Host: p.at.Name(), Port: p.port.Number} }

// Destination is for use within this module.
func (p portServer) Destination() manifest.Destination {
	return p.port.destination(p.at)
}

// Validate refuses a port that the tier does not have.
func (p portServer) Validate(path *field.Path) field.ErrorList {
	if p.port.Number != 0 {
		return nil
	}
	return field.ErrorList{field.Invalid(path, p.port.Name, "must be the name of a port in the Ports of "+p.at.Name())}
}
