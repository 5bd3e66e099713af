package constructs

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
)

// Network policies are additive: each tier's own policy denies everything but the egress of its connections, and each
// connection opens the server's side with a policy of its own. https://kubernetes.io/docs/concepts/services-networking/network-policies/

// namespaceNameLabel is set by the API server on every namespace.
const namespaceNameLabel = "kubernetes.io/metadata.name"

// dnsPort is where the cluster's DNS listens, over UDP and, for long answers, TCP.
const dnsPort = 53

// policies are a tier's own, and one for each connection that opens the server's side.
func (p place) policies(connections []connection) []object {
	policies := []object{p.policy(connections)}
	for _, c := range connections {
		if opening, needed := p.opening(c.server.destination()); needed {
			policies = append(policies, opening)
		}
	}
	return policies
}

// policy is a tier's own network policy.
func (p place) policy(connections []connection) object {
	spec := k8s.NetworkPolicySpec{
		PodSelector: podsOf(p),
		PolicyTypes: jsii.Strings("Ingress", "Egress"),
	}
	if len(connections) > 0 {
		rules := []*k8s.NetworkPolicyEgressRule{dnsEgress()}
		for _, c := range connections {
			rules = append(rules, p.egress(c.server.destination()))
		}
		spec.Egress = &rules
	}
	return networkPolicy("network-policy", p.name(), spec)
}

func networkPolicy(id, name string, spec k8s.NetworkPolicySpec) object {
	return object{id: id, apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", name: name, fields: map[string]any{"spec": spec}}
}

// egress lets the tier's pods reach a server. A rule without peers means all of them, and says so also to network plugins
// for which the nodes and the API server are in no block of addresses.
func (p place) egress(server destination) *k8s.NetworkPolicyEgressRule {
	var peers []*k8s.NetworkPolicyPeer
	if server.pods != nil {
		peers = append(peers, p.peer(*server.pods))
	}
	if server.foreign != nil {
		peers = append(peers, server.foreign.peer())
	}
	for _, cidr := range server.addresses {
		peers = append(peers, &k8s.NetworkPolicyPeer{IpBlock: &k8s.IpBlock{Cidr: jsii.String(cidr)}})
	}
	rule := &k8s.NetworkPolicyEgressRule{Ports: tcp(server.Port)}
	if len(peers) > 0 {
		rule.To = &peers
	}
	return rule
}

// opening lets the tier's pods in at a server, which may be in another namespace. There is none for a server outside the
// cluster.
func (p place) opening(server destination) (opening object, needed bool) {
	if server.pods == nil {
		return object{}, false
	}
	name := server.pods.suffixed("from-" + p.seenFrom(*server.pods))
	opening = ingressFrom("opening-"+server.pods.name(), name, podsOf(*server.pods), server.pods.peer(p), server.Port)
	if server.pods.namespace != p.namespace {
		opening.namespace = server.pods.namespace
		opening.id += "-" + server.pods.namespace
	}
	return opening, true
}

// ingressFrom is a policy that lets a peer in at a port of pods, and decides nothing else.
func ingressFrom(id, name string, pods *k8s.LabelSelector, peer *k8s.NetworkPolicyPeer, port int) object {
	return networkPolicy(id, name, k8s.NetworkPolicySpec{
		PodSelector: pods,
		PolicyTypes: jsii.Strings("Ingress"),
		Ingress:     &[]*k8s.NetworkPolicyIngressRule{{From: &[]*k8s.NetworkPolicyPeer{peer}, Ports: tcp(port)}},
	})
}

// seenFrom names the tier no longer than another tier needs to tell it from its neighbours. The dots keep an application
// b-c with a component d apart from b with c-d.
func (p place) seenFrom(other place) string {
	switch {
	case p.namespace != other.namespace:
		return p.namespace + "." + p.app + "." + p.component
	case p.app != other.app:
		return p.app + "." + p.component
	}
	return p.component
}

// peer names another tier's pods in a policy of this one.
func (p place) peer(other place) *k8s.NetworkPolicyPeer {
	peer := &k8s.NetworkPolicyPeer{PodSelector: podsOf(other)}
	if other.namespace != p.namespace {
		peer.NamespaceSelector = namespaceNamed(other.namespace)
	}
	return peer
}

// dnsEgress lets pods resolve names. Both selectors in one peer mean "and".
func dnsEgress() *k8s.NetworkPolicyEgressRule {
	return &k8s.NetworkPolicyEgressRule{
		To: &[]*k8s.NetworkPolicyPeer{{
			NamespaceSelector: namespaceNamed("kube-system"),
			PodSelector:       selecting(map[string]string{"k8s-app": "kube-dns"}),
		}},
		Ports: &[]*k8s.NetworkPolicyPort{port("UDP", dnsPort), port("TCP", dnsPort)},
	}
}

func podsOf(p place) *k8s.LabelSelector { return selecting(p.selector()) }

func namespaceNamed(name string) *k8s.LabelSelector {
	return selecting(map[string]string{namespaceNameLabel: name})
}

func selecting(labels map[string]string) *k8s.LabelSelector {
	return &k8s.LabelSelector{MatchLabels: stringMap(labels)}
}

func tcp(number int) *[]*k8s.NetworkPolicyPort { return &[]*k8s.NetworkPolicyPort{port("TCP", number)} }

// port is a port of pods; a policy does not know those of Services.
func port(protocol string, number int) *k8s.NetworkPolicyPort {
	return &k8s.NetworkPolicyPort{Protocol: jsii.String(protocol), Port: scalar{number}}
}
