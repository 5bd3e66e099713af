//go:build linux

package servers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// TestReceivers sends alerts to an Alertmanager whose receivers are chosen by severity: PagerDuty for critical alerts, Slack for warnings,
// and a service that waits for the heartbeat. Slack's URL is not in the Secret at first.
func TestReceivers(t *testing.T) {
	inOwnNetwork(t, func(t *testing.T) {
		slack, pagerDuty, heartbeat := startWebhook(t), startWebhook(t), startWebhook(t)
		alertmanager := newAlertmanager(t, renderReceivers(t))
		writeFile(t, filepath.Join(alertmanager.folders["etc-alertmanager-secrets-pagerduty"], "pagerduty-routing-key"), "routing-key")
		pointTo(t, alertmanager, pagerDuty, heartbeat)
		alertmanager.start(t)

		began := time.Now()
		firing := []map[string]any{
			alertOf("Watchdog", "none"), alertOf("PostgresDown", "critical"), alertOf("SlowResponses", "warning"), alertOf("Unknown", "page"),
		}
		sendAlerts(t, alertmanager, firing)
		triggered := pagerDuty.call(t, alertmanager)
		require.Equal(t, "trigger with routing-key: critical, [firing] PostgresDown in ai-platform", triggered.event())
		for range 3 {
			require.Equal(t, "firing Watchdog", heartbeat.call(t, alertmanager).alerts())
		}
		alertmanager.process.until(t, func() error { return failedOnSlack(alertmanager) })
		require.NoError(t, alertmanager.ready())
		require.NoError(t, alertmanager.alive())
		require.Empty(t, slack.calls)

		giveSlack(t, alertmanager, slack) // A kubelet writes the file as soon as the Secret has the key.
		require.Equal(t, "[firing] SlowResponses in ai-platform", slack.call(t, alertmanager).Attachments[0].Title)

		for _, alert := range firing {
			alert["endsAt"] = began.Add(-time.Second).Format(time.RFC3339)
		}
		sendAlerts(t, alertmanager, firing)
		require.Equal(t, "[resolved] SlowResponses in ai-platform", slack.call(t, alertmanager).Attachments[0].Title)
		resolved := pagerDuty.call(t, alertmanager)
		require.Equal(t, "resolve", resolved.Action)
		require.Equal(t, triggered.DedupKey, resolved.DedupKey)

		require.Empty(t, slack.calls, "nothing else is for Slack")
		require.Empty(t, pagerDuty.calls, "nothing else is for PagerDuty")
		for len(heartbeat.calls) > 0 {
			require.Equal(t, "firing Watchdog", (<-heartbeat.calls).alerts(), "a heartbeat that ended is not called")
		}
	})
}

// TestAlertmanagerInhibits sends pairs of alerts on one subject, the first of which explains the second, and the second on another subject.
func TestAlertmanagerInhibits(t *testing.T) {
	inOwnNetwork(t, func(t *testing.T) {
		alertmanager := newAlertmanager(t, production)
		alertmanager.start(t)
		var sent []map[string]any
		want := map[string]string{}
		for _, c := range []struct{ source, target, label string }{
			{"TierDown", "SlowResponses", "job"},
			{"ErrorBudgetBurnFast", "ErrorBudgetBurnSlow", "job"},
			{"CronJobFailed", "CronJobOverdue", "cronjob"},
			{"VolumeAlmostFull", "VolumeFillingUp", "persistentvolumeclaim"},
			{"VolumeAlmostFull", "PostgresVolumeAlmostFull", "persistentvolumeclaim"},
			{"VolumeAlmostFull", "PostgresVolumeFillingUp", "persistentvolumeclaim"},
			{"PostgresVolumeAlmostFull", "VolumeFillingUp", "persistentvolumeclaim"},
			{"PostgresVolumeAlmostFull", "PostgresVolumeFillingUp", "persistentvolumeclaim"},
			{"VolumeFillingUp", "PostgresVolumeFillingUp", "persistentvolumeclaim"},
			{"CertificateAboutToExpire", "CertificateExpiring", "name"},
		} {
			pair := c.source + " and " + c.target
			for _, alert := range []struct{ name, subject, state string }{
				{c.source, pair, "active"},
				{c.target, pair, "suppressed"},
				{c.target, "not " + pair, "active"},
			} {
				id := alert.name + " of " + alert.subject
				sent = append(sent, alertOf(alert.name, "critical", c.label, alert.subject, "id", id))
				want[id] = alert.state
			}
		}
		sendAlerts(t, alertmanager, sent)
		alertmanager.process.until(t, func() error {
			states, err := alertStates(alertmanager)
			if diff := cmp.Diff(want, states); err == nil && diff != "" {
				return fmt.Errorf("states of alerts (-want +got):\n%s", diff)
			}
			return err
		})
	})
}

// alertStates are the states of an Alertmanager's alerts, by their label id.
func alertStates(alertmanager *sandbox) (map[string]string, error) {
	response, err := http.Get(alertmanager.url("/api/v2/alerts"))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var alerts []struct {
		Labels map[string]string
		Status struct{ State string }
	}
	err = json.NewDecoder(response.Body).Decode(&alerts)
	states := map[string]string{}
	for _, alert := range alerts {
		states[alert.Labels["id"]] = alert.Status.State
	}
	return states, err
}

