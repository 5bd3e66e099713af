package monitoring

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// BlackboxExporterProps are the properties of a BlackboxExporter.
type BlackboxExporterProps struct {
	// Probes are the tiers to probe. Required.
	Probes []Probe

	// Image is the container image. Defaults to "quay.io/prometheus/blackbox-exporter:v0.28.0".
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy constructs.PullPolicy

	// Resources of the container. Requests default to 10m of CPU and 32Mi of memory, limits to 100m and 64Mi.
	Resources constructs.Resources

	// Pod holds further settings of the pod. User and group default to 65534, because the image names none, and the
	// grace period to 30 seconds.
	Pod constructs.PodProps
}

// Probe requests paths from a tier.
type Probe struct {
	// Tier is probed at its Service. It must be in the application and the namespace of the exporter. Required.
	Tier constructs.HTTPServer

	// Paths are requested from the Service. Each must answer with a status of 2xx within 5 s, after redirects. Defaults
	// to /health and /.
	Paths []string

	// Public also probes the tier at its public host. Defaults to none.
	Public *PublicProbe
}

// PublicProbe probes a tier as users reach it: through DNS, the load balancer and the ingress controller, over TLS. The
// requests come from a pod. If pods cannot reach the cluster's own load balancer, omit the probe, or have the host's
// name resolve inside the cluster to an address that they can reach.
type PublicProbe struct {
	// Ingress routes the host to the tier. Required, unless URL is set. A Gateway of Cilium is refused: no network policy
	// allows its requests. Set URL only, if the host leads to a load balancer outside the cluster, or probe from outside.
	Ingress *constructs.Ingress

	// URL is requested. Defaults to the host and path of the first route of Ingress that leads to the tier, with https://,
	// or http:// if the host has no TLS.
	URL string

	// InsecureSkipVerify accepts certificates that have expired, or that no public authority has signed, such as those
	// of letsencrypt-staging. Their expiry is still monitored. Defaults to false.
	InsecureSkipVerify bool

	// IPv6 probes over IPv6 if the host has addresses of both families. It is refused in a Cluster with IPv4 only. Defaults
	// to false, because most clusters' pods can reach only IPv4 addresses; in a Cluster with IPv6 only, to true.
	IPv6 bool

	// ResponseTime is the expected time to the answer, from 1 ms to 4 s. It includes a DNS lookup, a connection and a
	// TLS handshake, which each request repeats. Defaults to 1 s.
	ResponseTime time.Duration
}

// DefaultBlackboxExporterImage is the default image of a BlackboxExporter.
//
//renovate:image
const DefaultBlackboxExporterImage = "quay.io/prometheus/blackbox-exporter:v0.28.0"

// The defaults of a BlackboxExporter.
const (
	DefaultPublicResponseTime = time.Second
)

const (
	blackboxPort       = 9115
	blackboxConfigFile = "/etc/blackbox_exporter/config.yml"

	leastPublicResponseTime = time.Millisecond
	// mostPublicResponseTime leaves room below probeTimeout, with which a probe fails.
	mostPublicResponseTime = 4 * time.Second
)

var blackboxResources = constructs.Resources{
	Requests: constructs.ResourceList{CPU: "10m", Memory: "32Mi"},
	Limits:   constructs.ResourceList{CPU: "100m", Memory: "64Mi"},
}

// defaultProbePaths are what kubelet requests, and what users do.
var defaultProbePaths = []string{"/health", "/"}

// BlackboxExporter probes tiers over HTTP, and exports whether and how fast they answer. Use it for tiers that export
// no metrics, such as a web server with static pages, and for the path between users and a tier.
// https://github.com/prometheus/blackbox_exporter
type BlackboxExporter struct {
	serverTier
	configMap      cdk8s.ApiObject
	metricsService cdk8s.ApiObject
}

// NewBlackboxExporter adds a BlackboxExporter: a Deployment, Services, a ConfigMap and network policies. A Prometheus
// or an OperatorMonitoring that is added after it has it probe the tiers, and adds alerts and dashboards for them.
func NewBlackboxExporter(scope awsconstructs.Construct, id string, props BlackboxExporterProps) *BlackboxExporter {
	node := manifest.NewNode(scope, id, "blackboxExporter")
	at := node.Component
	props = props.withDefaults(at)
	server := props.server(node.Path, at)
	b := &BlackboxExporter{serverTier: serverTier{construct: construct{node}, server: server}}
	if !node.Accept(props.validate(node.Path, server)) {
		return b
	}
	declareProbes(node, props)
	b.configMap = node.Add(manifest.FileConfigMap(at, server.files))
	b.deployment = node.Add(server.workload().Deployment())
	b.service = node.Add(manifest.Service(at, manifest.HTTPPort, blackboxPort))
	b.metricsService = node.Add(manifest.MetricsService(at, manifest.HTTPPort, blackboxPort))
	b.policy = node.Add(manifest.ClientPolicy(at, server.connections))
	node.AddAll(manifest.Openings(at, server.connections))
	node.AddTarget(node.Path, manifest.Target{
		Component: at, Path: constructs.DefaultMetricsPath, Port: blackboxPort, Kind: blackboxTarget{props.probedTiers(at)},
	})
	return b
}

