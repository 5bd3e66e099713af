package registry

import (
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// monitors are the constructs that watch an application.
func monitors() []Construct {
	return []Construct{
		{
			Kind: "kubeStateMetrics", New: monitoring.NewKubeStateMetrics,
			Full: func(cdk8s.Chart) []any { return []any{fullKubeStateMetrics()} },
			Cases: []Case{
				{"kube-state-metrics-minimal", func(chart cdk8s.Chart) any {
					return monitoring.NewKubeStateMetrics(chart, "kube-state-metrics", monitoring.KubeStateMetricsProps{})
				}},
				{"kube-state-metrics-full", func(chart cdk8s.Chart) any {
					return monitoring.NewKubeStateMetrics(chart, "kube-state-metrics", fullKubeStateMetrics())
				}},
			},
		},
		{
			Kind: "blackboxExporter", New: monitoring.NewBlackboxExporter,
			Full: func(chart cdk8s.Chart) []any { return []any{fullBlackboxExporter(chart)} },
			Cases: []Case{
				{"blackbox-exporter-minimal", func(chart cdk8s.Chart) any {
					return monitoring.NewBlackboxExporter(chart, "blackbox-exporter", minimalBlackboxExporter(elsewhere(chart)))
				}},
				{"blackbox-exporter-full", func(chart cdk8s.Chart) any {
					return monitoring.NewBlackboxExporter(chart, "blackbox-exporter", fullBlackboxExporter(elsewhere(chart)))
				}},
			},
		},
		{
			Kind: "alertmanager", New: monitoring.NewAlertmanager,
			Full: func(cdk8s.Chart) []any {
				return []any{fullAlertmanager(), monitoring.AlertmanagerProps{Sources: everyone}}
			},
			Cases: []Case{
				{"alertmanager-minimal", func(chart cdk8s.Chart) any {
					return monitoring.NewAlertmanager(chart, "alertmanager", minimalAlertmanager())
				}},
				{"alertmanager-full", func(chart cdk8s.Chart) any {
					return monitoring.NewAlertmanager(chart, "alertmanager", fullAlertmanager())
				}},
				{"alertmanager-webhook", func(chart cdk8s.Chart) any {
					return monitoring.NewAlertmanager(chart, "alertmanager", monitoring.AlertmanagerProps{Receivers: []monitoring.AlertReceiver{{
						Kind: monitoring.ReceiverWebhook, Secret: someKey, Server: constructs.NewBackend(elsewhere(chart), "api", apiProps),
					}}})
				}},
			},
		},
		{
			Kind: "prometheus", New: monitoring.NewPrometheus,
			Full: func(cdk8s.Chart) []any {
				return []any{fullPrometheus(constructs.ExternalServer{Host: "10.0.0.7", Port: 9093}), monitoring.PrometheusProps{Sources: everyone}}
			},
			Cases: []Case{
				{"prometheus-minimal", func(chart cdk8s.Chart) any {
					return monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{})
				}},
				{"prometheus-kubelet", func(chart cdk8s.Chart) any {
					return monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{ScrapeKubelets: true})
				}},
				{"prometheus-probes", func(chart cdk8s.Chart) any {
					probed(elsewhere(chart))
					return monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{})
				}},
				{"prometheus-workers", func(chart cdk8s.Chart) any {
					endpoint := &constructs.MetricsEndpoint{}
					constructs.NewWorker(elsewhere(chart), "worker", constructs.WorkerProps{Image: "api:1", Metrics: endpoint})
					return monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{})
				}},
				{"prometheus-full", func(chart cdk8s.Chart) any {
					return monitoring.NewPrometheus(chart, "prometheus", fullPrometheus(watched(elsewhere(chart))))
				}},
			},
		},
		{
			Kind: "grafana", New: monitoring.NewGrafana,
			Full: func(cdk8s.Chart) []any {
				return []any{fullGrafana(&monitoring.Prometheus{}), monitoring.GrafanaProps{Sources: everyone}}
			},
			Cases: []Case{
				{"grafana-minimal", func(chart cdk8s.Chart) any {
					prometheus := monitoring.NewPrometheus(elsewhere(chart), "prometheus", monitoring.PrometheusProps{})
					return monitoring.NewGrafana(chart, "grafana", monitoring.GrafanaProps{Prometheus: prometheus, AdminPassword: someKey})
				}},
				{"grafana-probes", func(chart cdk8s.Chart) any {
					others := elsewhere(chart)
					probed(others)
					prometheus := monitoring.NewPrometheus(others, "prometheus", monitoring.PrometheusProps{})
					return monitoring.NewGrafana(chart, "grafana", monitoring.GrafanaProps{Prometheus: prometheus, AdminPassword: someKey})
				}},
				{"grafana-full", func(chart cdk8s.Chart) any {
					others := elsewhere(chart)
					prometheus := monitoring.NewPrometheus(others, "prometheus", fullPrometheus(watched(others)))
					return monitoring.NewGrafana(chart, "grafana", fullGrafana(prometheus))
				}},
			},
		},
		{
			Kind: "operatorMonitoring", New: monitoring.NewOperatorMonitoring,
			Full: func(cdk8s.Chart) []any { return []any{fullOperatorMonitoring()} },
			Cases: []Case{
				{"prometheus-operator", func(chart cdk8s.Chart) any {
					watched(elsewhere(chart))
					return monitoring.NewOperatorMonitoring(chart, "prometheus", fullOperatorMonitoring())
				}},
			},
		},
		{
			Kind: "operatorDashboards", New: monitoring.NewOperatorDashboards,
			Full: func(cdk8s.Chart) []any {
				return []any{monitoring.OperatorDashboardsProps{Monitoring: &monitoring.OperatorMonitoring{}, Dashboards: fullDashboards()}}
			},
			Cases: []Case{
				{"grafana-operator", func(chart cdk8s.Chart) any {
					operated := monitoring.NewOperatorMonitoring(elsewhere(chart), "prometheus", fullOperatorMonitoring())
					return monitoring.NewOperatorDashboards(chart, "grafana", monitoring.OperatorDashboardsProps{Monitoring: operated})
				}},
			},
		},
	}
}
