package constructs_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// probesOf are the props of an exporter that asks tiers at their Services.
func probesOf(tiers ...constructs.HTTPServer) monitoring.BlackboxExporterProps {
	var props monitoring.BlackboxExporterProps
	for _, tier := range tiers {
		props.Probes = append(props.Probes, monitoring.Probe{Tier: tier})
	}
	return props
}

// A tier that exports nothing has a job, and of one that is scraped too, each way has one.
func TestPrometheusHasProbedTiersAsked(t *testing.T) {
	files, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		pages := constructs.NewFrontend(chart, "pages", pagesProps)
		api := constructs.NewBackend(chart, "api", scrapedAPI)
		monitoring.NewBlackboxExporter(chart, "blackbox-exporter", probesOf(pages, api))
		monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{})
	}))
	require.NoError(t, err)
	manifests := manifestsOf(t, string(files["shop.k8s.yaml"]))
	require.Equal(t, []string{"shop-api", "shop-blackbox-exporter", "shop-pages", "shop-api-probes", "shop-prometheus"}, jobs(t, manifests, "shop-prometheus"))
	find(t, manifests, "NetworkPolicy", "shop-pages-from-blackbox-exporter")
	find(t, manifests, "NetworkPolicy", "shop-blackbox-exporter-from-prometheus")
}

// A policy must name the port on which the controller's pods listen, where the cluster takes the exporter straight to them.
func TestPublicProbesReachPodsOfTheController(t *testing.T) {
	egress := func(controller constructs.IngressController) []any {
		manifests := manifestsOf(t, synthesize(t, func(chart cdk8s.Chart) {
			pages := constructs.NewFrontend(chart, "pages", pagesProps)
			web := constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Tier: pages, Controller: controller})
			monitoring.NewBlackboxExporter(chart, "exporter", monitoring.BlackboxExporterProps{
				Probes: []monitoring.Probe{{Tier: pages, Public: &monitoring.PublicProbe{Ingress: web}}},
			})
		}))
		return find(t, manifests, "NetworkPolicy", "shop-exporter").at("spec", "egress").([]any)[2:] // After DNS and the tier.
	}
	port := func(number float64) []any { return []any{map[string]any{"port": number, "protocol": "TCP"}} }
	everywhere := []any{map[string]any{"ipBlock": map[string]any{"cidr": "0.0.0.0/0"}}, map[string]any{"ipBlock": map[string]any{"cidr": "::/0"}}}
	traefik := map[string]any{
		"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": "traefik"}},
		"podSelector":       map[string]any{"matchLabels": map[string]any{"app.kubernetes.io/name": "traefik"}},
	}
	require.Equal(t, []any{
		map[string]any{"ports": port(443), "to": everywhere},
		map[string]any{"ports": port(8443), "to": []any{traefik}},
	}, egress(constructs.IngressController{Profile: constructs.ProfileTraefik, Redirects: true}))
	require.Equal(t, []any{map[string]any{"ports": port(443), "to": everywhere}},
		egress(constructs.IngressController{Profile: constructs.ProfileAWS, CIDRs: []string{"10.0.0.0/16"}}), "there are no pods")
}

// What names no single host, a tier that is asked twice, and an exporter that comes too late.
func TestProblemsOfProbes(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		pages := constructs.NewFrontend(chart, "pages", pagesProps)
		other := cdk8s.NewChart(chart, jsii.String("blog"), &cdk8s.ChartProps{Namespace: jsii.String("blog")})
		elsewhere := constructs.NewFrontend(other, "pages", pagesProps)
		pattern := constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "*.example.com", Tier: pages})
		monitoring.NewBlackboxExporter(chart, "first", probesOf(pages))
		monitoring.NewBlackboxExporter(chart, "second", probesOf(pages))
		monitoring.NewBlackboxExporter(chart, "third", probesOf(elsewhere))
		monitoring.NewBlackboxExporter(chart, "fourth", monitoring.BlackboxExporterProps{
			Probes: []monitoring.Probe{{Tier: pages, Public: &monitoring.PublicProbe{Ingress: pattern}}},
		})
		every := constructs.NewIngress(chart, "any", constructs.IngressProps{AnyHost: true, DisableTLS: true, Tier: pages})
		monitoring.NewBlackboxExporter(chart, "fifth", monitoring.BlackboxExporterProps{
			Probes: []monitoring.Probe{{Tier: pages, Public: &monitoring.PublicProbe{Ingress: every}}},
		})
		monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{})
		api := constructs.NewBackend(chart, "api", apiProps)
		monitoring.NewBlackboxExporter(chart, "late", probesOf(api))
	}))
	require.EqualError(t, err, validationFailed+`
  [shop/second] blackboxExporter.probes[0].tier: Duplicate value: "Probe shop/shop-pages": already declared by shop/first
  [shop/third] blackboxExporter.probes[0].tier: Invalid value: "blog-pages": must be in the application and the namespace of the exporter, whose Prometheus monitors no other tiers
  [shop/fourth] blackboxExporter.probes[0].public.url: Required value: set the URL to probe, because the host of the Ingress is a pattern: *.example.com
  [shop/fifth] blackboxExporter.probes[0].public.url: Required value: set the URL to probe, because the Ingress names no host
  [shop/late] blackboxExporter: Forbidden: declared after Prometheus shop-prometheus, which has already collected its targets: create it last`)
}

