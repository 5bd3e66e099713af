package main

import (
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
)

// watch adds what watches the platform. Prometheus comes after all that it scrapes.
func (e environment) watch(app cdk8s.App) {
	images := e.monitoring.images
	constructs.NewKubeStateMetrics(e.chart(app, "60-kube-state-metrics"), "kube-state-metrics", constructs.KubeStateMetricsProps{
		Image: images.kubeStateMetrics,
	})
	alertmanager := constructs.NewAlertmanager(e.chart(app, "70-alertmanager"), "alertmanager", constructs.AlertmanagerProps{
		Receiver: e.receiver(),
		Image:    images.alertmanager,
		Storage:  constructs.Storage{StorageClassName: e.monitoring.class},
	})
	prometheus := constructs.NewPrometheus(e.chart(app, "80-prometheus"), "prometheus", constructs.PrometheusProps{
		Alertmanager: alertmanager,
		Retention:    e.monitoring.retention,
		Image:        images.prometheus,
		Storage:      constructs.Storage{Size: e.monitoring.size, StorageClassName: e.monitoring.class},
	})
	constructs.NewGrafana(e.chart(app, "90-grafana"), "grafana", constructs.GrafanaProps{
		Prometheus:    prometheus,
		AdminPassword: e.secretKey(grafanaPassKey),
		Image:         images.grafana,
	})
}

func (e environment) receiver() constructs.AlertReceiver {
	receiver := e.monitoring.receiver
	receiver.Secret = e.secretKey(slackURLKey)
	return receiver
}

// metrics and exporter have a tier ask to be scraped, where somebody scrapes.
func (e environment) metrics() *constructs.Metrics {
	if !e.monitoring.enabled {
		return nil
	}
	return &constructs.Metrics{}
}

func (e environment) exporter(image string) *constructs.Exporter {
	if !e.monitoring.enabled {
		return nil
	}
	return &constructs.Exporter{Image: image}
}
