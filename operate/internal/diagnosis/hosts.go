package diagnosis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Host is a name for which an Ingress or an HTTPRoute routes requests.
type Host struct {
	Name    string
	Path    string                      // The shortest.
	Backend networkingv1.IngressBackend // Of the path.

	// Ingress routes the path. It is nil where Route does.
	Ingress *networkingv1.Ingress
	Route   *gatewayv1.HTTPRoute
	Parent  Parent // Of Route.

	// Secured has TLS for the name. Nil if nothing has.
	Secured *Holder
	Secret  string // Of the certificate. Empty where the controller has one.
}

// Holder is an Ingress, a Gateway or a ListenerSet.
type Holder struct {
	Kind, Namespace, Name string
	Labels, Annotations   map[string]string
}

func holderOf(kind string, o metav1.Object) Holder {
	return Holder{kind, o.GetNamespace(), o.GetName(), o.GetLabels(), o.GetAnnotations()}
}

func (h Holder) object() string { return object(h.Kind, h.Namespace, h.Name) }

// Publisher is what routes the path.
func (h *Host) Publisher() Holder {
	if h.Route != nil {
		return holderOf("HTTPRoute", h.Route)
	}
	return holderOf("Ingress", h.Ingress)
}

// URL is what the step requests.
func (h *Host) URL() string {
	if h.Secured != nil {
		return "https://" + h.Name + h.Path
	}
	return "http://" + h.Name + h.Path
}

// Hosts are those of the declared Ingresses and HTTPRoutes. One name has both while an application moves from one to the other.
func (s *State) Hosts() ([]Host, error) {
	var (
		ingresses []networkingv1.Ingress
		routes    []gatewayv1.HTTPRoute
		gateways  []unstructured.Unstructured
		err       error
	)
	for _, declared := range s.Declared {
		switch {
		case isIngress(declared):
			ingresses, err = appendDecoded(ingresses, declared)
		case isGatewayKind(declared, "HTTPRoute"):
			routes, err = appendDecoded(routes, declared)
		case isGatewayKind(declared, "Gateway"), isGatewayKind(declared, "ListenerSet"):
			gateways = append(gateways, *declared)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", nameOf(declared), err)
		}
	}
	for _, live := range s.Entry.GatewayAPI.Objects["Gateway"] {
		if find(s.Declared, nameOf(&live)) == nil {
			gateways = append(gateways, live)
		}
	}
	return append(hosts(ingresses), routeHosts(routes, listenersOf(gateways))...), nil
}

func appendDecoded[T any](all []T, declared *unstructured.Unstructured) ([]T, error) {
	object, err := decodeAs[T](declared)
	return append(all, object), err
}

// hosts takes Ingresses in the order of their names, so that among equals the same one is found in manifests and in the cluster.
func hosts(ingresses []networkingv1.Ingress) []Host {
	ingresses = slices.SortedFunc(slices.Values(ingresses), func(a, b networkingv1.Ingress) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	var found []Host
	for i := range ingresses {
		for _, rule := range ingresses[i].Spec.Rules {
			host := shortest(&ingresses[i], rule)
			known := slices.IndexFunc(found, func(h Host) bool { return h.Name == host.Name })
			switch {
			case known < 0:
				found = append(found, host)
			case len(host.Path) < len(found[known].Path):
				found[known] = host
			}
		}
	}
	for i := range found {
		found[i].secure(ingresses)
	}
	return found
}

func shortest(ingress *networkingv1.Ingress, rule networkingv1.IngressRule) Host {
	host := Host{Name: rule.Host, Ingress: ingress}
	if rule.HTTP == nil {
		host.Path = "/"
		if ingress.Spec.DefaultBackend != nil {
			host.Backend = *ingress.Spec.DefaultBackend
		}
		return host
	}
	for _, path := range rule.HTTP.Paths {
		isPattern := path.PathType != nil && *path.PathType == networkingv1.PathTypeImplementationSpecific
		if found := literal(path.Path, isPattern); host.Path == "" || len(found) < len(host.Path) {
			host.Path, host.Backend = found, path.Backend
		}
	}
	return host
}

// literal is a path that a rule matches. Controllers take those that are ImplementationSpecific as regular expressions.
func literal(path string, isPattern bool) string {
	if i := strings.IndexAny(path, `([{.*+?|^$\`); i >= 0 && isPattern {
		path = path[:i]
	}
	if !strings.HasPrefix(path, "/") {
		return "/"
	}
	return path
}

// secure looks for TLS, which may be in another Ingress than the path. Without hosts, it is for all.
func (h *Host) secure(ingresses []networkingv1.Ingress) {
	for i := range ingresses {
		for _, tls := range ingresses[i].Spec.TLS {
			if len(tls.Hosts) == 0 || slices.ContainsFunc(tls.Hosts, func(pattern string) bool { return covers(pattern, h.Name) }) {
				h.Secured, h.Secret = new(holderOf("Ingress", &ingresses[i])), tls.SecretName
				return
			}
		}
	}
}

// covers reports whether a host of TLS is a name's, or a wildcard for its first label.
func covers(pattern, name string) bool {
	_, domain, _ := strings.Cut(name, ".")
	return pattern == name || pattern == "*."+domain
}

// undeclared says what of an Ingress's host is not in the cluster as it is declared.
func (h *Host) undeclared(live []networkingv1.Ingress) string {
	class := func(i *networkingv1.Ingress) string {
		if i.Spec.IngressClassName != nil {
			return *i.Spec.IngressClassName
		}
		return "none"
	}
	var found []string
	for i := range live {
		// Where none is declared, the API server sets the default one.
		if want, is := class(h.Ingress), class(&live[i]); isNamed(&live[i], h.Ingress) && want != is && want != "none" {
			found = append(found, fmt.Sprintf("has IngressClass %s, declared is %s", is, want))
		}
	}
	all := hosts(live)
	i := slices.IndexFunc(all, func(l Host) bool { return l.Name == h.Name })
	if i < 0 {
		return strings.Join(append(found, "has no rule for "+h.Name), "; ")
	}
	is := all[i]
	if is.Path != h.Path || backendName(is.Backend) != backendName(h.Backend) {
		found = append(found, fmt.Sprintf("routes %s to %s, declared is %s to %s", is.Path, backendName(is.Backend), h.Path, backendName(h.Backend)))
	}
	switch {
	case h.Secured == nil:
	case is.Secured == nil:
		found = append(found, "has no TLS for "+h.Name)
	case is.Secret != h.Secret:
		found = append(found, fmt.Sprintf("has its certificate in Secret %s, declared is %s", is.Secret, h.Secret))
	}
	return strings.Join(found, "; ")
}

// backendName names a backend and its port.
func backendName(backend networkingv1.IngressBackend) string {
	switch {
	case backend.Service == nil:
		return "no Service"
	case backend.Service.Port.Name != "":
		return "Service " + backend.Service.Name + ":" + backend.Service.Port.Name
	}
	return fmt.Sprintf("Service %s:%d", backend.Service.Name, backend.Service.Port.Number)
}

func isNamed(a, b *networkingv1.Ingress) bool { return a.Namespace == b.Namespace && a.Name == b.Name }

// manifest is what declares an Ingress, or nil.
func (s *State) manifest(i *networkingv1.Ingress) *unstructured.Unstructured {
	return find(s.Declared, object("Ingress", i.Namespace, i.Name))
}

func isIngress(o *unstructured.Unstructured) bool {
	return o.GetKind() == "Ingress" && o.GroupVersionKind().Group == networkingv1.GroupName
}
