package connectivity

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
)

func internet() *endpoint {
	return &endpoint{Node: Node{Type: Internet}, names: []string{"internet"}}
}

// requests are the edges of what Ingresses and HTTPRoutes route. Neither says which pods the proxy has: they are whoever the policies of its
// own component admit to the backend, or else whoever any policy admits from outside the directory. If they admit everybody, the requests are
// drawn to the backend.
func (c *cluster) requests(endpoints []*endpoint, edges []Edge) []Edge {
	id := idOf(endpoints, Internet)
	hosts := map[string][]string{}
	for _, p := range c.published() {
		for _, r := range p.routes {
			for _, w := range c.workloads {
				for _, to := range c.through(p, endpoints, entrances(endpoints, edges, w.ID, c.portOf(r, w))) {
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

// through keeps the entrances that policies of the same component name. There may be others: sources of the backend that are no
// proxy. If none is left, the component has no policies, and all are kept.
func (c *cluster) through(published publication, endpoints []*endpoint, entrances []string) []string {
	var named []string
	for _, e := range endpoints {
		if slices.Contains(entrances, e.ID) && slices.ContainsFunc(c.policies, func(p policy) bool { return p.of(published) && p.admits(e) }) {
			named = append(named, e.ID)
		}
	}
	if len(named) == 0 {
		return entrances
	}
	return named
}

// of reports whether a policy is of the same component as an Ingress or an HTTPRoute.
func (p policy) of(published publication) bool {
	return p.component != "" && p.component == published.component && p.pods.namespace == published.namespace
}

// admits reports whether a policy names an endpoint as a client.
func (p policy) admits(e *endpoint) bool {
	return slices.ContainsFunc(p.rules[networkingv1.PolicyTypeIngress], func(r rule) bool { return r.names(e) })
}
