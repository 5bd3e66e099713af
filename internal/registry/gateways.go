package registry

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
)

// gateways are Ingresses that are published by Gateway API: on a Gateway that is shared, or on one of their own, with each
// kind of proxy.
var gateways = []struct {
	name  string
	props func(pages, api constructs.HTTPServer) constructs.IngressProps
}{
	{"envoy", func(pages, _ constructs.HTTPServer) constructs.IngressProps {
		return constructs.IngressProps{Host: "shop.example.com", Tier: pages, Gateway: &constructs.Gateway{
			Name: "public", Namespace: "infra", Proxy: constructs.GatewayProxy{Profile: constructs.GatewayEnvoy},
		}}
	}},
	{"listeners", func(pages, api constructs.HTTPServer) constructs.IngressProps {
		return constructs.IngressProps{
			Host: "shop.example.com", Tier: pages,
			Routes: []constructs.IngressRoute{
				{Path: "/api", Tier: api},
				{Path: "/login", PathType: constructs.PathExact, Tier: api},
				{Host: "plain.example.com", Tier: api},
			},
			TLS: []constructs.IngressTLS{{Host: "plain.example.com", Disable: true}},
			Gateway: &constructs.Gateway{
				Name: "public", Namespace: "infra", HTTPListener: "web", HTTPSListener: "websecure",
				Proxy: constructs.GatewayProxy{Namespace: "proxies", PodLabels: map[string]string{"app": "proxy"}},
			},
		}
	}},
	{"listener-set", func(pages, api constructs.HTTPServer) constructs.IngressProps {
		return constructs.IngressProps{
			Host: "shop.example.com", Tier: pages,
			Routes: []constructs.IngressRoute{
				{Host: "*.example.com", Tier: api},
				{Host: "old.example.com", Path: "/v1", Tier: api},
				{Host: "plain.example.com", Tier: api},
			},
			TLSSecretName: "wildcard",
			TLS:           []constructs.IngressTLS{{Host: "old.example.com", SecretName: "old"}, {Host: "plain.example.com", Disable: true}},
			Gateway: &constructs.Gateway{
				Name: "public", Namespace: "infra", ListenerSet: true, HTTPPort: 8080, HTTPSPort: 8443,
				Proxy: constructs.GatewayProxy{Profile: constructs.GatewayNGINX},
			},
		}
	}},
	{"istio", func(pages, api constructs.HTTPServer) constructs.IngressProps {
		return constructs.IngressProps{
			Host: "shop.example.com", Tier: pages, Routes: []constructs.IngressRoute{{Path: "/api", Tier: api}}, ClusterIssuer: "letsencrypt",
			Gateway: &constructs.Gateway{ClassName: "istio", Proxy: constructs.GatewayProxy{
				Profile: constructs.GatewayIstio, ControllerNamespace: "mesh",
			}},
		}
	}},
	{"envoy-near", func(pages, _ constructs.HTTPServer) constructs.IngressProps {
		return constructs.IngressProps{
			Host: "shop.example.com", Tier: pages, DisableRedirect: true,
			Gateway: &constructs.Gateway{ClassName: "envoy", Proxy: constructs.GatewayProxy{Profile: constructs.GatewayEnvoy, Namespace: "shop"}},
		}
	}},
	{"traefik", func(pages, _ constructs.HTTPServer) constructs.IngressProps {
		return constructs.IngressProps{
			Host: "shop.example.com", Tier: pages,
			Gateway: &constructs.Gateway{ClassName: "traefik", Proxy: constructs.GatewayProxy{Profile: constructs.GatewayTraefik}},
		}
	}},
	{onCilium, func(pages, _ constructs.HTTPServer) constructs.IngressProps {
		return constructs.IngressProps{
			Host: "shop.example.com", Tier: pages, ClusterIssuer: "letsencrypt",
			Gateway: &constructs.Gateway{
				Name: "public", Namespace: "infra", ListenerSet: true, Proxy: constructs.GatewayProxy{Profile: constructs.GatewayCilium},
			},
		}
	}},
	{"gke", func(pages, _ constructs.HTTPServer) constructs.IngressProps {
		return constructs.IngressProps{
			AnyHost: true, Tier: pages, DisableTLS: true,
			Gateway: &constructs.Gateway{ClassName: "gke-l7-regional-external-managed", Proxy: constructs.GatewayProxy{
				Profile: constructs.GatewayGKE, CIDRs: []string{"35.191.0.0/16", "10.129.0.0/23"},
			}},
		}
	}},
}

// onCilium needs another cluster than the others.
const onCilium = "cilium"

func gatewayCases() []Case {
	var cases []Case
	for _, gateway := range gateways {
		cases = append(cases, Case{"ingress-gateway-" + gateway.name, func(chart cdk8s.Chart) any {
			if gateway.name == onCilium {
				constructs.SetCluster(chart, constructs.Cluster{NetworkPlugin: constructs.NetworkPluginCilium})
			}
			return constructs.NewIngress(chart, "web", gateway.props(routedTiers(elsewhere(chart))))
		}})
	}
	return cases
}

func gatewayProps(chart cdk8s.Chart) []any {
	pages, api := routedTiers(cdk8s.NewChart(chart, jsii.String("gateways"), &cdk8s.ChartProps{Namespace: chart.Namespace()}))
	var all []any
	for _, gateway := range gateways {
		if gateway.name != onCilium {
			all = append(all, gateway.props(pages, api))
		}
	}
	return all
}

func routedTiers(chart cdk8s.Chart) (pages, api constructs.HTTPServer) {
	return constructs.NewFrontend(chart, "pages", pagesProps), constructs.NewBackend(chart, "api", apiProps)
}