// publicURL is what Prometheus has requested for the public probe of a tier, whose Ingress has routes to others.
func publicURL(t *testing.T, change func(*constructs.IngressProps, *constructs.Backend)) string {
	t.Helper()
	manifests := manifestsOf(t, synthesize(t, func(chart cdk8s.Chart) {
		pages, api := constructs.NewFrontend(chart, "pages", pagesProps), constructs.NewBackend(chart, "api", apiProps)
		props := constructs.IngressProps{Host: "shop.example.com", Tier: pages}
		change(&props, api)
		monitoring.NewBlackboxExporter(chart, "exporter", monitoring.BlackboxExporterProps{
			Probes: []monitoring.Probe{{Tier: api, Public: &monitoring.PublicProbe{Ingress: constructs.NewIngress(chart, "web", props)}}},
		})
		monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{})
	}))
	config := fmt.Sprint(find(t, manifests, "ConfigMap", "shop-prometheus-files").at("data"))
	return regexp.MustCompile(`https?://[a-z]+\.example\.com\S*`).FindString(config)
}

// The tier of the Ingress is another one: a probe of its host would say nothing of the tier that is probed.
func TestPublicProbesFollowTheRouteToTheTier(t *testing.T) {
	routes := func(routes ...constructs.IngressRoute) func(*constructs.IngressProps, *constructs.Backend) {
		return func(p *constructs.IngressProps, api *constructs.Backend) {
			for i := range routes {
				if routes[i].Tier == nil {
					routes[i].Tier = api
				}
			}
			p.Routes = routes
		}
	}
	for want, change := range map[string]func(*constructs.IngressProps, *constructs.Backend){
		"https://shop.example.com/api": routes(constructs.IngressRoute{Path: "/api"}, constructs.IngressRoute{Host: "api.example.com"}),
		"https://api.example.com/":     routes(constructs.IngressRoute{Host: "*.example.com"}, constructs.IngressRoute{Path: "/v[12]", PathType: constructs.PathImplementationSpecific}, constructs.IngressRoute{Host: "api.example.com"}),
		"http://plain.example.com/v1": func(p *constructs.IngressProps, api *constructs.Backend) {
			p.Routes = []constructs.IngressRoute{{Host: "plain.example.com", Path: "/v1", PathType: constructs.PathExact, Tier: api}}
			p.TLS = []constructs.IngressTLS{{Host: "plain.example.com", Disable: true}}
		},
		"https://api.example.com/v1": func(p *constructs.IngressProps, api *constructs.Backend) {
			p.Routes = []constructs.IngressRoute{{Host: "api.example.com", Path: "/v1", Tier: api}}
			p.Gateway = &constructs.Gateway{Name: "public", Namespace: "infra", Proxy: constructs.GatewayProxy{Profile: constructs.GatewayEnvoy}}
		},
	} {
		require.Equal(t, want, publicURL(t, change))
	}
}

