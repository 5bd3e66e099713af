package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/ai-platform/manifests/operate/internal/connectivity"
)

// DNSNamespace and DNSService are where the cluster's DNS is by convention:
// https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/
const (
	DNSNamespace = "kube-system"
	DNSService   = "kube-dns"
)

// DNSPlace is where the policies say that DNS is.
type DNSPlace struct {
	Namespace string // Empty for addresses, of which nothing can be read.
	PodLabels map[string]string
	Port      int32 // Of the pods.
}

// PlaceOfDNS is the first place that declared policies let pods send UDP to: nothing else in them uses it. Without any, it is the usual one.
func PlaceOfDNS(declared []*unstructured.Unstructured) DNSPlace {
	place, found := DNSPlace{}, false
	for _, object := range declared {
		var policy networkingv1.NetworkPolicy
		if object.GetKind() != "NetworkPolicy" || object.GroupVersionKind().Group != networkingv1.GroupName ||
			runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &policy) != nil {
			continue
		}
		for _, rule := range policy.Spec.Egress {
			port := udpPort(rule)
			if port == 0 {
				continue
			}
			found = true
			for _, peer := range rule.To {
				if peer.NamespaceSelector != nil && peer.PodSelector != nil && peer.NamespaceSelector.MatchLabels[corev1.LabelMetadataName] != "" {
					return DNSPlace{peer.NamespaceSelector.MatchLabels[corev1.LabelMetadataName], peer.PodSelector.MatchLabels, port}
				}
			}
		}
	}
	if !found {
		place = DNSPlace{DNSNamespace, map[string]string{"k8s-app": DNSService}, 53}
	}
	return place
}

// udpPort is the first one by number, or 0.
func udpPort(rule networkingv1.NetworkPolicyEgressRule) int32 {
	for _, port := range rule.Ports {
		if port.Protocol != nil && *port.Protocol == corev1.ProtocolUDP && port.Port != nil {
			return port.Port.IntVal
		}
	}
	return 0
}

// Leads reports whether a Service may lead to the pods of the place.
func (p DNSPlace) Leads(service *corev1.Service) bool {
	common := 0
	for key, value := range service.Spec.Selector {
		if wanted, named := p.PodLabels[key]; named {
			if wanted != value {
				return false
			}
			common++
		}
	}
	isUDP := func(port corev1.ServicePort) bool { return port.Protocol == corev1.ProtocolUDP }
	return common > 0 && slices.ContainsFunc(service.Spec.Ports, isUDP)
}

// Network is what decides about connections in the cluster.
type Network struct {
	// Place is where DNS is.
	Place DNSPlace

	// Policies are those of the namespaces of the declared objects. Nil if they cannot be read.
	Policies []unstructured.Unstructured

	// Namespaces are those that can be read.
	Namespaces []unstructured.Unstructured

	// DNS is what the cluster's DNS consists of. Nil if it cannot be read.
	DNS *DNS
}

// DNS is what the cluster's DNS consists of.
type DNS struct {
	Service        *corev1.Service // Nil if there is none.
	Pods           []corev1.Pod    // That the Service selects.
	EndpointSlices []discoveryv1.EndpointSlice
}

// dnsPod is one of DNS, or what one would be like.
func (n *Network) dnsPod() *corev1.Pod {
	if n.DNS != nil && len(n.DNS.Pods) > 0 {
		return &n.DNS.Pods[0]
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: n.Place.Namespace, Name: DNSService, Labels: n.Place.PodLabels}}
	if n.DNS != nil && n.DNS.Service != nil {
		pod.Labels = n.DNS.Service.Spec.Selector
	}
	return pod
}

// connection is one that a client needs, of live pods and as it is declared.
type connection struct {
	client, server       *corev1.Pod
	declared, declaredTo string // Names of the same ends among the declared objects.
	protocol             corev1.Protocol
	port                 int32
	text                 string // "X may not connect to Y".
}

// closed says which policies of the cluster deny a connection, although those that are declared allow it.
func (s *State) closed(n *Network, c connection) ([]Finding, error) {
	if n.Policies == nil {
		return nil, nil
	}
	client, err := podObject(c.client)
	if err != nil {
		return nil, err
	}
	server, err := podObject(c.server)
	if err != nil {
		return nil, err
	}
	ends := []unstructured.Unstructured{client, server}
	liveEgress, liveIngress, err := connectivity.Decide(slices.Concat(n.Policies, n.Namespaces, ends), nameOf(&client), nameOf(&server), c.protocol, c.port)
	if err != nil {
		return nil, err
	}
	declared := slices.Concat(n.Namespaces, values(s.Declared), ends)
	egress, ingress, err := connectivity.Decide(declared, c.declared, c.declaredTo, c.protocol, c.port)
	if err != nil {
		return nil, err
	}
	var found findings // A policy may deny both ends.
	for _, f := range slices.Concat(s.deniers(n, liveEgress, egress, c), s.deniers(n, liveIngress, ingress, c)) {
		found.add(f)
	}
	return found, nil
}

func podObject(pod *corev1.Pod) (unstructured.Unstructured, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(pod)
	if err != nil {
		return unstructured.Unstructured{}, err
	}
	found := unstructured.Unstructured{Object: fields}
	found.SetAPIVersion("v1")
	found.SetKind("Pod")
	return found, nil
}

// deniers are the policies to blame for one end of a connection.
func (s *State) deniers(n *Network, live, declared connectivity.Decision, c connection) []Finding {
	switch {
	case live.Open():
		return nil
	case !declared.Open():
		return []Finding{{
			Object: strings.Join(declared.Selecting, ", "), Cause: "as declared, " + c.text, Advice: "allow it in the manifests, and apply them: " + s.applying(),
		}}
	}
	blamed := declared.Opening
	if len(blamed) == 0 { // As declared, no policy selects the end.
		blamed = live.Selecting
	}
	var found []Finding
	for _, name := range blamed {
		if find(s.Declared, name) == nil {
			found = append(found, undeclaredPolicy(name, c))
		} else {
			found = append(found, s.denier(n, name, c))
		}
	}
	return found
}

// undeclaredPolicy is one that only the cluster has.
func undeclaredPolicy(name string, c connection) Finding {
	kind, path, _ := strings.Cut(name, " ")
	namespace, policy, _ := strings.Cut(path, "/")
	return Finding{
		Object: name, Cause: "is not declared, and with it " + c.text,
		Advice: fmt.Sprintf("delete it, or allow the connection in it: kubectl -n %s delete %s %s", namespace, strings.ToLower(kind), policy),
	}
}

// denier is a policy that allows the connection, or does not select its end, as it is declared.
func (s *State) denier(n *Network, name string, c connection) Finding {
	f := Finding{Object: name, Cause: "declared, but not in the cluster: without it, " + c.text, Advice: s.apply()}
	for i := range n.Policies {
		if live := &n.Policies[i]; nameOf(live) == name {
			f.Cause = "as it is in the cluster, " + c.text + "; as it is declared, they may"
			f.Changed = changed(live, find(s.Declared, name))
			if f.Changed == "" {
				f.Advice += "; if that changes nothing, see whether pods and namespaces have the labels that it selects: kubectl get namespaces --show-labels"
			}
		}
	}
	return f
}
