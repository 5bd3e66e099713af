package monitoring

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/doctest"
)

// defaultOf is what a prop becomes that is not set, and what it should become.
type defaultOf struct{ got, want any }

var noneOf = map[string]string(nil)

// defaultWords are the words of documented defaults that are no literals.
var defaultWords = map[string]string{
	"Alert.Labels":                        "none",
	"Alert.RunbookURL":                    "none",
	"AlertReceiver.Name":                  "the kind",
	"DashboardRow.Title":                  "none",
	"Panel.Thresholds":                    "none",
	"Probe.Public":                        "none",
	"PrometheusProps.CertManager":         "none",
	"PrometheusProps.Retention":           "15 days",
	"PrometheusProps.RetentionSize":       "four fifths of the volume",
	"PublicProbe.IPv6":                    "false",
	"PublicProbe.URL":                     "the host and path of the first route of Ingress that leads to the tier, with https://",
	"GrafanaProps.RootURL":                "http://localhost:3000",
	"KubeStateMetricsProps.KubernetesAPI": "any address, on the ports 443 and 6443",
	"PrometheusProps.KubernetesAPI":       "any address, on the ports 443 and 6443",
}

// TestDefaults holds every default that is documented.
func TestDefaults(t *testing.T) {
	defaults := map[string]defaultOf{}
	for _, group := range []map[string]defaultOf{
		kubeStateMetricsDefaults(), alertmanagerDefaults(), prometheusDefaults(), grafanaDefaults(), operatorDefaults(), blackboxExporterDefaults(),
	} {
		maps.Copy(defaults, group)
	}
	wanted := map[string]any{}
	for name, value := range defaults {
		wanted[name] = value.want
		require.EqualValues(t, value.want, value.got, name)
	}
	doctest.RequireLiterals(t, wanted, defaultWords, "..")
	require.Equal(t, doctest.Defaults(t), slices.Sorted(maps.Keys(defaults)), "the fields whose documentation names a default")
}

// resources are those of which no prop sets any.
func resources(cpuRequest, memoryRequest, cpuLimit, memoryLimit string) constructs.Resources {
	return constructs.Resources{}.WithDefaults(constructs.Resources{
		Requests: constructs.ResourceList{CPU: cpuRequest, Memory: memoryRequest}, Limits: constructs.ResourceList{CPU: cpuLimit, Memory: memoryLimit},
	})
}

func kubeStateMetricsDefaults() map[string]defaultOf {
	server := KubeStateMetricsProps{}.server(testComponent)
	latest := KubeStateMetricsProps{Image: "kube-state-metrics:latest"}.server(testComponent)
	var ports []int
	for _, c := range (KubernetesAPI{}).connections() {
		ports = append(ports, c.Port)
	}
	return map[string]defaultOf{
		"KubeStateMetricsProps.Image":           {server.image, "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0"},
		"KubeStateMetricsProps.ImagePullPolicy": {[]constructs.PullPolicy{latest.pullPolicy, server.pullPolicy}, []constructs.PullPolicy{"Always", "IfNotPresent"}},
		"KubeStateMetricsProps.Resources":       {server.resources, resources("10m", "64Mi", "100m", "128Mi")},
		"KubeStateMetricsProps.KubernetesAPI":   {server.connections, KubernetesAPI{}.connections()},
		"KubeStateMetricsProps.Pod": {server.pod, constructs.PodProps{
			RunAsUser: 65534, RunAsGroup: 65534, TerminationGracePeriodSeconds: 30, ServiceAccountName: "shop-api", AutomountServiceAccountToken: true,
		}},
		"KubernetesAPI.CIDRs": {KubernetesAPI{}.connections()[0].Addresses, []string(nil)},
		"KubernetesAPI.Port":  {ports, []int{443, 6443}},
	}
}

