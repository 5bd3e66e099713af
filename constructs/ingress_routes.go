package constructs

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// IngressRoute is a path of a host, and the tier that it leads to.
type IngressRoute struct {
	// Host is the DNS name. Defaults to Host of the Ingress.
	Host string

	// Path is the path routed to Tier, which receives requests with it unchanged. Defaults to "/".
	Path string

	// PathType says which requests match Path. Defaults to PathPrefix.
	PathType PathType

	// Tier receives the requests. It must be in the same namespace. Required.
	Tier HTTPServer
}

// IngressTLS is the certificate of one host, where it is not the one that the other hosts share.
type IngressTLS struct {
	// Host is one of the hosts that the Ingress routes. Required.
	Host string

	// SecretName names an existing Secret with the certificate of the host. Required, unless Disable is set.
	SecretName string

	// Disable serves the host over plain HTTP only. Defaults to false.
	Disable bool
}

// PathType says which requests match a path. The longest match decides, and an exact one before a prefix.
// https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types
type PathType string

const (
	// PathPrefix matches the path and everything below it: "/api" matches "/api" and "/api/users", not "/apis".
	PathPrefix PathType = "Prefix"

	// PathExact matches this path only.
	PathExact PathType = "Exact"

	// PathImplementationSpecific leaves to the controller what matches, such as patterns.
	PathImplementationSpecific PathType = "ImplementationSpecific"
)

func (r IngressRoute) withDefaults(host string) IngressRoute {
	r.Host = cmp.Or(r.Host, host)
	r.Path = cmp.Or(r.Path, "/")
	r.PathType = cmp.Or(r.PathType, PathPrefix)
	return r
}

// published is all that can be requested from outside, with defaults filled in. What a controller needs to know follows
// from it.
type published struct {
	hosts    []publishedHost // That of Tier first, and its route first.
	redirect bool            // From HTTP to HTTPS, for hosts with TLS.
	issuer   string          // The ClusterIssuer of the shared certificate. Empty if its Secret exists.
}

type publishedHost struct {
	name        string // Empty for every host.
	certificate certificate
	tls         bool
	secret      string // Has the certificate. Empty without TLS, and where the controller has certificates of its own.
	routes      []publishedRoute
}

type publishedRoute struct {
	path     string
	pathType PathType
	tier     HTTPServer
}

// certificate is where a host has its certificate from.
type certificate int

const (
	sharedCertificate certificate = iota // TLSSecretName, or nothing with DisableTLS.
	ownCertificate                       // A Secret that exists.
	noCertificate                        // Plain HTTP, though others have TLS.
)

// suffix names the Ingress of the routes.
func (c certificate) suffix() string {
	return [...]string{"routes", "own-tls-routes", "no-tls-routes"}[c]
}

// published groups the routes by host.
func (p IngressProps) published() published {
	all := published{redirect: !p.DisableTLS && !p.DisableRedirect, issuer: p.ClusterIssuer}
	for _, route := range append([]IngressRoute{{Host: p.Host, Path: p.Path, PathType: p.PathType, Tier: p.Tier}}, p.Routes...) {
		i := slices.IndexFunc(all.hosts, func(host publishedHost) bool { return host.name == route.Host })
		if i == -1 {
			i = len(all.hosts)
			all.hosts = append(all.hosts, p.publishedHost(route.Host))
		}
		all.hosts[i].routes = append(all.hosts[i].routes, publishedRoute{route.Path, route.PathType, route.Tier})
	}
	return all
}

func (p IngressProps) publishedHost(name string) publishedHost {
	host := publishedHost{name: name, tls: !p.DisableTLS, secret: p.TLSSecretName}
	for _, exception := range p.TLS {
		if exception.Host == name {
			host.secret, host.certificate = exception.SecretName, ownCertificate
			if exception.Disable {
				host.tls, host.certificate = false, noCertificate
			}
		}
	}
	return host
}

// sharesCertificate reports whether any host has the certificate in TLSSecretName.
func (p IngressProps) sharesCertificate() bool {
	return !p.DisableTLS && !p.gatewayHasCertificates() && len(p.published().sharing()) > 0
}

// sharing are the hosts that have the shared certificate.
func (p published) sharing() []string {
	var names []string
	for _, host := range p.hosts {
		if host.certificate == sharedCertificate {
			names = append(names, host.name)
		}
	}
	return names
}

// tiers are those that routes lead to, each port once.
func (p published) tiers() []manifest.Destination {
	var tiers []manifest.Destination
	for _, host := range p.hosts {
		for _, route := range host.routes {
			tier := route.tier.Destination()
			if !slices.ContainsFunc(tiers, func(other manifest.Destination) bool { return *other.Pods == *tier.Pods && other.Port == tier.Port }) {
				tiers = append(tiers, tier)
			}
		}
	}
	return tiers
}

