package registry

import (
	"time"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// watched adds one tier of each kind that asks to be scraped, and what its Prometheus sends alerts to.
func watched(chart cdk8s.Chart) *monitoring.Alertmanager {
	postgres, redis := minimalPostgres(), minimalRedis()
	postgres.Exporter, redis.Exporter = &constructs.Exporter{}, &constructs.Exporter{}
	postgres.Backup = &constructs.PostgresBackup{}
	cache := redis
	cache.EvictionPolicy = constructs.RedisAllKeysLRU
	constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Metrics: &constructs.Metrics{}})
	constructs.NewPostgres(chart, "database", postgres)
	constructs.NewRedis(chart, "redis", redis)
	constructs.NewRedis(chart, "cache", cache)
	constructs.NewJob(chart, "import", constructs.JobProps{Image: "api:1"})
	constructs.NewJob(chart, "cleanup", unwatchedJob())
	constructs.NewCronJob(chart, "report", constructs.CronJobProps{Image: "api:1", Schedule: "*/15 * * * *", TimeZone: "Europe/Berlin", Deadline: 5 * time.Minute})
	constructs.NewCronJob(chart, "closing", suspendedCronJob())
	monitoring.NewKubeStateMetrics(chart, "kube-state-metrics", monitoring.KubeStateMetricsProps{})
	monitoring.NewBlackboxExporter(chart, "blackbox-exporter", minimalBlackboxExporter(chart))
	alertmanager := minimalAlertmanager()
	alertmanager.Heartbeat = someHeartbeat()
	return monitoring.NewAlertmanager(chart, "alertmanager", alertmanager)
}

func fullKubeStateMetrics() monitoring.KubeStateMetricsProps {
	return monitoring.KubeStateMetricsProps{
		Image:           "registry.example.com/kube-state-metrics:2",
		ImagePullPolicy: constructs.PullAlways,
		Resources:       fullResources(),
		KubernetesAPI:   monitoring.KubernetesAPI{CIDRs: []string{"192.0.2.10/32", "192.0.2.11/32"}, Port: 16443},
		Pod:             fullPod(),
	}
}

func minimalBlackboxExporter(chart cdk8s.Chart) monitoring.BlackboxExporterProps {
	pages := constructs.NewFrontend(chart, "pages", pagesProps)
	return monitoring.BlackboxExporterProps{Probes: []monitoring.Probe{{Tier: pages, Public: &monitoring.PublicProbe{Ingress: leadingTo(chart, pages)}}}}
}

func leadingTo(chart cdk8s.Chart, tier constructs.HTTPServer) *constructs.Ingress {
	return constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Tier: tier})
}

func fullBlackboxExporter(chart cdk8s.Chart) monitoring.BlackboxExporterProps {
	pages, api := constructs.NewFrontend(chart, "pages", pagesProps), constructs.NewBackend(chart, "api", apiProps)
	return monitoring.BlackboxExporterProps{
		Probes: []monitoring.Probe{
			{Tier: api},
			{Tier: pages, Paths: []string{"/healthz", "/shop?page=2"}, Public: &monitoring.PublicProbe{
				Ingress:            leadingTo(chart, pages),
				URL:                "https://shop.example.com:8443/shop",
				InsecureSkipVerify: true,
				IPv6:               true,
				ResponseTime:       2500 * time.Millisecond,
			}},
		},
		Image:           "registry.example.com/blackbox-exporter:1",
		ImagePullPolicy: constructs.PullAlways,
		Resources:       fullResources(),
		Pod:             fullPod(),
	}
}

// probed adds tiers that an exporter asks, beside others or instead, and one that is only scraped.
func probed(chart cdk8s.Chart) {
	api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Metrics: &constructs.Metrics{}})
	jobs := constructs.NewBackend(chart, "jobs", scrapedBackend())
	monitoring.NewBlackboxExporter(chart, "blackbox-exporter", monitoring.BlackboxExporterProps{Probes: []monitoring.Probe{
		{Tier: api},
		{Tier: jobs, Paths: []string{"/jobs"}, Public: &monitoring.PublicProbe{URL: "http://jobs.example.com/jobs"}},
	}})
}

var slack = constructs.ExternalServer{Host: "hooks.slack.com", Port: 443, CIDRs: constructs.AllAddresses()}

func minimalAlertmanager() monitoring.AlertmanagerProps {
	return monitoring.AlertmanagerProps{Receivers: []monitoring.AlertReceiver{slackReceiver()}}
}

func slackReceiver() monitoring.AlertReceiver {
	return monitoring.AlertReceiver{
		Kind: monitoring.ReceiverSlack, Secret: constructs.SecretKeyRef{Secret: "shop-secrets", Key: "slack-url"}, Server: slack,
	}
}

