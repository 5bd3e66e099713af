package monitoring_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// PagerDuty calls somebody for what is critical, Slack has what can wait, and a third service notices when neither is told anything any
// more. Each reads its key or URL from the Secret.
func ExampleNewAlertmanager() {
	key := func(name string) constructs.SecretKeyRef {
		return constructs.SecretKeyRef{Secret: "shop-alerts", Key: name}
	}
	at := func(host string) constructs.ExternalServer {
		return constructs.ExternalServer{Host: host, Port: 443, CIDRs: constructs.AllAddresses()}
	}
	files, err := constructs.Render(func(app cdk8s.App) {
		chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
		alertmanager := monitoring.NewAlertmanager(chart, "alertmanager", monitoring.AlertmanagerProps{
			Receivers: []monitoring.AlertReceiver{
				{
					Kind: monitoring.ReceiverPagerDuty, Severities: []monitoring.Severity{monitoring.SeverityCritical},
					Secret: key("pagerduty-routing-key"), Server: at("events.pagerduty.com"),
				},
				{
					Kind: monitoring.ReceiverSlack, Severities: []monitoring.Severity{monitoring.SeverityWarning},
					Secret: key("slack-url"), Server: at("hooks.slack.com"),
				},
			},
			Heartbeat: &monitoring.Heartbeat{Secret: key("heartbeat-url"), Server: at("heartbeat.example.com")},
		})
		monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{Alertmanager: alertmanager})
	})
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(string(files["shop.k8s.yaml"])) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "- receiver: ") || strings.HasPrefix(line, `- severity="`) {
			fmt.Println(line)
		}
	}
	// Output:
	// - receiver: heartbeat
	// - receiver: pagerduty
	// - receiver: slack
	// - receiver: pagerduty
	// - severity="critical"
	// - receiver: slack
	// - severity="warning"
}
