package constructs_test

import (
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

var slackAlertmanager = monitoring.AlertmanagerProps{Receivers: []monitoring.AlertReceiver{{
	Kind:   monitoring.ReceiverSlack,
	Secret: constructs.SecretKeyRef{Secret: "shop-secrets", Key: "slack-url"},
	Server: constructs.ExternalServer{Host: "hooks.slack.com", Port: 443, CIDRs: constructs.AllAddresses()},
}}}

var scrapedAPI = constructs.BackendProps{Image: "api:1", Metrics: &constructs.Metrics{}}

// jobs are the names of what Prometheus scrapes.
func jobs(t *testing.T, manifests []manifest, prometheus string) []string {
	t.Helper()
	var names []string
	config := find(t, manifests, "ConfigMap", prometheus+"-files").text("data", "prometheus.yml")
	for line := range strings.Lines(config) {
		if _, name, isJob := strings.Cut(strings.TrimSpace(line), "job_name: "); isJob {
			names = append(names, name)
		}
	}
	return names
}

// What asks is scraped, and nothing else is: neither a tier that does not ask, nor one of another application or namespace.
func TestPrometheusScrapesWhatAsks(t *testing.T) {
	files, err := constructs.Render(func(app cdk8s.App) {
		shop := newChart(app, "shop")
		constructs.NewBackend(shop, "quiet", apiProps)
		constructs.NewBackend(shop, "api", scrapedAPI)
		constructs.NewWorker(shop, "idle", constructs.WorkerProps{Image: "api:1"})
		constructs.NewWorker(shop, "worker", constructs.WorkerProps{Image: "api:1", Metrics: &constructs.MetricsEndpoint{}})
		constructs.NewScheduler(shop, "scheduler", constructs.SchedulerProps{
			Image: "api:1", Metrics: &constructs.MetricsEndpoint{Port: 9000}, Resources: constructs.Resources{Limits: constructs.ResourceList{CPU: constructs.NoLimit}},
		})
		constructs.NewBackend(newChart(app, "blog"), "api", scrapedAPI)
		neighbour := cdk8s.NewChart(app, jsii.String("neighbour"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
		constructs.NewBackend(neighbour, "api", scrapedAPI)
		monitoring.NewPrometheus(shop, "prometheus", monitoring.PrometheusProps{})
	})
	require.NoError(t, err)
	manifests := manifestsOf(t, string(files["shop.k8s.yaml"]))
	require.Equal(t, []string{"shop-api", "shop-worker", "shop-scheduler", "shop-prometheus"}, jobs(t, manifests, "shop-prometheus"))
	find(t, manifests, "NetworkPolicy", "shop-api-from-prometheus")
	find(t, manifests, "NetworkPolicy", "shop-worker-from-prometheus")

	// Of what a worker does nothing is known, but its limits are.
	alerts := find(t, manifests, "ConfigMap", "shop-prometheus-files").text("data", "rules.yml")
	require.Contains(t, alerts, `max by (namespace, job) (up{namespace="shop",job=~"shop-api|shop-worker|shop-scheduler"}) == 0`)
	require.Contains(t, alerts, `absent(up{namespace="shop",job="shop-worker"})`)
	require.Contains(t, alerts, `max by (namespace, job) (rate(process_cpu_seconds_total{namespace="shop",job="shop-worker"}[5m]) / 0.5) > 0.9`)
	require.Contains(t, alerts, `max by (namespace, job) (process_resident_memory_bytes{namespace="shop",job="shop-worker"} / 1073741824) > 0.9`)
	require.Equal(t, 3, strings.Count(alerts, `job="shop-worker"`))
	require.Contains(t, alerts, `process_resident_memory_bytes{namespace="shop",job="shop-scheduler"}`)
	require.NotContains(t, alerts, `process_cpu_seconds_total{namespace="shop",job="shop-scheduler"}`, "it has no limit")
}

// Another chart may hold the tier, and two servers may scrape it.
func TestPrometheusScrapesTheApplicationsCharts(t *testing.T) {
	files, err := constructs.Render(func(app cdk8s.App) {
		ofShop := func(id string) cdk8s.Chart {
			return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{
				Namespace: jsii.String("shop"), Labels: &map[string]*string{"app": jsii.String("shop")},
			})
		}
		constructs.NewBackend(ofShop("10"), "api", scrapedAPI)
		for _, id := range []string{"20", "30"} {
			monitoring.NewPrometheus(ofShop(id), "prometheus-"+id, monitoring.PrometheusProps{})
		}
	})
	require.NoError(t, err)
	for _, id := range []string{"20", "30"} {
		manifests := manifestsOf(t, string(files[id+".k8s.yaml"]))
		require.Equal(t, []string{"shop-api", "shop-prometheus-" + id}, jobs(t, manifests, "shop-prometheus-"+id))
	}
}

// A tier that comes too late to be scraped would be missed by nobody but an outage.
func TestLateTargetsAreRefused(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		postgres := constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"}}
		postgres.Exporter = &constructs.Exporter{}
		monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{})
		constructs.NewBackend(chart, "api", scrapedAPI)
		constructs.NewPostgres(chart, "database", postgres)
		monitoring.NewAlertmanager(chart, "alertmanager", slackAlertmanager)
		constructs.NewBackend(chart, "quiet", apiProps)
		postgres.Exporter, postgres.Backup = nil, &constructs.PostgresBackup{}
		constructs.NewPostgres(chart, "archive", postgres)
		constructs.NewJob(chart, "import", constructs.JobProps{Image: "api:1"})
		constructs.NewJob(chart, "cleanup", constructs.JobProps{Image: "api:1", DisableAlerts: true})
		constructs.NewCronJob(chart, "report", constructs.CronJobProps{Image: "api:1", Schedule: "@daily"})
		constructs.NewCronJob(chart, "closing", constructs.CronJobProps{Image: "api:1", Schedule: "@daily", DisableAlerts: true})
		constructs.NewCronJob(chart, "paused", constructs.CronJobProps{Image: "api:1", Schedule: "@daily", Suspend: true})
	}))
	require.EqualError(t, err, validationFailed+`
  [shop/api] backend.metrics: Forbidden: declared after Prometheus shop-prometheus, which has already collected its targets: create it last
  [shop/database] postgres.exporter: Forbidden: declared after Prometheus shop-prometheus, which has already collected its targets: create it last
  [shop/alertmanager] alertmanager: Forbidden: declared after Prometheus shop-prometheus, which has already collected its targets: create it last
  [shop/archive] postgres.backup: Forbidden: declared after Prometheus shop-prometheus, which has already collected its targets: create it last
  [shop/import] job: Forbidden: declared after Prometheus shop-prometheus, which has already collected its targets: create it last
  [shop/report] cronJob: Forbidden: declared after Prometheus shop-prometheus, which has already collected its targets: create it last`)
}

