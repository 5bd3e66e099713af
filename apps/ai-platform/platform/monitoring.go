package platform

import (
	"cmp"
	"slices"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// watch has the tiers ask to be scraped, and adds the servers that do it.
func (e Environment) watch(t *Tiers) {
	m := e.Monitoring
	t.Database.Exporter = &constructs.Exporter{Image: m.Images.PostgresExporter}
	t.Redis.Exporter = &constructs.Exporter{Image: m.Images.RedisExporter}
	t.Backend.Metrics = &constructs.Metrics{}
	t.Frontend.Metrics = &constructs.Metrics{}

	t.KubeStateMetrics = &monitoring.KubeStateMetricsProps{Image: m.Images.KubeStateMetrics}
	t.Alertmanager = &monitoring.AlertmanagerProps{
		Receivers: e.receivers(),
		Heartbeat: e.heartbeat(),
		Image:     m.Images.Alertmanager,
		Storage:   constructs.Storage{StorageClassName: m.Class},
	}
	t.Prometheus = &monitoring.PrometheusProps{
		Retention: m.Retention,
		Image:     m.Images.Prometheus,
		Storage:   constructs.Storage{Size: m.Size, StorageClassName: m.Class},
	}
	t.Grafana = &monitoring.GrafanaProps{
		AdminPassword: e.secretKey(GrafanaPasswordKey),
		Image:         m.Images.Grafana,
	}
}

// receiverKeys are where services are found whose Secret no environment names.
var receiverKeys = map[monitoring.AlertReceiverKind]string{
	monitoring.Slack: SlackURLKey, monitoring.PagerDuty: PagerDutyKey, monitoring.Webhook: WebhookURLKey,
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
