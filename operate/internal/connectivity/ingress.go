package connectivity

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func internet() *endpoint {
	return &endpoint{Node: Node{Type: Internet}, names: []string{"internet"}}
}

// requests are the edges of what Ingresses route. Which pods the controller has no Ingress says: they are whoever the policies of the
// Ingress's own component admit to the backend, or else whoever any policy admits from outside the directory. If they admit everybody, the
// requests are drawn to the backend.
func (c *cluster) requests(endpoints []*endpoint, edges []Edge) []Edge {
	id := idOf(endpoints, Internet)
	hosts := map[string][]string{}
	for _, ingress := range c.ingresses {
		for _, r := range routes(ingress) {
			for _, w := range c.workloads {
				port := c.portOf(ingress.Namespace, r.backend, w)
				for _, to := range c.through(ingress, endpoints, entrances(endpoints, edges, w.ID, port)) {
					hosts[to] = append(hosts[to], r.host)
				}
			}
		}
	}
	var requests []Edge
	for to, all := range hosts {
		slices.Sort(all)
		requests = append(requests, Edge{From: id, To: to, Hosts: slices.Compact(all)})
	}
	return requests
}

func idOf(endpoints []*endpoint, t Type) string {
	return endpoints[slices.IndexFunc(endpoints, func(e *endpoint) bool { return e.Type == t })].ID
}

// entrances are the nodes at which requests for a backend arrive.
func entrances(endpoints []*endpoint, edges []Edge, backend string, port []Port) []string {
	var admitted []string
	everybody := idOf(endpoints, Anywhere)
	for _, e := range edges {
		if e.To != backend || len(intersection(e.named, port)) == 0 {
			continue
		}
		if e.From == everybody {
			return []string{backend}
		}
		foreign := func(n *endpoint) bool { return n.ID == e.From && n.Type != Workload }
		if slices.ContainsFunc(endpoints, foreign) {
			admitted = append(admitted, e.From)
		}
	}
	return admitted
}

// through keeps the entrances that policies of the Ingress's own component name. There may be others: sources of the backend that are no
// controller. If none is left, who made the Ingress makes no policies, and all are kept.
func (c *cluster) through(ingress *networkingv1.Ingress, endpoints []*endpoint, entrances []string) []string {
	var named []string
	for _, e := range endpoints {
		if slices.Contains(entrances, e.ID) && slices.ContainsFunc(c.policies, func(p policy) bool { return p.of(ingress) && p.admits(e) }) {
			named = append(named, e.ID)
		}
	}
	if len(named) == 0 {
		return entrances
	}
	return named
}

// of reports whether a policy is of the same component as an Ingress.
func (p policy) of(ingress *networkingv1.Ingress) bool {
	return p.component != "" && p.component == ingress.Labels[nameLabel] && p.pods.namespace == ingress.Namespace
}

// admits reports whether a policy names an endpoint as a client.
func (p policy) admits(e *endpoint) bool {
	return slices.ContainsFunc(p.rules[networkingv1.PolicyTypeIngress], func(r rule) bool { return r.names(e) })
}

// nameLabel names the component that an object is of. https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
const nameLabel = "app.kubernetes.io/name"

// route is where an Ingress sends the requests for a host.
type route struct {
	host    string
	backend networkingv1.IngressBackend
}

func routes(ingress *networkingv1.Ingress) []route {
	var all []route
	if ingress.Spec.DefaultBackend != nil {
		all = append(all, route{host: "*", backend: *ingress.Spec.DefaultBackend})
	}
	for _, rule := range ingress.Spec.Rules {
		if rule.HTTP == nil {
			continue
		}
		for _, p := range rule.HTTP.Paths {
			all = append(all, route{host: cmp.Or(rule.Host, "*"), backend: p.Backend})
		}
	}
	return all
}

// portOf is the port of a workload's pods that a backend leads to. There is none if its Service selects others.
func (c *cluster) portOf(namespace string, backend networkingv1.IngressBackend, w *endpoint) []Port {
	for _, s := range c.services {
		if backend.Service == nil || s.Name != backend.Service.Name || s.Namespace != namespace || w.Namespace != namespace {
			continue
		}
		if len(s.Spec.Selector) == 0 || !labels.SelectorFromSet(s.Spec.Selector).Matches(w.pod.labels) {
			continue
		}
		for _, p := range s.Spec.Ports {
			if backend.Service.Port.Name == p.Name && p.Name != "" || backend.Service.Port.Number == p.Port {
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