// siteRoutes are all routes with their URLs. Validation refuses those without a tier.
func (p published) siteRoutes() []manifest.SiteRoute {
	var routes []manifest.SiteRoute
	for _, host := range p.hosts {
		scheme := "http"
		if host.tls {
			scheme = "https"
		}
		for _, route := range host.routes {
			if route.tier == nil || manifest.IsNil(route.tier) {
				continue
			}
			to := manifest.SiteRoute{Tier: *route.tier.Destination().Pods}
			switch {
			case host.name == "":
				to.Problem = "the Ingress names no host"
			case strings.HasPrefix(host.name, "*."):
				to.Problem = "the host of the Ingress is a pattern: " + host.name
			case route.pathType == PathImplementationSpecific:
				to.Problem = "what the path of the Ingress matches depends on the controller: " + route.path
			default:
				to.URL = scheme + "://" + host.name + route.path
			}
			routes = append(routes, to)
		}
	}
	return routes
}

// declare refuses two Ingresses for the same path of a host: the controller would decide which of them receives
// the requests.
//
// One path of a host may have both an Ingress and a Gateway, while an application changes from one to the other.
func (p published) declare(node *manifest.Node, gateway *Gateway) {
	kind := "Ingress path"
	if gateway != nil {
		kind = "HTTPRoute path"
	}
	for _, host := range p.hosts {
		for _, route := range host.routes {
			node.Declare(node.Path, manifest.Key{GroupKind: schema.GroupKind{Kind: kind}, Name: cmp.Or(host.name, "*") + route.matches()}, "")
		}
	}
}

// matches tells paths apart that match different requests. Most controllers take ImplementationSpecific for Prefix.
func (r publishedRoute) matches() string {
	if r.pathType == PathExact {
		return "=" + r.path
	}
	return "/" + strings.Trim(r.path, "/")
}

func (p IngressProps) validateHost(path *field.Path) field.ErrorList {
	host, anyHost := path.Child("host"), path.Child("anyHost")
	switch {
	case p.AnyHost && p.Host != "":
		return field.ErrorList{field.Forbidden(anyHost, "host is set: set only one of them")}
	case p.AnyHost && !p.DisableTLS:
		return field.ErrorList{field.Forbidden(anyHost, "no certificate is for every host: set disableTLS, too, or host")}
	case p.AnyHost:
		return nil
	case p.Host == "":
		return field.ErrorList{field.Required(host, "set host, or anyHost to route requests for every host")}
	}
	return checkIngressHost(host, p.Host)
}

func (p IngressProps) validateRoutes(path *field.Path, at manifest.Component) field.ErrorList {
	var errs field.ErrorList
	routes := path.Child("routes")
	first := map[string]string{p.Host + publishedRoute{p.Path, p.PathType, p.Tier}.matches(): path.Child("path").String()}
	for i, route := range p.Routes {
		at, prop := at, routes.Index(i)
		if route.Host != p.Host {
			errs = append(errs, checkIngressHost(prop.Child("host"), route.Host)...)
		}
		errs = append(errs, checkIngressRoute(prop, route, at)...)
		key := route.Host + publishedRoute{route.Path, route.PathType, route.Tier}.matches()
		if other, twice := first[key]; twice {
			errs = append(errs, check.Duplicate(prop.Child("path"), route.Path, "matches the same requests as "+other))
			continue
		}
		first[key] = prop.Child("path").String()
	}
	return errs
}

func (p IngressProps) validateTLS(path *field.Path) field.ErrorList {
	if p.DisableTLS {
		return p.validateNoTLS(path)
	}
	errs := check.OptionalObjectName(path.Child("clusterIssuer"), p.ClusterIssuer)
	if p.TLSSecretName != "" {
		errs = append(check.ObjectName(path.Child("tlsSecretName"), p.TLSSecretName), errs...)
	}
	errs = append(errs, p.validateExceptions(path.Child("tls"))...)
	if p.gatewayHasCertificates() {
		errs = append(errs, p.forbidCertificate(path, certificateOnGateway)...)
	} else if !p.sharesCertificate() {
		errs = append(errs, p.forbidCertificate(path, "tls has the certificates of all hosts: leave it out")...)
	}
	return errs
}

// validateNoTLS is about DisableTLS.
func (p IngressProps) validateNoTLS(path *field.Path) field.ErrorList {
	const unused = "there is no certificate with disableTLS: leave it out"
	errs := p.forbidCertificate(path, unused)
	if len(p.TLS) > 0 {
		errs = append(errs, field.Forbidden(path.Child("tls"), unused))
	}
	if p.DisableRedirect {
		errs = append(errs, field.Forbidden(path.Child("disableRedirect"), "there is no redirect with disableTLS: leave it out"))
	}
	return errs
}

// forbidCertificate is for an Ingress without a shared certificate.
func (p IngressProps) forbidCertificate(path *field.Path, unused string) field.ErrorList {
	var errs field.ErrorList
	if p.TLSSecretName != "" {
		errs = append(errs, field.Forbidden(path.Child("tlsSecretName"), unused))
	}
	if p.ClusterIssuer != "" {
		errs = append(errs, field.Forbidden(path.Child("clusterIssuer"), unused))
	}
	for _, key := range otherIssuerAnnotations {
		if p.Annotations[key] != "" {
			errs = append(errs, field.Forbidden(path.Child("annotations").Key(key), unused))
		}
	}
	return errs
}

