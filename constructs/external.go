package constructs

import (
	"net/netip"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// ExternalServer is a server outside the cluster, such as a managed database or another company's API.
type ExternalServer struct {
	// Host is a DNS name or an IP address. Required.
	Host string

	// Port is the TCP port. Required.
	Port int

	// CIDRs are the address blocks that clients may connect to, such as "10.20.0.0/16", because network policies cannot
	// name hosts. AllAddresses allows the port on all addresses. Required, unless Host is an IP address.
	CIDRs []string
}

// AllAddresses returns the CIDRs of all IPv4 and IPv6 addresses. Neither of the two blocks matches addresses of the
// other family.
func AllAddresses() []string { return []string{"0.0.0.0/0", "::/0"} }

var _ Server = ExternalServer{}

// Endpoint returns Host and Port.
func (e ExternalServer) Endpoint() Endpoint { return Endpoint{Host: e.Host, Port: e.Port} }

// Destination is for use within this module.
func (e ExternalServer) Destination() manifest.Destination {
	addresses := e.CIDRs
	if address, err := netip.ParseAddr(e.Host); err == nil && len(addresses) == 0 {
		addresses = []string{netip.PrefixFrom(address, address.BitLen()).String()}
	}
	return manifest.Destination{Host: e.Host, Port: e.Port, Addresses: addresses}
}

// Validate checks the server.
func (e ExternalServer) Validate(path *field.Path) field.ErrorList {
	errs := check.Host(path.Child("host"), e.Host)
	errs = append(errs, check.Port(path.Child("port"), e.Port)...)
	if len(e.Destination().Addresses) == 0 {
		errs = append(errs, field.Required(path.Child("cidrs"), "network policies cannot name hosts: list the addresses, or use AllAddresses()"))
	}
	for i, cidr := range e.CIDRs {
		errs = append(errs, check.CIDR(path.Child("cidrs").Index(i), cidr)...)
	}
	return errs
}

// ExternalPostgres is a PostgreSQL server outside the cluster. It takes the place of a Postgres.
type ExternalPostgres struct {
	// Server is the address of the server. Required.
	Server ExternalServer

	// URL is the key that holds the URL that clients connect to. Required.
	URL SecretKeyRef
}

var _ PostgresServer = ExternalPostgres{}

// Endpoint returns the host and port of Server.
func (e ExternalPostgres) Endpoint() Endpoint { return e.Server.Endpoint() }

// Destination is for use within this module.
func (e ExternalPostgres) Destination() manifest.Destination { return e.Server.Destination() }

// Validate checks the server and the names of the Secret and the key.
func (e ExternalPostgres) Validate(path *field.Path) field.ErrorList {
	return append(e.Server.Validate(path.Child("server")), e.URL.Validate(path.Child("url"))...)
}

func (e ExternalPostgres) databaseEnv() []*k8s.EnvVar {
	return []*k8s.EnvVar{e.URL.Variable(databaseURLVariable)}
}

// ExternalRedis is a Redis server outside the cluster. It takes the place of a Redis.
type ExternalRedis struct {
	// Server is the address of the server. Required.
	Server ExternalServer

	// Password is the key that holds the password. Defaults to none.
	Password SecretKeyRef

	// TLS has clients connect over TLS (rediss://). Defaults to false.
	TLS bool
}

var _ RedisServer = ExternalRedis{}

// Endpoint returns the host and port of Server.
func (e ExternalRedis) Endpoint() Endpoint { return e.Server.Endpoint() }

// Destination is for use within this module.
func (e ExternalRedis) Destination() manifest.Destination { return e.Server.Destination() }

// Validate checks the server and, if there is a password, the names of the Secret and the key.
func (e ExternalRedis) Validate(path *field.Path) field.ErrorList {
	errs := e.Server.Validate(path.Child("server"))
	if e.Password != (SecretKeyRef{}) {
		errs = append(errs, e.Password.Validate(path.Child("password"))...)
	}
	return errs
}

func (e ExternalRedis) redisEnv(client manifest.Component) []*k8s.EnvVar {
	scheme := "redis"
	if e.TLS {
		scheme = "rediss"
	}
	return redisClientEnv(scheme, e.Destination().AddressFor(client), e.Password)
}
