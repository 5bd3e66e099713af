// Package monitoring adds Prometheus, Alertmanager and Grafana to an application made of the constructs of the package
// constructs, with alerts and dashboards for each of its tiers:
//
//   - [Prometheus]: scrapes tiers, and evaluates their alerts
//   - [Alertmanager]: sends alerts to people
//   - [Grafana]: shows an overview, and a dashboard for each tier
//   - [BlackboxExporter]: probes tiers over HTTP, from inside the cluster and at their public hosts
//   - [KubeStateMetrics]: exports the state of the namespace's pods and Deployments
//   - [OperatorMonitoring] and [OperatorDashboards]: the same alerts and dashboards for a cluster that already runs a
//     prometheus-operator and a Grafana
//
// A property asks for a tier to be scraped: Metrics of a Frontend or a Backend, Exporter of a Postgres or a Redis. A
// Prometheus scrapes all such tiers of its application and namespace that were added before it, and opens their
// network policies. The same list of tiers determines the alerts, the overview and the dashboards:
//
//	api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "…", Metrics: &constructs.Metrics{}})
//	prometheus := monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{})
//	monitoring.NewGrafana(chart, "grafana", monitoring.GrafanaProps{Prometheus: prometheus, AdminPassword: …})
//
// A BlackboxExporter probes tiers that export no metrics, and the path from users to a tier:
//
//	web := constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Tier: pages})
//	monitoring.NewBlackboxExporter(chart, "blackbox-exporter", monitoring.BlackboxExporterProps{
//		Probes: []monitoring.Probe{{Tier: pages, Public: &monitoring.PublicProbe{Ingress: web}}},
//	})
//
// A program's own alerts and dashboards are plain values too. Prometheus's parser checks their PromQL.
//
// Every server has one replica. Properties, methods and errors follow the conventions of the package constructs:
// methods named after a kind return that object, for patches, and synthesis reports invalid properties.
package monitoring