// declareProbes finds a tier that another exporter probes already: the samples of both would have the same labels.
func declareProbes(node *manifest.Node, props BlackboxExporterProps) {
	for i, probe := range props.Probes {
		tier := probe.Tier.Destination().Pods
		key := manifest.Key{GroupKind: schema.GroupKind{Kind: "Probe"}, Namespace: tier.Namespace, Name: tier.Name()}
		node.Declare(node.Path.Child("probes").Index(i).Child("tier"), key, "")
	}
}

func (p BlackboxExporterProps) withDefaults(at manifest.Component) BlackboxExporterProps {
	p.Image = cmp.Or(p.Image, DefaultBlackboxExporterImage)
	p.Probes = slices.Clone(p.Probes)
	for i := range p.Probes {
		p.Probes[i] = p.Probes[i].withDefaults(at)
	}
	return p
}

func (p Probe) withDefaults(at manifest.Component) Probe {
	if len(p.Paths) == 0 {
		p.Paths = defaultProbePaths
	}
	if p.Public == nil {
		return p
	}
	public := *p.Public
	public.ResponseTime = cmp.Or(public.ResponseTime, DefaultPublicResponseTime)
	public.IPv6 = public.IPv6 || !at.Cluster().Has(manifest.IPv4)
	if route := p.route(); public.URL == "" && route != nil {
		public.URL = route.URL
	}
	p.Public = &public
	return p
}

// route is how the public Ingress leads to the tier, or nil.
func (p Probe) route() *manifest.SiteRoute {
	if p.Public.Ingress == nil || p.Tier == nil || manifest.IsNil(p.Tier) {
		return nil
	}
	return p.Public.Ingress.Site().RouteTo(*p.Tier.Destination().Pods)
}

// Validate checks the props, except for what depends on the chart.
func (p BlackboxExporterProps) Validate(path *field.Path) field.ErrorList {
	p = p.withDefaults(manifest.Anywhere)
	return p.validate(path, p.server(path, manifest.Anywhere))
}

func (p BlackboxExporterProps) validate(path *field.Path, server server) field.ErrorList {
	errs := slices.Concat(
		server.validate(path),
		server.CheckMetricsName(path.Child("metrics")),
		checkNamespaced(path, server.Component),
	)
	if len(p.Probes) == 0 {
		errs = append(errs, field.Required(path.Child("probes"), ""))
	}
	for i, probe := range p.Probes {
		errs = append(errs, probe.validate(path.Child("probes").Index(i), server.Component)...)
	}
	return append(errs, manifest.CheckConnections(server.Component, server.connections)...)
}

func (p Probe) validate(path *field.Path, at manifest.Component) field.ErrorList {
	errs := p.validateTier(path.Child("tier"), at)
	paths := path.Child("paths")
	for i, asked := range p.Paths {
		errs = append(errs, check.URLPath(paths.Index(i), asked)...)
		if first := slices.Index(p.Paths, asked); first < i {
			errs = append(errs, check.Duplicate(paths.Index(i), asked, "the same as "+paths.Index(first).String()))
		}
	}
	if p.Public != nil {
		errs = append(errs, p.validatePublic(path.Child("public"), at)...)
	}
	return errs
}

// validateTier leaves a tier of another tree, and one that is nil, to CheckConnections.
func (p Probe) validateTier(path *field.Path, at manifest.Component) field.ErrorList {
	if p.Tier == nil {
		return field.ErrorList{field.Required(path, "")}
	}
	if manifest.IsNil(p.Tier) {
		return nil
	}
	tier := p.Tier.Destination().Pods
	if !tier.Beside(at) {
		return field.ErrorList{field.Invalid(path, tier.Name(), "must be in the application and the namespace of the exporter, whose Prometheus monitors no other tiers")}
	}
	return nil
}

func (p Probe) validatePublic(path *field.Path, at manifest.Component) field.ErrorList {
	public := *p.Public
	errs := p.validateURL(path, at)
	if public.ResponseTime < leastPublicResponseTime || public.ResponseTime > mostPublicResponseTime {
		errs = append(errs, field.Invalid(path.Child("responseTime"), public.ResponseTime.String(), "must be between 1ms and 4s"))
	}
	if public.IPv6 && !at.Cluster().Has(manifest.IPv6) {
		errs = append(errs, field.Forbidden(path.Child("ipv6"), "the cluster has no IPv6 addresses: leave it out, or add IPv6 to the IPFamilies of SetCluster"))
	}
	if public.InsecureSkipVerify && len(errs) == 0 && !public.overTLS() {
		errs = append(errs, field.Forbidden(path.Child("insecureSkipVerify"), "there is no certificate to verify: the URL begins with http://"))
	}
	return errs
}

