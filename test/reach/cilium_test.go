package reach

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// ciliumPolicy is as much of a CiliumNetworkPolicy as the constructs write. What else it has is an error.
type ciliumPolicy struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata"`
	Spec       struct {
		EndpointSelector struct {
			MatchLabels map[string]string `json:"matchLabels"`
		} `json:"endpointSelector"`
		Ingress []struct {
			FromEntities []string `json:"fromEntities"`
			ToPorts      []struct {
				Ports []struct{ Port, Protocol string } `json:"ports"`
			} `json:"toPorts"`
		} `json:"ingress"`
	} `json:"spec"`
}

// The analyzer knows no CiliumNetworkPolicy. What Cilium's documents say of it: it is for the pods of its own namespace that have the labels,
// and its rules add to those of NetworkPolicies. Requests of Cilium's Gateway have the identity "ingress", which is no pod and no address, so
// that no NetworkPolicy lets them in.
// https://docs.cilium.io/en/stable/security/policy/layer3/#entities-based
// https://docs.cilium.io/en/stable/network/kubernetes/policy/
func TestCiliumsProxiesReachTheTiersOnly(t *testing.T) {
	files, err := constructs.Render(func(app cdk8s.App) {
		constructs.SetCluster(app, constructs.Cluster{NetworkPlugin: constructs.NetworkPluginCilium})
		shop := namespaced(app, "shop")
		api := backend(shop, constructs.BackendProps{Database: postgres(shop)})
		constructs.NewIngress(shop, "ingress", constructs.IngressProps{
			Host: "shop.example.com", Tier: frontend(shop, api), Routes: []constructs.IngressRoute{{Path: "/api", Tier: api}}, ClusterIssuer: "letsencrypt",
			Gateway: &constructs.Gateway{
				Name: "public", Namespace: "infra", ListenerSet: true, Proxy: constructs.GatewayProxy{Profile: constructs.GatewayCilium},
			},
		})
	})
	require.NoError(t, err)
	file := files["shop.k8s.yaml"]
	ours, err := parse(file, "shop")
	require.NoError(t, err)

	documents, err := yamldoc.Split(file)
	require.NoError(t, err)
	opened := map[string][]string{}
	for _, document := range documents {
		var policy ciliumPolicy
		var is struct{ Kind string }
		require.NoError(t, yaml.Unmarshal(document, &is))
		if is.Kind != "CiliumNetworkPolicy" {
			continue
		}
		require.NoError(t, yaml.UnmarshalStrict(document, &policy))
		require.Equal(t, "shop", policy.Metadata["namespace"])
		require.NotEmpty(t, policy.Spec.EndpointSelector.MatchLabels, "an empty selector is for all pods")
		require.Len(t, policy.Spec.Ingress, 1)
		rule := policy.Spec.Ingress[0]
		require.Equal(t, []string{"ingress"}, rule.FromEntities)
		require.Len(t, rule.ToPorts, 1)
		for _, port := range rule.ToPorts[0].Ports {
			require.Equal(t, "TCP", port.Protocol)
			for _, pod := range inCluster(t, ours).pods {
				if pod.Namespace == "shop" && hasLabels(pod.Labels, policy.Spec.EndpointSelector.MatchLabels) {
					opened[peerOf(pod)] = append(opened[peerOf(pod)], port.Port)
				}
			}
		}
	}
	for peer, ports := range opened {
		opened[peer] = ports[:1] // Each pod of a workload has the same.
	}
	require.Equal(t, map[string][]string{
		"shop/shop-web[Deployment]": {"80"}, "shop/shop-api[Deployment]": {"8000"}, "shop/cm-acme-http-solver[Pod]": {"8089"},
	}, opened)
	for _, policy := range ours.policies {
		for _, rule := range policy.Spec.Ingress {
			for _, from := range rule.From {
				require.Nil(t, from.IPBlock, "Cilium's proxies are not known by address")
			}
		}
	}
}

func hasLabels(labels, wanted map[string]string) bool {
	for key, value := range wanted {
		if labels[key] != value {
			return false
		}
	}
	return true
}