func alertmanagerDefaults() map[string]defaultOf {
	server := AlertmanagerProps{}.server(nil, testComponent)
	latest := AlertmanagerProps{Image: "alertmanager:latest"}.server(nil, testComponent)
	receiver := receivedBy(AlertReceiver{Kind: ReceiverSlack}).withDefaults().Receivers[0]
	return map[string]defaultOf{
		"AlertmanagerProps.Heartbeat":       {AlertmanagerProps{}.Heartbeat, (*Heartbeat)(nil)},
		"AlertReceiver.Name":                {receiver.Name, "slack"},
		"AlertReceiver.Severities":          {receiver.Severities, []Severity{"critical", "warning"}},
		"AlertmanagerProps.Image":           {server.image, "quay.io/prometheus/alertmanager:v0.34.2"},
		"AlertmanagerProps.ImagePullPolicy": {[]constructs.PullPolicy{latest.pullPolicy, server.pullPolicy}, []constructs.PullPolicy{"Always", "IfNotPresent"}},
		"AlertmanagerProps.Resources":       {server.resources, resources("10m", "64Mi", "100m", "128Mi")},
		"AlertmanagerProps.Storage": {*server.storage, constructs.Storage{
			MountPath: "/alertmanager", Size: "1Gi", AccessMode: constructs.ReadWriteOnce, ClaimName: "shop-api-data",
		}},
		"AlertmanagerProps.Sources": {server.sources, constructs.Sources(nil)},
		"AlertmanagerProps.Pod":     {server.pod, constructs.PodProps{RunAsUser: 65534, RunAsGroup: 65534, TerminationGracePeriodSeconds: 30}},
	}
}

func prometheusDefaults() map[string]defaultOf {
	props := PrometheusProps{}.withDefaults(testComponent)
	s := props.scraping(testComponent, nil)
	server := props.server(nil, s)
	latest := PrometheusProps{Image: "prometheus:latest"}.withDefaults(testComponent).server(nil, s)
	kubelet := PrometheusProps{ScrapeKubelets: true}.withDefaults(testComponent).server(nil, s)
	api := PrometheusProps{ScrapeKubelets: true}.connections(nil, s)[1:]
	rule := Alert{Name: "A", Expr: "b", Severity: SeverityWarning, Summary: "c"}.rule()
	return map[string]defaultOf{
		"PrometheusProps.Alertmanager":   {s.alertmanager, ""},
		"PrometheusProps.Alerts":         {s.alerts, []Alert(nil)},
		"PrometheusProps.ScrapeInterval": {s.interval, 30 * time.Second},
		"PrometheusProps.ScrapeKubelets": {strings.Contains(s.config(), "kubernetes_sd_configs"), false},
		"PrometheusProps.CertManager":    {strings.Contains(s.config(), "cert-manager"), false},
		"PrometheusProps.Retention":      {server.args[2], "--storage.tsdb.retention.time=15d"},
		"PrometheusProps.RetentionSize":  {server.args[3], "--storage.tsdb.retention.size=8589934592B"},
		"PrometheusProps.KubernetesAPI":  {api, KubernetesAPI{}.connections()},
		"PrometheusProps.Image":          {server.image, "quay.io/prometheus/prometheus:v3.13.5"},
		"PrometheusProps.ImagePullPolicy": {
			[]constructs.PullPolicy{latest.pullPolicy, server.pullPolicy}, []constructs.PullPolicy{"Always", "IfNotPresent"},
		},
		"PrometheusProps.Resources": {server.resources, resources("100m", "512Mi", "500m", "1Gi")},
		"PrometheusProps.Storage": {*server.storage, constructs.Storage{
			MountPath: "/prometheus", Size: "10Gi", AccessMode: constructs.ReadWriteOnce, ClaimName: "shop-api-data",
		}},
		"PrometheusProps.Sources": {server.sources, constructs.Sources(nil)},
		"PrometheusProps.Pod": {[]constructs.PodProps{server.pod, kubelet.pod}, []constructs.PodProps{
			{RunAsUser: 65534, RunAsGroup: 65534, TerminationGracePeriodSeconds: 120},
			{RunAsUser: 65534, RunAsGroup: 65534, TerminationGracePeriodSeconds: 120, ServiceAccountName: "shop-api", AutomountServiceAccountToken: true},
		}},

		"Alert.For":        {rule.For, ""},
		"Alert.RunbookURL": {rule.Annotations, map[string]string{"summary": "c"}},
		"Alert.Labels":     {rule.Labels, map[string]string{"severity": "warning"}},

		"CertManager.Namespace": {CertManager{}.withDefaults().Namespace, "cert-manager"},
		"CertManager.PodLabels": {CertManager{}.withDefaults().PodLabels, map[string]string{
			"app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller",
		}},
	}
}

