package monitoring

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// GrafanaProps are the properties of a Grafana. It stores nothing: its content is declared here, and restored by every
// restart.
type GrafanaProps struct {
	// Prometheus is the data source, and has the tiers that the dashboards are for. Required.
	Prometheus *Prometheus

	// AdminPassword is the key that holds the password of the user "admin". Required.
	AdminPassword constructs.SecretKeyRef

	// Dashboards are added to those of the tiers. Defaults to none.
	Dashboards []Dashboard

	// RootURL is the address in browsers: "https://grafana.example.com", or a URL with a path that an Ingress routes
	// unchanged (Tier of constructs.IngressProps). Defaults to http://localhost:3000, for "kubectl port-forward".
	RootURL string

	// Image is the container image. Defaults to "grafana/grafana:12.4.10".
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy constructs.PullPolicy

	// Resources of the container. Requests default to 100m of CPU and 256Mi of memory, limits to 500m and 512Mi.
	Resources constructs.Resources

	// Sources are clients that no construct of this library adds, and that may connect to the server. Defaults to none.
	Sources constructs.Sources

	// Pod holds further settings of the pod. User and group default to the image's user, 472, and the grace period to
	// 30 seconds.
	Pod constructs.PodProps
}

// DefaultGrafanaImage is the default image of a Grafana: the last minor version of 12, which receives fixes for longest. From 13.2 on,
// the data source is a plugin, with a process of its own.
//
//renovate:image
const DefaultGrafanaImage = "grafana/grafana:12.4.10"

const (
	// grafanaUser is the user of the image. The image's group is root's (0), which nothing mounted here needs.
	grafanaUser = 472

	grafanaPort          = 3000
	dashboardsFolder     = "/etc/grafana/dashboards"
	datasourcesFile      = "/etc/grafana/provisioning/datasources/prometheus.yaml"
	dashboardProvider    = "/etc/grafana/provisioning/dashboards/dashboards.yaml"
	adminPasswordSetting = "GF_SECURITY_ADMIN_PASSWORD"
)

// grafanaResources are limited to the minimum that Grafana recommends. Prometheus computes the values that it draws.
var grafanaResources = constructs.Resources{
	Requests: constructs.ResourceList{CPU: "100m", Memory: "256Mi"},
	Limits:   constructs.ResourceList{CPU: "500m", Memory: "512Mi"},
}

// Grafana shows what a Prometheus has scraped: an overview of which tiers are healthy, and a dashboard for each.
type Grafana struct {
	serverTier
	configMap  cdk8s.ApiObject
	dashboards map[string]cdk8s.ApiObject // By name.
}

var _ constructs.HTTPServer = (*Grafana)(nil)

// NewGrafana adds a Grafana: a Deployment, a Service, network policies, and ConfigMaps for its configuration and each
// dashboard.
func NewGrafana(scope awsconstructs.Construct, id string, props GrafanaProps) *Grafana {
	node := manifest.NewNode(scope, id, "grafana")
	at := node.Component
	server, dashboards := props.server(node.Path, at), props.dashboards()
	g := &Grafana{serverTier: serverTier{construct: construct{node}, server: server}, dashboards: map[string]cdk8s.ApiObject{}}
	if !node.Accept(props.validate(node.Path, server, dashboards)) {
		return g
	}
	for _, dashboard := range dashboards {
		g.dashboards[dashboard.Name] = node.Add(dashboard.configMap(at))
	}
	g.configMap = node.Add(manifest.FileConfigMap(at, server.files))
	g.deployment = node.Add(props.workload(server, dashboards).Deployment())
	g.service = node.Add(manifest.Service(at, manifest.HTTPPort, grafanaPort))
	g.policy = node.Add(manifest.ClientPolicy(at, server.connections))
	node.AddAll(manifest.Openings(at, server.connections))
	node.Add(server.sources.Policy(at, server.port))
	return g
}

func (p GrafanaProps) dashboards() []Dashboard {
	if p.Prometheus == nil {
		return p.Dashboards
	}
	return slices.Concat(p.Prometheus.scraping.dashboards(), p.Dashboards)
}

// Validate checks the props, except for what depends on the chart.
func (p GrafanaProps) Validate(path *field.Path) field.ErrorList {
	return p.validate(path, p.server(path, manifest.Anywhere), p.dashboards())
}

func (p GrafanaProps) validate(path *field.Path, server server, dashboards []Dashboard) field.ErrorList {
	errs := append(checkNamespaced(path, server.Component), validateDashboards(path.Child("dashboards"), dashboards, len(p.Dashboards))...)
	if p.Prometheus == nil {
		errs = append(errs, field.Required(path.Child("prometheus"), ""))
	}
	return slices.Concat(errs,
		server.validate(path),
		manifest.CheckConnections(server.Component, server.connections),
		p.AdminPassword.Validate(path.Child("adminPassword")),
		check.Text(path.Child("rootURL"), p.RootURL),
		checkOptionalURL(path.Child("rootURL"), p.RootURL),
	)
}

