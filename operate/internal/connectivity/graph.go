package connectivity

import (
	"cmp"
	"errors"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Graph is who may connect to whom. Its order does not depend on that of the objects.
type Graph struct {
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
}

// Type is what a node stands for.
type Type string

// Types of nodes, in the order in which they are listed.
const (
	Internet  Type = "internet"  // Who sends the requests that an Ingress or an HTTPRoute routes.
	Pods      Type = "pods"      // Pods that policies select and that are not in the directory.
	Entity    Type = "entity"    // An identity that only a CiliumNetworkPolicy names, such as that of Cilium's own proxies.
	Workload  Type = "workload"  // What makes pods.
	Addresses Type = "addresses" // Blocks of addresses that a policy names.
	Anywhere  Type = "anywhere"  // All pods and all addresses.
)

var types = []Type{Internet, Pods, Entity, Workload, Addresses, Anywhere}

// Node is an end of connections. Fields are empty where they do not apply.
type Node struct {
	// ID is unique in the graph, and short enough to be read.
	ID   string `json:"id"`
	Type Type   `json:"type"`

	// Kind and Name are the workload's. An entity has a name too.
	Kind string `json:"kind,omitempty"`
	Name string `json:"name,omitempty"`

	// Namespace is that of a workload or of pods. Pods without one are those of all namespaces that the selector selects.
	Namespace string `json:"namespace,omitempty"`

	// NamespaceSelector and PodSelector select pods, in the form of "kubectl get --selector". An empty one selects all.
	NamespaceSelector string `json:"namespaceSelector,omitempty"`
	PodSelector       string `json:"podSelector,omitempty"`

	// Volume says that the workload keeps data on a volume claim.
	Volume bool `json:"volume,omitempty"`

	Blocks []networkingv1.IPBlock `json:"blocks,omitempty"`
}

// Edge is a connection that is open.
type Edge struct {
	// From and To are IDs of nodes.
	From string `json:"from"`
	To   string `json:"to"`

	// Ports are those of the pods, which policies know, and not those of Services.
	Ports []Port `json:"ports,omitempty"`

	// Hosts are those that an Ingress or an HTTPRoute routes, in an edge that begins at the Internet. It has no ports.
	Hosts []string `json:"hosts,omitempty"`

	// named are the ports for which the policies of one end name the other. The edges of Anywhere show the others already.
	named []Port
}

// New works out the graph of the objects of a directory. Its error names all objects that cannot be understood.
func New(objects []unstructured.Unstructured) (Graph, error) {
	c, err := read(objects)
	if err = errors.Join(err, c.checkNames()); err != nil {
		return Graph{}, err
	}
	endpoints := c.endpoints()
	call(endpoints)
	edges := c.edges(endpoints)
	edges = append(edges, c.requests(endpoints, edges)...)
	return sorted(endpoints, edges), nil
}

// endpoints are all that may be an end of a connection.
func (c *cluster) endpoints() []*endpoint {
	all := append([]*endpoint{anywhere(), internet()}, c.workloads...)
	for _, p := range c.policies {
		all = append(all, c.foreign(p.pods)...)
		for _, rules := range p.rules {
			for _, r := range rules {
				if len(r.blocks) > 0 {
					all = append(all, addresses(r.blocks))
				}
				all = append(all, c.foreign(r.pods...)...)
				for _, name := range r.entities {
					all = append(all, entity(name))
				}
			}
		}
	}
	slices.SortFunc(all, compareEndpoints)
	return slices.CompactFunc(all, func(a, b *endpoint) bool { return compareEndpoints(a, b) == 0 })
}

func (c *cluster) foreign(selectors ...podSelector) []*endpoint {
	var found []*endpoint
	for _, s := range selectors {
		if e, ok := c.foreignPods(s); ok {
			found = append(found, e)
		}
	}
	return found
}

// compareEndpoints sorts endpoints by type and name. It is 0 only for the same one.
func compareEndpoints(a, b *endpoint) int {
	return cmp.Or(
		cmp.Compare(slices.Index(types, a.Type), slices.Index(types, b.Type)),
		slices.Compare(a.names, b.names),
	)
}

// edges are all connections that are open, and that the policies or the pods of the directory have a part in.
func (c *cluster) edges(endpoints []*endpoint) []Edge {
	edges := []Edge{}
	for _, from := range endpoints {
		for _, to := range endpoints {
			if !c.concerns(from) && !c.concerns(to) || from.Type == Internet || to.Type == Internet {
				continue
			}
			if e := c.edge(from, to); len(e.Ports) > 0 {
				edges = append(edges, e)
			}
		}
	}
	return edges
}

// concerns reports whether an endpoint is of the directory, or its connections are decided there.
func (c *cluster) concerns(e *endpoint) bool { return e.Type == Workload || c.governs(e) }

func (c *cluster) edge(from, to *endpoint) Edge {
	egress := c.openingOf(from, to, networkingv1.PolicyTypeEgress)
	ingress := c.openingOf(to, from, networkingv1.PolicyTypeIngress)
	e := Edge{From: from.ID, To: to.ID, Ports: intersection(egress.ports(), ingress.ports())}
	e.named = union(intersection(egress.named, ingress.ports()), intersection(egress.ports(), ingress.named))
	if from.Type == Anywhere || to.Type == Anywhere {
		e.named = e.Ports
	}
	return e
}

// sorted leaves out what nothing connects to, unless it is a workload.
func sorted(endpoints []*endpoint, edges []Edge) Graph {
	g := Graph{Nodes: []Node{}, Edges: edges}
	index := map[string]int{}
	for i, e := range endpoints {
		index[e.ID] = i
		if e.Type == Workload || touched(e.ID, edges) {
			g.Nodes = append(g.Nodes, e.Node)
		}
	}
	slices.SortFunc(g.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(index[a.From], index[b.From]), cmp.Compare(index[a.To], index[b.To]))
	})
	return g
}

// touched reports whether a node is an end of any of the edges.
func touched(id string, edges []Edge) bool {
	return slices.ContainsFunc(edges, func(e Edge) bool { return e.From == id || e.To == id })
}
