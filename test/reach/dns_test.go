package reach

import (
	"strings"
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// A client reaches the DNS that the cluster has, and neither that of other clusters nor the pods beside it.
//
// The analyzer knows no pods in the network of their node. Requests to those of NodeLocal DNSCache go to an address on every node, which a
// plugin that applies policies to packets, such as Calico, compares with blocks:
// https://github.com/kubernetes/kubernetes/blob/master/cluster/addons/dns/nodelocaldns/README.md#network-policy-and-dns-connectivity
// To Cilium it is an address of the node, which no block matches. It redirects the requests to pods:
// https://docs.cilium.io/en/stable/security/policy/layer3/#ip-cidr-based
func TestDNSOfClusters(t *testing.T) {
	const (
		coreDNS   = "kube-system/coredns[Deployment]"
		inPods    = "kube-system/node-local-dns[DaemonSet]"
		onNodes   = "169.254.20.10-169.254.20.10"
		openShift = "openshift-dns/dns-default[DaemonSet]"
		ofChart   = "dns/cluster-coredns[Deployment]"
		usual     = "TCP 53,UDP 53"
	)
	servers := func(servers ...constructs.DNSServer) constructs.Cluster { return constructs.Cluster{DNS: servers} }
	for name, test := range map[string]struct {
		cluster constructs.Cluster
		want    map[string]string
	}{
		"default":     {constructs.Cluster{}, map[string]string{coreDNS: usual, onNodes: usual}},
		"Cilium":      {constructs.Cluster{NetworkPlugin: constructs.NetworkPluginCilium}, map[string]string{coreDNS: usual, inPods: usual}},
		"OpenShift":   {servers(constructs.OpenShiftDNS()), map[string]string{openShift: "TCP 5353,UDP 5353"}},
		"CoreDNS":     {servers(constructs.CoreDNSChart("dns", "cluster")), map[string]string{ofChart: usual}},
		"an address":  {servers(constructs.DNSServer{CIDRs: []string{"10.96.0.10/32"}, Port: 1053}), map[string]string{"10.96.0.10-10.96.0.10": "TCP 1053,UDP 1053"}},
		"two of them": {servers(constructs.KubeDNS(), constructs.OpenShiftDNS()), map[string]string{coreDNS: usual, openShift: "TCP 5353,UDP 5353"}},
	} {
		t.Run(name, func(t *testing.T) {
			application := render(t, "shop", func(app cdk8s.App) {
				constructs.SetCluster(app, test.cluster)
				shop := namespaced(app, "shop")
				backend(shop, constructs.BackendProps{Database: postgres(shop)})
			})
			found := map[string]string{}
			cluster := join(inCluster(t, application), readFiles(t, "testdata/dns.yaml", "default"))
			for between, ports := range connectionsOf(t, cluster) {
				if strings.HasPrefix(between.from, "shop/shop-api[") && ports != nothing && !strings.HasPrefix(between.to, "shop/") {
					found[between.to] = ports
				}
			}
			require.Equal(t, test.want, found)
		})
	}
}
