// Package monitoring holds the constructs that watch an application made of those of the package constructs.
//
//   - [BlackboxExporter]: probes tiers over HTTP, from inside the cluster and at their public hosts
//   - [KubeStateMetrics]: exports the state of the namespace's pods and Deployments
//   - [Prometheus]: scrapes the tiers that ask for it, and evaluates their alerts
//   - [Alertmanager]: sends alerts to people
//   - [Grafana]: shows an overview, and a dashboard for each tier
//   - [OperatorMonitoring] and [OperatorDashboards]: the same for a cluster that has a prometheus-operator and a Grafana
//
// A tier asks to be scraped by a property: Metrics of a Frontend or a Backend, Exporter of a Postgres or a Redis. A
// Prometheus that is added after them scrapes every tier of its application and namespace that asks, and opens their
// network policies. The alerts, the overview and the dashboards of a Grafana follow from the same list:
//
//	api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "…", Metrics: &constructs.Metrics{}})
//	prometheus := monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{})
//	monitoring.NewGrafana(chart, "grafana", monitoring.GrafanaProps{Prometheus: prometheus, AdminPassword: …})
//
// A tier that exports nothing, and the way from users to a tier, are watched from outside:
//
//	web := constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Tier: pages})
//	monitoring.NewBlackboxExporter(chart, "blackbox-exporter", monitoring.BlackboxExporterProps{
//		Probes: []monitoring.Probe{{Tier: pages, Public: &monitoring.PublicProbe{Ingress: web}}},
//	})
//
// Alerts and dashboards of a program's own are plain values too. Prometheus's own parser checks their PromQL.
package monitoring
