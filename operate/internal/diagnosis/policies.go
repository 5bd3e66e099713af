package diagnosis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// policy finds a policy that does not admit the proxy to the pods: a declared one that is missing or not as declared, or all that admit a proxy
// do so for pods that do not run.
func (s *State) policy(a *Answer) *Finding {
	if !a.isUnavailable() || s.Entry.Policies == nil || !s.restricted(a) {
		return nil
	}
	if f := s.ciliumPolicy(a); f != nil {
		return f
	}
	var names []string
	var peers []networkingv1.NetworkPolicyPeer
	for _, declared := range s.Declared {
		policy, isPolicy := policyOf(declared)
		if !isPolicy || len(s.admitted(policy, a)) == 0 {
			continue
		}
		name := nameOf(declared)
		i := slices.IndexFunc(s.Entry.Policies, func(p networkingv1.NetworkPolicy) bool {
			return p.Namespace == policy.Namespace && p.Name == policy.Name
		})
		if i < 0 {
			return s.policyMissing(name, a)
		}
		if by := changed(&s.Entry.Policies[i], declared); by != "" {
			return &Finding{Object: name, Cause: "is not as declared", Changed: by, Advice: s.apply()}
		}
		names, peers = append(names, name), append(peers, s.admitted(policy, a)...)
	}
	return s.absentPeer(names, peers)
}

func (s *State) policyMissing(name string, a *Answer) *Finding {
	return &Finding{Object: name, Cause: fmt.Sprintf("declared, but not in the cluster, and others isolate the pods of %s", backendName(a.Backend)), Advice: s.apply()}
}

// ciliumPolicy is about one that admits Cilium's own proxies.
func (s *State) ciliumPolicy(a *Answer) *Finding {
	live, isRead := s.Entry.Cilium.Objects[ciliumPolicyKind]
	service := s.serviceOf(a)
	if !isRead || service == nil {
		return nil
	}
	for _, declared := range s.Declared {
		selected, _, _ := unstructured.NestedStringMap(declared.Object, "spec", "endpointSelector", "matchLabels")
		ofService := declared.GetNamespace() == service.Namespace && slices.ContainsFunc(s.selected(service), func(pod *corev1.Pod) bool {
			return labels.SelectorFromSet(selected).Matches(labels.Set(pod.Labels))
		})
		if declared.GetKind() != ciliumPolicyKind || !ofService {
			continue
		}
		name := nameOf(declared)
		i := slices.IndexFunc(live, func(o unstructured.Unstructured) bool { return nameOf(&o) == name })
		if i < 0 {
			return s.policyMissing(name, a)
		}
		if by := changed(&live[i], declared); by != "" {
			return &Finding{Object: name, Cause: "is not as declared", Changed: by, Advice: s.apply()}
		}
	}
	return nil
}

const ciliumPolicyKind = "CiliumNetworkPolicy"

// CiliumKinds are those that admit Cilium's own proxies, by group.
var CiliumKinds = map[string][]string{"cilium.io": {ciliumPolicyKind}}

// absentPeer finds that no pod runs which one of the policies admits. Of addresses nobody knows.
func (s *State) absentPeer(policies []string, peers []networkingv1.NetworkPolicyPeer) *Finding {
	isBlock := func(peer networkingv1.NetworkPolicyPeer) bool { return peer.IPBlock != nil }
	if len(peers) == 0 || slices.ContainsFunc(peers, isBlock) || s.Entry.Namespaces == nil || s.Entry.Peers == nil {
		return nil
	}
	var wanted []string
	for _, peer := range peers {
		if slices.ContainsFunc(s.Entry.Peers, func(pod corev1.Pod) bool { return s.isPeer(&pod, peer) }) {
			return nil
		}
		wanted = append(wanted, peerText(peer))
	}
	return &Finding{
		Object: strings.Join(policies, ", "),
		Cause:  fmt.Sprintf("admits %s, but none runs: the controller must be elsewhere", strings.Join(wanted, ", or ")),
		Advice: "find the controller's namespace and labels, and declare them as the peer: kubectl get pods -A --show-labels",
	}
}

