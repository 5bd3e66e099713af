package constructs

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Gateway publishes the hosts of an Ingress by Gateway API: the construct creates HTTPRoutes instead of Ingress objects.
// The cluster must have the CRDs of Gateway API, version 1.5 or later for ListenerSet, and a controller that implements them.
// https://gateway-api.sigs.k8s.io/
type Gateway struct {
	// Name is the name of an existing Gateway, usually one that all applications of the cluster share. Its HTTPS
	// listener has the certificates of the hosts, unless ListenerSet is set. Required, unless ClassName is set.
	Name string

	// Namespace is the namespace of that Gateway. Required with Name.
	Namespace string

	// HTTPListener is the name of the Gateway's listener for plain HTTP, which must admit routes of the application's
	// namespace. Defaults to "http".
	HTTPListener string

	// HTTPSListener is the name of the Gateway's listener for HTTPS, which must also admit them. Defaults to "https".
	HTTPSListener string

	// ListenerSet adds listeners to the Gateway, with the hosts and their certificates, by a ListenerSet of the
	// application. The Gateway must admit ListenerSets of the namespace (spec.allowedListeners). For ClusterIssuer,
	// cert-manager must have the feature gate ListenerSets. Defaults to false.
	ListenerSet bool

	// ClassName is the name of a GatewayClass, and creates a Gateway of that class in the application's namespace.
	// Required, unless Name is set.
	ClassName string

	// HTTPPort is the port for plain HTTP of the listeners that the construct creates. Defaults to 80. With the profile
	// Traefik, it defaults to 8000: a listener must have the port of an entry point, and that is the one of its chart.
	HTTPPort int

	// HTTPSPort is the port for HTTPS of these listeners. Defaults to 443, and to 8443 with the profile Traefik.
	HTTPSPort int

	// Proxy identifies where requests come from, which the network policies allow. Required.
	Proxy GatewayProxy
}

const gatewayAPIVersion = "gateway.networking.k8s.io/v1"

// The listeners of a Gateway that exists.
const (
	DefaultHTTPListener  = "http"
	DefaultHTTPSListener = "https"
)

// The API server accepts at most so many in one object.
// https://gateway-api.sigs.k8s.io/reference/1.6/spec/#httproutespec
const (
	maxRouteRules     = 16
	maxRouteHostnames = 16
)

func (g Gateway) withDefaults(at manifest.Component) Gateway {
	if g.shared() {
		g.HTTPListener = cmp.Or(g.HTTPListener, DefaultHTTPListener)
		g.HTTPSListener = cmp.Or(g.HTTPSListener, DefaultHTTPSListener)
	} else {
		usual := g.usualPorts()
		g.HTTPPort, g.HTTPSPort = cmp.Or(g.HTTPPort, usual[0]), cmp.Or(g.HTTPSPort, usual[1])
	}
	g.Proxy = g.Proxy.withDefaults(g.reference(at))
	return g
}

// shared reports whether routes attach to listeners that exist.
func (g Gateway) shared() bool { return g.ClassName == "" && !g.ListenerSet }

// podPorts are those that the proxy's pods listen on, for listeners that the construct creates or that usually exist.
func (g Gateway) podPorts() (http, https int) {
	profile := g.Proxy.Profile.known()
	of := func(listener int) int {
		if listener < 1024 {
			return listener + profile.unprivileged
		}
		return listener
	}
	usual := g.usualPorts()
	return of(cmp.Or(g.HTTPPort, usual[0])), of(cmp.Or(g.HTTPSPort, usual[1]))
}

// usualPorts are those of listeners. Traefik's are those of its entry points.
// https://github.com/traefik/traefik-helm-chart/blob/master/traefik/values.yaml
func (g Gateway) usualPorts() [2]int {
	if g.Proxy.Profile == GatewayTraefik {
		return [2]int{8000, 8443}
	}
	return [2]int{80, 443}
}

// reference is the Gateway of the routes.
func (g Gateway) reference(at manifest.Component) gatewayReference {
	if g.ClassName != "" {
		return gatewayReference{Name: at.Name(), Namespace: at.Namespace}
	}
	return gatewayReference{Name: g.Name, Namespace: g.Namespace}
}

// gatewayReference names a Gateway.
type gatewayReference struct{ Name, Namespace string }

func (g Gateway) validate(path *field.Path, at manifest.Component) field.ErrorList {
	return slices.Concat(g.validateReference(path), g.validateListeners(path), g.Proxy.validate(path.Child("proxy"), at))
}

