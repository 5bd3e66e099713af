package platform

import (
	"cmp"
	"slices"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// watch has the tiers ask to be scraped, and adds the servers that do it. The frontend is asked from outside instead.
func (e Environment) watch(t *Tiers) {
	m := e.Monitoring
	t.Database.Exporter = &constructs.Exporter{Image: m.Images.PostgresExporter, Resources: m.Resources.PostgresExporter}
	t.Redis.Exporter = &constructs.Exporter{Image: m.Images.RedisExporter, Resources: m.Resources.RedisExporter}
	t.Backend.Metrics = &constructs.Metrics{}

	// The frontend is a web server with static pages, which exports nothing.
	probe := monitoring.Probe{}
	if path := e.Frontend.HealthPath; path != "" {
		probe.Paths = slices.Compact([]string{path, "/"})
	}
	if m.Public.Enabled && e.Ingress.Enabled {
		probe.Public = &monitoring.PublicProbe{InsecureSkipVerify: m.Public.InsecureSkipVerify}
	}
	t.BlackboxExporter = &monitoring.BlackboxExporterProps{
		Probes:    []monitoring.Probe{probe},
		Image:     m.Images.BlackboxExporter,
		Resources: m.Resources.BlackboxExporter,
		Pod:       m.Pod,
	}
	t.KubeStateMetrics = &monitoring.KubeStateMetricsProps{
		Image: m.Images.KubeStateMetrics, Resources: m.Resources.KubeStateMetrics, Pod: m.Pod,
	}
	t.Alertmanager = &monitoring.AlertmanagerProps{
		Receivers: e.receivers(),
		Heartbeat: e.heartbeat(),
		Image:     m.Images.Alertmanager,
		Resources: m.Resources.Alertmanager,
		Pod:       m.Pod,
		Storage:   constructs.Storage{StorageClassName: m.Class},
	}
	t.Prometheus = &monitoring.PrometheusProps{
		Retention: m.Retention,
		Image:     m.Images.Prometheus,
		Resources: m.Resources.Prometheus,
		Pod:       m.Pod,
		Storage:   constructs.Storage{Size: m.Size, StorageClassName: m.Class},
	}
	t.Grafana = &monitoring.GrafanaProps{
		AdminPassword: e.secretKey(GrafanaPasswordKey),
		Image:         m.Images.Grafana,
		Resources:     m.Resources.Grafana,
		Pod:           m.Pod,
	}
}

// receiverKeys are where services are found whose Secret no environment names.
var receiverKeys = map[monitoring.AlertReceiverKind]string{
	monitoring.ReceiverSlack: SlackURLKey, monitoring.ReceiverPagerDuty: PagerDutyKey, monitoring.ReceiverWebhook: WebhookURLKey,
}

func (e Environment) receivers() []monitoring.AlertReceiver {
	receivers := slices.Clone(e.Monitoring.Receivers)
	for i, r := range receivers {
		receivers[i].Secret = cmp.Or(r.Secret, e.secretKey(receiverKeys[r.Kind]))
	}
	return receivers
}

func (e Environment) heartbeat() *monitoring.Heartbeat {
	if e.Monitoring.Heartbeat == nil {
		return nil
	}
	heartbeat := *e.Monitoring.Heartbeat
	heartbeat.Secret = cmp.Or(heartbeat.Secret, e.secretKey(HeartbeatURLKey))
	return &heartbeat
}

// composeMonitoring adds what watches the platform. Prometheus comes after all that it scrapes.
func (t Tiers) composeMonitoring(app cdk8s.App, c *Constructs) {
	if t.KubeStateMetrics != nil {
		c.KubeStateMetrics = monitoring.NewKubeStateMetrics(t.Chart(app, "60-kube-state-metrics"), "kube-state-metrics", *t.KubeStateMetrics)
	}
	if t.BlackboxExporter != nil {
		c.BlackboxExporter = monitoring.NewBlackboxExporter(t.Chart(app, "65-blackbox-exporter"), "blackbox-exporter", t.connectedBlackboxExporter(c))
	}
	if t.Alertmanager != nil {
		c.Alertmanager = monitoring.NewAlertmanager(t.Chart(app, "70-alertmanager"), "alertmanager", *t.Alertmanager)
	}
	if t.Prometheus != nil {
		c.Prometheus = monitoring.NewPrometheus(t.Chart(app, "80-prometheus"), "prometheus", t.connectedPrometheus(c))
	}
	if t.Grafana != nil {
		c.Grafana = monitoring.NewGrafana(t.Chart(app, "90-grafana"), "grafana", t.connectedGrafana(c))
	}
}

func (t Tiers) connectedBlackboxExporter(c *Constructs) monitoring.BlackboxExporterProps {
	props := *t.BlackboxExporter
	props.Probes = slices.Clone(props.Probes)
	for i := range props.Probes {
		probe := &props.Probes[i]
		if probe.Tier == nil {
			probe.Tier = c.Frontend
		}
		if probe.Public != nil && probe.Public.Ingress == nil && probe.Public.URL == "" {
			public := *probe.Public
			public.Ingress = c.Ingress
			probe.Public = &public
		}
	}
	return props
}

func (t Tiers) connectedPrometheus(c *Constructs) monitoring.PrometheusProps {
	props := *t.Prometheus
	if props.Alertmanager == nil && c.Alertmanager != nil {
		props.Alertmanager = c.Alertmanager
	}
	return props
}

func (t Tiers) connectedGrafana(c *Constructs) monitoring.GrafanaProps {
	props := *t.Grafana
	if props.Prometheus == nil {
		props.Prometheus = c.Prometheus
	}
	return props
}
