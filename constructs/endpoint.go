package constructs

import (
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"strconv"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Endpoint is where a server listens.
type Endpoint struct {
	// Host is a DNS name or an IP address. That of a tier is its Service's name, which resolves in its own namespace.
	Host string

	// Port is the TCP port.
	Port int
}

// Server is what a tier can be connected to: a tier of this package, or an External service. Declaring a connection
// opens it in both network policies; whatever is not declared stays closed.
type Server interface {
	// Endpoint is where the server listens.
	Endpoint() Endpoint

	// destination is what policies and clients need to know; it also keeps the set of servers closed.
	destination() destination
}

// destination is a server as its clients see it: pods of a place, pods that are not ours, or addresses. Without any of
// them it may be anywhere.
type destination struct {
	Endpoint
	pods      *place
	foreign   *foreignPods
	addresses []string // CIDRs.
}

// hostFor is the server's host name as a client must write it.
func (d destination) hostFor(client place) string {
	if d.pods == nil || d.pods.namespace == client.namespace {
		return d.Host
	}
	return fmt.Sprintf("%s.%s.svc", d.Host, d.pods.namespace)
}

// addressFor is host and port, as a URL has them.
func (d destination) addressFor(client place) string {
	return net.JoinHostPort(d.hostFor(client), strconv.Itoa(d.Port))
}

// External is a server outside the cluster: a managed database, another company's API.
type External struct {
	// Host is the server's DNS name or IP address. Required.
	Host string

	// Port is the server's TCP port. Required.
	Port int

	// CIDRs are the addresses to which connections are allowed, as network policies know no names: "10.20.0.0/16".
	// Required, unless Host is an address; "0.0.0.0/0" allows the port everywhere.
	CIDRs []string
}

// Endpoint implements Server.
func (e External) Endpoint() Endpoint { return Endpoint{Host: e.Host, Port: e.Port} }

func (e External) destination() destination {
	addresses := e.CIDRs
	if address, err := netip.ParseAddr(e.Host); err == nil && len(addresses) == 0 {
		addresses = []string{netip.PrefixFrom(address, address.BitLen()).String()}
	}
	return destination{Endpoint: e.Endpoint(), addresses: addresses}
}

func (e External) validate(path *field.Path) field.ErrorList {
	errs := checkHost(path.Child("host"), e.Host)
	errs = append(errs, checkPort(path.Child("port"), e.Port)...)
	if len(e.destination().addresses) == 0 {
		errs = append(errs, field.Required(path.Child("cidrs"), "network policies know addresses, not names"))
	}
	for i, cidr := range e.CIDRs {
		errs = append(errs, checkCIDR(path.Child("cidrs").Index(i), cidr)...)
	}
	return errs
}

// checkHost checks a DNS name or an IP address.
func checkHost(path *field.Path, host string) field.ErrorList {
	if host == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	if address, err := netip.ParseAddr(host); err == nil && address.Zone() == "" {
		return nil
	}
	return invalid(path, host, validation.IsDNS1123Subdomain(host))
}

// checkCIDR wants the form that the API server has no warning about: no bits set beyond the prefix.
func checkCIDR(path *field.Path, cidr string) field.ErrorList {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return field.ErrorList{field.Invalid(path, cidr, `must be addresses such as "10.20.0.0/16"`)}
	}
	if prefix.Masked().String() != cidr {
		return field.ErrorList{field.Invalid(path, cidr, "must be written as "+prefix.Masked().String())}
	}
	return nil
}

// connection is a server that a tier is connected to, and the prop that says so.
type connection struct {
	prop   *field.Path
	server Server
}

// connect lists a connection if the prop is set.
func connect(prop *field.Path, server Server) []connection {
	if isNil(server) {
		return nil
	}
	return []connection{{prop: prop, server: server}}
}

// isNil also sees through an interface that holds a nil *Backend.
func isNil(server any) bool {
	if server == nil {
		return true
	}
	value := reflect.ValueOf(server)
	return value.Kind() == reflect.Pointer && value.IsNil()
}

// checkConnections checks the servers from the point of view of a client.
func checkConnections(client place, connections []connection) field.ErrorList {
	var errs field.ErrorList
	seen := map[place]string{}
	for _, c := range connections {
		pods := c.server.destination().pods
		if pods == nil {
			errs = append(errs, checkExternal(c)...)
			continue
		}
		if pods.namespace != client.namespace && (pods.namespace == "" || client.namespace == "") {
			errs = append(errs, field.Invalid(c.prop, pods.name(), "is in another chart: both charts must name their namespace"))
		}
		if other, twice := seen[*pods]; twice {
			errs = append(errs, field.Invalid(c.prop, pods.name(), "is connected already by "+other))
		}
		seen[*pods] = c.prop.String()
	}
	return errs
}

// checkExternal checks a server outside the cluster. A tier checks itself.
func checkExternal(c connection) field.ErrorList {
	external, ok := c.server.(interface {
		validate(path *field.Path) field.ErrorList
	})
	if !ok {
		return nil
	}
	return external.validate(c.prop)
}
