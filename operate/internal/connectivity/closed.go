package connectivity

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// Closing is a connection of pods that run which is open at first and closed in the end.
type Closing struct {
	from, to Node
	ports    []Port
	all      bool // Every port was open before.
}

// Closed takes the states of a directory one after another, and returns for every step what it closes. What another step opens again is not
// closed. Policies that cannot be understood are passed over: the API server refuses them.
func Closed(states ...[]unstructured.Unstructured) [][]Closing {
	steps := make([][]Closing, len(states)-1)
	clusters := make([]*cluster, len(states))
	at := func(i int) *cluster {
		if clusters[i] == nil {
			clusters[i], _ = read(states[i])
		}
		return clusters[i]
	}
	last := len(states) - 1
	for _, pair := range lost(at(0), at(last)) {
		for i := last; i > 0 && len(pair.ports) > 0; i-- {
			open := difference(at(i-1).between(pair.from, pair.to), at(i).between(pair.from, pair.to))
			if here := intersection(pair.ports, open); len(here) > 0 {
				steps[i-1] = append(steps[i-1], Closing{pair.from.Node, pair.to.Node, here, pair.all})
				pair.ports = difference(pair.ports, here)
			}
		}
	}
	return steps
}

// loss are the ports that are closed between two ends.
type loss struct {
	from, to *endpoint
	ports    []Port
	all      bool
}

// lost leaves out what follows from a loss of one end to or from anywhere.
func lost(before, after *cluster) []loss {
	ends := before.runningIn(after)
	everywhere := ends[slices.IndexFunc(ends, func(e *endpoint) bool { return e.Type == Anywhere })]
	closed := func(from, to *endpoint) []Port {
		return difference(before.between(from, to), after.between(from, to))
	}
	var all []loss
	for _, from := range ends {
		for _, to := range ends {
			if !before.concerns(from) && !before.concerns(to) {
				continue
			}
			ports := closed(from, to)
			if from != everywhere && to != everywhere {
				ports = difference(difference(ports, closed(from, everywhere)), closed(everywhere, to))
			}
			if len(ports) > 0 {
				all = append(all, loss{from, to, ports, slices.Equal(before.between(from, to), everyPort)})
			}
		}
	}
	return all
}

// runningIn are the ends of connections, without the workloads that a later state does not have. Each block, and each value of a label, is an
// end of its own: rules may name them in other combinations later.
func (c *cluster) runningIn(later *cluster) []*endpoint {
	ends := []*endpoint{}
	for _, e := range c.endpoints() {
		switch {
		case e.Type == Internet, e.Type == Workload && later.workload(e) == nil:
		case e.Type == Addresses:
			for _, b := range e.Blocks {
				ends = append(ends, addresses([]networkingv1.IPBlock{b}))
			}
		case e.Type == Pods:
			ends = append(ends, c.foreign(e.selector.perValue()...)...)
		default:
			ends = append(ends, e)
		}
	}
	slices.SortFunc(ends, compareEndpoints)
	ends = slices.CompactFunc(ends, func(a, b *endpoint) bool { return compareEndpoints(a, b) == 0 })
	call(ends)
	return ends
}

// perValue are selectors that together select the same pods, with one value of each label.
func (s podSelector) perValue() []podSelector {
	var all []podSelector
	for _, pods := range perValue(s.pods) {
		if s.namespaces == nil {
			all = append(all, podSelector{namespace: s.namespace, pods: pods})
			continue
		}
		for _, namespaces := range perValue(s.namespaces) {
			name, _ := namespaces.RequiresExactMatch(corev1.LabelMetadataName)
			all = append(all, podSelector{namespace: name, namespaces: namespaces, pods: pods})
		}
	}
	return all
}

func perValue(s labels.Selector) []labels.Selector {
	all := []labels.Selector{labels.Everything()}
	requirements, _ := s.Requirements()
	for _, r := range requirements {
		alternatives := []labels.Requirement{r}
		if r.Operator() == selection.In {
			alternatives = nil
			for _, value := range slices.Sorted(slices.Values(r.ValuesUnsorted())) {
				alternative, _ := labels.NewRequirement(r.Key(), selection.Equals, []string{value}) // It was valid with the others.
				alternatives = append(alternatives, *alternative)
			}
		}
		var longer []labels.Selector
		for _, begun := range all {
			for _, alternative := range alternatives {
				longer = append(longer, begun.Add(alternative))
			}
		}
		all = longer
	}
	return all
}

// workload is the one that an endpoint of another state is, or nil.
func (c *cluster) workload(e *endpoint) *endpoint {
	for _, w := range c.workloads {
		if w.Kind == e.Kind && w.Namespace == e.Namespace && w.Name == e.Name {
			return w
		}
	}
	return nil
}

// between are the ports that are open between endpoints of another state.
func (c *cluster) between(from, to *endpoint) []Port {
	return c.edge(c.now(from), c.now(to)).Ports
}

// now is an endpoint with the labels and ports of this state.
func (c *cluster) now(e *endpoint) *endpoint {
	switch {
	case e.Type == Workload:
		return c.workload(e)
	case e.Type == Pods && c.namespaces[e.pod.namespace] != nil:
		p := *e.pod
		p.namespaceLabels = c.labelsOf(p.namespace)
		return &endpoint{Node: e.Node, names: e.names, pod: &p}
	}
	return e
}

// String says what is closed, on one line.
func (c Closing) String() string {
	switch {
	case c.all && c.from.Type == Anywhere:
		return "closes ingress of " + c.to.ID + " except to what a policy allows"
	case c.all && c.to.Type == Anywhere:
		return "closes egress of " + c.from.ID + " except to what a policy allows"
	}
	return "closes connections from " + c.from.ID + " to " + c.to.ID + " on " + portsText(c.ports)
}