// validateURL leaves what follows from an Ingress to it.
func (p Probe) validateURL(path *field.Path, at manifest.Component) field.ErrorList {
	ingress, url, public := path.Child("ingress"), path.Child("url"), *p.Public
	if public.Ingress == nil {
		if public.URL == "" {
			return field.ErrorList{field.Required(ingress, "set ingress, from which the host and the controller follow, or url")}
		}
		_, errs := parseProbeURL(url, public.URL)
		return errs
	}
	site, route := public.Ingress.Site(), p.route()
	errs := site.Ingress.CheckTree(ingress, at)
	if site.ClosedToPods != "" {
		errs = append(errs, field.Forbidden(ingress, site.ClosedToPods+
			": omit public and probe from outside the cluster, or set only url if the host leads to a load balancer outside the cluster"))
	}
	switch {
	case public.URL == "" && route == nil:
		return append(errs, field.Invalid(ingress, site.Ingress.Name(), "routes nothing to the tier: name the Ingress that does, or set url"))
	case public.URL == "":
		return append(errs, field.Required(url, "set the URL to probe, because "+route.Problem))
	case route == nil || public.URL != route.URL:
		_, problems := parseProbeURL(url, public.URL)
		errs = append(errs, problems...)
	}
	return errs
}

func (p BlackboxExporterProps) server(path *field.Path, at manifest.Component) server {
	health := constructs.HTTPProbe{Path: "/-/healthy"}
	return server{
		Component:  at,
		image:      p.Image,
		pullPolicy: p.ImagePullPolicy.WithDefault(p.Image),
		port:       blackboxPort,
		args: []string{
			"--config.file=" + blackboxConfigFile,
			"--web.listen-address=:" + strconv.Itoa(blackboxPort),
		},
		resources: p.Resources.WithDefaults(blackboxResources),
		liveness:  health.Liveness(),
		readiness: health.Readiness(),
		files:     map[string]string{blackboxConfigFile: p.config()},
		pod: p.Pod.WithDefaults(at, constructs.PodProps{
			RunAsUser: nobody, RunAsGroup: nobody, TerminationGracePeriodSeconds: constructs.DefaultGracePeriodSeconds,
		}),
		connections: p.connections(path.Child("probes")),
	}
}

// connections are to the tiers, and to the public hosts.
func (p BlackboxExporterProps) connections(path *field.Path) []manifest.Connection {
	var all []manifest.Connection
	var public []manifest.Destination
	for i, probe := range p.Probes {
		all = append(all, manifest.Connect(path.Index(i).Child("tier"), probe.Tier)...)
		if probe.Public == nil {
			continue
		}
		for _, destination := range probe.Public.destinations() {
			if !slices.ContainsFunc(public, func(other manifest.Destination) bool { return samePeers(other, destination) }) {
				public = append(public, destination)
			}
		}
	}
	for _, destination := range public {
		all = append(all, manifest.Connection{Destination: destination})
	}
	return all
}

// samePeers reports whether a rule for one destination also allows the other.
func samePeers(a, b manifest.Destination) bool {
	return a.Port == b.Port && fmt.Sprint(a.Foreign) == fmt.Sprint(b.Foreign) && slices.Equal(a.Addresses, b.Addresses)
}

// destinations are wherever the host's name leads. Many clusters take a pod straight to the controller's pods, which some network plugins
// know by their labels only, not by an address, and which may listen on another port. A URL that is invalid leads nowhere.
func (p PublicProbe) destinations() []manifest.Destination {
	parsed, _ := parseProbeURL(nil, p.URL)
	if parsed == nil {
		return nil
	}
	host := manifest.Destination{Host: parsed.Hostname(), Port: portOf(parsed), Addresses: constructs.AllAddresses()}
	if p.Ingress == nil || len(p.Ingress.Site().Controller.PodLabels) == 0 {
		return []manifest.Destination{host}
	}
	site := p.Ingress.Site()
	port := cmp.Or(map[int]int{80: site.HTTPPort, 443: site.HTTPSPort}[host.Port], host.Port)
	if port == host.Port {
		host.Foreign = &site.Controller
		return []manifest.Destination{host}
	}
	return []manifest.Destination{host, {Host: host.Host, Port: port, Foreign: &site.Controller}}
}

// ConfigMap returns the ConfigMap that holds the configuration.
func (b *BlackboxExporter) ConfigMap() cdk8s.ApiObject { return b.node.Handle(b.configMap) }

// MetricsService returns the Service through which Prometheus finds the pod.
func (b *BlackboxExporter) MetricsService() cdk8s.ApiObject { return b.node.Handle(b.metricsService) }