// Peers are the selectors of pods that declared policies admit to the backends, and that may be proxies.
func (s *State) Peers(answers []Answer) []string {
	var found []string
	for i := range answers {
		for _, declared := range s.Declared {
			policy, isPolicy := policyOf(declared)
			if answers[i].Works() || !isPolicy {
				continue
			}
			for _, peer := range s.admitted(policy, &answers[i]) {
				if peer.IPBlock == nil {
					found = append(found, compile(peer.PodSelector).String())
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func policyOf(declared *unstructured.Unstructured) (*networkingv1.NetworkPolicy, bool) {
	var policy networkingv1.NetworkPolicy
	if declared.GetKind() != "NetworkPolicy" || declared.GroupVersionKind().Group != networkingv1.GroupName {
		return nil, false
	}
	// The API server says more about an invalid one.
	return &policy, runtime.DefaultUnstructuredConverter.FromUnstructured(declared.Object, &policy) == nil
}

// restricted reports whether policies in the cluster isolate the pods of the backend, and none opens its port to everybody.
func (s *State) restricted(a *Answer) bool {
	isolated := false
	for i := range s.Entry.Policies {
		policy := &s.Entry.Policies[i]
		if !slices.Contains(policy.Spec.PolicyTypes, networkingv1.PolicyTypeIngress) || !s.isolates(policy, a) {
			continue
		}
		isolated = true
		for _, rule := range policy.Spec.Ingress {
			if len(rule.From) == 0 && s.opens(rule, a) {
				return false
			}
		}
	}
	return isolated
}

// isolates reports whether a policy is for pods of the backend.
func (s *State) isolates(policy *networkingv1.NetworkPolicy, a *Answer) bool {
	service := s.serviceOf(a)
	return service != nil && policy.Namespace == service.Namespace && slices.ContainsFunc(s.selected(service), func(pod *corev1.Pod) bool {
		return compile(&policy.Spec.PodSelector).Matches(labels.Set(pod.Labels))
	})
}

// admitted are those to whom a policy opens the port of the backend's pods, and who may be the proxy: pods in other namespaces, and all that a
// policy of the same component as the Ingress or the HTTPRoute names.
func (s *State) admitted(policy *networkingv1.NetworkPolicy, a *Answer) []networkingv1.NetworkPolicyPeer {
	if !s.isolates(policy, a) {
		return nil
	}
	component := a.Publisher().Labels[componentLabel]
	own := component != "" && policy.Labels[componentLabel] == component
	var found []networkingv1.NetworkPolicyPeer
	for _, rule := range policy.Spec.Ingress {
		if !s.opens(rule, a) {
			continue
		}
		for _, peer := range rule.From {
			switch {
			case peer.NamespaceSelector != nil, own && peer.IPBlock != nil:
				found = append(found, peer)
			case own:
				peer.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: policy.Namespace}}
				found = append(found, peer)
			}
		}
	}
	return found
}

// componentLabel names the component that an object is of. https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
const componentLabel = "app.kubernetes.io/name"

// opens reports whether a rule is for the port of the backend's pods.
func (s *State) opens(rule networkingv1.NetworkPolicyIngressRule, a *Answer) bool {
	return len(rule.Ports) == 0 || slices.ContainsFunc(rule.Ports, func(port networkingv1.NetworkPolicyPort) bool { return s.isBackend(port, a) })
}

// isBackend reports whether a port of a policy is one to which the Service leads.
func (s *State) isBackend(port networkingv1.NetworkPolicyPort, a *Answer) bool {
	if port.Port == nil {
		return true
	}
	service := s.serviceOf(a)
	for _, pod := range s.selected(service) {
		for _, container := range pod.Spec.Containers {
			for _, p := range container.Ports {
				isOpen := port.Port.Type == intstr.Int && port.Port.IntVal == p.ContainerPort || port.Port.Type == intstr.String && port.Port.StrVal == p.Name
				if isOpen && slices.ContainsFunc(service.Spec.Ports, func(s corev1.ServicePort) bool { return isTarget(s, p) }) {
					return true
				}
			}
		}
	}
	return false
}

func (s *State) isPeer(pod *corev1.Pod, peer networkingv1.NetworkPolicyPeer) bool {
	return counts(pod) && compile(peer.PodSelector).Matches(labels.Set(pod.Labels)) && slices.ContainsFunc(s.Entry.Namespaces, func(n corev1.Namespace) bool {
		return n.Name == pod.Namespace && compile(peer.NamespaceSelector).Matches(labels.Set(n.Labels))
	})
}

// compile makes a selector, of everything if there is none. The API server takes no invalid one.
func compile(selector *metav1.LabelSelector) labels.Selector {
	if selector == nil {
		return labels.Everything()
	}
	compiled, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return labels.Nothing()
	}
	return compiled
}

// peerText names the pods of a peer.
func peerText(peer networkingv1.NetworkPolicyPeer) string {
	pods, in := cmp.Or(compile(peer.PodSelector).String(), "any labels"), cmp.Or(compile(peer.NamespaceSelector).String(), "any labels")
	if name, isName := strings.CutPrefix(in, corev1.LabelMetadataName+"="); isName && !strings.Contains(name, ",") {
		return fmt.Sprintf("pods with %s in namespace %s", pods, name)
	}
	return fmt.Sprintf("pods with %s in namespaces with %s", pods, in)
}