// All problems of monitoring come at once too, and its constructs can be used although they are invalid.
func TestProblemsOfMonitoring(t *testing.T) {
	_, err := constructs.Render(func(app cdk8s.App) {
		open := cdk8s.NewChart(app, jsii.String("open"), nil)
		monitoring.NewKubeStateMetrics(open, "kube-state-metrics", monitoring.KubeStateMetricsProps{Image: "a"})
		alertmanager := monitoring.NewAlertmanager(open, "alertmanager", monitoring.AlertmanagerProps{Receivers: make([]monitoring.AlertReceiver, 1)})
		prometheus := monitoring.NewPrometheus(open, "prometheus", monitoring.PrometheusProps{
			Alertmanager: alertmanager, Alerts: []monitoring.Alert{{Name: "Down", Expr: "up ==", Severity: "high", Summary: "a"}},
			RetentionSize: "20Gi",
		})
		prometheus.Deployment().AddJsonPatch(cdk8s.JsonPatch_Remove(jsii.String("/spec")))
		grafana := monitoring.NewGrafana(open, "grafana", monitoring.GrafanaProps{Prometheus: prometheus})
		constructs.NewIngress(open, "web", constructs.IngressProps{Host: "grafana.example.com", Tier: grafana})
	})
	require.EqualError(t, err, validationFailed+`
  [open/kube-state-metrics] kubeStateMetrics.image: Invalid value: "a": must include a tag or digest
  [open/kube-state-metrics] kubeStateMetrics.chart.namespace: Required value: set Namespace in the chart's ChartProps: it distinguishes samples from those of other namespaces
  [open/alertmanager] alertmanager.receivers[0].kind: Unsupported value: "": supported values: "slack", "pagerduty", "webhook"
  [open/alertmanager] alertmanager.receivers[0].secret.secret: Required value
  [open/alertmanager] alertmanager.receivers[0].secret.key: Required value
  [open/alertmanager] alertmanager.receivers[0].server: Required value: the network policies need its address
  [open/prometheus] prometheus.chart.namespace: Required value: set Namespace in the chart's ChartProps: it distinguishes samples from those of other namespaces
  [open/prometheus] prometheus.alerts[0].expr: Invalid value: "up ==": invalid PromQL: 1:6: parse error: unexpected end of input
  [open/prometheus] prometheus.alerts[0].severity: Unsupported value: "high": supported values: "critical", "warning"
  [open/prometheus] prometheus.retentionSize: Invalid value: "20Gi": must leave a fifth of storage.size (10Gi, the default) free for the write-ahead log
  [open/grafana] grafana.chart.namespace: Required value: set Namespace in the chart's ChartProps: it distinguishes samples from those of other namespaces
  [open/grafana] grafana.adminPassword.secret: Required value
  [open/grafana] grafana.adminPassword.key: Required value`)
}
