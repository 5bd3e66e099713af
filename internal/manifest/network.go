package manifest

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
)

const (
	// HTTPPort is the name of the port of a container that speaks HTTP.
	HTTPPort = "http"

	// MetricsPort is the name of the port of a container that exports metrics, and of the Service's that leads there.
	MetricsPort = "metrics"
)

// Service gives the component's pods one name and address in the cluster. Settings change its spec.
func Service(c Component, portName string, port int, settings ...func(*k8s.ServiceSpec)) *Object {
	spec := k8s.ServiceSpec{
		Type:     jsii.String("ClusterIP"),
		Selector: StringMap(c.Selector()),
		Ports: &[]*k8s.ServicePort{{
			Name: jsii.String(portName), Port: jsii.Number(port), TargetPort: Text(portName), Protocol: jsii.String("TCP"),
		}},
	}
	c.Cluster().setFamilies(&spec)
	for _, set := range settings {
		set(&spec)
	}
	return &Object{ID: "service", APIVersion: "v1", Kind: "Service", Name: c.Name(), Fields: map[string]any{"spec": spec}}
}

// MetricsService gives every pod of a component that is scraped an address in DNS. It has none of its own, because each pod
// is to be asked, and shows also pods that are not ready: those are the ones to look at. Settings change its spec.
func MetricsService(c Component, portName string, port int, settings ...func(*k8s.ServiceSpec)) *Object {
	fields := k8s.ServiceSpec{
		Type:                     jsii.String("ClusterIP"),
		PublishNotReadyAddresses: jsii.Bool(true),
		Selector:                 StringMap(c.Selector()),
		Ports: &[]*k8s.ServicePort{{
			Name: jsii.String(MetricsPort), Port: jsii.Number(port), TargetPort: Text(portName), Protocol: jsii.String("TCP"),
		}},
	}
	c.Cluster().setFamilies(&fields)
	for _, set := range settings {
		set(&fields)
	}
	spec := plain(fields)
	spec["clusterIP"] = "None" // Which the struct spells clusterIp.
	return &Object{ID: "metrics-service", APIVersion: "v1", Kind: "Service", Name: c.Suffixed(MetricsPort), Fields: map[string]any{"spec": spec}}
}

// ServerPolicy is the network policy of a component that connects to nobody: closed in both directions.
//
// Policies are additive, so the server's side is not its own business: each client opens it with a policy of its own, see
// Openings. https://kubernetes.io/docs/concepts/services-networking/network-policies/
func ServerPolicy(c Component) *Object {
	return NetworkPolicy("network-policy", c.Name(), k8s.NetworkPolicySpec{
		PodSelector: Selecting(c.Selector()),
		PolicyTypes: jsii.Strings("Ingress", "Egress"),
	})
}

// ClientPolicy is the network policy of a component that connects to others: closed in both directions, except for each of its
// servers, and the cluster's DNS to find them.
func ClientPolicy(c Component, connections []Connection) *Object {
	spec := k8s.NetworkPolicySpec{
		PodSelector: Selecting(c.Selector()),
		PolicyTypes: jsii.Strings("Ingress", "Egress"),
	}
	var reaches []Component
	if len(connections) > 0 {
		rules := c.Cluster().dnsEgress()
		for _, connection := range connections {
			rules = append(rules, egressTo(connection.Destination, c))
			if connection.prop != nil && connection.Pods != nil {
				reaches = append(reaches, *connection.Pods)
			}
		}
		spec.Egress = &rules
	}
	policy := NetworkPolicy("network-policy", c.Name(), spec)
	policy.Reaches = reaches
	return policy
}

// NetworkPolicy is any network policy.
func NetworkPolicy(id, name string, spec k8s.NetworkPolicySpec) *Object {
	return &Object{ID: id, APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Name: name, Fields: map[string]any{"spec": spec}}
}

// egressTo lets a client's pods reach a server. A rule without peers means all of them, and says so also to network plugins
// for which the nodes and the API server are in no block of addresses.
func egressTo(server Destination, client Component) *k8s.NetworkPolicyEgressRule {
	var peers []*k8s.NetworkPolicyPeer
	if server.Pods != nil {
		peers = append(peers, peer(client, *server.Pods))
	}
	if server.Foreign != nil {
		peers = append(peers, server.Foreign.Peer())
	}
	peers = append(peers, Blocks(client, server.Addresses)...)
	rule := &k8s.NetworkPolicyEgressRule{Ports: &[]*k8s.NetworkPolicyPort{server.policyPort()}}
	if len(peers) > 0 {
		rule.To = &peers
	}
	return rule
}

