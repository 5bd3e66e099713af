package manifest

import (
	"cmp"
	"fmt"
	"net"
	"reflect"
	"strconv"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// Destination is a server as its clients see it: pods of a component, pods that are not ours, or addresses. Without any of
// them it may be anywhere.
type Destination struct {
	Host      string // The name of the Service, unless there are addresses.
	Port      int    // What clients connect to.
	PodPort   int    // What the pods listen on; 0 for Port.
	PortName  string // Empty for the one port that most servers have.
	Protocol  string // Empty for TCP.
	Pods      *Component
	Foreign   *ForeignPods
	Addresses []string // CIDRs.
	NoPort    bool     // The pods listen on none, so nobody can connect to them.
}

// podPort is the port that policies name.
func (d Destination) podPort() int { return cmp.Or(d.PodPort, d.Port) }

// policyPort is the port in a policy.
func (d Destination) policyPort() *k8s.NetworkPolicyPort {
	return port(cmp.Or(d.Protocol, "TCP"), d.podPort())
}

// Destination is where the component's Service listens.
func (c Component) Destination(port int) Destination {
	return Destination{Host: c.Name(), Port: port, Pods: &c}
}

// CheckPort refuses pods to which nobody can connect.
func (d Destination) CheckPort(prop *field.Path) field.ErrorList {
	if !d.NoPort {
		return nil
	}
	return field.ErrorList{field.Invalid(prop, d.Pods.Name(), "listens on no port: set Port in its PodsProps")}
}

// CheckTCP refuses a port of another protocol, for a client that speaks HTTP, for instance.
func (d Destination) CheckTCP(prop *field.Path) field.ErrorList {
	if d.Protocol == "" || d.Protocol == "TCP" {
		return nil
	}
	return field.ErrorList{field.Invalid(prop, d.Host, fmt.Sprintf("port %s is for %s, and clients connect by TCP: choose another port", d.PortName, d.Protocol))}
}

// hostFor is the server's host name as a client must write it.
func (d Destination) hostFor(client Component) string {
	namespace := client.Namespace
	switch {
	case d.Pods != nil:
		namespace = d.Pods.Namespace
	case d.Foreign != nil && len(d.Addresses) == 0:
		namespace = d.Foreign.Namespace
	}
	if namespace == client.Namespace {
		return d.Host
	}
	return fmt.Sprintf("%s.%s.svc", d.Host, namespace)
}

// AddressFor is host and port, as a URL has them.
func (d Destination) AddressFor(client Component) string {
	return net.JoinHostPort(d.hostFor(client), strconv.Itoa(d.Port))
}

// HTTP marks a server that speaks HTTP: no other package can name it.
type HTTP struct {
	MetricsPath string // Where metrics are on the port that requests go to. Empty if they are on another, or nowhere.
}

// Site is where requests from outside arrive that an Ingress leads to components.
type Site struct {
	Ingress    Component
	Routes     []SiteRoute // In the order of the props.
	Controller ForeignPods // Without a namespace if requests come from addresses.

	HTTPPort, HTTPSPort int // Of the controller's pods. 0 for those of the host.

	ClosedToPods string // Why no policy lets pods send requests there. Empty if one does.
}

// SiteRoute is a path of a host that leads to a component.
type SiteRoute struct {
	Tier    Component
	URL     string
	Problem string // Why there is no URL. Empty if there is one.
}

// RouteTo is the first route to a component with a URL, or else the first one, or nil.
func (s Site) RouteTo(tier Component) *SiteRoute {
	var found *SiteRoute
	for i := range s.Routes {
		if route := &s.Routes[i]; route.Tier == tier && (found == nil || found.Problem != "" && route.Problem == "") {
			found = route
		}
	}
	return found
}

// Server is what a component can be connected to.
type Server interface{ Destination() Destination }

// Connection is a server that a component is connected to, and the prop that says so.
type Connection struct {
	Destination
	prop   *field.Path
	server Server
}

// Connect lists a connection if the prop is set.
func Connect(prop *field.Path, server Server) []Connection {
	if server == nil {
		return nil
	}
	connection := Connection{prop: prop, server: server}
	if !IsNil(server) {
		connection.Destination = server.Destination()
	}
	return []Connection{connection}
}

// IsNil also sees through an interface that holds a nil pointer.
func IsNil(server any) bool {
	if server == nil {
		return true
	}
	value := reflect.ValueOf(server)
	return value.Kind() == reflect.Pointer && value.IsNil()
}

// NilServer is the error of a prop that holds a nil pointer, which is not the same as nothing.
func NilServer(prop *field.Path, server any) *field.Error {
	return field.Invalid(prop, nil, fmt.Sprintf("must not be a nil %T: omit it, or create the construct first", server))
}

// CheckConnections checks the servers from the point of view of a client. A component checks itself; a server that is not
// ours is checked here.
func CheckConnections(client Component, connections []Connection) field.ErrorList {
	var errs field.ErrorList
	type portOf struct {
		Component
		name string
	}
	seen := map[portOf]string{}
	foreign := map[string]string{}
	for _, c := range connections {
		if c.server != nil && IsNil(c.server) {
			errs = append(errs, NilServer(c.prop, c.server))
			continue
		}
		if external, ok := c.server.(validator); ok {
			errs = append(errs, external.Validate(c.prop)...)
		}
		if service, known := c.foreignService(); known {
			if other, twice := foreign[service]; twice {
				errs = append(errs, check.Duplicate(c.prop, service, "already connected by "+other))
			}
			foreign[service] = c.prop.String()
		}
		if c.Pods == nil {
			errs = append(errs, c.checkFamilies(client)...)
			continue
		}
		errs = append(errs, c.Pods.CheckReach(c.prop, client)...)
		errs = append(errs, c.CheckPort(c.prop)...)
		connected := portOf{*c.Pods, c.PortName}
		if other, twice := seen[connected]; twice {
			errs = append(errs, field.Invalid(c.prop, c.Pods.Name(), "already connected by "+other))
		}
		seen[connected] = c.prop.String()
	}
	return errs
}

// foreignService names the Service of pods that are not ours, if a prop connects to them.
func (c Connection) foreignService() (service string, known bool) {
	if c.prop == nil || c.Foreign == nil {
		return "", false
	}
	return fmt.Sprintf("%s.%s:%d", c.Host, c.Foreign.Namespace, c.podPort()), true
}

// checkFamilies leaves a connection without a prop to who adds it.
func (c Connection) checkFamilies(client Component) field.ErrorList {
	if c.prop == nil {
		return nil
	}
	return client.Cluster().CheckFamilies(c.prop, c.Addresses)
}

type validator interface {
	Validate(path *field.Path) field.ErrorList
}

// CheckReach refuses a component that another one can refer to neither by its namespace nor without.
func (c Component) CheckReach(prop *field.Path, from Component) field.ErrorList {
	errs := c.CheckTree(prop, from)
	if !c.Near(from) && (c.Namespace == "" || from.Namespace == "") {
		errs = append(errs, field.Invalid(prop, c.Name(), "belongs to another chart: set Namespace in the ChartProps of both charts"))
	}
	return errs
}

// CheckTree refuses a component of another tree, whose objects are not written together with those of this one.
func (c Component) CheckTree(prop *field.Path, other Component) field.ErrorList {
	if c.tree == nil || other.tree == nil || c.tree == other.tree {
		return nil
	}
	return field.ErrorList{field.Invalid(prop, c.Name(), anotherApp)}
}

// anotherApp is what is wrong with a construct that was kept from one Synth to the next.
const anotherApp = "belongs to another cdk8s.App, such as that of an earlier Synth: create it in this one"
