package changes

import (
	"fmt"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// opening is a connection that policies let through: one peer, one port.
type opening struct {
	peer, port string
}

// Everything, of which a rule without peers or without ports speaks.
const (
	anyPeer = "any address"
	anyPort = "any port"
)

// access is what the policies of a namespace let pods do in one direction.
type access struct {
	isolated bool // At least one policy selects the pods. Otherwise everything is open.
	opened   map[opening]bool
}

// covers says whether an opening is part of what is open.
func (a access) covers(o opening) bool {
	if !a.isolated {
		return true
	}
	for _, peer := range []string{o.peer, anyPeer} {
		for _, port := range []string{o.port, anyPort} {
			if a.opened[opening{peer, port}] {
				return true
			}
		}
	}
	return false
}

// pods are those of a workload.
type pods struct {
	name, namespace string
	labels          labels.Set
}

// markPolicies finds connections of pods that run which are open before and closed afterwards.
func (c *Comparison) markPolicies() {
	before, after := c.policies(func(change *Change) *unstructured.Unstructured { return change.Before }),
		c.policies(func(change *Change) *unstructured.Unstructured { return change.remains() })
	for _, change := range c.Changes {
		if change.Kind != "NetworkPolicy" || change.Action == None || change.Action == Undeclared {
			continue
		}
		for _, p := range c.running() {
			for _, direction := range []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress} {
				change.markClosed(p, direction, before, after)
			}
		}
	}
}

// markClosed warns of what the change of this policy closes for pods.
func (c *Change) markClosed(p pods, direction networkingv1.PolicyType, before, after []networkingv1.NetworkPolicy) {
	former, current := accessOf(p, direction, before), accessOf(p, direction, after)
	if !former.isolated && current.isolated {
		if accessOf(p, direction, decodePolicies(c.After)).isolated {
			c.warn(Danger{Kind: "policy", Message: fmt.Sprintf("closes %s of %s except to what a policy allows", strings.ToLower(string(direction)), p.name)})
		}
		return
	}
	for _, o := range sortedOpenings(accessOf(p, direction, decodePolicies(c.Before))) {
		if !current.covers(o) {
			c.warn(Danger{Kind: "policy", Message: closes(p, direction, o)})
		}
	}
}

func closes(p pods, direction networkingv1.PolicyType, o opening) string {
	if direction == networkingv1.PolicyTypeIngress {
		return fmt.Sprintf("closes connections to %s from %s on %s", p.name, o.peer, o.port)
	}
	return fmt.Sprintf("closes connections from %s to %s on %s", p.name, o.peer, o.port)
}

// policies are those of a state.
func (c *Comparison) policies(state func(*Change) *unstructured.Unstructured) []networkingv1.NetworkPolicy {
	objects := slices.Clone(c.Others)
	for _, change := range c.Changes {
		objects = append(objects, state(change))
	}
	return decodePolicies(objects...)
}

// decodePolicies leaves out other kinds, and objects that are not there.
func decodePolicies(objects ...*unstructured.Unstructured) []networkingv1.NetworkPolicy {
	var policies []networkingv1.NetworkPolicy
	for _, object := range objects {
		if object == nil || object.GetKind() != "NetworkPolicy" {
			continue
		}
		var policy networkingv1.NetworkPolicy
		// What does not fit the type, the API server refuses.
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &policy); err == nil {
			policies = append(policies, policy)
		}
	}
	return policies
}

// running are the workloads of both states: what does not run yet has nothing to lose, and what is gone does not need it.
func (c *Comparison) running() []pods {
	var found []pods
	for _, change := range c.Changes {
		if change.Before == nil || change.remains() == nil {
			continue
		}
		for _, fields := range [][]string{
			{"spec", "template", "metadata", "labels"},
			{"spec", "jobTemplate", "spec", "template", "metadata", "labels"},
		} {
			if set, exists, _ := unstructured.NestedStringMap(change.Before.Object, fields...); exists {
				found = append(found, pods{change.Name, change.Namespace, set})
			}
		}
	}
	return found
}

// accessOf is what policies let pods do in a direction.
func accessOf(p pods, direction networkingv1.PolicyType, policies []networkingv1.NetworkPolicy) access {
	a := access{opened: map[opening]bool{}}
	for _, policy := range policies {
		if policy.Namespace != p.namespace || !slices.Contains(directions(policy), direction) || !selects(policy.Spec.PodSelector, p.labels) {
			continue
		}
		a.isolated = true
		if direction == networkingv1.PolicyTypeIngress {
			for _, rule := range policy.Spec.Ingress {
				a.open(rule.From, rule.Ports)
			}
			continue
		}
		for _, rule := range policy.Spec.Egress {
			a.open(rule.To, rule.Ports)
		}
	}
	return a
}

// directions defaults as in the API.
func directions(policy networkingv1.NetworkPolicy) []networkingv1.PolicyType {
	switch {
	case len(policy.Spec.PolicyTypes) > 0:
		return policy.Spec.PolicyTypes
	case len(policy.Spec.Egress) > 0:
		return []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	}
	return []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
}

func selects(selector metav1.LabelSelector, set labels.Set) bool {
	parsed, err := metav1.LabelSelectorAsSelector(&selector)
	return err == nil && parsed.Matches(set)
}

func (a access) open(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) {
	if len(peers) == 0 {
		a.openPeer(anyPeer, ports)
	}
	for _, peer := range peers {
		a.openPeer(describePeer(peer), ports)
	}
}

func (a access) openPeer(peer string, ports []networkingv1.NetworkPolicyPort) {
	if len(ports) == 0 {
		a.opened[opening{peer, anyPort}] = true
	}
	for _, port := range ports {
		a.opened[opening{peer, describePort(port)}] = true
	}
}

func describePeer(peer networkingv1.NetworkPolicyPeer) string {
	if peer.IPBlock != nil {
		if len(peer.IPBlock.Except) > 0 {
			return peer.IPBlock.CIDR + " except " + strings.Join(peer.IPBlock.Except, ", ")
		}
		return peer.IPBlock.CIDR
	}
	text := "pods"
	if peer.PodSelector != nil && len(peer.PodSelector.MatchLabels)+len(peer.PodSelector.MatchExpressions) > 0 {
		text += " with " + metav1.FormatLabelSelector(peer.PodSelector)
	}
	switch {
	case peer.NamespaceSelector == nil:
	case len(peer.NamespaceSelector.MatchLabels)+len(peer.NamespaceSelector.MatchExpressions) == 0:
		text += " of all namespaces"
	default:
		text += " of namespaces with " + metav1.FormatLabelSelector(peer.NamespaceSelector)
	}
	return text
}

func describePort(port networkingv1.NetworkPolicyPort) string {
	protocol := "TCP"
	if port.Protocol != nil {
		protocol = string(*port.Protocol)
	}
	switch {
	case port.Port == nil:
		return "any port/" + protocol
	case port.EndPort != nil:
		return fmt.Sprintf("%s-%d/%s", port.Port.String(), *port.EndPort, protocol)
	}
	return port.Port.String() + "/" + protocol
}

func sortedOpenings(a access) []opening {
	var all []opening
	for o := range a.opened {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b opening) int { return strings.Compare(a.peer+" "+a.port, b.peer+" "+b.port) })
	return all
}
