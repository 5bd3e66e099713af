package constructs

import (
	"strings"
	"time"
)

func metricsDefaults() map[string]defaultOf {
	metrics := metricsOf(&Metrics{})
	postgres, redis := PostgresProps{Exporter: &Exporter{}}.exporter(5432), RedisProps{Exporter: &Exporter{}}.exporter(6379)
	latest := (&Exporter{Image: "exporter:latest"}).or("", 1)
	return map[string]defaultOf{
		"Metrics.Path":         {metrics.Path, "/metrics"},
		"Metrics.Port":         {metrics.Port, 9464},
		"Metrics.Availability": {metrics.Availability, 99.9},
		"Metrics.ResponseTime": {metrics.ResponseTime, 500 * time.Millisecond},

		"Exporter.Image": {
			[]string{postgres.image, redis.image},
			[]string{"quay.io/prometheuscommunity/postgres-exporter:v0.17.1", "oliver006/redis_exporter:v1.74.0"},
		},
		"Exporter.ImagePullPolicy": {[]PullPolicy{latest.pullPolicy, postgres.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"Exporter.Port":            {[]int{postgres.port, redis.port}, []int{9187, 9121}},
		"Exporter.Resources":       {postgres.resources, resources("10m", "32Mi", "100m", "64Mi")},
	}
}

func resources(cpuRequest, memoryRequest, cpuLimit, memoryLimit string) Resources {
	return Resources{
		Requests: ResourceList{CPU: cpuRequest, Memory: memoryRequest}, Limits: ResourceList{CPU: cpuLimit, Memory: memoryLimit},
	}
}

func kubeStateMetricsDefaults() map[string]defaultOf {
	at := testTier("kubeStateMetrics").place
	account, _ := at.account("")
	server := KubeStateMetricsProps{}.server(at, account)
	latest := KubeStateMetricsProps{Image: "kube-state-metrics:latest"}.server(at, account)
	var ports []int
	for _, c := range (KubernetesAPI{}).connections() {
		ports = append(ports, c.server.destination().Port)
	}
	return map[string]defaultOf{
		"KubeStateMetricsProps.Image":           {server.image, "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0"},
		"KubeStateMetricsProps.ImagePullPolicy": {[]PullPolicy{latest.pullPolicy, server.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"KubeStateMetricsProps.Resources":       {server.resources, resources("10m", "64Mi", "100m", "128Mi")},
		"KubeStateMetricsProps.KubernetesAPI":   {server.connections, KubernetesAPI{}.connections()},
		"KubeStateMetricsProps.Pod": {server.pod, PodProps{
			RunAsUser: 65534, RunAsGroup: 65534, TerminationGracePeriodSeconds: 30, ServiceAccountName: "shop-api", AutomountServiceAccountToken: true,
		}},
		"KubernetesAPI.CIDRs": {KubernetesAPI{}.connections()[0].server.destination().addresses, []string(nil)},
		"KubernetesAPI.Port":  {ports, []int{443, 6443}},
	}
}

func alertmanagerDefaults() map[string]defaultOf {
	server := AlertmanagerProps{}.server(testTier("alertmanager"))
	latest := AlertmanagerProps{Image: "alertmanager:latest"}.server(testTier("alertmanager"))
	return map[string]defaultOf{
		"AlertmanagerProps.Image":           {server.image, "quay.io/prometheus/alertmanager:v0.34.2"},
		"AlertmanagerProps.ImagePullPolicy": {[]PullPolicy{latest.pullPolicy, server.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"AlertmanagerProps.Resources":       {server.resources, resources("10m", "64Mi", "100m", "128Mi")},
		"AlertmanagerProps.Storage": {*server.storage, Storage{
			MountPath: "/alertmanager", Size: "1Gi", AccessMode: ReadWriteOnce, ClaimName: "shop-api-data",
		}},
		"AlertmanagerProps.Pod": {server.pod, PodProps{RunAsUser: 65534, RunAsGroup: 65534, TerminationGracePeriodSeconds: 30}},
	}
}

func prometheusDefaults() map[string]defaultOf {
	t := testTier("prometheus")
	s := PrometheusProps{}.scraping(t)
	server := PrometheusProps{}.server(t, s, "")
	latest := PrometheusProps{Image: "prometheus:latest"}.server(t, s, "")
	kubelet := PrometheusProps{Kubelet: true}.server(t, s, "shop-api")
	api := PrometheusProps{Kubelet: true}.connections(t, s)[1:]
	rule := Alert{Name: "A", Expr: "b", Severity: Warning, Summary: "c"}.rule()
	operator := PrometheusOperator{}
	return map[string]defaultOf{
		"PrometheusProps.Alertmanager":   {s.alertmanager, ""},
		"PrometheusProps.Alerts":         {s.alerts, []Alert(nil)},
		"PrometheusProps.ScrapeInterval": {s.interval, 30 * time.Second},
		"PrometheusProps.Kubelet":        {strings.Contains(s.config(), "kubernetes_sd_configs"), false},
		"PrometheusProps.CertManager":    {strings.Contains(s.config(), "cert-manager"), false},
		"PrometheusProps.Operator":       {PrometheusProps{}.Operator, (*PrometheusOperator)(nil)},
		"PrometheusProps.Retention":      {server.args[2], "--storage.tsdb.retention.time=15d"},
		"PrometheusProps.RetentionSize":  {server.args[3], "--storage.tsdb.retention.size=8589934592B"},
		"PrometheusProps.KubernetesAPI":  {api, KubernetesAPI{}.connections()},
		"PrometheusProps.Image":          {server.image, "quay.io/prometheus/prometheus:v3.13.5"},
		"PrometheusProps.ImagePullPolicy": {
			[]PullPolicy{latest.pullPolicy, server.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"},
		},
		"PrometheusProps.Resources": {server.resources, resources("100m", "512Mi", "500m", "1Gi")},
		"PrometheusProps.Storage": {*server.storage, Storage{
			MountPath: "/prometheus", Size: "10Gi", AccessMode: ReadWriteOnce, ClaimName: "shop-api-data",
		}},
		"PrometheusProps.Pod": {[]PodProps{server.pod, kubelet.pod}, []PodProps{
			{RunAsUser: 65534, RunAsGroup: 65534, TerminationGracePeriodSeconds: 120},
			{RunAsUser: 65534, RunAsGroup: 65534, TerminationGracePeriodSeconds: 120, ServiceAccountName: "shop-api", AutomountServiceAccountToken: true},
		}},

		"Alert.For":        {rule.For, ""},
		"Alert.RunbookURL": {rule.Annotations, map[string]string{"summary": "c"}},
		"Alert.Labels":     {rule.Labels, map[string]string{"severity": "warning"}},

		"CertManager.Namespace": {CertManager{}.pods().namespace, "cert-manager"},
		"CertManager.PodLabels": {CertManager{}.pods().labels, map[string]string{
			"app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller",
		}},
		"PrometheusOperator.Labels":    {operator.Labels, noneOf},
		"PrometheusOperator.Namespace": {operator.pods().namespace, "monitoring"},
		"PrometheusOperator.PodLabels": {operator.pods().labels, map[string]string{"app.kubernetes.io/name": "prometheus"}},
	}
}

func grafanaDefaults() map[string]defaultOf {
	t := testTier("grafana")
	server := GrafanaProps{}.server(t, nil)
	latest := GrafanaProps{Image: "grafana:latest"}.server(t, nil)
	panel := Panel{}.grafana(grafanaPosition{})
	titled := Dashboard{Rows: []DashboardRow{{Panels: []Panel{{}}}}}.panels()
	target := Panel{Queries: []Query{{Expr: "a"}}}.grafana(grafanaPosition{}).Targets[0]
	return map[string]defaultOf{
		"GrafanaProps.Dashboards":      {GrafanaProps{}.dashboards(), []Dashboard(nil)},
		"GrafanaProps.RootURL":         {server.env["GF_SERVER_ROOT_URL"], ""}, // Grafana's own default is the documented one.
		"GrafanaProps.Image":           {server.image, "grafana/grafana:12.4.10"},
		"GrafanaProps.ImagePullPolicy": {[]PullPolicy{latest.pullPolicy, server.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"GrafanaProps.Resources":       {server.resources, resources("100m", "256Mi", "500m", "512Mi")},
		"GrafanaProps.Pod":             {server.pod, PodProps{RunAsUser: 472, RunAsGroup: 472, TerminationGracePeriodSeconds: 30}},

		"DashboardRow.Title": {titled[0].Type, "timeseries"},
		"Panel.Description":  {panel.Description, ""},
		"Panel.Kind":         {panel.Type, "timeseries"},
		"Panel.Unit":         {panel.FieldConfig.Defaults.Unit, "short"},
		"Panel.Color":        {panel.FieldConfig.Defaults.Thresholds.Steps[0].Color, "green"},
		"Panel.Thresholds":   {len(panel.FieldConfig.Defaults.Thresholds.Steps), 1},
		"Query.Legend":       {target.Legend, ""},
	}
}
