package connectivity

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
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

// dns are the ports on which names are resolved.
var dns = []Port{portRange(corev1.ProtocolTCP, 53, 53), portRange(corev1.ProtocolUDP, 53, 53)}

// isDNS reports whether an edge leads out of the directory, to resolve names only.
func (g Graph) isDNS(e Edge) bool {
	ours := slices.ContainsFunc(g.Nodes, func(n Node) bool { return n.ID == e.To && n.Type == Workload })
	return !ours && slices.Equal(intersection(e.named, dns), e.named)
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