func (g Gateway) validateReference(path *field.Path) field.ErrorList {
	name, namespace, class := path.Child("name"), path.Child("namespace"), path.Child("className")
	if g.ClassName == "" {
		if g.Name == "" {
			return field.ErrorList{field.Required(name, "set the name of a Gateway that exists, or className to create one")}
		}
		if g.Namespace == "" {
			return append(check.ObjectName(name, g.Name), field.Required(namespace, "set the namespace of the Gateway"))
		}
		return append(check.ObjectName(name, g.Name), check.Invalid(namespace, g.Namespace, validation.IsDNS1123Label(g.Namespace))...)
	}
	errs := check.ObjectName(class, g.ClassName)
	const creates = "className creates a Gateway: set only one of them"
	if g.Name != "" {
		errs = append(errs, field.Forbidden(name, creates))
	}
	if g.Namespace != "" {
		errs = append(errs, field.Forbidden(namespace, "className creates a Gateway in the application's namespace: leave it out"))
	}
	if g.ListenerSet {
		errs = append(errs, field.Forbidden(path.Child("listenerSet"), "the Gateway that className creates has the listeners: leave it out"))
	}
	return errs
}

func (g Gateway) validateListeners(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, listener := range []struct{ prop, name string }{{"httpListener", g.HTTPListener}, {"httpsListener", g.HTTPSListener}} {
		switch {
		case g.shared():
			errs = append(errs, check.ObjectName(path.Child(listener.prop), listener.name)...)
		case listener.name != "":
			errs = append(errs, field.Forbidden(path.Child(listener.prop), "the construct creates the listeners: leave it out"))
		}
	}
	http, https := path.Child("httpPort"), path.Child("httpsPort")
	for _, port := range []struct {
		prop  *field.Path
		value int
	}{{http, g.HTTPPort}, {https, g.HTTPSPort}} {
		switch {
		case !g.shared():
			errs = append(errs, check.Port(port.prop, port.value)...)
		case port.value != 0:
			errs = append(errs, field.Forbidden(port.prop, "the listeners exist: leave it out"))
		}
	}
	if !g.shared() && g.HTTPPort == g.HTTPSPort {
		errs = append(errs, field.Invalid(https, g.HTTPSPort, "must not be httpPort: set another port"))
	}
	if problem := g.Proxy.Profile.known().noListenerSet; g.ListenerSet && problem != "" {
		errs = append(errs, field.Forbidden(path.Child("listenerSet"), problem+": leave it out, or set className"))
	}
	return errs
}

// validateGateway checks the props of an Ingress that has a Gateway.
func (p IngressProps) validateGateway(path *field.Path, at manifest.Component) field.ErrorList {
	errs := p.Gateway.validate(path.Child("gateway"), at)
	const ingressOnly = "there is no Ingress object with gateway: leave it out"
	if p.ClassName != "" {
		errs = append(errs, field.Forbidden(path.Child("className"), ingressOnly+", or set gateway.className"))
	}
	if !reflect.ValueOf(p.Controller).IsZero() {
		errs = append(errs, field.Forbidden(path.Child("controller"), ingressOnly+", and set gateway.proxy"))
	}
	if len(p.Annotations) > 0 {
		errs = append(errs, field.Forbidden(path.Child("annotations"), ingressOnly+", or patch the objects"))
	}
	return append(errs, p.validateForGateway(path)...)
}

// validateForGateway checks what Gateway API has no field for.
func (p IngressProps) validateForGateway(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	const patterns = "Gateway API has only Prefix and Exact"
	if p.PathType == PathImplementationSpecific {
		errs = append(errs, field.Invalid(path.Child("pathType"), p.PathType, patterns))
	}
	for i, route := range p.Routes {
		if route.PathType == PathImplementationSpecific {
			errs = append(errs, field.Invalid(path.Child("routes").Index(i).Child("pathType"), route.PathType, patterns))
		}
	}
	if p.AnyHost && p.Gateway.ListenerSet {
		errs = append(errs, field.Forbidden(path.Child("anyHost"), "a listener for every host would conflict with that of the Gateway: set host, or gateway.listenerSet to false"))
	}
	errs = append(errs, p.validateSizes(path)...)
	if p.ClusterIssuer != "" {
		for i, exception := range p.TLS {
			if exception.SecretName != "" {
				errs = append(errs, field.Forbidden(path.Child("tls").Index(i).Child("secretName"),
					"cert-manager would replace the certificate: with clusterIssuer, it issues one for each listener. Route the host in an Ingress construct of its own"))
			}
		}
	}
	return errs
}

