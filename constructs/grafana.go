package constructs

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// GrafanaProps are the properties of a Grafana. There is always one replica. It keeps nothing: what it shows is declared
// here, and is as new after every restart.
type GrafanaProps struct {
	// Prometheus is the server whose samples are shown, and whose tiers have dashboards. If it is left to an operator, so is
	// Grafana: then there are only ConfigMaps with dashboards. Required.
	Prometheus *Prometheus

	// AdminPassword says where the password of the user "admin" is. Required, but with an operator.
	AdminPassword SecretKey

	// Dashboards are added to those that follow from the tiers. Defaults to none.
	Dashboards []Dashboard

	// RootURL is where browsers reach it: "https://grafana.example.com", or below a path that an Ingress passes on
	// unchanged. An Ingress leads there as to any other tier (IngressProps.Backend). Defaults to http://localhost:3000, which is where "kubectl port-forward" leads.
	RootURL string

	// Image is the container image. Defaults to DefaultGrafanaImage.
	Image string

	// ImagePullPolicy says when the image is pulled. Defaults to PullAlways for the tag "latest", else to PullIfNotPresent.
	ImagePullPolicy PullPolicy

	// Resources of the container. Default to 100m of CPU and 256Mi of memory, limited to 500m and 512Mi.
	Resources Resources

	// Pod holds further settings. User and group default to the image's user (472), and the grace period to
	// DefaultGracePeriodSeconds.
	Pod PodProps
}

// DefaultGrafanaImage is the image of a Grafana: the last minor version of 12, which gets fixes for longest. From 13.2 on
// the data source is a plugin, with a process of its own.
//
// renovate: image
const DefaultGrafanaImage = "grafana/grafana:12.4.10"

const (
	// grafanaUser is the image's user. Its group there is root's (0), which nothing needs that is mounted here.
	grafanaUser = 472

	grafanaPort          = 3000
	dashboardsFolder     = "/etc/grafana/dashboards"
	datasourcesFile      = "/etc/grafana/provisioning/datasources/prometheus.yaml"
	dashboardProvider    = "/etc/grafana/provisioning/dashboards/dashboards.yaml"
	adminPasswordSetting = "GF_SECURITY_ADMIN_PASSWORD"

	// dashboardLabel is what the sidecar of kube-prometheus-stack's Grafana looks for.
	dashboardLabel = "grafana_dashboard"
)

var grafanaResources = Resources{
	Requests: ResourceList{CPU: "100m", Memory: "256Mi"},
	Limits:   ResourceList{CPU: "500m", Memory: "512Mi"},
}

// Grafana shows what a Prometheus has scraped: an overview that says which tier is not well, and a dashboard for each.
type Grafana struct{ serverTier }

var _ HTTPServer = (*Grafana)(nil)

// NewGrafana adds a Grafana: a Deployment, a Service, network policies, and ConfigMaps with its configuration and one for
// each dashboard. Problems of the props are reported by synthesis.
func NewGrafana(scope awsconstructs.Construct, id string, props GrafanaProps) *Grafana {
	t := newTier(scope, id, "grafana")
	dashboards := props.dashboards()
	server := props.server(t, dashboards)
	if t.accept(props.validate(t.path, server, dashboards)) {
		for _, dashboard := range dashboards {
			t.addObject(props.dashboardObject(t.place, dashboard))
		}
		if !props.leftToOperator() {
			t.addObjects(server.objects())
		}
	}
	return &Grafana{serverTier{tier: t, server: server}}
}

func (p GrafanaProps) leftToOperator() bool { return p.Prometheus != nil && p.Prometheus.operated }

func (p GrafanaProps) dashboards() []Dashboard {
	if p.Prometheus == nil {
		return p.Dashboards
	}
	return slices.Concat(p.Prometheus.scraping.dashboards(), p.Dashboards)
}

func (p GrafanaProps) validate(path *field.Path, server httpServer, dashboards []Dashboard) field.ErrorList {
	errs := append(checkNamespaced(path, server.place), p.validateDashboards(path.Child("dashboards"), dashboards)...)
	if p.Prometheus == nil {
		errs = append(errs, field.Required(path.Child("prometheus"), ""))
	}
	if p.leftToOperator() {
		return append(errs, p.validateLeftToOperator(path)...)
	}
	return slices.Concat(errs,
		server.validate(path),
		p.AdminPassword.validate(path.Child("adminPassword")),
		checkText(path.Child("rootURL"), p.RootURL),
		checkOptionalURL(path.Child("rootURL"), p.RootURL),
	)
}