func grafanaDefaults() map[string]defaultOf {
	server := GrafanaProps{}.server(nil, testComponent)
	latest := GrafanaProps{Image: "grafana:latest"}.server(nil, testComponent)
	panel := Panel{}.grafana(grafanaPosition{})
	titled := Dashboard{Rows: []DashboardRow{{Panels: []Panel{{}}}}}.panels()
	target := Panel{Queries: []Query{{Expr: "a"}}}.grafana(grafanaPosition{}).Targets[0]
	return map[string]defaultOf{
		"GrafanaProps.Dashboards":      {GrafanaProps{}.dashboards(), []Dashboard(nil)},
		"GrafanaProps.RootURL":         {GrafanaProps{}.settings()["GF_SERVER_ROOT_URL"], ""}, // Grafana's own default is the documented one.
		"GrafanaProps.Image":           {server.image, "grafana/grafana:12.4.10"},
		"GrafanaProps.ImagePullPolicy": {[]constructs.PullPolicy{latest.pullPolicy, server.pullPolicy}, []constructs.PullPolicy{"Always", "IfNotPresent"}},
		"GrafanaProps.Resources":       {server.resources, resources("100m", "256Mi", "500m", "512Mi")},
		"GrafanaProps.Sources":         {server.sources, constructs.Sources(nil)},
		"GrafanaProps.Pod":             {server.pod, constructs.PodProps{RunAsUser: 472, RunAsGroup: 472, TerminationGracePeriodSeconds: 30}},

		"DashboardRow.Title": {titled[0].Type, "timeseries"},
		"Panel.Description":  {panel.Description, ""},
		"Panel.Kind":         {panel.Type, "timeseries"},
		"Panel.Unit":         {panel.FieldConfig.Defaults.Unit, "short"},
		"Panel.Color":        {panel.FieldConfig.Defaults.Thresholds.Steps[0].Color, "green"},
		"Panel.Thresholds":   {len(panel.FieldConfig.Defaults.Thresholds.Steps), 1},
		"Query.Legend":       {target.Legend, ""},
	}
}

func operatorDefaults() map[string]defaultOf {
	operator := OperatorMonitoringProps{}.withDefaults()
	operated := operator.scraping(testComponent, nil)
	return map[string]defaultOf{
		"OperatorMonitoringProps.Alerts":             {operated.alerts, []Alert(nil)},
		"OperatorMonitoringProps.ScrapeInterval":     {operated.interval, 30 * time.Second},
		"OperatorMonitoringProps.KubeletMetrics":     {operated.kubelet, false},
		"OperatorMonitoringProps.CertManagerMetrics": {operated.certManager, (*CertManager)(nil)},
		"OperatorDashboardsProps.Dashboards":         {OperatorDashboardsProps{}.all(), []Dashboard(nil)},
		"OperatorMonitoringProps.Labels":             {operator.Labels, noneOf},
		"OperatorMonitoringProps.Namespace":          {operator.Namespace, "monitoring"},
		"OperatorMonitoringProps.PodLabels":          {operator.PodLabels, map[string]string{"app.kubernetes.io/name": "prometheus"}},
	}
}