// Blocks names addresses in a policy of a component, in the families that its cluster has.
func Blocks(c Component, cidrs []string) []*k8s.NetworkPolicyPeer {
	return blocks(c.Cluster().Narrowed(cidrs))
}

func blocks(cidrs []string) []*k8s.NetworkPolicyPeer {
	var peers []*k8s.NetworkPolicyPeer
	for _, cidr := range cidrs {
		peers = append(peers, &k8s.NetworkPolicyPeer{IpBlock: &k8s.IpBlock{Cidr: jsii.String(cidr)}})
	}
	return peers
}

// Openings let a client's pods in at each of its servers, which may be in other namespaces. There are none for servers
// outside the cluster, and for pods that are not ours only where a Namespace of ours closes them.
func Openings(client Component, connections []Connection) []*Object {
	var openings []*Object
	for _, connection := range connections {
		if service, known := connection.foreignService(); known && client.tree.closes(connection.Foreign.Namespace, client, service) {
			openings = append(openings, foreignOpening(client, connection.Destination))
		}
		server := connection.Pods
		if server == nil {
			continue
		}
		opening := opening(connection.Destination, client.SeenFrom(*server), []*k8s.NetworkPolicyPeer{peer(*server, client)})
		if server.Namespace != client.Namespace {
			opening.Namespace = server.Namespace
			opening.ID += "-" + server.Namespace
		}
		openings = append(openings, opening)
	}
	return openings
}

// Opening lets peers in at a port of a component's pods.
func Opening(server Component, from string, peers []*k8s.NetworkPolicyPeer, port int) *Object {
	return opening(server.Destination(port), from, peers)
}

func opening(server Destination, from string, peers []*k8s.NetworkPolicyPeer) *Object {
	of := server.portOf()
	return allowIngress("opening-"+of, of+"-from-"+from, Selecting(server.Pods.Selector()), &peers, server.policyPort())
}

// portOf names the port: as the component, if it is the only one. A dot keeps it apart from another component.
func (d Destination) portOf() string {
	if d.PortName == "" {
		return d.Pods.Name()
	}
	return d.Pods.Name() + "." + d.PortName
}

// foreignOpening lets a client's pods in at pods that are not ours. Where no policy closes those, it would close them to everybody else.
func foreignOpening(client Component, server Destination) *Object {
	place := server.Foreign.Namespace
	from := client.Name()
	if place != client.Namespace {
		from = client.Namespace + "." + client.App + "." + client.ID
	}
	name := fmt.Sprintf("%s-to-%s-%d", from, server.Host, server.podPort())
	peers := []*k8s.NetworkPolicyPeer{peer(Component{Namespace: place}, client)}
	opening := AllowIngress("opening-"+place+"-"+name, name, Selecting(server.Foreign.PodLabels), peers, server.podPort())
	if place != client.Namespace {
		opening.Namespace = place
	}
	return opening
}

// AllowIngress is a policy that lets peers in at a port of pods, and decides nothing else.
func AllowIngress(id, name string, pods *k8s.LabelSelector, peers []*k8s.NetworkPolicyPeer, number int) *Object {
	return allowIngress(id, name, pods, &peers, port("TCP", number))
}

// AllowSources is a policy that lets peers in where clients connect to a server. Without any it lets everybody in: pods, nodes and
// all addresses.
func AllowSources(server Destination, suffix string, peers []*k8s.NetworkPolicyPeer) *Object {
	from := &peers
	if len(peers) == 0 {
		from = nil
	}
	id := "from-" + suffix
	if server.PortName != "" {
		id += "-" + server.PortName
	}
	return allowIngress(id, server.portOf()+"-"+suffix, Selecting(server.Pods.Selector()), from, server.policyPort())
}

