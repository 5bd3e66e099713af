package manifest

import (
	"errors"
	"fmt"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Cluster is what the cluster brings, with every default filled in.
type Cluster struct {
	DNS          []DNSServer
	Cilium       bool
	AssignsUsers bool
	IPFamilies   []string // IPv4, IPv6 or both in order of preference. Empty for the cluster's own.
}

// DNSServer is a server that pods resolve names with: pods, addresses, or both.
type DNSServer struct {
	Namespace string
	PodLabels map[string]string
	CIDRs     []string
	Port      int
}

// dnsPort is where most DNS servers listen, over UDP and, for long answers, TCP.
const dnsPort = 53

// WithDefaults fills in what is not set.
func (c Cluster) WithDefaults() Cluster {
	if len(c.DNS) == 0 {
		c.DNS = []DNSServer{KubeDNS()}
		switch {
		case c.Cilium:
			c.DNS = append(c.DNS, CiliumNodeLocalDNS())
		case c.Has(IPv4):
			c.DNS = append(c.DNS, NodeLocalDNS())
		}
	}
	c.DNS = slices.Clone(c.DNS)
	for i := range c.DNS {
		if c.DNS[i].Port == 0 {
			c.DNS[i].Port = dnsPort
		}
	}
	return c
}

// KubeDNS is kube-dns, or CoreDNS in its place, which has kept the label.
// https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/
func KubeDNS() DNSServer {
	return DNSServer{Namespace: "kube-system", PodLabels: map[string]string{"k8s-app": "kube-dns"}, Port: dnsPort}
}

// NodeLocalDNS is the cache on every node. Its pods use their node's network, so that a pod selector does not match them.
// https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
// https://github.com/kubernetes/kubernetes/blob/master/cluster/addons/dns/nodelocaldns/README.md
func NodeLocalDNS() DNSServer {
	return DNSServer{CIDRs: []string{"169.254.20.10/32"}, Port: dnsPort}
}

// CiliumNodeLocalDNS is the same cache where Cilium redirects requests to it. They count as connections to its pods, which have addresses
// of their own; blocks of addresses never match what is in the cluster.
// https://docs.cilium.io/en/stable/network/kubernetes/local-redirect-policy/#node-local-dns-cache
// https://docs.cilium.io/en/stable/security/policy/layer3/#ip-cidr-based
func CiliumNodeLocalDNS() DNSServer {
	return DNSServer{Namespace: "kube-system", PodLabels: map[string]string{"k8s-app": "node-local-dns"}, Port: dnsPort}
}

// SetCluster keeps what a program says of the cluster for the constructs of its tree. What is wrong makes synthesis fail.
func SetCluster(scope awsconstructs.Construct, path *field.Path, cluster Cluster, errs field.ErrorList) {
	if scope == nil {
		panic(errors.New("the scope of SetCluster is nil"))
	}
	tree := treeOf(scope.Node().Root())
	if rendered != nil && tree.rendered != rendered {
		Report(rendered, field.ErrorList{field.Forbidden(path, "the scope "+anotherApp)})
		return
	}
	switch {
	case tree.cluster != nil:
		errs = append(errs, field.Forbidden(path, "already set: call SetCluster once for an app"))
	case len(tree.nodes) > 0:
		after := fmt.Sprintf("set after construct %q was added: call SetCluster before the first construct", tree.nodes[0].Component.ID)
		errs = append(errs, field.Forbidden(path, after))
	}
	if len(errs) > 0 {
		Report(scope, errs)
		cluster = Cluster{} // The tiers have no errors that only follow from these.
	}
	tree.cluster = new(cluster.WithDefaults())
}

// InTree reports whether the component has a tree, and so a cluster. Props that are validated on their own have none.
func (c Component) InTree() bool { return c.tree != nil }

// Cluster is the one that the component runs in.
func (c Component) Cluster() Cluster {
	if c.tree == nil || c.tree.cluster == nil {
		return Cluster{}.WithDefaults()
	}
	return *c.tree.cluster
}

// dnsEgress lets pods resolve names: a rule for each port, with all servers that listen there.
func (c Cluster) dnsEgress() []*k8s.NetworkPolicyEgressRule {
	var rules []*k8s.NetworkPolicyEgressRule
	peersAt := map[int]*[]*k8s.NetworkPolicyPeer{}
	for _, server := range c.DNS {
		peers := peersAt[server.Port]
		if peers == nil {
			peers = &[]*k8s.NetworkPolicyPeer{}
			peersAt[server.Port] = peers
			ports := &[]*k8s.NetworkPolicyPort{port("UDP", server.Port), port("TCP", server.Port)}
			rules = append(rules, &k8s.NetworkPolicyEgressRule{To: peers, Ports: ports})
		}
		*peers = append(*peers, server.peers()...)
	}
	return rules
}

func (s DNSServer) peers() []*k8s.NetworkPolicyPeer {
	var peers []*k8s.NetworkPolicyPeer
	if s.Namespace != "" {
		peers = append(peers, ForeignPods{Namespace: s.Namespace, PodLabels: s.PodLabels}.Peer())
	}
	return append(peers, blocks(s.CIDRs)...)
}
