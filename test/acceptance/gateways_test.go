package acceptance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// The definitions of Gateway API and Cilium have defaults, and rules that span several fields. All kinds of Gateways must pass
// them unchanged.
func TestGatewaysAreReadBackUnchanged(t *testing.T) {
	createNamespaces(t)
	found := map[string]int{}
	for _, kind := range kinds {
		for _, c := range kind.Cases {
			if !strings.HasPrefix(c.Name, "ingress-gateway-") {
				continue
			}
			t.Run(c.Name, func(t *testing.T) {
				files, err := constructs.Render(func(app cdk8s.App) { c.Add(chartOf(app, "shop", "shop", namespace)) })
				require.NoError(t, err)
				for _, file := range files {
					for _, object := range decode(t, file) {
						checkAccepted(t, object)
						found[object["kind"].(string)]++
					}
				}
			})
		}
	}
	for _, kind := range []string{"Gateway", "ListenerSet", "HTTPRoute", "NetworkPolicy"} {
		require.NotZero(t, found[kind], kind)
	}
}

// As many hosts and paths as an HTTPRoute and a Gateway take, with the longest names.
func TestLargestGatewayIsAccepted(t *testing.T) {
	createNamespaces(t)
	files, err := constructs.Render(func(app cdk8s.App) {
		chart := newChart(app, "largest", namespace)
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1"})
		props := constructs.IngressProps{
			Host: strings.Repeat(strings.Repeat("x", 60)+".", 4) + "com", Tier: api,
			Gateway: &constructs.Gateway{ClassName: "envoy", Proxy: constructs.GatewayProxy{Profile: constructs.GatewayEnvoy}},
		}
		for i := range 15 {
			props.Routes = append(props.Routes,
				constructs.IngressRoute{Path: fmt.Sprintf("/%d", i), Tier: api},
				constructs.IngressRoute{Host: fmt.Sprintf("*.example%d.com", i), Tier: api},
			)
		}
		constructs.NewIngress(chart, "web", props)
	})
	require.NoError(t, err)
	for _, object := range decode(t, files["largest.k8s.yaml"]) {
		checkAccepted(t, object)
	}
}
