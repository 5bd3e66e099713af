package connectivity

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// endpoint is a node with what policies decide by.
type endpoint struct {
	Node
	names []string // What it may be called, the shortest first.
	pod   *pod     // Nil if it is no pod.

	selector podSelector // Of pods that are not in the directory.
}

// pod is any pod of a node.
type pod struct {
	namespace       string // Empty if it may be any.
	namespaceLabels labels.Set
	labels          labels.Set
	containers      []corev1.Container
	hostNetwork     bool
}

// portsNamed are the numbers of a name. The containers of pods that are not in the directory are not known.
func (e *endpoint) portsNamed(protocol corev1.Protocol, name string) []Port {
	if e.Type != Workload {
		return []Port{{Protocol: protocol, Port: intstr.FromString(name)}}
	}
	var found []Port
	for _, container := range e.pod.containers {
		for _, p := range container.Ports {
			if p.Name == name && cmp.Or(p.Protocol, corev1.ProtocolTCP) == protocol {
				found = append(found, portRange(protocol, p.ContainerPort, p.ContainerPort))
			}
		}
	}
	return found
}

// anywhere stands for all pods and all addresses.
func anywhere() *endpoint {
	return &endpoint{Node: Node{Type: Anywhere}, names: []string{"anywhere"}}
}

// addresses are the blocks of one rule.
func addresses(blocks []networkingv1.IPBlock) *endpoint {
	return &endpoint{Node: Node{Type: Addresses, Blocks: blocks}, names: []string{blocksText(blocks)}}
}

func blocksText(blocks []networkingv1.IPBlock) string {
	var texts []string
	for _, b := range blocks {
		texts = append(texts, blockText(b))
	}
	switch text := strings.Join(texts, ", "); text {
	case "0.0.0.0/0, ::/0":
		return "any address"
	case "0.0.0.0/0":
		return "any IPv4 address"
	case "::/0":
		return "any IPv6 address"
	default:
		return text
	}
}

func blockText(b networkingv1.IPBlock) string {
	if len(b.Except) == 0 {
		return b.CIDR
	}
	return b.CIDR + " except " + strings.Join(b.Except, " and ")
}

// foreignPods are the pods that a policy selects, if there can be some that are not in the directory. Where a selector is for one namespace
// and selects pods of the directory there, those are the ones that it means.
func (c *cluster) foreignPods(s podSelector) (*endpoint, bool) {
	p := &pod{namespace: s.namespace, namespaceLabels: c.exampleNamespace(s), labels: example(s.pods)}
	meansOurs := s.namespace != "" && slices.ContainsFunc(c.workloads, func(w *endpoint) bool { return s.selects(w.pod) })
	if meansOurs || !s.selects(p) {
		return nil, false
	}
	node := Node{Type: Pods, Namespace: s.namespace, PodSelector: s.pods.String()}
	place := " in " + s.namespace
	if s.namespaces != nil && !s.namesOneNamespace() {
		node.NamespaceSelector = s.namespaces.String()
		place = " in namespaces " + node.NamespaceSelector
		if s.namespaces.Empty() {
			place = " in any namespace"
		}
	}
	names := []string{shortSelector(s.pods) + place, cmp.Or(node.PodSelector, "any pod") + place}
	return &endpoint{Node: node, names: names, pod: p, selector: s}, true
}

// exampleNamespace are labels of a namespace that a selector selects.
func (c *cluster) exampleNamespace(s podSelector) labels.Set {
	if _, known := c.namespaces[s.namespace]; known || s.namespaces == nil {
		return c.labelsOf(s.namespace)
	}
	return example(s.namespaces)
}

// shortSelector leaves out the domains of labels: k8s-app=kube-dns, name=ingress-nginx.
func shortSelector(s labels.Selector) string {
	requirements, _ := s.Requirements()
	if len(requirements) == 0 {
		return "any pod"
	}
	var texts []string
	for _, r := range requirements {
		texts = append(texts, strings.Replace(r.String(), r.Key(), path.Base(r.Key()), 1))
	}
	return strings.Join(texts, ",")
}

// example are labels that a selector selects, and no more of them than it takes. A selector that selects nothing has none that fit.
func example(s labels.Selector) labels.Set {
	set := labels.Set{}
	requirements, _ := s.Requirements()
	for _, r := range requirements {
		if r.Operator() == selection.NotIn || r.Operator() == selection.DoesNotExist {
			continue
		}
		fits := func(value string) bool {
			return !slices.ContainsFunc(requirements, func(other labels.Requirement) bool {
				return other.Key() == r.Key() && !other.Matches(labels.Set{r.Key(): value})
			})
		}
		for _, value := range append(slices.Sorted(slices.Values(r.ValuesUnsorted())), unusual(requirements)...) {
			if fits(value) {
				set[r.Key()] = value
				break
			}
		}
	}
	return set
}

// unusual are the empty value, and one that no requirement names: it is longer than all of them.
func unusual(requirements labels.Requirements) []string {
	longest := ""
	for _, r := range requirements {
		for _, value := range r.ValuesUnsorted() {
			if len(value) > len(longest) {
				longest = value
			}
		}
	}
	return []string{"", longest + "x"}
}

// call gives every endpoint the shortest of its names that no other has.
func call(endpoints []*endpoint) {
	for {
		called := map[string][]*endpoint{}
		for _, e := range endpoints {
			called[e.names[0]] = append(called[e.names[0]], e)
		}
		again := false
		for _, same := range called {
			for _, e := range same {
				if len(same) > 1 && len(e.names) > 1 {
					e.names = e.names[1:]
					again = true
				}
			}
		}
		if !again {
			break
		}
	}
	for _, e := range endpoints {
		e.ID = e.names[0]
	}
}

// workloadNames are what a workload may be called, the shortest first.
func workloadNames(n Node, component string) []string {
	names := []string{n.Name, n.Namespace + "/" + n.Name, fmt.Sprintf("%s %s/%s", n.Kind, n.Namespace, n.Name)}
	if component != "" {
		names = slices.Insert(names, 0, component)
	}
	return names
}