// renderReceivers writes production with these receivers.
func renderReceivers(t *testing.T) delivery {
	t.Helper()
	e := platform.Production()
	pagerDuty, slack := e.Monitoring.Receivers[0], e.Monitoring.Receivers[0]
	pagerDuty.Kind, pagerDuty.Severities = monitoring.ReceiverPagerDuty, []monitoring.Severity{monitoring.SeverityCritical}
	slack.Severities = []monitoring.Severity{monitoring.SeverityWarning}
	e.Monitoring.Receivers = []monitoring.AlertReceiver{pagerDuty, slack}
	e.Monitoring.Heartbeat = &monitoring.Heartbeat{Server: slack.Server}
	return renderDelivery(t, e.Compose)
}

// pointTo has Alertmanager call the stand-ins, and call them more often. No manifest has PagerDuty's address, and Debian's Alertmanager reads
// a webhook's address from no file yet.
func pointTo(t *testing.T, alertmanager *sandbox, pagerDuty, heartbeat *webhook) {
	t.Helper()
	const routingKey = "- routing_key_file: /etc/alertmanager/secrets/pagerduty/pagerduty-routing-key\n"
	changes := []string{
		"url_file: /etc/alertmanager/secrets/heartbeat/heartbeat-url", "url: " + heartbeat.url,
		routingKey, routingKey + "        url: " + pagerDuty.url + "\n",
		// An alert's end is sent with the next interval of its group, and a heartbeat is repeated with one.
		"group_interval: 5m", "group_interval: 5s",
		"group_interval: 30s", "group_interval: 1s",
		"repeat_interval: 1m", "repeat_interval: 2s",
	}
	alertmanager.edit(t, "alertmanager.yml", func(config string) string {
		for i := 0; i < len(changes); i += 2 {
			require.Contains(t, config, changes[i])
		}
		return strings.NewReplacer(changes...).Replace(config)
	})
}

func newAlertmanager(t *testing.T, from delivery) *sandbox {
	t.Helper()
	return newSandbox(t, from, "70-alertmanager.k8s.yaml", "ai-platform-alertmanager", "prometheus-alertmanager", corev1.Secret{})
}

// giveSlack writes the address of a stand-in for Slack where the Secret is mounted.
func giveSlack(t *testing.T, alertmanager *sandbox, slack *webhook) {
	t.Helper()
	writeFile(t, filepath.Join(alertmanager.folders["etc-alertmanager-secrets-slack"], "slack-url"), slack.url)
}

// alertOf is an alert, with more labels: each a name and a value.
func alertOf(name, severity string, more ...string) map[string]any {
	labels := map[string]string{"alertname": name, "namespace": "ai-platform", "severity": severity}
	for pair := range slices.Chunk(more, 2) {
		labels[pair[0]] = pair[1]
	}
	return map[string]any{"labels": labels}
}

// sendAlerts sends alerts as Prometheus does.
func sendAlerts(t *testing.T, alertmanager *sandbox, alerts []map[string]any) {
	t.Helper()
	body, err := json.Marshal(alerts)
	require.NoError(t, err)
	response, err := http.Post(alertmanager.url("/api/v2/alerts"), "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
}

// failedOnSlack fails until an alert could not be delivered to Slack.
func failedOnSlack(alertmanager *sandbox) error {
	exported, err := scrape(alertmanager.url("/metrics"))
	if err != nil {
		return err
	}
	for series, value := range exported {
		if strings.HasPrefix(series, "alertmanager_notifications_failed_total{") && strings.Contains(series, `integration="slack"`) && value != "0" {
			return nil
		}
	}
	return fmt.Errorf("no delivery has failed")
}

// webhook stands in for a service that is called with JSON, at an address that a Secret may hold.
type webhook struct {
	url   string
	calls chan notification
}

// notification has the fields that the tests read of a call.
type notification struct {
	// Of Slack: https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
	Attachments []struct{ Title, Text string }

	// Of PagerDuty: https://developer.pagerduty.com/docs/events-api-v2-overview
	Action     string `json:"event_action"`
	RoutingKey string `json:"routing_key"`
	DedupKey   string `json:"dedup_key"`
	Payload    struct{ Severity, Summary string }

	// Of a webhook: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
	Alerts []struct {
		Status string
		Labels map[string]string
	}
}

func (n notification) event() string {
	return fmt.Sprintf("%s with %s: %s, %s", n.Action, n.RoutingKey, n.Payload.Severity, n.Payload.Summary)
}

func (n notification) alerts() string {
	var all []string
	for _, alert := range n.Alerts {
		all = append(all, alert.Status+" "+alert.Labels["alertname"])
	}
	return strings.Join(all, ", ")
}

func startWebhook(t *testing.T) *webhook {
	t.Helper()
	const path = "/services/T0/B0/secret"
	w := &webhook{calls: make(chan notification, 100)}
	handler := http.NewServeMux()
	handler.HandleFunc("POST "+path, func(response http.ResponseWriter, r *http.Request) {
		var call notification
		if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
			http.Error(response, "invalid_payload", http.StatusBadRequest)
			return
		}
		w.calls <- call
		_, _ = response.Write([]byte("ok")) // Slack's own answer.
	})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	w.url = server.URL + path
	return w
}

// call waits for the next call of an Alertmanager.
func (w *webhook) call(t *testing.T, of *sandbox) notification {
	t.Helper()
	select {
	case call := <-w.calls:
		return call
	case <-of.process.ended:
		require.FailNow(t, "the server has ended", "%v\n%s", of.process.err, of.process.printed(t))
	case <-time.After(alertDeadline):
		require.FailNow(t, "no call", of.process.printed(t))
	}
	return notification{}
}
