package connectivity

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// policy is a network policy, with the rules of both directions in one form.
type policy struct {
	object    string // How errors name it.
	component string // That it is of, or empty.
	pods      podSelector

	// rules are those of the directions that the policy decides about.
	rules map[networkingv1.PolicyType][]rule
}

// rule opens ports to peers. It means everybody if it names no peer.
type rule struct {
	pods     []podSelector
	blocks   []networkingv1.IPBlock
	entities []string // Of Cilium.
	ports    []networkingv1.NetworkPolicyPort
}

// podSelector selects pods of one namespace, or else of those that have labels.
type podSelector struct {
	namespace  string
	namespaces labels.Selector // Nil if it does not matter beside the namespace.
	pods       labels.Selector
}

// selects reports whether a pod is selected. Pods in the network of their node are not: to others they are the node.
func (s podSelector) selects(p *pod) bool {
	if p == nil || p.hostNetwork || s.namespace != "" && s.namespace != p.namespace {
		return false
	}
	return (s.namespaces == nil || s.namespaces.Matches(p.namespaceLabels)) && s.pods.Matches(p.labels)
}

// namesOneNamespace reports whether the name is all that is asked of a namespace.
func (s podSelector) namesOneNamespace() bool {
	requirements, _ := s.namespaces.Requirements()
	return s.namespace != "" && len(requirements) == 1
}

func newPolicy(object *networkingv1.NetworkPolicy) (policy, error) {
	spec := object.Spec
	pods, err := metav1.LabelSelectorAsSelector(&spec.PodSelector)
	errs := []error{wrap("spec.podSelector", err)}
	p := policy{component: object.Labels[nameLabel], pods: podSelector{namespace: object.Namespace, pods: pods}, rules: map[networkingv1.PolicyType][]rule{}}
	for _, direction := range directions(spec) {
		var rules []rule
		var err error
		switch direction {
		case networkingv1.PolicyTypeIngress:
			rules, err = ingressRules(object)
		case networkingv1.PolicyTypeEgress:
			rules, err = egressRules(object)
		default:
			err = fmt.Errorf("spec.policyTypes: %q must be Ingress or Egress", direction)
		}
		p.rules[direction] = rules
		errs = append(errs, err)
	}
	return p, errors.Join(errs...)
}

func ingressRules(object *networkingv1.NetworkPolicy) ([]rule, error) {
	var rules []rule
	var errs []error
	for i, from := range object.Spec.Ingress {
		r, err := newRule(object.Namespace, from.From, from.Ports)
		rules = append(rules, r)
		field := fmt.Sprintf("spec.ingress[%d]", i)
		errs = append(errs, wrap(field+".from", err), wrap(field, checkPorts(from.Ports)))
	}
	return rules, errors.Join(errs...)
}

func egressRules(object *networkingv1.NetworkPolicy) ([]rule, error) {
	var rules []rule
	var errs []error
	for i, to := range object.Spec.Egress {
		r, err := newRule(object.Namespace, to.To, to.Ports)
		rules = append(rules, r)
		field := fmt.Sprintf("spec.egress[%d]", i)
		errs = append(errs, wrap(field+".to", err), wrap(field, checkPorts(to.Ports)))
	}
	return rules, errors.Join(errs...)
}

// directions are those that a policy decides about.
func directions(spec networkingv1.NetworkPolicySpec) []networkingv1.PolicyType {
	switch {
	case len(spec.PolicyTypes) > 0:
		return spec.PolicyTypes
	case len(spec.Egress) > 0:
		return []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	}
	return []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
}

func newRule(namespace string, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) (rule, error) {
	r := rule{ports: ports}
	var errs []error
	for i, peer := range peers {
		switch {
		case peer.IPBlock != nil:
			r.blocks = append(r.blocks, *peer.IPBlock)
			errs = append(errs, wrap(fmt.Sprintf("peer %d: ipBlock", i), checkBlock(*peer.IPBlock)))
		case peer.PodSelector == nil && peer.NamespaceSelector == nil:
			// The API server refuses it; read as selectors it would be everybody.
			errs = append(errs, fmt.Errorf("peer %d: must have a podSelector, a namespaceSelector or an ipBlock", i))
		default:
			s, err := newPodSelector(namespace, peer)
			errs = append(errs, wrap(fmt.Sprintf("peer %d", i), err))
			r.pods = append(r.pods, s)
		}
	}
	// Sorted, so that the same blocks are the same node.
	slices.SortFunc(r.blocks, func(a, b networkingv1.IPBlock) int { return strings.Compare(blockText(a), blockText(b)) })
	return r, errors.Join(errs...)
}

