package constructs_test

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// dnsEgress is the egress of the policy of a frontend, but for what opens its backend.
func dnsEgress(t *testing.T, cluster constructs.Cluster) []any {
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
	nodeLocal := podPeer("kube-system", map[string]any{"k8s-app": "node-local-dns"})
	servers := func(servers ...constructs.DNSServer) constructs.Cluster { return constructs.Cluster{DNS: servers} }
	for name, test := range map[string]struct {
		cluster constructs.Cluster
		want    []any
	}{
		"default":     {constructs.Cluster{}, []any{dnsRule(53, kubeDNS, blockPeer("169.254.20.10/32"))}},
		"with Cilium": {constructs.Cluster{NetworkPlugin: constructs.NetworkPluginCilium}, []any{dnsRule(53, kubeDNS, nodeLocal)}},
		"with IPv6":   {constructs.Cluster{IPFamilies: []constructs.IPFamily{constructs.IPv6}}, []any{dnsRule(53, kubeDNS)}},
		"OpenShift":   {servers(constructs.OpenShiftDNS()), []any{dnsRule(5353, openShift)}},
		"the chart":   {servers(constructs.CoreDNSChart("dns", "cluster")), []any{dnsRule(53, coreDNS)}},
		"addresses": {
			servers(constructs.DNSServer{CIDRs: []string{"10.0.0.10/32", "fd00::10/128"}}),
			[]any{dnsRule(53, blockPeer("10.0.0.10/32"), blockPeer("fd00::10/128"))},
		},
		"several ports": {
			servers(constructs.KubeDNS(), constructs.OpenShiftDNS(), constructs.NodeLocalDNS()),
			[]any{dnsRule(53, kubeDNS, blockPeer("169.254.20.10/32")), dnsRule(5353, openShift)},
		},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, dnsEgress(t, test.cluster)) })
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

// Where the cluster assigns users, pods name none, and Pod Security still admits them to a namespace of ours.
func TestClusterAssignsUsers(t *testing.T) {
	cluster := constructs.Cluster{AssignsUsers: true}
	objects := manifestsOf(t, synthesize(t, func(chart cdk8s.Chart) {
		constructs.SetCluster(chart, cluster)
		constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
		constructs.NewFrontend(chart, "pages", pagesProps)
		monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{})
	}))
	for _, name := range []string{"shop-pages", "shop-prometheus"} {
		security := find(t, objects, "Deployment", name).at("spec", "template", "spec", "securityContext").(map[string]any)
		delete(security, "sysctls")
		require.Equal(t, map[string]any{
			"runAsNonRoot": true, "fsGroupChangePolicy": "OnRootMismatch", "seccompProfile": map[string]any{"type": "RuntimeDefault"},
		}, security)
	}

	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		constructs.SetCluster(chart, cluster)
		pod := constructs.PodProps{RunAsUser: 2000, RunAsGroup: 3000}
		constructs.NewRedis(chart, "redis", constructs.RedisProps{Password: constructs.SecretKeyRef{Secret: "s", Key: "k"}, Pod: pod})
		constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Pod: constructs.PodProps{RunAsUser: 2000}})
		monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{Pod: constructs.PodProps{RunAsGroup: 3000}})
	}))
	require.EqualError(t, err, validationFailed+`
  [shop/redis] redis.pod.runAsUser: Forbidden: the cluster assigns it (AssignsUsers of SetCluster): remove it
  [shop/redis] redis.pod.runAsGroup: Forbidden: the cluster assigns it (AssignsUsers of SetCluster): remove it
  [shop/api] backend.pod.runAsUser: Forbidden: the cluster assigns it (AssignsUsers of SetCluster): remove it
  [shop/prometheus] prometheus.pod.runAsGroup: Forbidden: the cluster assigns it (AssignsUsers of SetCluster): remove it`)
}

func TestServicesHaveTheAddressesOfTheCluster(t *testing.T) {
	for name, test := range map[string]struct {
		families []constructs.IPFamily
		want     []any // Families and policy.
	}{
		"default":    {nil, []any{nil, nil}},
		"IPv6":       {[]constructs.IPFamily{constructs.IPv6}, []any{[]any{"IPv6"}, "SingleStack"}},
		"both":       {[]constructs.IPFamily{constructs.IPv4, constructs.IPv6}, []any{[]any{"IPv4", "IPv6"}, "RequireDualStack"}},
		"IPv6 first": {[]constructs.IPFamily{constructs.IPv6, constructs.IPv4}, []any{[]any{"IPv6", "IPv4"}, "RequireDualStack"}},
	} {
		t.Run(name, func(t *testing.T) {
			objects := manifestsOf(t, synthesize(t, func(chart cdk8s.Chart) {
				constructs.SetCluster(chart, constructs.Cluster{IPFamilies: test.families})
				constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Metrics: &constructs.Metrics{ScrapeOnly: true}})
			}))
			for _, service := range []string{"shop-api", "shop-api-metrics"} {
				spec := find(t, objects, "Service", service).at("spec")
				require.Equal(t, test.want, []any{valueAt(spec, "ipFamilies"), valueAt(spec, "ipFamilyPolicy")}, service)
			}
		})
	}
}

// All addresses are narrowed to those that the cluster has; other blocks of the wrong family are a mistake.
func TestPoliciesNameAddressesOfTheCluster(t *testing.T) {
	ipv6 := constructs.Cluster{IPFamilies: []constructs.IPFamily{constructs.IPv6}}
	server := func(cidrs ...string) constructs.ExternalServer {
		return constructs.ExternalServer{Host: "api.example.com", Port: 443, CIDRs: cidrs}
	}
	objects := manifestsOf(t, synthesize(t, func(chart cdk8s.Chart) {
		constructs.SetCluster(chart, ipv6)
		constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Connections: []constructs.Server{server(constructs.AllAddresses()...)}})
	}))
	require.Equal(t, []any{blockPeer("::/0")}, find(t, objects, "NetworkPolicy", "shop-api").at("spec", "egress", 1, "to"))

	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		constructs.SetCluster(chart, ipv6)
		constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Connections: []constructs.Server{
			server("0.0.0.0/0", "2001:db8::/32"), constructs.ExternalServer{Host: "192.0.2.1", Port: 443},
		}})
		monitoring.NewKubeStateMetrics(chart, "metrics", monitoring.KubeStateMetricsProps{
			KubernetesAPI: monitoring.KubernetesAPI{CIDRs: []string{"192.0.2.10/32", "2001:db8::10/128"}},
		})
		monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{
			ScrapeKubelets: true, KubernetesAPI: monitoring.KubernetesAPI{CIDRs: []string{"192.0.2.10/32"}},
		})
	}))
	const remedy = "the cluster has no IPv4 addresses: remove it, or add IPv4 to the IPFamilies of SetCluster"
	require.EqualError(t, err, validationFailed+`
  [shop/api] backend.connections[0]: Invalid value: "0.0.0.0/0": `+remedy+`
  [shop/api] backend.connections[1]: Invalid value: "192.0.2.1/32": `+remedy+`
  [shop/metrics] kubeStateMetrics.kubernetesAPI.cidrs: Invalid value: "192.0.2.10/32": `+remedy+`
  [shop/prometheus] prometheus.kubernetesAPI.cidrs: Invalid value: "192.0.2.10/32": `+remedy)
}