// validateSizes checks what the API server limits.
func (p IngressProps) validateSizes(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	hosts := p.published().hosts
	if len(hosts) > maxRouteHostnames {
		errs = append(errs, field.TooMany(path.Child("routes"), len(hosts), maxRouteHostnames))
	}
	for _, host := range hosts {
		if len(host.routes) > maxRouteRules {
			errs = append(errs, field.Invalid(path.Child("routes"), host.name, fmt.Sprintf("has %d paths: an HTTPRoute takes at most %d", len(host.routes), maxRouteRules)))
		}
		if name := listenerName("HTTPS", host.name); len(name) > validation.DNS1123SubdomainMaxLength {
			errs = append(errs, field.Invalid(path.Child("host"), host.name, fmt.Sprintf("must be shorter: the name of its listener is %d characters long, and may be %d", len(name), validation.DNS1123SubdomainMaxLength)))
		}
	}
	return errs
}

// validateOnGateway checks the exception of a host where a Gateway that exists has the certificates.
func (t IngressTLS) validateOnGateway(path *field.Path) field.ErrorList {
	switch {
	case t.SecretName != "":
		return field.ErrorList{field.Forbidden(path.Child("secretName"), certificateOnGateway)}
	case !t.Disable:
		return field.ErrorList{field.Required(path.Child("disable"), "set it to serve the host without TLS, or omit the host here: the listener of the Gateway has its certificate")}
	}
	return nil
}

// gatewayHasCertificates reports whether the hosts have the certificates of a Gateway that exists.
func (p IngressProps) gatewayHasCertificates() bool { return p.Gateway != nil && p.Gateway.shared() }

const certificateOnGateway = "the listener of the Gateway has the certificates: leave it out, or set gateway.listenerSet"

// gatewayObjects are what Gateway API has for what an Ingress publishes.
type gatewayObjects struct {
	Gateway
	at         manifest.Component
	all        published
	disableTLS bool
}

// addGateway adds policies first: a controller that finds a Gateway creates the pods of its proxy.
func (i *Ingress) addGateway(g gatewayObjects) {
	node := i.node
	node.AddAll(g.openings())
	node.Add(g.proxyParameters())
	i.gateway = node.Add(g.gateway())
	i.listenerSet = node.Add(g.listenerSet())
	for host := range g.all.hosts {
		i.httpRoutes = append(i.httpRoutes, node.Add(g.route(host)))
	}
	if redirect := node.Add(g.redirectRoute()); redirect != nil {
		i.httpRoutes = append(i.httpRoutes, redirect)
	}
}

func (g gatewayObjects) gateway() *manifest.Object {
	if g.ClassName == "" {
		return nil
	}
	spec := map[string]any{"gatewayClassName": g.ClassName, "listeners": g.listeners()}
	if parameters := g.proxyParameters(); parameters != nil {
		spec["infrastructure"] = map[string]any{
			"parametersRef": map[string]any{"group": "", "kind": parameters.Kind, "name": parameters.Name},
		}
	}
	return &manifest.Object{
		ID: "gateway", APIVersion: gatewayAPIVersion, Kind: "Gateway", Name: g.at.Name(),
		Annotations: g.certificateAnnotations(), Fields: map[string]any{"spec": spec},
	}
}

