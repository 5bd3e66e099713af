package connectivity

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// Picture is what of a graph is drawn.
type Picture struct {
	nodes []Node
	lines []line
}

// line is an arrow, or two in one.
type line struct {
	from, to, label string
	both            bool
}

// Options choose what is drawn.
type Options struct {
	// DNS draws connections to the cluster's DNS too, which nearly all pods have.
	DNS bool
}

// Picture leaves out connections between two ends of which neither's policies name the other: their arrows to and from Anywhere show it.
func (g Graph) Picture(options Options) Picture {
	var edges []Edge
	for _, e := range g.Edges {
		if len(e.Hosts) > 0 || len(e.named) > 0 && (options.DNS || !g.isDNS(e)) {
			edges = append(edges, e)
		}
	}
	var p Picture
	for _, n := range g.Nodes {
		if n.Type == Workload || touched(n.ID, edges) {
			p.nodes = append(p.nodes, n)
		}
	}
	for _, e := range edges {
		back := slices.ContainsFunc(edges, e.isReverseOf)
		if back && e.From > e.To {
			continue // It is in the other's line.
		}
		p.lines = append(p.lines, line{from: e.From, to: e.To, label: e.label(), both: back})
	}
	return p
}

// dns are the ports on which names are resolved: by pods in most clusters, and by those of OpenShift.
var dns = []Port{
	portRange(corev1.ProtocolTCP, 53, 53), portRange(corev1.ProtocolTCP, 5353, 5353),
	portRange(corev1.ProtocolUDP, 53, 53), portRange(corev1.ProtocolUDP, 5353, 5353),
}

// isDNS reports whether an edge leads out of the directory, to resolve names only. What else is open to addresses may be so because it is
// open to a block around them: that edge shows it.
func (g Graph) isDNS(e Edge) bool {
	to := g.node(e.To)
	if to.Type == Workload {
		return false
	}
	others := difference(e.named, dns)
	for _, wider := range g.Edges {
		if wider.From == e.From && wider.To != e.To && g.node(wider.To).contains(to) {
			others = difference(others, wider.named)
		}
	}
	return len(others) == 0
}

func (g Graph) node(id string) Node {
	return g.Nodes[slices.IndexFunc(g.Nodes, func(n Node) bool { return n.ID == id })]
}

// contains reports whether the blocks of a node contain those of another.
func (n Node) contains(other Node) bool {
	blocks := rule{blocks: n.Blocks}
	return len(other.Blocks) > 0 && !slices.ContainsFunc(other.Blocks, func(b networkingv1.IPBlock) bool { return !blocks.covers(b) })
}

// isReverseOf reports whether another edge opens the same ports in the other direction.
func (e Edge) isReverseOf(other Edge) bool {
	return e.From == other.To && e.To == other.From && e.From != e.To && slices.Equal(e.named, other.named)
}

func (e Edge) label() string {
	if len(e.Hosts) > 0 {
		return strings.Join(e.Hosts, ", ")
	}
	return portsText(e.named)
}

func portsText(ports []Port) string {
	if slices.Equal(ports, everyPort) {
		return "all ports"
	}
	var texts []string
	for _, p := range ports {
		texts = append(texts, p.String())
	}
	return strings.Join(texts, ", ")
}
