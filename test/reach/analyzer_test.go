package reach

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/np-guard/netpol-analyzer/pkg/netpol/connlist"
	"github.com/np-guard/netpol-analyzer/pkg/netpol/eval"
	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/ai-platform/manifests/test/golden"
)

// pair is a source and a destination, as the analyzer writes them: "shop/shop-api[Deployment]", "0.0.0.0-255.255.255.255".
type pair struct{ from, to string }

// connections are the ports that are open between each pair of peers, as the analyzer writes them: "TCP 53,UDP 53", everything, nothing.
type connections map[pair]string

const (
	everything = "All Connections"
	nothing    = "No Connections"
)

// analyze has the analyzer list all connections. Its own loop over the peers leaves out those within a workload; this one does not.
func analyze(m manifests) (connections, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	engine := eval.NewPolicyEngine()
	for _, object := range m.objects() {
		if err := engine.UpsertObject(object); err != nil {
			return nil, err
		}
	}
	peers, err := engine.GetPeersList()
	if err != nil {
		return nil, err
	}
	analyzer, found := connlist.NewConnlistAnalyzer(), connections{}
	for _, from := range peers {
		for _, to := range peers {
			if from.IsPeerIPType() && to.IsPeerIPType() {
				continue
			}
			allowed, err := engine.AllAllowedConnectionsBetweenWorkloadPeers(from, to)
			if err != nil {
				return nil, err
			}
			line, err := analyzer.ConnectionsListToString([]connlist.Peer2PeerConnection{
				connlist.NewPeer2PeerConnection(from, to, allowed.AllConnections(), allowed.ProtocolsAndPortsMap()),
			})
			if err != nil {
				return nil, err
			}
			_, found[pair{from.String(), to.String()}], _ = strings.Cut(line, " : ")
		}
	}
	return found, nil
}

func (m manifests) objects() []runtime.Object {
	var objects []runtime.Object
	for _, namespace := range m.namespaces {
		objects = append(objects, namespace)
	}
	for _, pod := range m.pods {
		objects = append(objects, pod)
	}
	for _, policy := range m.policies {
		objects = append(objects, policy)
	}
	return objects
}

// check refuses what the analyzer would misread without an error.
func (m manifests) check() error {
	seen := map[string]bool{}
	for _, pod := range m.pods {
		name := pod.Namespace + "/" + pod.Name
		if seen[name] {
			return fmt.Errorf("two workloads are named %s/%s, and the analyzer knows one", pod.Namespace, pod.OwnerReferences[0].Name)
		}
		seen[name] = true
		if pod.Spec.HostNetwork {
			return fmt.Errorf("%s uses its node's network, to which policies do not apply", peerOf(pod))
		}
	}
	for _, policy := range m.policies {
		if err := checkAddresses(policy); err != nil {
			return err
		}
	}
	return nil
}

// checkAddresses refuses IPv6. It drops ::/0 beside 0.0.0.0/0: together they mean all addresses.
func checkAddresses(policy *networkingv1.NetworkPolicy) error {
	isBlock := func(cidr string) func(networkingv1.NetworkPolicyPeer) bool {
		return func(p networkingv1.NetworkPolicyPeer) bool {
			return p.IPBlock != nil && p.IPBlock.CIDR == cidr && len(p.IPBlock.Except) == 0
		}
	}
	var peers []networkingv1.NetworkPolicyPeer
	known := func(of *[]networkingv1.NetworkPolicyPeer) {
		if slices.ContainsFunc(*of, isBlock("0.0.0.0/0")) {
			*of = slices.DeleteFunc(*of, isBlock("::/0"))
		}
		peers = append(peers, *of...)
	}
	for i := range policy.Spec.Egress {
		known(&policy.Spec.Egress[i].To)
	}
	for i := range policy.Spec.Ingress {
		known(&policy.Spec.Ingress[i].From)
	}
	for _, peer := range peers {
		if peer.IPBlock != nil && strings.Contains(peer.IPBlock.CIDR, ":") {
			return fmt.Errorf("policy %s: the analyzer does not know IPv6: %s", policy.Name, peer.IPBlock.CIDR)
		}
	}
	return nil
}