func (g gatewayObjects) listenerSet() *manifest.Object {
	if !g.ListenerSet {
		return nil
	}
	return &manifest.Object{
		ID: "listener-set", APIVersion: gatewayAPIVersion, Kind: "ListenerSet", Name: g.at.Name(),
		Annotations: g.certificateAnnotations(),
		Fields: map[string]any{"spec": map[string]any{
			"parentRef": map[string]any{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": g.Name, "namespace": g.Namespace},
			"listeners": g.listeners(),
		}},
	}
}

// certificateAnnotations ask cert-manager for the certificates of all listeners.
// https://cert-manager.io/docs/usage/gateway/
func (g gatewayObjects) certificateAnnotations() map[string]string {
	if g.all.issuer == "" {
		return nil
	}
	return map[string]string{issuerAnnotation: g.all.issuer}
}

// listeners are two for each host with TLS. The one for HTTP redirects, and answers the certificate authority.
func (g gatewayObjects) listeners() []any {
	var listeners []any
	for _, host := range g.all.hosts {
		listener := func(protocol string, port int) map[string]any {
			listener := map[string]any{
				"name": listenerName(protocol, host.name), "protocol": protocol, "port": port,
				"allowedRoutes": map[string]any{"namespaces": map[string]any{"from": "Same"}},
			}
			if host.name != "" {
				listener["hostname"] = host.name
			}
			return listener
		}
		listeners = append(listeners, listener("HTTP", g.HTTPPort))
		if host.secret == "" {
			continue
		}
		https := listener("HTTPS", g.HTTPSPort)
		https["tls"] = map[string]any{
			"mode":            "Terminate",
			"certificateRefs": []any{map[string]any{"group": "", "kind": "Secret", "name": host.secret}},
		}
		listeners = append(listeners, https)
	}
	return listeners
}

// listenerName is different for each host: that of a pattern is the only one without a hyphen after the protocol.
func listenerName(protocol, host string) string {
	protocol = strings.ToLower(protocol)
	if suffix, pattern := strings.CutPrefix(host, "*"); pattern {
		return protocol + suffix
	}
	return strings.TrimSuffix(protocol+"-"+host, "-")
}

// route is the HTTPRoute of a host.
func (g gatewayObjects) route(index int) *manifest.Object {
	host := g.all.hosts[index]
	o := &manifest.Object{ID: "route", APIVersion: gatewayAPIVersion, Kind: "HTTPRoute", Name: g.at.Name()}
	if index > 0 {
		name := listenerName("", host.name)
		o.ID, o.Name = "route"+name, g.at.Name()+name
	}
	protocols := []string{"HTTPS"}
	switch {
	case !g.encrypted(host):
		protocols = []string{"HTTP"}
	case !g.all.redirect:
		protocols = []string{"HTTP", "HTTPS"}
	}
	var parents, rules []any
	for _, protocol := range protocols {
		parents = append(parents, g.parent(protocol, host))
	}
	for _, route := range host.routes {
		to := route.tier.Destination()
		rules = append(rules, map[string]any{
			"matches":     []any{map[string]any{"path": map[string]any{"type": gatewayPathTypes[route.pathType], "value": route.path}}},
			"backendRefs": []any{map[string]any{"group": "", "kind": "Service", "name": to.Host, "port": to.Port, "weight": 1}},
		})
		if !slices.Contains(o.Reaches, *to.Pods) {
			o.Reaches = append(o.Reaches, *to.Pods)
		}
	}
	spec := map[string]any{"parentRefs": parents, "rules": rules}
	if host.name != "" {
		spec["hostnames"] = []any{host.name}
	}
	o.Fields = map[string]any{"spec": spec}
	return o
}

var gatewayPathTypes = map[PathType]string{PathPrefix: "PathPrefix", PathExact: "Exact"}

// encrypted reports whether a host has TLS. Of a shared Gateway, the Secret is not known here.
func (g gatewayObjects) encrypted(host publishedHost) bool {
	return !g.disableTLS && host.certificate != noCertificate
}

// parent is the listener for a host.
func (g gatewayObjects) parent(protocol string, host publishedHost) map[string]any {
	parent := map[string]any{"group": "gateway.networking.k8s.io", "kind": "Gateway", "sectionName": listenerName(protocol, host.name)}
	switch {
	case g.ListenerSet:
		parent["kind"], parent["name"] = "ListenerSet", g.at.Name()
	case g.ClassName != "":
		parent["name"] = g.at.Name()
	default:
		parent["name"], parent["namespace"] = g.Name, g.Namespace
		parent["sectionName"] = map[string]string{"HTTP": g.HTTPListener, "HTTPS": g.HTTPSListener}[protocol]
	}
	return parent
}

// redirectRoute sends requests over plain HTTP to HTTPS, for good.
func (g gatewayObjects) redirectRoute() *manifest.Object {
	var parents, names []any
	for _, host := range g.all.hosts {
		if !g.all.redirect || !g.encrypted(host) {
			continue
		}
		names = append(names, host.name)
		if parent := g.parent("HTTP", host); len(parents) == 0 || !g.shared() {
			parents = append(parents, parent)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &manifest.Object{
		ID: "redirect", APIVersion: gatewayAPIVersion, Kind: "HTTPRoute", Name: g.at.Suffixed("redirect"),
		Fields: map[string]any{"spec": map[string]any{
			"parentRefs": parents,
			"hostnames":  names,
			"rules": []any{map[string]any{
				"matches": []any{map[string]any{"path": map[string]any{"type": "PathPrefix", "value": "/"}}},
				"filters": []any{map[string]any{
					"type": "RequestRedirect", "requestRedirect": map[string]any{"scheme": "https", "statusCode": 301},
				}},
			}},
		}},
	}
}

// Gateway returns the Gateway that Gateway.ClassName creates, or nil.
func (i *Ingress) Gateway() cdk8s.ApiObject { return i.node.Handle(i.gateway) }

// ListenerSet returns the ListenerSet, or nil without Gateway.ListenerSet.
func (i *Ingress) ListenerSet() cdk8s.ApiObject { return i.node.Handle(i.listenerSet) }

// HTTPRoutes returns the HTTPRoutes of a Gateway: one for each host, and one that redirects to HTTPS.
func (i *Ingress) HTTPRoutes() []cdk8s.ApiObject { return slices.Clone(i.httpRoutes) }
