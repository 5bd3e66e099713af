package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
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

// Network is what decides about connections in the cluster.
type Network struct {
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
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: DNSNamespace, Name: DNSService, Labels: map[string]string{"k8s-app": DNSService}}}
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