func allowIngress(id, name string, pods *k8s.LabelSelector, from *[]*k8s.NetworkPolicyPeer, port *k8s.NetworkPolicyPort) *Object {
	rule := &k8s.NetworkPolicyIngressRule{From: from, Ports: &[]*k8s.NetworkPolicyPort{port}}
	return NetworkPolicy(id, name, k8s.NetworkPolicySpec{
		PodSelector: pods, PolicyTypes: jsii.Strings("Ingress"), Ingress: &[]*k8s.NetworkPolicyIngressRule{rule},
	})
}

// AllowCiliumEntity is the same for what Cilium has no addresses for. Rules of both kinds add up.
// https://docs.cilium.io/en/stable/security/policy/layer3/#entities-based
func AllowCiliumEntity(id, name string, pods map[string]string, entity string, port int) *Object {
	return &Object{
		ID: id, APIVersion: "cilium.io/v2", Kind: "CiliumNetworkPolicy", Name: name,
		Fields: map[string]any{"spec": map[string]any{
			"endpointSelector": map[string]any{"matchLabels": pods},
			"ingress": []any{map[string]any{
				"fromEntities": []any{entity},
				"toPorts":      []any{map[string]any{"ports": []any{map[string]any{"port": strconv.Itoa(port), "protocol": "TCP"}}}},
			}},
		}},
	}
}

// PublicPolicy is the policy of pods that no component has, in its namespace: everybody may connect to their ports, and they to the servers.
func PublicPolicy(of Component, suffix string, pods map[string]string, ports []int, servers []Destination) *Object {
	var open []*k8s.NetworkPolicyPort
	for _, number := range ports {
		open = append(open, port("TCP", number))
	}
	egress := of.Cluster().dnsEgress()
	for _, server := range servers {
		egress = append(egress, egressTo(server, of))
	}
	return NetworkPolicy(suffix, of.Suffixed(suffix), k8s.NetworkPolicySpec{
		PodSelector: Selecting(pods),
		PolicyTypes: jsii.Strings("Ingress", "Egress"),
		Ingress:     &[]*k8s.NetworkPolicyIngressRule{{Ports: &open}},
		Egress:      &egress,
	})
}

// SeenFrom names the component no longer than another one needs to tell it from its neighbours. The dots keep an application
// b-c with a component d apart from b with c-d.
func (c Component) SeenFrom(other Component) string {
	switch {
	case c.Namespace != other.Namespace:
		return c.Namespace + "." + c.App + "." + c.ID
	case c.App != other.App:
		return c.App + "." + c.ID
	}
	return c.ID
}

// peer names another component's pods in a policy of this one.
func peer(in, other Component) *k8s.NetworkPolicyPeer {
	peer := &k8s.NetworkPolicyPeer{PodSelector: Selecting(other.Selector())}
	if other.Namespace != in.Namespace {
		peer.NamespaceSelector = namespaceNamed(other.Namespace)
	}
	return peer
}

func namespaceNamed(name string) *k8s.LabelSelector {
	return Selecting(map[string]string{namespaceNameLabel: name})
}

// Selecting selects by labels.
func Selecting(labels map[string]string) *k8s.LabelSelector {
	return &k8s.LabelSelector{MatchLabels: StringMap(labels)}
}

// port is a port of pods; a policy does not know those of Services.
func port(protocol string, number int) *k8s.NetworkPolicyPort {
	return &k8s.NetworkPolicyPort{Protocol: jsii.String(protocol), Port: Scalar{number}}
}

// ForeignPods are pods that no construct makes, by the labels that they have.
type ForeignPods struct {
	Namespace string
	PodLabels map[string]string
}

// WithDefaults fills in what is not set.
func (f ForeignPods) WithDefaults(defaults ForeignPods) ForeignPods {
	f.Namespace = cmp.Or(f.Namespace, defaults.Namespace)
	if len(f.PodLabels) == 0 {
		f.PodLabels = defaults.PodLabels
	}
	return f
}

// Peer names the pods in a policy: in the policy's own namespace if they have none, and all of a namespace without labels. Both
// selectors in one peer mean "and".
func (f ForeignPods) Peer() *k8s.NetworkPolicyPeer {
	peer := &k8s.NetworkPolicyPeer{}
	if f.Namespace != "" {
		peer.NamespaceSelector = namespaceNamed(f.Namespace)
	}
	if len(f.PodLabels) > 0 {
		peer.PodSelector = Selecting(f.PodLabels)
	}
	return peer
}
