package constructs_test

import (
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
