package monitoring

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// httpServer is a tier that is in no tree.
type httpServer struct{ manifest.Component }

func (h *httpServer) Destination() manifest.Destination { return h.Component.Destination(8080) }
func (h *httpServer) HTTP() manifest.HTTP               { return manifest.HTTP{} }
func (h *httpServer) Endpoint() constructs.Endpoint {
	return constructs.Endpoint{Host: h.Name(), Port: 8080}
}

var (
	testPages    = &httpServer{manifest.Component{App: "shop", ID: "pages", Namespace: "shop"}}
	testExporter = manifest.Component{App: "shop", ID: "blackbox-exporter", Namespace: "shop"}
)

func publicProbeOf(public PublicProbe) BlackboxExporterProps {
	return BlackboxExporterProps{Probes: []Probe{{Tier: testPages, Public: &public}}}
}

func blackboxErrors(props BlackboxExporterProps) field.ErrorList {
	props = props.withDefaults(testExporter)
	return props.validate(checktest.Prop, props.server(field.NewPath("prop"), testExporter))
}

func blackboxExporterDefaults() map[string]defaultOf {
	props := publicProbeOf(PublicProbe{URL: "https://shop.example.com"}).withDefaults(testExporter)
	server := props.server(nil, testExporter)
	latest := BlackboxExporterProps{Image: "blackbox-exporter:latest"}.server(nil, testExporter)
	public := *props.Probes[0].Public
	module := newModule(&public)
	return map[string]defaultOf{
		"BlackboxExporterProps.Image":           {server.image, "quay.io/prometheus/blackbox-exporter:v0.28.0"},
		"BlackboxExporterProps.ImagePullPolicy": {[]constructs.PullPolicy{latest.pullPolicy, server.pullPolicy}, []constructs.PullPolicy{"Always", "IfNotPresent"}},
		"BlackboxExporterProps.Resources":       {server.resources, resources("10m", "32Mi", "100m", "64Mi")},
		"BlackboxExporterProps.Pod":             {server.pod, constructs.PodProps{RunAsUser: 65534, RunAsGroup: 65534, TerminationGracePeriodSeconds: 30}},

		"Probe.Paths":                    {props.Probes[0].Paths, []string{"/health", "/"}},
		"Probe.Public":                   {len(BlackboxExporterProps{Probes: []Probe{{Tier: testPages}}}.withDefaults(testExporter).probedTiers(testExporter)[0].probes), 1},
		"PublicProbe.URL":                {manifest.Site{Routes: []manifest.SiteRoute{{Tier: testPages.Component, URL: "https://shop.example.com/"}}}.RouteTo(testPages.Component).URL, "https://shop.example.com/"},
		"PublicProbe.InsecureSkipVerify": {module.HTTP.TLSConfig, (*tlsConfig)(nil)},
		"PublicProbe.IPv6":               {module.HTTP.PreferredIPProtocol, "ip4"},
		"PublicProbe.ResponseTime":       {public.ResponseTime, time.Second},
	}
}