func TestPublicProbesThatLeadNowhere(t *testing.T) {
	problem := func(cluster constructs.Cluster, ingress constructs.IngressProps, public monitoring.PublicProbe) string {
		_, err := constructs.Render(func(app cdk8s.App) {
			constructs.SetCluster(app, cluster)
			chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
			pages, api := constructs.NewFrontend(chart, "pages", pagesProps), constructs.NewBackend(chart, "api", apiProps)
			ingress.Tier = pages
			for i := range ingress.Routes {
				ingress.Routes[i].Tier = api
			}
			if public.URL == "" || ingress.Host != "" {
				public.Ingress = constructs.NewIngress(chart, "web", ingress)
			}
			monitoring.NewBlackboxExporter(chart, "exporter", monitoring.BlackboxExporterProps{Probes: []monitoring.Probe{{Tier: api, Public: &public}}})
		})
		if err == nil {
			return ""
		}
		return strings.TrimPrefix(err.Error(), validationFailed+"\n  [shop/exporter] blackboxExporter.probes[0].public.")
	}
	shop := constructs.IngressProps{Host: "shop.example.com"}
	withRoute := func(route constructs.IngressRoute) constructs.IngressProps {
		props := shop
		props.Routes = []constructs.IngressRoute{route}
		return props
	}
	require.Equal(t, `ingress: Invalid value: "shop-web": routes nothing to the tier: name the Ingress that does, or set url`,
		problem(constructs.Cluster{}, shop, monitoring.PublicProbe{}))
	require.Empty(t, problem(constructs.Cluster{}, shop, monitoring.PublicProbe{URL: "https://shop.example.com/through/pages"}))
	require.Equal(t, "url: Required value: set the URL to probe, because the host of the Ingress is a pattern: *.example.com",
		problem(constructs.Cluster{}, withRoute(constructs.IngressRoute{Host: "*.example.com"}), monitoring.PublicProbe{}))
	require.Equal(t, "url: Required value: set the URL to probe, because what the path of the Ingress matches depends on the controller: /v[12]",
		problem(constructs.Cluster{}, withRoute(constructs.IngressRoute{Path: "/v[12]", PathType: constructs.PathImplementationSpecific}), monitoring.PublicProbe{}))

	toAPI := withRoute(constructs.IngressRoute{Path: "/api"})
	const noIPv6 = "ipv6: Forbidden: the cluster has no IPv6 addresses: leave it out, or add IPv6 to the IPFamilies of SetCluster"
	require.Equal(t, noIPv6, problem(constructs.Cluster{IPFamilies: []constructs.IPFamily{constructs.IPv4}}, toAPI, monitoring.PublicProbe{IPv6: true}))
	require.Empty(t, problem(constructs.Cluster{IPFamilies: []constructs.IPFamily{constructs.IPv4, constructs.IPv6}}, toAPI, monitoring.PublicProbe{IPv6: true}))
	require.Empty(t, problem(constructs.Cluster{}, toAPI, monitoring.PublicProbe{IPv6: true}))

	cilium := constructs.Cluster{NetworkPlugin: constructs.NetworkPluginCilium}
	toAPI.Gateway = &constructs.Gateway{Name: "public", Namespace: "infra", Proxy: constructs.GatewayProxy{Profile: constructs.GatewayCilium}}
	require.Equal(t, "ingress: Forbidden: network policies of pods with ports do not match connections to Cilium's own proxies: "+
		"omit public and probe from outside the cluster, or set only url if the host leads to a load balancer outside the cluster",
		problem(cilium, toAPI, monitoring.PublicProbe{}))
	require.Empty(t, problem(cilium, constructs.IngressProps{}, monitoring.PublicProbe{URL: "https://shop.example.com"}))
}

// With addresses of one family only, a request over the other cannot succeed, although the host may have both.
func TestPublicProbesUseTheFamilyOfTheCluster(t *testing.T) {
	for family, want := range map[constructs.IPFamily]string{constructs.IPv4: "ip4", constructs.IPv6: "ip6"} {
		files, err := constructs.Render(func(app cdk8s.App) {
			constructs.SetCluster(app, constructs.Cluster{IPFamilies: []constructs.IPFamily{family}})
			chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
			pages := constructs.NewFrontend(chart, "pages", pagesProps)
			monitoring.NewBlackboxExporter(chart, "exporter", monitoring.BlackboxExporterProps{
				Probes: []monitoring.Probe{{Tier: pages, Public: &monitoring.PublicProbe{URL: "https://shop.example.com"}}},
			})
		})
		require.NoError(t, err)
		config := find(t, manifestsOf(t, string(files["shop.k8s.yaml"])), "ConfigMap", "shop-exporter-files").at("data")
		require.Regexp(t, `(?s)http_tls\w*:.*?preferred_ip_protocol: `+want, fmt.Sprint(config))
	}
}
