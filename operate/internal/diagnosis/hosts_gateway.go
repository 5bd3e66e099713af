package diagnosis

import (
	"cmp"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Parent is a listener to which an HTTPRoute attaches, of a Gateway or a ListenerSet. Section is empty for all of them.
type Parent struct{ Kind, Namespace, Name, Section string }

func (p Parent) object() string { return object(p.Kind, p.Namespace, p.Name) }

func parentOf(route *gatewayv1.HTTPRoute, ref gatewayv1.ParentReference) Parent {
	return Parent{
		string(deref(ref.Kind, "Gateway")), string(deref(ref.Namespace, gatewayv1.Namespace(route.Namespace))), string(ref.Name), string(deref(ref.SectionName, "")),
	}
}

// gatewayOf is the Gateway of a ListenerSet.
func gatewayOf(set *gatewayv1.ListenerSet) Parent {
	ref := set.Spec.ParentRef
	return Parent{Kind: "Gateway", Namespace: string(deref(ref.Namespace, gatewayv1.Namespace(set.Namespace))), Name: string(ref.Name)}
}

func deref[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}

// listener is what decides about the hosts of a route.
type listener struct {
	Holder
	name, host string
	encrypted  bool
	secret     string // Of the certificate. Empty if it is in another namespace, or no Secret.
}

// listenersOf are those of Gateways and ListenerSets, which have their fields in common.
func listenersOf(objects []unstructured.Unstructured) []listener {
	var all []listener
	for i := range objects {
		o := &objects[i]
		gateway, err := decodeAs[gatewayv1.Gateway](o)
		if err != nil {
			continue // The API server says more about an invalid one.
		}
		for _, entry := range gateway.Spec.Listeners {
			l := listener{
				Holder: holderOf(o.GetKind(), o),
				name:   string(entry.Name), host: string(deref(entry.Hostname, "")), encrypted: entry.Protocol == gatewayv1.HTTPSProtocolType,
			}
			if entry.TLS != nil && len(entry.TLS.CertificateRefs) > 0 {
				if ref := entry.TLS.CertificateRefs[0]; deref(ref.Kind, "Secret") == "Secret" && string(deref(ref.Namespace, gatewayv1.Namespace(o.GetNamespace()))) == o.GetNamespace() {
					l.secret = string(ref.Name)
				}
			}
			all = append(all, l)
		}
	}
	return all
}

func decodeAs[T any](o *unstructured.Unstructured) (T, error) {
	var object T
	return object, runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &object)
}