func (p GrafanaProps) validateDashboards(path *field.Path, all []Dashboard) field.ErrorList {
	var errs field.ErrorList
	names, titles := map[string]bool{}, map[string]bool{}
	for i, dashboard := range all {
		// Those of the tiers come first. They are valid, but a tier may have the name of the overview.
		own := i - (len(all) - len(p.Dashboards))
		at := path.Index(own)
		if own < 0 {
			at = path.Key(dashboard.Name)
		} else {
			errs = append(errs, dashboard.validate(at)...)
		}
		if names[dashboard.Name] {
			errs = append(errs, field.Duplicate(at.Child("name"), dashboard.Name))
		}
		if titles[dashboard.Title] {
			errs = append(errs, field.Duplicate(at.Child("title"), dashboard.Title))
		}
		names[dashboard.Name], titles[dashboard.Title] = true, true
	}
	return errs
}

func (p GrafanaProps) validateLeftToOperator(path *field.Path) field.ErrorList {
	return checkUnset(path, "the operator's Prometheus has a Grafana of its own",
		unsetProp{"adminPassword", p.AdminPassword},
		unsetProp{"rootURL", p.RootURL},
		unsetProp{"image", p.Image},
		unsetProp{"imagePullPolicy", p.ImagePullPolicy},
		unsetProp{"resources", p.Resources},
		unsetProp{"pod", p.Pod},
	)
}

// dashboardObject is the ConfigMap of a dashboard.
func (p GrafanaProps) dashboardObject(at place, dashboard Dashboard) object {
	o := object{
		id: "dashboard-" + dashboard.Name, apiVersion: "v1", kind: "ConfigMap", name: at.dashboardName(dashboard),
		fields: map[string]any{"data": map[string]string{dashboard.Name + ".json": dashboard.json(at.namespace)}},
	}
	if p.leftToOperator() {
		o.labels = map[string]string{dashboardLabel: "1"}
	}
	return o
}

func (p place) dashboardName(dashboard Dashboard) string {
	return p.suffixed("dashboard-" + dashboard.Name)
}

// server fills in the defaults.
func (p GrafanaProps) server(t *tier, dashboards []Dashboard) httpServer {
	image := cmp.Or(p.Image, DefaultGrafanaImage)
	folder := configMapFolder{path: dashboardsFolder}
	for _, dashboard := range dashboards {
		folder.configMaps = append(folder.configMaps, t.dashboardName(dashboard))
	}
	return httpServer{
		place:          t.place,
		image:          image,
		pullPolicy:     cmp.Or(p.ImagePullPolicy, defaultPullPolicy(image)),
		port:           grafanaPort,
		replicas:       ptr(1),
		resources:      p.Resources.or(grafanaResources),
		liveness:       HTTPProbe{Path: "/api/health"}.or(livenessTiming),
		readiness:      HTTPProbe{Path: "/api/health"}.or(readinessTiming),
		startup:        &startTiming,
		connected:      environment{secretVariable(adminPasswordSetting, p.AdminPassword)},
		env:            p.settings(),
		files:          p.files(t.place),
		emptyDirs:      mergeEmptyDirs([]EmptyDir{{Path: "/tmp"}, {Path: "/var/lib/grafana"}}, nil),
		preStopSeconds: ptr(0),
		pod:            p.Pod.or(PodProps{RunAsUser: grafanaUser, RunAsGroup: grafanaUser, TerminationGracePeriodSeconds: DefaultGracePeriodSeconds}),
		connections:    p.connections(t),
		alone:          true,
		folders:        []configMapFolder{folder},
	}
}

func (p GrafanaProps) connections(t *tier) []connection {
	if p.Prometheus == nil {
		return nil
	}
	return connect(t.path.Child("prometheus"), p.Prometheus)
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
		// The page that one sees first.
		"GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": dashboardsFolder + "/overview.json",
	}
	if p.RootURL != "" {
		settings["GF_SERVER_ROOT_URL"] = p.RootURL
	}
	// One that is no URL is reported as such.
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

func (p GrafanaProps) files(at place) map[string]string {
	if p.Prometheus == nil {
		return nil
	}
	return map[string]string{
		datasourcesFile: yamlText(grafanaDatasources{APIVersion: 1, Datasources: []grafanaDatasourceEntry{{
			Name: "Prometheus", UID: "prometheus", Type: "prometheus", Access: "proxy", IsDefault: true,
			URL:      "http://" + p.Prometheus.destination().addressFor(at),
			JSONData: map[string]string{"timeInterval": promDuration(p.Prometheus.scraping.interval)},
		}}}),
		dashboardProvider: yamlText(grafanaProviders{APIVersion: 1, Providers: []grafanaProviderEntry{{
			Name: at.app, Type: "file", DisableDeletion: true, Options: map[string]string{"path": dashboardsFolder},
		}}}),
	}
}

// ConfigMap returns the object that holds the configuration, for patches; nil with an operator.
func (g *Grafana) ConfigMap() cdk8s.ApiObject { return g.handle("config-map") }

// DashboardConfigMap returns the object that holds the dashboard of a name, for patches; nil if there is none.
func (g *Grafana) DashboardConfigMap(name string) cdk8s.ApiObject {
	return g.handle("dashboard-" + name)
}

func (g *Grafana) http() {}
