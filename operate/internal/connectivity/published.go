package connectivity

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// nameLabel names the component that an object is of. https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
const nameLabel = "app.kubernetes.io/name"

// anyHost is drawn for routes that name no host.
const anyHost = "*"

// publication is what an Ingress or an HTTPRoute publishes.
type publication struct {
	namespace, component string
	routes               []route
}

// route is a port of a Service to which requests for a host are sent.
type route struct {
	host, namespace, service string
	port                     networkingv1.ServiceBackendPort
}

// listener is how HTTPRoutes name one of a Gateway or a ListenerSet. The name is empty for all of them.
type listener struct{ kind, namespace, object, name string }

// published are all that the directory publishes.
func (c *cluster) published() []publication {
	var all []publication
	for _, ingress := range c.ingresses {
		all = append(all, publication{ingress.Namespace, ingress.Labels[nameLabel], ingressRoutes(ingress)})
	}
	for _, r := range c.httpRoutes {
		all = append(all, publication{r.Namespace, r.Labels[nameLabel], c.gatewayRoutes(r)})
	}
	return all
}

func ingressRoutes(ingress *networkingv1.Ingress) []route {
	var all []route
	add := func(host string, backend *networkingv1.IngressBackend) {
		if backend != nil && backend.Service != nil {
			all = append(all, route{cmp.Or(host, anyHost), ingress.Namespace, backend.Service.Name, backend.Service.Port})
		}
	}
	add("", ingress.Spec.DefaultBackend)
	for _, rule := range ingress.Spec.Rules {
		if rule.HTTP == nil {
			continue
		}
		for _, p := range rule.HTTP.Paths {
			add(rule.Host, &p.Backend)
		}
	}
	return all
}

// gatewayRoutes leaves out rules without a backend, such as redirects.
func (c *cluster) gatewayRoutes(r *gatewayv1.HTTPRoute) []route {
	hosts := r.Spec.Hostnames
	if len(hosts) == 0 {
		hosts = c.listenerHosts(r)
	}
	var all []route
	for _, rule := range r.Spec.Rules {
		for _, backend := range rule.BackendRefs {
			to, isRoute := serviceRoute(r.Namespace, backend.BackendRef)
			if !isRoute {
				continue
			}
			for _, host := range hosts {
				to.host = string(host)
				all = append(all, to)
			}
		}
	}
	return all
}

// serviceRoute is a route without its host, if the backend is a Service that gets requests.
func serviceRoute(namespace string, backend gatewayv1.BackendRef) (route, bool) {
	isService := (backend.Kind == nil || *backend.Kind == "Service") && (backend.Group == nil || *backend.Group == "")
	if !isService || backend.Port == nil || backend.Weight != nil && *backend.Weight == 0 {
		return route{}, false
	}
	to := route{namespace: namespace, service: string(backend.Name), port: networkingv1.ServiceBackendPort{Number: *backend.Port}}
	if backend.Namespace != nil {
		to.namespace = string(*backend.Namespace)
	}
	return to, true
}

// listenerHosts are those of the listeners to which a route without hosts attaches. A Gateway that is not in the directory may have any.
func (c *cluster) listenerHosts(r *gatewayv1.HTTPRoute) []gatewayv1.Hostname {
	var hosts []gatewayv1.Hostname
	for _, parent := range r.Spec.ParentRefs {
		to := listener{kind: "Gateway", namespace: r.Namespace, object: string(parent.Name)}
		if parent.Kind != nil {
			to.kind = string(*parent.Kind)
		}
		if parent.Namespace != nil {
			to.namespace = string(*parent.Namespace)
		}
		if parent.SectionName != nil {
			to.name = string(*parent.SectionName)
		}
		hosts = append(hosts, c.listeners[to]...)
	}
	if len(hosts) == 0 || slices.Contains(hosts, "") {
		return []gatewayv1.Hostname{anyHost}
	}
	return hosts
}

// addListener notes the host of a listener, by its own name and among all of its object.
func (c *cluster) addListener(of listener, host *gatewayv1.Hostname) {
	var name gatewayv1.Hostname
	if host != nil {
		name = *host
	}
	all := of
	all.name = ""
	c.listeners[of] = append(c.listeners[of], name)
	c.listeners[all] = append(c.listeners[all], name)
}

// portOf is the port of a workload's pods that a route leads to. There is none if its Service selects others.
func (c *cluster) portOf(r route, w *endpoint) []Port {
	for _, s := range c.services {
		if s.Name != r.service || s.Namespace != r.namespace || w.Namespace != r.namespace {
			continue
		}
		if len(s.Spec.Selector) == 0 || !labels.SelectorFromSet(s.Spec.Selector).Matches(w.pod.labels) {
			continue
		}
		for _, p := range s.Spec.Ports {
			if r.port.Name == p.Name && p.Name != "" || r.port.Number == p.Port {
				return targetPort(p, w)
			}
		}
	}
	return nil
}

func targetPort(p corev1.ServicePort, w *endpoint) []Port {
	protocol := cmp.Or(p.Protocol, corev1.ProtocolTCP)
	if p.TargetPort.Type == intstr.String {
		return w.portsNamed(protocol, p.TargetPort.StrVal)
	}
	number := cmp.Or(p.TargetPort.IntVal, p.Port)
	return []Port{portRange(protocol, number, number)}
}
