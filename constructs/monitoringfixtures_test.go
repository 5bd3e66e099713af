package constructs_test

import (
	"time"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
)

// watched adds one tier of each kind that asks to be scraped, and what its Prometheus sends alerts to.
func watched(chart cdk8s.Chart) *constructs.Alertmanager {
	postgres, redis := minimalPostgres(), minimalRedis()
	postgres.Exporter, redis.Exporter = &constructs.Exporter{}, &constructs.Exporter{}
	cache := redis
	cache.MaxMemoryPolicy = constructs.AllKeysLRU
	constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Metrics: &constructs.Metrics{}})
	constructs.NewPostgres(chart, "database", postgres)
	constructs.NewRedis(chart, "redis", redis)
	constructs.NewRedis(chart, "cache", cache)
	constructs.NewKubeStateMetrics(chart, "kube-state-metrics", constructs.KubeStateMetricsProps{})
	return constructs.NewAlertmanager(chart, "alertmanager", minimalAlertmanager())
}

func fullKubeStateMetrics() constructs.KubeStateMetricsProps {
	return constructs.KubeStateMetricsProps{
		Image:           "registry.example.com/kube-state-metrics:2",
		ImagePullPolicy: constructs.PullAlways,
		Resources:       fullResources(),
		KubernetesAPI:   constructs.KubernetesAPI{CIDRs: []string{"192.0.2.10/32", "192.0.2.11/32"}, Port: 16443},
		Pod:             fullPod(),
	}
}

var slack = constructs.External{Host: "hooks.slack.com", Port: 443, CIDRs: []string{"0.0.0.0/0"}}

func minimalAlertmanager() constructs.AlertmanagerProps {
	return constructs.AlertmanagerProps{Receiver: constructs.AlertReceiver{
		Kind: constructs.Slack, Secret: constructs.SecretKey{Secret: "shop-secrets", Key: "slack-url"}, Server: slack,
	}}
}

func fullAlertmanager() constructs.AlertmanagerProps {
	return constructs.AlertmanagerProps{
		Receiver: constructs.AlertReceiver{
			Kind:   constructs.PagerDuty,
			Secret: constructs.SecretKey{Secret: "shop-alerts", Key: "routing-key"},
			Server: constructs.External{Host: "events.pagerduty.com", Port: 443, CIDRs: []string{"203.0.113.0/24"}},
		},
		Image:           "registry.example.com/alertmanager:1",
		ImagePullPolicy: constructs.PullAlways,
		Resources:       fullResources(),
		Storage: constructs.Storage{
			MountPath: "/data", Size: "2Gi", AccessMode: constructs.ReadWriteOncePod, StorageClassName: "fast", ClaimName: "silences",
		},
		Pod: fullPod(),
	}
}

func fullPrometheus(alertmanager constructs.Server) constructs.PrometheusProps {
	return constructs.PrometheusProps{
		Alertmanager: alertmanager,
		Alerts: []constructs.Alert{{
			Name:       "OrdersStopped",
			Expr:       "sum(rate(orders_total[10m])) == 0\n  and on () hour() > 6",
			For:        90 * time.Second,
			Severity:   constructs.Critical,
			Summary:    `No orders: {{ with query "orders_open" }}{{ . | first | value | humanize }}{{ end }} are open`,
			RunbookURL: "https://example.com/runbooks/orders",
			Labels:     map[string]string{"team": "shop"},
		}},
		ScrapeInterval:  15 * time.Second,
		Kubelet:         true,
		CertManager:     &constructs.CertManager{Namespace: "certificates", PodLabels: map[string]string{"app": "cert-manager"}},
		Retention:       36 * time.Hour,
		RetentionSize:   "40Gi",
		KubernetesAPI:   constructs.KubernetesAPI{CIDRs: []string{"192.0.2.10/32"}, Port: 16443},
		Image:           "registry.example.com/prometheus:3",
		ImagePullPolicy: constructs.PullAlways,
		Resources:       fullResources(),
		Storage: constructs.Storage{
			MountPath: "/samples", Size: "50Gi", AccessMode: constructs.ReadWriteOncePod, StorageClassName: "fast", ClaimName: "samples",
		},
		Pod: fullPod(),
	}
}

func operatedPrometheus() constructs.PrometheusProps {
	props := fullPrometheus(nil)
	return constructs.PrometheusProps{
		Alerts: props.Alerts, ScrapeInterval: props.ScrapeInterval, Kubelet: true, CertManager: &constructs.CertManager{},
		Operator: &constructs.PrometheusOperator{
			Labels:    map[string]string{"release": "kube-prometheus-stack"},
			Namespace: "observability",
			PodLabels: map[string]string{"prometheus": "main"},
		},
	}
}

// fullGrafana sets every prop, and every field of a dashboard.
func fullGrafana(prometheus *constructs.Prometheus) constructs.GrafanaProps {
	return constructs.GrafanaProps{
		Prometheus:    prometheus,
		AdminPassword: token,
		Dashboards: []constructs.Dashboard{{
			Name:  "orders",
			Title: "Orders",
			Rows: []constructs.DashboardRow{{
				Title: "Orders",
				Panels: []constructs.Panel{
					{
						Title: "Orders", Description: "What customers have bought", Kind: constructs.Stat, Unit: "ops", Color: constructs.Red,
						Queries:    []constructs.Query{{Expr: "sum(rate(orders_total[$__rate_interval])) > 0", Legend: "{{country}}"}},
						Thresholds: []constructs.Threshold{{Value: 0.5, Color: constructs.Yellow}, {Value: 1, Color: constructs.Green}},
					},
					{Title: "Open orders", Queries: []constructs.Query{{Expr: "orders_open"}}},
				},
			}},
		}},
		RootURL:         "https://grafana.example.com",
		Image:           "registry.example.com/grafana:13",
		ImagePullPolicy: constructs.PullAlways,
		Resources:       fullResources(),
		Pod:             fullPod(),
	}
}