func TestBlackboxExporterProps(t *testing.T) {
	elsewhere, other := *testPages, *testPages
	elsewhere.Namespace, other.App = "mail", "mail"
	const apart = `must be in the application and the namespace of the exporter, whose Prometheus monitors no other tiers`
	const noURL = `must be a URL such as "https://example.com/"`
	runChecks(t, map[string]expectation{
		"a Service":     {blackboxErrors(BlackboxExporterProps{Probes: []Probe{{Tier: testPages}}}), nil},
		"a public host": {blackboxErrors(publicProbeOf(PublicProbe{URL: "https://shop.example.com:8443/a?b=c", ResponseTime: 4 * time.Second})), nil},
		"an address":    {blackboxErrors(publicProbeOf(PublicProbe{URL: "http://[2001:db8::1]", ResponseTime: time.Millisecond})), nil},
		"nothing":       {blackboxErrors(BlackboxExporterProps{}), []string{`prop.probes: Required value`}},
		"no tier":       {blackboxErrors(BlackboxExporterProps{Probes: []Probe{{}}}), []string{`prop.probes[0].tier: Required value`}},
		"a tier that is nil": {blackboxErrors(BlackboxExporterProps{Probes: []Probe{{Tier: (*httpServer)(nil)}}}), []string{
			`prop.probes[0].tier: Invalid value: null: must not be a nil *monitoring.httpServer: omit it, or create the construct first`,
		}},
		"tiers of others": {
			blackboxErrors(BlackboxExporterProps{Probes: []Probe{{Tier: &elsewhere}, {Tier: &other}}}),
			[]string{`prop.probes[0].tier: Invalid value: "shop-pages": ` + apart, `prop.probes[1].tier: Invalid value: "mail-pages": ` + apart},
		},
		"a tier twice": {
			blackboxErrors(BlackboxExporterProps{Probes: []Probe{{Tier: testPages}, {Tier: testPages}}}),
			[]string{`prop.probes[1].tier: Invalid value: "shop-pages": already connected by prop.probes[0].tier`},
		},
		"paths": {
			blackboxErrors(BlackboxExporterProps{Probes: []Probe{{Tier: testPages, Paths: []string{"/", "a", "/"}}}}),
			[]string{`prop.probes[0].paths[1]: Invalid value: "a": must begin with /`, `prop.probes[0].paths[2]: Duplicate value: "/": the same as prop.probes[0].paths[0]`},
		},
		"no host": {blackboxErrors(publicProbeOf(PublicProbe{})), []string{
			`prop.probes[0].public.ingress: Required value: set ingress, from which the host and the controller follow, or url`,
		}},
		"another scheme": {blackboxErrors(publicProbeOf(PublicProbe{URL: "ftp://shop.example.com"})), []string{
			`prop.probes[0].public.url: Invalid value: "ftp://shop.example.com": ` + noURL,
		}},
		"a fragment": {blackboxErrors(publicProbeOf(PublicProbe{URL: "https://shop.example.com/#a"})), []string{
			`prop.probes[0].public.url: Invalid value: "https://shop.example.com/#a": ` + noURL,
		}},
		"a password": {blackboxErrors(publicProbeOf(PublicProbe{URL: "https://a:b@shop.example.com"})), []string{
			`prop.probes[0].public.url: Forbidden: must not contain a user or a password: the URL is a label of samples and alerts`,
		}},
		"a port": {blackboxErrors(publicProbeOf(PublicProbe{URL: "https://shop.example.com:70000"})), []string{
			`prop.probes[0].public.url: Invalid value: 70000: ` + checktest.PortRule,
		}},
		"times": {blackboxErrors(publicProbeOf(PublicProbe{URL: "https://shop.example.com", ResponseTime: 5 * time.Second})), []string{
			`prop.probes[0].public.responseTime: Invalid value: "5s": must be between 1ms and 4s`,
		}},
		"no certificate": {blackboxErrors(publicProbeOf(PublicProbe{URL: "http://shop.example.com", InsecureSkipVerify: true})), []string{
			`prop.probes[0].public.insecureSkipVerify: Forbidden: there is no certificate to verify: the URL begins with http://`,
		}},
	})
}

// Two hosts behind one controller need one rule, and others one each.
func TestBlackboxExporterReachesEachPortOnce(t *testing.T) {
	api := &httpServer{manifest.Component{App: "shop", ID: "api", Namespace: "shop"}}
	jobs := &httpServer{manifest.Component{App: "shop", ID: "jobs", Namespace: "shop"}}
	props := BlackboxExporterProps{Probes: []Probe{
		{Tier: testPages, Public: &PublicProbe{URL: "https://shop.example.com"}},
		{Tier: api, Public: &PublicProbe{URL: "https://api.example.com"}},
		{Tier: jobs, Public: &PublicProbe{URL: "http://jobs.example.com"}},
	}}.withDefaults(testExporter)
	var ports []int
	for _, connection := range props.server(nil, testExporter).connections {
		ports = append(ports, connection.Port)
	}
	require.Equal(t, []int{8080, 8080, 8080, 443, 80}, ports)
}