// opened allows everything in one direction, so that the policies of the other direction decide alone.
func (m manifests) opened(direction networkingv1.PolicyType) manifests {
	var open []*networkingv1.NetworkPolicy
	for _, namespace := range m.namespaces {
		open = append(open, &networkingv1.NetworkPolicy{
			ObjectMeta: metav1.ObjectMeta{Name: "open", Namespace: namespace.Name},
			Spec: networkingv1.NetworkPolicySpec{
				PolicyTypes: []networkingv1.PolicyType{direction},
				Ingress:     []networkingv1.NetworkPolicyIngressRule{{}},
				Egress:      []networkingv1.NetworkPolicyEgressRule{{}},
			},
		})
	}
	return join(m, manifests{policies: open})
}

// connectionsOf wants manifests that can be analyzed.
func connectionsOf(t *testing.T, m manifests) connections {
	t.Helper()
	found, err := analyze(m)
	require.NoError(t, err)
	return found
}

// requireReport lists the connections of an application's namespaces, and compares the list with testdata/<name>.txt.
//
// Three sections have what is allowed, and what the policies of one end alone would allow: a rule that is too open shows there even while
// the other end's policies deny the connection. The last section names the peers without outgoing connections.
//
// The cluster may have more than the usual neighbours.
func requireReport(t *testing.T, name string, application manifests, more ...manifests) {
	t.Helper()
	cluster := join(append(more, inCluster(t, application))...)
	allowed := connectionsOf(t, cluster)
	lines := allowed.lines(func(between pair, ports string) bool {
		if application.own(between.from) || application.own(between.to) {
			return ports != nothing
		}
		return ports != everything // The application changes what is not its own.
	})
	bySource := connectionsOf(t, cluster.opened(networkingv1.PolicyTypeIngress)).lines(func(between pair, ports string) bool {
		return application.own(between.from) && ports != nothing && ports != allowed[between]
	})
	byDestination := connectionsOf(t, cluster.opened(networkingv1.PolicyTypeEgress)).lines(func(between pair, ports string) bool {
		return application.own(between.to) && ports != nothing && ports != allowed[between]
	})
	golden.Require(t, name+".txt", strings.Join([]string{
		section("Allowed", lines),
		section("Allowed by the source alone", bySource),
		section("Allowed by the destination alone", byDestination),
		section("No outgoing connections", allowed.silent(lines)),
	}, "\n"))
	requireListeners(t, application, cluster, allowed)
}

func section(title string, lines []string) string {
	return fmt.Sprintf("# %s\n%s\n", title, cmp.Or(strings.Join(lines, "\n"), "-"))
}

// lines writes connections as the analyzer does.
func (c connections) lines(keep func(between pair, ports string) bool) []string {
	var kept []string
	for between, ports := range c {
		if keep(between, ports) {
			kept = append(kept, fmt.Sprintf("%s => %s : %s", between.from, between.to, ports))
		}
	}
	slices.Sort(kept)
	return kept
}

// silent are the peers that are no line's source.
func (c connections) silent(lines []string) []string {
	names := map[string]bool{}
	for between := range c {
		names[between.from] = true
	}
	for _, line := range lines {
		source, _, _ := strings.Cut(line, " => ")
		delete(names, source)
	}
	return slices.Sorted(maps.Keys(names))
}

// requireListeners wants every port that is open at the application's pods to be one of their containers': policies name the ports of
// pods, not those of Services.
func requireListeners(t *testing.T, application, cluster manifests, allowed connections) {
	t.Helper()
	listening := map[string]bool{}
	for _, pod := range cluster.pods {
		for _, container := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
			for _, port := range container.Ports {
				listening[fmt.Sprintf("%s %s %d", peerOf(pod), cmp.Or(port.Protocol, "TCP"), port.ContainerPort)] = true
			}
		}
	}
	for between, ports := range allowed {
		if !application.own(between.to) || ports == nothing {
			continue
		}
		protocol := ""
		for part := range strings.SplitSeq(ports, ",") {
			name, port, hasProtocol := strings.Cut(part, " ")
			if hasProtocol {
				protocol = name
			} else {
				port = name
			}
			require.True(t, listening[between.to+" "+protocol+" "+port], "%s => %s: no container listens on %s %s", between.from, between.to, protocol, port)
		}
	}
}