func newPodSelector(namespace string, peer networkingv1.NetworkPolicyPeer) (podSelector, error) {
	s := podSelector{namespace: namespace, pods: labels.Everything()}
	var errs []error
	if peer.PodSelector != nil {
		var err error
		s.pods, err = metav1.LabelSelectorAsSelector(peer.PodSelector)
		errs = append(errs, wrap("podSelector", err))
	}
	if peer.NamespaceSelector != nil {
		var err error
		s.namespaces, err = metav1.LabelSelectorAsSelector(peer.NamespaceSelector)
		errs = append(errs, wrap("namespaceSelector", err))
		s.namespace = ""
		if err == nil {
			s.namespace, _ = s.namespaces.RequiresExactMatch(corev1.LabelMetadataName)
		}
	}
	return s, errors.Join(errs...)
}

// wrap puts what an error is about before each of its lines.
func wrap(about string, err error) error {
	if err == nil {
		return nil
	}
	return errors.New(about + ": " + strings.ReplaceAll(err.Error(), "\n", "\n"+about+": "))
}

// everybody reports whether the rule names no peer.
func (r rule) everybody() bool { return len(r.pods) == 0 && len(r.blocks) == 0 && len(r.entities) == 0 }

// covers reports whether one of the blocks that the rule names contains another.
func (r rule) covers(b networkingv1.IPBlock) bool {
	return slices.ContainsFunc(r.blocks, func(outer networkingv1.IPBlock) bool {
		return contains(outer.CIDR, b.CIDR) && !slices.ContainsFunc(outer.Except, func(hole string) bool {
			isHole := func(except string) bool { return contains(except, hole) }
			return overlap(hole, b.CIDR) && !slices.ContainsFunc(b.Except, isHole)
		})
	})
}

// contains and overlap are about blocks that checkBlock has accepted.
func contains(outer, inner string) bool {
	o, i := netip.MustParsePrefix(outer), netip.MustParsePrefix(inner)
	return o.Bits() <= i.Bits() && o.Overlaps(i)
}

func overlap(a, b string) bool { return netip.MustParsePrefix(a).Overlaps(netip.MustParsePrefix(b)) }

// names reports whether an endpoint is among the peers that the rule names.
func (r rule) names(e *endpoint) bool {
	if e.Type == Addresses {
		return !slices.ContainsFunc(e.Blocks, func(b networkingv1.IPBlock) bool { return !r.covers(b) })
	}
	if e.Type == Entity {
		return slices.Contains(r.entities, e.Name)
	}
	return slices.ContainsFunc(r.pods, func(s podSelector) bool { return s.selects(e.pod) })
}

// opening is what the policies of one end let through: to or from peers that they name, and to or from everybody.
type opening struct{ named, everybody []Port }

func (o opening) ports() []Port { return union(o.named, o.everybody) }

// openingOf is what the policies of one end of a connection let through to the other. Policies are additive, and a pod that none of
// them selects is open.
func (c *cluster) openingOf(end, other *endpoint, direction networkingv1.PolicyType) opening {
	server := end
	if direction == networkingv1.PolicyTypeEgress {
		server = other
	}
	var o opening
	isolated := false
	for _, p := range c.policies {
		rules, decides := p.rules[direction]
		if !decides || !p.pods.selects(end.pod) {
			continue
		}
		isolated = true
		for _, r := range rules {
			switch {
			case r.everybody():
				o.everybody = union(o.everybody, portsAt(r.ports, server))
			case r.names(other):
				o.named = union(o.named, portsAt(r.ports, server))
			}
		}
	}
	if !isolated {
		o.everybody = everyPort
	}
	return o
}

// governs reports whether a policy decides about connections of an endpoint.
func (c *cluster) governs(e *endpoint) bool {
	return slices.ContainsFunc(c.policies, func(p policy) bool { return p.pods.selects(e.pod) })
}