// fullAlertmanager calls people by PagerDuty for what is critical, and tells those who are at work of it and of warnings.
func fullAlertmanager() monitoring.AlertmanagerProps {
	warnings := slackReceiver()
	warnings.Severities = []monitoring.Severity{monitoring.SeverityWarning}
	work := slackReceiver()
	work.Name, work.Secret = "at-work", constructs.SecretKeyRef{Secret: "shop-alerts", Key: "slack-url"}
	return monitoring.AlertmanagerProps{
		Receivers: []monitoring.AlertReceiver{
			{
				Kind:       monitoring.ReceiverPagerDuty,
				Severities: []monitoring.Severity{monitoring.SeverityCritical},
				Secret:     constructs.SecretKeyRef{Secret: "shop-alerts", Key: "routing-key"},
				Server:     constructs.ExternalServer{Host: "events.pagerduty.com", Port: 443, CIDRs: []string{"203.0.113.0/24"}},
			},
			warnings,
			work,
		},
		Heartbeat:       someHeartbeat(),
		Image:           "registry.example.com/alertmanager:1",
		ImagePullPolicy: constructs.PullAlways,
		Resources:       fullResources(),
		Storage: constructs.Storage{
			MountPath: "/data", Size: "2Gi", AccessMode: constructs.ReadWriteOncePod, StorageClassName: "fast", ClaimName: "silences",
		},
		Sources: someSources(),
		Pod:     fullPod(),
	}
}

func someHeartbeat() *monitoring.Heartbeat {
	return &monitoring.Heartbeat{
		Secret: constructs.SecretKeyRef{Secret: "shop-alerts", Key: "heartbeat-url"},
		Server: constructs.ExternalServer{Host: "heartbeat.example.com", Port: 443, CIDRs: []string{"198.51.100.7/32"}},
	}
}

func fullPrometheus(alertmanager constructs.Server) monitoring.PrometheusProps {
	return monitoring.PrometheusProps{
		Alertmanager: alertmanager,
		Alerts: []monitoring.Alert{{
			Name:       "OrdersStopped",
			Expr:       "sum(rate(orders_total[10m])) == 0\n  and on () hour() > 6",
			For:        90 * time.Second,
			Severity:   monitoring.SeverityCritical,
			Summary:    `No orders: {{ with query "orders_open" }}{{ . | first | value | humanize }}{{ end }} are open`,
			RunbookURL: "https://example.com/runbooks/orders",
			Labels:     map[string]string{"team": "shop"},
		}},
		ScrapeInterval:  15 * time.Second,
		ScrapeKubelets:  true,
		CertManager:     &monitoring.CertManager{Namespace: "certificates", PodLabels: map[string]string{"app": "cert-manager"}},
		Retention:       36 * time.Hour,
		RetentionSize:   "40Gi",
		KubernetesAPI:   monitoring.KubernetesAPI{CIDRs: []string{"192.0.2.10/32"}, Port: 16443},
		Image:           "registry.example.com/prometheus:3",
		ImagePullPolicy: constructs.PullAlways,
		Resources:       fullResources(),
		Storage: constructs.Storage{
			MountPath: "/samples", Size: "50Gi", AccessMode: constructs.ReadWriteOncePod, StorageClassName: "fast", ClaimName: "samples",
		},
		Sources: someSources(),
		Pod:     fullPod(),
	}
}

func fullOperatorMonitoring() monitoring.OperatorMonitoringProps {
	props := fullPrometheus(nil)
	return monitoring.OperatorMonitoringProps{
		Alerts: props.Alerts, ScrapeInterval: props.ScrapeInterval, KubeletMetrics: true, CertManagerMetrics: true,
		Labels:    map[string]string{"release": "kube-prometheus-stack"},
		Namespace: "observability",
		PodLabels: map[string]string{"prometheus": "main"},
	}
}

func fullGrafana(prometheus *monitoring.Prometheus) monitoring.GrafanaProps {
	return monitoring.GrafanaProps{
		Prometheus:      prometheus,
		AdminPassword:   someKey,
		Dashboards:      fullDashboards(),
		RootURL:         "https://grafana.example.com",
		Image:           "registry.example.com/grafana:13",
		ImagePullPolicy: constructs.PullAlways,
		Resources:       fullResources(),
		Sources:         someSources(),
		Pod:             fullPod(),
	}
}

func fullDashboards() []monitoring.Dashboard {
	return []monitoring.Dashboard{{
		Name:  "orders",
		Title: "Orders",
		Rows: []monitoring.DashboardRow{{
			Title: "Orders",
			Panels: []monitoring.Panel{
				{
					Title: "Orders", Description: "Orders per second, by country", Kind: monitoring.PanelStat, Unit: "ops", Color: monitoring.ColorRed,
					Queries:    []monitoring.Query{{Expr: "sum by (country) (rate(orders_total[$__rate_interval])) > 0", Legend: "{{country}}"}},
					Thresholds: []monitoring.Threshold{{Value: 0.5, Color: monitoring.ColorYellow}, {Value: 1, Color: monitoring.ColorGreen}},
				},
				{Title: "Open orders", Description: "Orders waiting to be shipped", Queries: []monitoring.Query{{Expr: "orders_open"}}},
			},
		}},
	}}
}
