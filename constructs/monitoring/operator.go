package monitoring

import (
	"cmp"
	"slices"
	"time"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// OperatorMonitoringProps are the properties of an OperatorMonitoring.
type OperatorMonitoringProps struct {
	// Alerts are added to those of the scraped tiers. Defaults to none.
	Alerts []Alert

	// ScrapeInterval is the time between two scrapes of a tier, in whole seconds from 5 s to 1 min. Defaults to 30 s.
	ScrapeInterval time.Duration

	// KubeletMetrics adds the alerts and the dashboard on the resource usage of the namespace's containers and the free
	// space of its volumes. The operator's Prometheus must scrape kubelets, as that of kube-prometheus-stack does.
	// Defaults to false.
	KubeletMetrics bool

	// CertManagerMetrics adds the alerts on the expiry of the namespace's certificates. The operator's Prometheus must
	// scrape cert-manager, through a ServiceMonitor with honorLabels. Defaults to false.
	CertManagerMetrics bool

	// Labels are those by which the operator's Prometheus selects ServiceMonitors and PrometheusRules, such as release:
	// kube-prometheus-stack. Defaults to none.
	Labels map[string]string

	// Namespace is the namespace of the Prometheus pods. Defaults to "monitoring".
	Namespace string

	// PodLabels are the labels of the Prometheus pods. Defaults to app.kubernetes.io/name: prometheus.
	PodLabels map[string]string
}

const operatorVersion = "monitoring.coreos.com/v1"

// OperatorMonitoring has the Prometheus of an existing prometheus-operator scrape the tiers of the application and the
// namespace that have Metrics or an Exporter, and evaluate their alerts.
// https://prometheus-operator.dev/docs/developer/getting-started/
type OperatorMonitoring struct {
	construct
	scraping scraping
	rule     cdk8s.ApiObject
	monitors map[string]cdk8s.ApiObject // By component.
	probes   map[string]cdk8s.ApiObject // By component and kind.
}

// NewOperatorMonitoring adds an OperatorMonitoring: a ServiceMonitor and a network policy for every scraped tier,
// Probes for the tiers of a BlackboxExporter, and a PrometheusRule with all alerts. Add it last: a later tier with
// Metrics or an Exporter is refused.
func NewOperatorMonitoring(scope awsconstructs.Construct, id string, props OperatorMonitoringProps) *OperatorMonitoring {
	node := manifest.NewNode(scope, id, "operatorMonitoring")
	props = props.withDefaults()
	watched := node.TakeTargets("OperatorMonitoring")
	scraping := props.scraping(node.Component, watched.Targets)
	scraping.cronJobs, scraping.jobs = watched.CronJobs, watched.Jobs
	o := &OperatorMonitoring{
		construct: construct{node}, scraping: scraping, monitors: map[string]cdk8s.ApiObject{}, probes: map[string]cdk8s.ApiObject{},
	}
	if !node.Accept(props.validate(node.Path, scraping)) {
		return o
	}
	for _, target := range scraping.targets {
		o.monitors[target.ID] = node.Add(target.serviceMonitor(props))
	}
	for _, tier := range scraping.probedTiers() {
		for _, of := range tier.probes {
			o.probes[tier.ID+" "+of.kind] = node.Add(tier.object(of, props))
		}
	}
	o.rule = node.Add(scraping.prometheusRule(props))
	node.AddAll(props.openings(scraping))
	return o
}

func (p OperatorMonitoringProps) withDefaults() OperatorMonitoringProps {
	p.ScrapeInterval = cmp.Or(p.ScrapeInterval, DefaultScrapeInterval)
	pods := p.pods().WithDefaults(manifest.ForeignPods{
		Namespace: "monitoring", PodLabels: map[string]string{"app.kubernetes.io/name": "prometheus"},
	})
	p.Namespace, p.PodLabels = pods.Namespace, pods.PodLabels
	return p
}

func (p OperatorMonitoringProps) pods() manifest.ForeignPods {
	return manifest.ForeignPods{Namespace: p.Namespace, PodLabels: p.PodLabels}
}

// Validate checks the props, except for what depends on the chart.
func (p OperatorMonitoringProps) Validate(path *field.Path) field.ErrorList {
	p = p.withDefaults()
	return p.validate(path, p.scraping(manifest.Anywhere, nil))
}

func (p OperatorMonitoringProps) validate(path *field.Path, scraping scraping) field.ErrorList {
	return slices.Concat(
		scraping.validate(path),
		manifest.CheckLabels(path.Child("labels"), p.Labels),
		check.Pods(path, p.Namespace, p.PodLabels),
	)
}

func (p OperatorMonitoringProps) scraping(at manifest.Component, targets []manifest.Target) scraping {
	s := scraping{
		component: component{Component: at}, interval: p.ScrapeInterval, targets: watch(targets), kubelet: p.KubeletMetrics, alerts: p.Alerts,
		operated: true,
	}
	if p.CertManagerMetrics {
		s.certManager = new(CertManager{}.withDefaults())
	}
	return s
}

// serviceMonitor gives the samples the labels that the alerts ask for: the label "namespace" is the operator's doing.
func (t target) serviceMonitor(props OperatorMonitoringProps) *manifest.Object {
	endpoint := map[string]any{"port": manifest.MetricsPort, "path": t.asking.Path, "interval": promDuration(props.ScrapeInterval)}
	if t.honorLabels {
		endpoint["honorLabels"] = true
	}
	return &manifest.Object{
		ID: "service-monitor-" + t.ID, APIVersion: operatorVersion, Kind: "ServiceMonitor", Name: t.Name(), Labels: props.Labels,
		Fields: map[string]any{"spec": map[string]any{
			"jobLabel":  "app.kubernetes.io/name",
			"selector":  manifest.Selecting(t.Selector()),
			"endpoints": []any{endpoint},
		}},
	}
}

// prometheusRule holds the alerts, if there are any.
func (s scraping) prometheusRule(props OperatorMonitoringProps) *manifest.Object {
	groups := s.groups()
	if len(groups) == 0 {
		return nil
	}
	return &manifest.Object{
		ID: "prometheus-rule", APIVersion: operatorVersion, Kind: "PrometheusRule", Name: s.Name(), Labels: props.Labels,
		Fields: map[string]any{"spec": map[string]any{"groups": groups}},
	}
}

// openings let the operator's Prometheus in.
func (p OperatorMonitoringProps) openings(scraping scraping) []*manifest.Object {
	var openings []*manifest.Object
	for _, target := range scraping.targets {
		openings = append(openings, manifest.Opening(target.Component, scraping.ID, []*k8s.NetworkPolicyPeer{p.pods().Peer()}, target.asking.Port))
	}
	return openings
}

// ServiceMonitor returns the ServiceMonitor of a component, or nil if it has none.
func (o *OperatorMonitoring) ServiceMonitor(component string) cdk8s.ApiObject {
	return o.node.Handle(o.monitors[component])
}

// ServiceProbe returns the Probe of a component's Service, or nil if it has none.
func (o *OperatorMonitoring) ServiceProbe(component string) cdk8s.ApiObject {
	return o.node.Handle(o.probes[component+" "+serviceProbe])
}

// PublicProbe returns the Probe of a component's public host, or nil if it has none.
func (o *OperatorMonitoring) PublicProbe(component string) cdk8s.ApiObject {
	return o.node.Handle(o.probes[component+" "+publicProbe])
}

// PrometheusRule returns the PrometheusRule, or nil if there are no alerts.
func (o *OperatorMonitoring) PrometheusRule() cdk8s.ApiObject { return o.node.Handle(o.rule) }

// OperatorDashboardsProps are the properties of an OperatorDashboards.
type OperatorDashboardsProps struct {
	// Monitoring has the tiers that the dashboards are for. Required.
	Monitoring *OperatorMonitoring

	// Dashboards are added to those of the tiers. Defaults to none.
	Dashboards []Dashboard
}

// dashboardLabel is the label that the sidecar of kube-prometheus-stack's Grafana selects.
const dashboardLabel = "grafana_dashboard"

// OperatorDashboards has the Grafana of kube-prometheus-stack show an overview of the application, and a dashboard for
// each of its tiers.
type OperatorDashboards struct {
	construct
	dashboards map[string]cdk8s.ApiObject // By name.
}

// NewOperatorDashboards adds an OperatorDashboards: a ConfigMap for each dashboard.
func NewOperatorDashboards(scope awsconstructs.Construct, id string, props OperatorDashboardsProps) *OperatorDashboards {
	node := manifest.NewNode(scope, id, "operatorDashboards")
	d := &OperatorDashboards{construct: construct{node}, dashboards: map[string]cdk8s.ApiObject{}}
	if !node.Accept(props.validate(node.Path, node.Component)) {
		return d
	}
	for _, dashboard := range props.all() {
		object := dashboard.configMap(node.Component)
		object.Labels = map[string]string{dashboardLabel: "1"}
		d.dashboards[dashboard.Name] = node.Add(object)
	}
	return d
}

func (p OperatorDashboardsProps) all() []Dashboard {
	if p.Monitoring == nil {
		return p.Dashboards
	}
	return slices.Concat(p.Monitoring.scraping.dashboards(), p.Dashboards)
}

// Validate checks the props, except for what depends on the chart.
func (p OperatorDashboardsProps) Validate(path *field.Path) field.ErrorList {
	return p.validate(path, manifest.Anywhere)
}

func (p OperatorDashboardsProps) validate(path *field.Path, at manifest.Component) field.ErrorList {
	errs := append(checkNamespaced(path, at), validateDashboards(path.Child("dashboards"), p.all(), len(p.Dashboards))...)
	if p.Monitoring == nil {
		return append(errs, field.Required(path.Child("monitoring"), ""))
	}
	return append(errs, p.Monitoring.scraping.CheckTree(path.Child("monitoring"), at)...)
}

// DashboardConfigMap returns the ConfigMap of the dashboard with a name, or nil if there is none.
func (d *OperatorDashboards) DashboardConfigMap(name string) cdk8s.ApiObject {
	return d.node.Handle(d.dashboards[name])
}
