package constructs

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"unicode"

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

// ExternalPostgres is a PostgreSQL server that no construct of this library adds. It takes the place of a Postgres.
type ExternalPostgres struct {
	// Server is the address of the server: an ExternalServer, or a ClusterServer such as the Service of a CloudNativePG
	// cluster. Required.
	Server Server

	// URL is the key that holds the URL that clients connect to. Required.
	URL SecretKeyRef
}

var _ PostgresServer = ExternalPostgres{}

// Endpoint returns the host and port of Server.
func (e ExternalPostgres) Endpoint() Endpoint { return endpointOf(e.Server) }

// Destination is for use within this module.
func (e ExternalPostgres) Destination() manifest.Destination { return destinationOf(e.Server) }

// Validate checks the server and the names of the Secret and the key.
func (e ExternalPostgres) Validate(path *field.Path) field.ErrorList {
	return append(validateServer(path.Child("server"), e.Server), e.URL.Validate(path.Child("url"))...)
}

func (e ExternalPostgres) databaseEnv() []*k8s.EnvVar {
	return []*k8s.EnvVar{e.URL.Variable(databaseURLVariable)}
}

func (e ExternalPostgres) psql(manifest.Component) (env []*k8s.EnvVar, image string) {
	return e.databaseEnv(), DefaultPostgresImage
}

// ExternalRedis is a Redis server that no construct of this library adds. It takes the place of a Redis.
type ExternalRedis struct {
	// Server is the address of the server: an ExternalServer, or a ClusterServer. Required.
	Server Server

	// URL is the key that holds the URL that clients connect to, with the user and the password. Clients then receive
	// REDIS_URL only, and the fields below must not be set. Defaults to none.
	URL SecretKeyRef

	// Username is the name that clients log in with. It requires Password. Defaults to "default", the user that a server
	// has if nobody adds others.
	Username string

	// Password is the key that holds the password. Defaults to none.
	Password SecretKeyRef

	// TLS has clients connect over TLS (rediss://). Defaults to false.
	TLS bool

	// Database is the number of the database. A server has 16, from 0 to 15, unless it is configured otherwise. Defaults
	// to 0.
	Database int
}

var _ RedisServer = ExternalRedis{}

// Endpoint returns the host and port of Server.
func (e ExternalRedis) Endpoint() Endpoint { return endpointOf(e.Server) }

// Destination is for use within this module.
func (e ExternalRedis) Destination() manifest.Destination { return destinationOf(e.Server) }

// Validate checks the server, the user name, the number of the database, and the names of Secrets and keys.
func (e ExternalRedis) Validate(path *field.Path) field.ErrorList {
	errs := validateServer(path.Child("server"), e.Server)
	if e.URL != (SecretKeyRef{}) {
		return slices.Concat(errs, e.URL.Validate(path.Child("url")), e.validateUnused(path))
	}
	if e.Password != (SecretKeyRef{}) {
		errs = append(errs, e.Password.Validate(path.Child("password"))...)
	} else if e.Username != "" {
		errs = append(errs, field.Required(path.Child("password"), "username is set: set both or neither"))
	}
	return slices.Concat(errs,
		checkRedisUsername(path.Child("username"), e.Username),
		check.AtLeast(path.Child("database"), e.Database, 0),
	)
}

// validateUnused refuses what the URL has already.
func (e ExternalRedis) validateUnused(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, unused := range []struct {
		prop string
		set  bool
	}{
		{"username", e.Username != ""},
		{"password", e.Password != (SecretKeyRef{})},
		{"tls", e.TLS},
		{"database", e.Database != 0},
	} {
		if unused.set {
			errs = append(errs, field.Forbidden(path.Child(unused.prop), "url is set, which contains it: remove one of them"))
		}
	}
	return errs
}

// checkRedisUsername refuses what the server does: a name in its ACL has no spaces and no NUL.
// https://redis.io/docs/latest/commands/acl-setuser/
func checkRedisUsername(path *field.Path, name string) field.ErrorList {
	if errs := check.Text(path, name); len(errs) > 0 {
		return errs
	}
	if strings.ContainsFunc(name, func(char rune) bool { return unicode.IsSpace(char) || unicode.IsControl(char) }) {
		return field.ErrorList{field.Invalid(path, name, "must not contain spaces or control characters")}
	}
	return nil
}

func (e ExternalRedis) redisEnv(client manifest.Component) []*k8s.EnvVar {
	if e.URL != (SecretKeyRef{}) {
		return []*k8s.EnvVar{e.URL.Variable(redisURLVariable)}
	}
	login := redisLogin{
		scheme: "redis", username: cmp.Or(e.Username, redisDefaultUser), password: e.Password,
		address: e.Destination().AddressFor(client), database: e.Database,
	}
	if e.TLS {
		login.scheme = "rediss"
	}
	return login.env()
}

// endpointOf is empty without a server.
func endpointOf(server Server) Endpoint {
	if manifest.IsNil(server) {
		return Endpoint{}
	}
	return server.Endpoint()
}

// destinationOf is empty without a server.
func destinationOf(server Server) manifest.Destination {
	if manifest.IsNil(server) {
		return manifest.Destination{}
	}
	return server.Destination()
}

// validateServer checks a server that must be set. A tier checks itself.
func validateServer(path *field.Path, server Server) field.ErrorList {
	switch {
	case server == nil:
		return field.ErrorList{field.Required(path, "")}
	case manifest.IsNil(server):
		return field.ErrorList{manifest.NilServer(path, server)}
	}
	errs := server.Destination().CheckTCP(path)
	if props, ok := server.(interface {
		Validate(path *field.Path) field.ErrorList
	}); ok {
		errs = append(errs, props.Validate(path)...)
	}
	return errs
}
