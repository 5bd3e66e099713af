package rollout

import (
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// TestIPFamilies applies tiers for clusters of each family to one that has both, and reads back which addresses the API server gives and what
// policies allow.
func TestIPFamilies(t *testing.T) {
	const namespace = "families"
	kubectl(t, "create", "namespace", namespace)
	kubectlAtEnd(t, "delete", "namespace", namespace)
	for _, test := range []struct {
		name     string
		families []constructs.IPFamily
		sources  []string
		assigned []bool   // Whether each of a Service's addresses is IPv6.
		blocks   []string // Of policies.
	}{
		{"IPv6", []constructs.IPFamily{constructs.IPv6}, []string{"2001:db8::/32"}, []bool{true}, []string{"2001:db8::/32", "::/0"}},
		{"IPv4", []constructs.IPFamily{constructs.IPv4}, []string{"203.0.113.0/24"}, []bool{false}, []string{"0.0.0.0/0", "169.254.20.10/32", "203.0.113.0/24"}},
		{
			"IPv6 and IPv4",
			[]constructs.IPFamily{constructs.IPv6, constructs.IPv4},
			[]string{"2001:db8::/32", "203.0.113.0/24"},
			[]bool{true, false},
			[]string{"0.0.0.0/0", "169.254.20.10/32", "2001:db8::/32", "203.0.113.0/24", "::/0"},
		},
	} {
		files := render(t, func(app cdk8s.App) {
			constructs.SetCluster(app, constructs.Cluster{IPFamilies: test.families})
			chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String(namespace)})
			redis := constructs.NewRedis(chart, "redis", constructs.RedisProps{Password: constructs.SecretKeyRef{Secret: "shop", Key: "redis-password"}})
			api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Redis: redis, Sources: []constructs.Source{{CIDRs: test.sources}}})
			ingress := constructs.NewIngress(chart, "web", constructs.IngressProps{
				Host: "shop.example.com", Tier: api, Controller: constructs.IngressController{CIDRs: test.sources},
			})
			monitoring.NewBlackboxExporter(chart, "exporter", monitoring.BlackboxExporterProps{
				Probes: []monitoring.Probe{{Tier: api, Public: &monitoring.PublicProbe{Ingress: ingress}}},
			})
		})
		objects := objectsOf(t, files)
		for _, m := range []mode{clientSide, serverSide} {
			t.Run(test.name+" "+m.name, func(t *testing.T) {
				folder := t.TempDir()
				for name, content := range files {
					require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
				}
				m.apply(t, folder)
				requireNoDifference(t, m, objects, folder)

				blocks, services := map[string]bool{}, 0
				for _, object := range stored(t, objects) {
					switch object.GetKind() {
					case "Service":
						var service corev1.Service
						require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &service))
						services++
						if service.Spec.ClusterIP != corev1.ClusterIPNone {
							require.Equal(t, test.assigned, areIPv6(t, service.Spec.ClusterIPs), service.Name)
						}
					case "NetworkPolicy":
						var policy networkingv1.NetworkPolicy
						require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &policy))
						addBlocks(blocks, policy.Spec)
					}
				}
				require.Equal(t, 4, services)
				require.Equal(t, test.blocks, slices.Sorted(maps.Keys(blocks)))
				// The families of a Service cannot be taken away.
				kubectl(t, "delete", "services", "--all", "--namespace="+namespace)
			})
		}
	}
}

func areIPv6(t *testing.T, addresses []string) []bool {
	t.Helper()
	var found []bool
	for _, text := range addresses {
		address, err := netip.ParseAddr(text)
		require.NoError(t, err)
		found = append(found, address.Is6())
	}
	return found
}

// addBlocks notes the address blocks of a policy.
func addBlocks(blocks map[string]bool, policy networkingv1.NetworkPolicySpec) {
	add := func(peers []networkingv1.NetworkPolicyPeer) {
		for _, peer := range peers {
			if peer.IPBlock != nil {
				blocks[peer.IPBlock.CIDR] = true
			}
		}
	}
	for _, rule := range policy.Ingress {
		add(rule.From)
	}
	for _, rule := range policy.Egress {
		add(rule.To)
	}
}