// validateExceptions checks the hosts that have a certificate of their own, or none.
func (p IngressProps) validateExceptions(path *field.Path) field.ErrorList {
	var (
		errs   field.ErrorList
		routed []string
	)
	for _, host := range p.published().hosts {
		routed = append(routed, host.name)
	}
	for i, exception := range p.TLS {
		prop := path.Index(i)
		first := slices.IndexFunc(p.TLS, func(other IngressTLS) bool { return other.Host == exception.Host })
		switch host := prop.Child("host"); {
		case exception.Host == "":
			errs = append(errs, field.Required(host, ""))
		case first < i:
			errs = append(errs, check.Duplicate(host, exception.Host, "the same as "+path.Index(first).Child("host").String()))
		case !slices.Contains(routed, exception.Host):
			errs = append(errs, field.Invalid(host, exception.Host, "no path of this host is routed: must be one of "+strings.Join(routed, ", ")))
		}
		if p.gatewayHasCertificates() {
			errs = append(errs, exception.validateOnGateway(prop)...)
			continue
		}
		errs = append(errs, exception.validateSecret(prop.Child("secretName"), p.TLSSecretName)...)
	}
	return errs
}

func (t IngressTLS) validateSecret(path *field.Path, shared string) field.ErrorList {
	switch {
	case t.Disable && t.SecretName != "":
		return field.ErrorList{field.Forbidden(path, "there is no certificate with disable: leave it out")}
	case t.Disable:
		return nil
	case t.SecretName == "":
		return field.ErrorList{field.Required(path, "set secretName, or disable to serve the host without TLS")}
	case t.SecretName == shared:
		return field.ErrorList{field.Invalid(path, t.SecretName, "has the certificate that hosts outside tls share: name another Secret, or omit the host here")}
	}
	return check.ObjectName(path, t.SecretName)
}

func checkIngressHost(path *field.Path, host string) field.ErrorList {
	switch {
	case strings.HasPrefix(host, "*."):
		return check.Invalid(path, host, validation.IsWildcardDNS1123Subdomain(host))
	case len(validation.IsValidIP(nil, host)) == 0:
		return field.ErrorList{field.Invalid(path, host, "must be a DNS name, not an IP address")}
	}
	return check.Invalid(path, host, validation.IsDNS1123Subdomain(host))
}

// checkIngressRoute leaves the host to others.
func checkIngressRoute(path *field.Path, route IngressRoute, at manifest.Component) field.ErrorList {
	return slices.Concat(
		checkIngressTier(path.Child("tier"), route, at),
		checkIngressPath(path.Child("path"), route),
		check.OneOf(path.Child("pathType"), route.PathType, PathPrefix, PathExact, PathImplementationSpecific),
	)
}

// ingressPath matches what ingress-nginx accepts as a Prefix or Exact; the API server accepts more.
// https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#strict-validate-path-type
var ingressPath = regexp.MustCompile(`^(/[A-Za-z0-9_.-]+)*/?$`)

func checkIngressPath(path *field.Path, route IngressRoute) field.ErrorList {
	if route.PathType == PathImplementationSpecific {
		return check.URLPath(path, route.Path)
	}
	if !strings.HasPrefix(route.Path, "/") {
		return field.ErrorList{field.Invalid(path, route.Path, "must begin with /")}
	}
	for _, part := range strings.Split(route.Path, "/") {
		if part == "." || part == ".." {
			return field.ErrorList{field.Invalid(path, route.Path, "must not contain the segments . and ..")}
		}
	}
	if !ingressPath.MatchString(route.Path) {
		return field.ErrorList{field.Invalid(path, route.Path, "must consist of segments of letters, digits, '-', '_' and '.', separated by single slashes")}
	}
	return nil
}

// checkIngressTier also looks at the paths that the server receives: its metrics must not be among them.
func checkIngressTier(path *field.Path, route IngressRoute, at manifest.Component) field.ErrorList {
	if route.Tier == nil {
		return field.ErrorList{field.Required(path, "")}
	}
	if manifest.IsNil(route.Tier) {
		return field.ErrorList{manifest.NilServer(path, route.Tier)}
	}
	server := route.Tier.Destination()
	pods := server.Pods
	if !pods.Near(at) {
		return field.ErrorList{field.Invalid(path, pods.Name(), "must be in the namespace of the Ingress")}
	}
	errs := append(pods.CheckTree(path, at), server.CheckPort(path)...)
	if metrics := route.Tier.HTTP().MetricsPath; metrics != "" && route.receives(metrics) {
		errs = append(errs, field.Invalid(path, pods.Name(), fmt.Sprintf("serves its metrics at %s on the port that requests are routed to, which would make them public: set another metrics port", metrics)))
	}
	return errs
}

// receives reports whether a path is routed to the tier. Of a pattern nobody here knows.
func (r IngressRoute) receives(path string) bool {
	if r.PathType == PathExact {
		return path == r.Path
	}
	return strings.HasPrefix(path+"/", strings.TrimSuffix(r.Path, "/")+"/")
}