func (p GrafanaProps) server(path *field.Path, at manifest.Component) server {
	image := cmp.Or(p.Image, DefaultGrafanaImage)
	health := constructs.HTTPProbe{Path: "/api/health"}
	s := server{
		Component:  at,
		image:      image,
		pullPolicy: p.ImagePullPolicy.WithDefault(image),
		port:       grafanaPort,
		env:        p.env(),
		resources:  p.Resources.WithDefaults(grafanaResources),
		liveness:   health.Liveness(),
		readiness:  health.Readiness(),
		startup:    health.Startup(),
		files:      p.files(at),
		sources:    p.Sources,
		pod: p.Pod.WithDefaults(at, constructs.PodProps{
			RunAsUser: grafanaUser, RunAsGroup: grafanaUser, TerminationGracePeriodSeconds: constructs.DefaultGracePeriodSeconds,
		}),
	}
	if p.Prometheus != nil {
		s.connections = manifest.Connect(path.Child("prometheus"), p.Prometheus)
	}
	return s
}

// workload mounts the dashboards, and the directories that Grafana writes to.
func (p GrafanaProps) workload(server server, dashboards []Dashboard) manifest.Workload {
	w := server.workload()
	var configMaps []string
	for _, dashboard := range dashboards {
		configMaps = append(configMaps, dashboard.configMapName(server.Component))
	}
	w.Mounts.AddConfigMaps(dashboardsFolder, configMaps)
	for _, folder := range []string{"/tmp", "/var/lib/grafana"} {
		w.Mounts.AddEmptyDir(folder, constructs.EmptyDir{}.WithDefaults().Source())
	}
	return w
}

// env is the password, and the settings in the order of their names.
func (p GrafanaProps) env() []*k8s.EnvVar {
	env := []*k8s.EnvVar{p.AdminPassword.Variable(adminPasswordSetting)}
	settings := p.settings()
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		env = append(env, manifest.Variable(name, settings[name]))
	}
	return env
}

// settings keep Grafana from asking for what the closed network does not let through, and from what a read-only root does
// not: to install plugins at its start, or newer versions of those that it has.
// https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/
func (p GrafanaProps) settings() map[string]string {
	settings := map[string]string{
		"GF_ANALYTICS_REPORTING_ENABLED":        "false",
		"GF_ANALYTICS_CHECK_FOR_UPDATES":        "false",
		"GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
		"GF_NEWS_NEWS_FEED_ENABLED":             "false",
		"GF_PLUGINS_PREINSTALL_DISABLED":        "true",
		"GF_SECURITY_DISABLE_GRAVATAR":          "true",
		// They would be on the port that an Ingress leads to, and nobody scrapes them.
		"GF_METRICS_ENABLED": "false",
		// The page that one sees first.
		"GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": dashboardsFolder + "/overview.json",
	}
	if p.RootURL != "" {
		settings["GF_SERVER_ROOT_URL"] = p.RootURL
	}
	// An invalid URL is reported elsewhere.
	if root, err := url.Parse(p.RootURL); err == nil {
		if root.Scheme == "https" {
			settings["GF_SECURITY_COOKIE_SECURE"] = "true"
		}
		if strings.Trim(root.Path, "/") != "" {
			settings["GF_SERVER_SERVE_FROM_SUB_PATH"] = "true"
		}
	}
	return settings
}

// What Grafana reads at its start. https://grafana.com/docs/grafana/latest/administration/provisioning/
type (
	grafanaDatasources struct {
		APIVersion  int                      `yaml:"apiVersion"`
		Datasources []grafanaDatasourceEntry `yaml:"datasources"`
	}
	grafanaDatasourceEntry struct {
		Name      string            `yaml:"name"`
		UID       string            `yaml:"uid"`
		Type      string            `yaml:"type"`
		Access    string            `yaml:"access"`
		URL       string            `yaml:"url"`
		IsDefault bool              `yaml:"isDefault"`
		Editable  bool              `yaml:"editable"`
		JSONData  map[string]string `yaml:"jsonData"`
	}
	grafanaProviders struct {
		APIVersion int                    `yaml:"apiVersion"`
		Providers  []grafanaProviderEntry `yaml:"providers"`
	}
	grafanaProviderEntry struct {
		Name            string            `yaml:"name"`
		Type            string            `yaml:"type"`
		DisableDeletion bool              `yaml:"disableDeletion"`
		AllowUIUpdates  bool              `yaml:"allowUiUpdates"`
		Options         map[string]string `yaml:"options"`
	}
)

func (p GrafanaProps) files(at manifest.Component) map[string]string {
	if p.Prometheus == nil {
		return nil
	}
	return map[string]string{
		datasourcesFile: yamlText(grafanaDatasources{APIVersion: 1, Datasources: []grafanaDatasourceEntry{{
			Name: "Prometheus", UID: "prometheus", Type: "prometheus", Access: "proxy", IsDefault: true,
			URL:      "http://" + p.Prometheus.Destination().AddressFor(at),
			JSONData: map[string]string{"timeInterval": promDuration(p.Prometheus.scraping.interval)},
		}}}),
		dashboardProvider: yamlText(grafanaProviders{APIVersion: 1, Providers: []grafanaProviderEntry{{
			Name: at.App, Type: "file", DisableDeletion: true, Options: map[string]string{"path": dashboardsFolder},
		}}}),
	}
}

// ConfigMap returns the ConfigMap that holds the configuration.
func (g *Grafana) ConfigMap() cdk8s.ApiObject { return g.node.Handle(g.configMap) }

// DashboardConfigMap returns the ConfigMap of the dashboard with a name, or nil if there is none.
func (g *Grafana) DashboardConfigMap(name string) cdk8s.ApiObject {
	return g.node.Handle(g.dashboards[name])
}

// HTTP is for use within this module.
func (g *Grafana) HTTP() manifest.HTTP { return manifest.HTTP{} }