// routeHosts are those of HTTPRoutes. Of several rules for a host, one with TLS counts, and then the shortest path.
func routeHosts(routes []gatewayv1.HTTPRoute, known []listener) []Host {
	routes = slices.SortedFunc(slices.Values(routes), func(a, b gatewayv1.HTTPRoute) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	redirected := redirectedHosts(routes)
	var found []Host
	for i := range routes {
		path, backend := shortestMatch(&routes[i])
		if backend == nil {
			continue
		}
		for _, h := range attached(&routes[i], known, redirected) {
			h.Path, h.Backend = path, *backend
			at := slices.IndexFunc(found, func(other Host) bool { return other.Name == h.Name })
			switch {
			case at < 0:
				found = append(found, h)
			case h.Secured != nil && found[at].Secured == nil,
				(h.Secured == nil) == (found[at].Secured == nil) && len(h.Path) < len(found[at].Path):
				found[at] = h
			}
		}
	}
	return found
}

// redirectedHosts are those for which a route redirects to HTTPS, so that they have TLS.
func redirectedHosts(routes []gatewayv1.HTTPRoute) []string {
	var hosts []string
	for _, route := range routes {
		if slices.ContainsFunc(route.Spec.Rules, isRedirect) {
			for _, name := range route.Spec.Hostnames {
				hosts = append(hosts, string(name))
			}
		}
	}
	return hosts
}

func isRedirect(rule gatewayv1.HTTPRouteRule) bool {
	return slices.ContainsFunc(rule.Filters, func(f gatewayv1.HTTPRouteFilter) bool {
		return f.RequestRedirect != nil && f.RequestRedirect.Scheme != nil && *f.RequestRedirect.Scheme == "https"
	})
}

// attached are the hosts of a route, each with the listener that it attaches to: of several, one with TLS.
func attached(route *gatewayv1.HTTPRoute, known []listener, redirected []string) []Host {
	var names []string
	for _, name := range route.Spec.Hostnames {
		names = append(names, string(name))
	}
	if len(names) == 0 {
		names = listenerHosts(route, known)
	}
	var found []Host
	for _, name := range names {
		h := Host{Name: name, Route: route}
		for _, ref := range route.Spec.ParentRefs {
			if parent := parentOf(route, ref); h.Secured == nil {
				h.Parent = parent
				h.attach(known, redirected)
			}
		}
		found = append(found, h)
	}
	return found
}

// listenerHosts are those of the listeners that a route without hosts attaches to.
func listenerHosts(route *gatewayv1.HTTPRoute, known []listener) []string {
	var names []string
	for _, ref := range route.Spec.ParentRefs {
		for _, l := range known {
			if l.isOf(parentOf(route, ref)) && !slices.Contains(names, l.host) {
				names = append(names, l.host)
			}
		}
	}
	if len(names) == 0 {
		return []string{""}
	}
	return names
}

func (l listener) isOf(p Parent) bool {
	return l.Kind == p.Kind && l.Namespace == p.Namespace && l.Name == p.Name && (p.Section == "" || l.name == p.Section)
}

// attach looks for TLS at the host's parent. Nothing is known of the listeners of a Gateway that is not declared and may not be read: a redirect
// shows that there is TLS, and the usual name of its listener.
func (h *Host) attach(known []listener, redirected []string) {
	unknown := !slices.ContainsFunc(known, func(l listener) bool { return l.object() == h.Parent.object() })
	if unknown && (slices.Contains(redirected, h.Name) || strings.HasPrefix(h.Parent.Section, "https")) {
		h.Secured = &Holder{Kind: h.Parent.Kind, Namespace: h.Parent.Namespace, Name: h.Parent.Name}
		return
	}
	for i, l := range known {
		if l.isOf(h.Parent) && l.encrypted && (l.host == "" || covers(l.host, h.Name)) {
			h.Secured, h.Secret, h.Parent.Section = &known[i].Holder, l.secret, l.name
			return
		}
	}
}

// shortestMatch is a path for which a route has a backend. There is none if it only redirects.
func shortestMatch(route *gatewayv1.HTTPRoute) (path string, backend *networkingv1.IngressBackend) {
	for _, rule := range route.Spec.Rules {
		if len(rule.BackendRefs) == 0 {
			continue
		}
		matches := rule.Matches
		if len(matches) == 0 {
			matches = []gatewayv1.HTTPRouteMatch{{}}
		}
		for _, m := range matches {
			if len(m.Headers) > 0 || len(m.QueryParams) > 0 || deref(m.Method, gatewayv1.HTTPMethodGet) != gatewayv1.HTTPMethodGet {
				continue // Requests for the path alone do not match.
			}
			found := "/"
			if m.Path != nil {
				found = literal(deref(m.Path.Value, "/"), deref(m.Path.Type, gatewayv1.PathMatchPathPrefix) == gatewayv1.PathMatchRegularExpression)
			}
			if backend == nil || len(found) < len(path) {
				path, backend = found, serviceBackend(route, rule.BackendRefs[0].BackendRef)
			}
		}
	}
	return path, backend
}

// serviceBackend names no Service where it is none, or is in another namespace.
func serviceBackend(route *gatewayv1.HTTPRoute, ref gatewayv1.BackendRef) *networkingv1.IngressBackend {
	isService := deref(ref.Kind, "Service") == "Service" && deref(ref.Group, "") == "" && string(deref(ref.Namespace, gatewayv1.Namespace(route.Namespace))) == route.Namespace
	if !isService {
		return &networkingv1.IngressBackend{}
	}
	return &networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{
		Name: string(ref.Name), Port: networkingv1.ServiceBackendPort{Number: deref(ref.Port, 0)},
	}}
}

// ForeignGateways are the namespaces of Gateways that routes and ListenerSets name, and that are not declared.
func (s *State) ForeignGateways() []string {
	var found []string
	add := func(p Parent) {
		if p.Kind == "Gateway" && find(s.Declared, p.object()) == nil {
			found = append(found, p.Namespace)
		}
	}
	for _, o := range s.Declared {
		switch {
		case isGatewayKind(o, "HTTPRoute"):
			if route, err := decodeAs[gatewayv1.HTTPRoute](o); err == nil {
				for _, ref := range route.Spec.ParentRefs {
					add(parentOf(&route, ref))
				}
			}
		case isGatewayKind(o, "ListenerSet"):
			if set, err := decodeAs[gatewayv1.ListenerSet](o); err == nil {
				add(gatewayOf(&set))
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func isGatewayKind(o *unstructured.Unstructured, kind string) bool {
	return o.GetKind() == kind && o.GroupVersionKind().Group == gatewayv1.GroupName
}
