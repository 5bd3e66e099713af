package main

import (
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
)

// watch adds what watches the platform. Prometheus comes after all that it scrapes.
func (e environment) watch(app cdk8s.App) {
	constructs.NewKubeStateMetrics(e.chart(app, "60-kube-state-metrics"), "kube-state-metrics", constructs.KubeStateMetricsProps{})
	alertmanager := constructs.NewAlertmanager(e.chart(app, "70-alertmanager"), "alertmanager", constructs.AlertmanagerProps{
		Receiver: e.monitoring.receiver,
	})
	prometheus := constructs.NewPrometheus(e.chart(app, "80-prometheus"), "prometheus", constructs.PrometheusProps{
		Alertmanager: alertmanager,
		Retention:    e.monitoring.retention,
		Storage:      constructs.Storage{Size: e.monitoring.size},
	})
	constructs.NewGrafana(e.chart(app, "90-grafana"), "grafana", constructs.GrafanaProps{
		Prometheus:    prometheus,
		AdminPassword: constructs.SecretKey{Secret: secretName, Key: grafanaPassKey},
	})
}

// metrics and exporter have a tier ask to be scraped, where somebody scrapes.
func (e environment) metrics() *constructs.Metrics {
	if e.monitoring == nil {
		return nil
	}
	return &constructs.Metrics{}
}

func (e environment) exporter() *constructs.Exporter {
	if e.monitoring == nil {
		return nil
	}
	return &constructs.Exporter{}
}
