package constructs_test

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// egressOf is the egress of the policy of a frontend, but for what opens its backend.
func egressOf(t *testing.T, cluster constructs.Cluster) []any {
	t.Helper()
	objects := manifestsOf(t, synthesize(t, func(chart cdk8s.Chart) {
		constructs.SetCluster(chart, cluster)
		api := constructs.NewBackend(chart, "api", apiProps)
		constructs.NewFrontend(chart, "pages", constructs.FrontendProps{Image: "pages:1", Backend: api})
	}))
	rules := find(t, objects, "NetworkPolicy", "shop-pages").at("spec", "egress").([]any)
	return rules[:len(rules)-1]
}

func podPeer(namespace string, labels map[string]any) map[string]any {
	return map[string]any{
		"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": namespace}},
		"podSelector":       map[string]any{"matchLabels": labels},
	}
}

func blockPeer(cidr string) map[string]any {
	return map[string]any{"ipBlock": map[string]any{"cidr": cidr}}
}

func dnsRule(port int, peers ...any) map[string]any {
	return map[string]any{"to": peers, "ports": []any{
		map[string]any{"port": float64(port), "protocol": "UDP"}, map[string]any{"port": float64(port), "protocol": "TCP"},
	}}
}

func TestPoliciesAllowTheDNSOfTheCluster(t *testing.T) {
	kubeDNS := podPeer("kube-system", map[string]any{"k8s-app": "kube-dns"})
	openShift := podPeer("openshift-dns", map[string]any{"dns.operator.openshift.io/daemonset-dns": "default"})
	coreDNS := podPeer("dns", map[string]any{"app.kubernetes.io/name": "coredns", "app.kubernetes.io/instance": "cluster"})
	for name, test := range map[string]struct {
		dns  []constructs.DNSServer
		want []any
	}{
		"default":   {nil, []any{dnsRule(53, kubeDNS, blockPeer("169.254.20.10/32"))}},
		"OpenShift": {[]constructs.DNSServer{constructs.OpenShiftDNS()}, []any{dnsRule(5353, openShift)}},
		"the chart": {[]constructs.DNSServer{constructs.CoreDNSChart("dns", "cluster")}, []any{dnsRule(53, coreDNS)}},
		"addresses": {
			[]constructs.DNSServer{{CIDRs: []string{"10.0.0.10/32", "fd00::10/128"}}},
			[]any{dnsRule(53, blockPeer("10.0.0.10/32"), blockPeer("fd00::10/128"))},
		},
		"several ports": {
			[]constructs.DNSServer{constructs.KubeDNS(), constructs.OpenShiftDNS(), constructs.NodeLocalDNS()},
			[]any{dnsRule(53, kubeDNS, blockPeer("169.254.20.10/32")), dnsRule(5353, openShift)},
		},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, egressOf(t, constructs.Cluster{DNS: test.dns})) })
	}
}

func TestSetClusterOnceAndFirst(t *testing.T) {
	openShift := constructs.Cluster{DNS: []constructs.DNSServer{constructs.OpenShiftDNS()}}
	var kept cdk8s.App
	_, err := constructs.Render(func(app cdk8s.App) {
		kept = app
		constructs.NewBackend(newChart(app, "shop"), "api", apiProps)
	})
	require.NoError(t, err)
	for name, test := range map[string]struct {
		program func(app cdk8s.App)
		want    string
	}{
		"twice": {
			func(app cdk8s.App) {
				constructs.SetCluster(app, openShift)
				constructs.SetCluster(newChart(app, "shop"), openShift)
			},
			`
  [shop] cluster: Forbidden: already set: call SetCluster once for an app`,
		},
		"after a construct": {
			func(app cdk8s.App) {
				constructs.NewBackend(newChart(app, "shop"), "api", apiProps)
				constructs.SetCluster(app, openShift)
			},
			`
  [] cluster: Forbidden: set after construct "api" was added: call SetCluster before the first construct`,
		},
		"invalid, with the errors of tiers": {
			func(app cdk8s.App) {
				constructs.SetCluster(app, constructs.Cluster{DNS: []constructs.DNSServer{{}}})
				constructs.NewBackend(newChart(app, "shop"), "api", constructs.BackendProps{})
			},
			`
  [] cluster.dns[0]: Required value: set namespace and podLabels, or cidrs
  [shop/api] backend.image: Required value`,
		},
		"in another app": {
			func(cdk8s.App) { constructs.SetCluster(kept, openShift) },
			`
  [] cluster: Forbidden: the scope belongs to another cdk8s.App, such as that of an earlier Synth: create it in this one`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := constructs.Render(test.program)
			require.EqualError(t, err, validationFailed+test.want)
		})
	}
}
