//go:build linux

package servers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
	"github.com/ai-platform/manifests/test/repository"
)

// TestReceivers sends alerts to an Alertmanager whose receivers are chosen by severity: PagerDuty for what is critical, Slack for warnings,
// and a service that waits for the heartbeat.
func TestReceivers(t *testing.T) {
	from := renderReceivers(t) // Node.js is not in the other network.
	inOwnNetwork(t, func(t *testing.T) {
		slack, pagerDuty, heartbeat := startSlack(t), startService(t), startService(t)
		alertmanager := newSandboxOf(t, from, "70-alertmanager.k8s.yaml", "ai-platform-alertmanager", "prometheus-alertmanager")
		slack.tell(t, alertmanager)
		writeFile(t, filepath.Join(alertmanager.folders["etc-alertmanager-secrets-pagerduty"], "pagerduty-routing-key"), "routing-key")
		pointTo(t, alertmanager, pagerDuty, heartbeat)
		alertmanager.start(t)

		began := time.Now()
		firing := []map[string]any{
			{"labels": labelsOf("Watchdog", "none")},
			{"labels": labelsOf("PostgresDown", "critical")},
			{"labels": labelsOf("SlowResponses", "warning")},
			{"labels": labelsOf("Unknown", "page")},
		}
		sendAlerts(t, alertmanager, firing)
		require.Equal(t, "[firing] SlowResponses in ai-platform", slack.message(t, alertmanager).Title)
		triggered := pagerDuty.call(t, alertmanager)
		require.Equal(t, []any{"trigger", "routing-key", "critical", "[firing] PostgresDown in ai-platform"}, eventOf(triggered))
		for range 3 {
			require.Equal(t, "Watchdog", alertsOf(heartbeat.call(t, alertmanager)))
		}

		ended := began.Add(-time.Second).Format(time.RFC3339)
		for _, alert := range firing {
			alert["endsAt"] = ended
		}
		sendAlerts(t, alertmanager, firing)
		require.Equal(t, "[resolved] SlowResponses in ai-platform", slack.message(t, alertmanager).Title)
		resolved := pagerDuty.call(t, alertmanager)
		require.Equal(t, "resolve", resolved["event_action"])
		require.Equal(t, triggered["dedup_key"], resolved["dedup_key"])

		require.Empty(t, slack.messages, "nothing else is for Slack")
		require.Empty(t, pagerDuty.calls, "nothing else is for PagerDuty")
		for len(heartbeat.calls) > 0 {
			require.Equal(t, "Watchdog", alertsOf(<-heartbeat.calls), "and that it ended is no call")
		}
	})
}

// receivers is the variable that names the folder to the program's other run.
const receivers = "SERVERS_RECEIVERS"

// renderReceivers writes production with these receivers, and names the folder as a delivery.
func renderReceivers(t *testing.T) delivery {
	t.Helper()
	if folder := os.Getenv(receivers); folder != "" {
		return delivery(folder)
	}
	e := platform.Production()
	pagerDuty, slack := e.Monitoring.Receivers[0], e.Monitoring.Receivers[0]
	pagerDuty.Kind, pagerDuty.Severities = monitoring.ReceiverPagerDuty, []monitoring.Severity{monitoring.SeverityCritical}
	slack.Severities = []monitoring.Severity{monitoring.SeverityWarning}
	e.Monitoring.Receivers = []monitoring.AlertReceiver{pagerDuty, slack}
	e.Monitoring.Heartbeat = &monitoring.Heartbeat{Server: slack.Server}
	files, err := constructs.Render(e.Compose)
	require.NoError(t, err)
	folder := newFolder(t)
	for name, content := range files {
		writeFile(t, filepath.Join(folder, name), string(content))
	}
	relative, err := filepath.Rel(repository.Path(), folder)
	require.NoError(t, err)
	t.Setenv(receivers, relative)
	return delivery(relative)
}

// pointTo has Alertmanager call the stand-ins, and call them more often. The address of PagerDuty is in no manifest, and Debian's Alertmanager reads that of a webhook
// from no file yet.
func pointTo(t *testing.T, alertmanager *sandbox, pagerDuty, heartbeat *service) {
	t.Helper()
	const heartbeatFile = "url_file: /etc/alertmanager/secrets/heartbeat/heartbeat-url"
	const routingKey = "- routing_key_file: /etc/alertmanager/secrets/pagerduty/pagerduty-routing-key\n"
	path := filepath.Join(alertmanager.folders["files"], "alertmanager.yml")
	config, err := os.ReadFile(path)
	require.NoError(t, err)
	// That an alert has ended is told with the next interval of its group, and a heartbeat is repeated with one.
	const interval, heartbeatInterval, heartbeatRepeat = "group_interval: 5m", "group_interval: 30s", "repeat_interval: 1m"
	for _, changed := range []string{heartbeatFile, routingKey, interval, heartbeatInterval, heartbeatRepeat} {
		require.Contains(t, string(config), changed)
	}
	writeFile(t, path, strings.NewReplacer(
		heartbeatFile, "url: "+heartbeat.URL,
		routingKey, routingKey+"        url: "+pagerDuty.URL+"\n",
		interval, "group_interval: 5s", heartbeatInterval, "group_interval: 1s", heartbeatRepeat, "repeat_interval: 2s",
	).Replace(string(config)))
}

// service stands in for one that is called with JSON.
type service struct {
	*httptest.Server
	calls chan map[string]any
}

func startService(t *testing.T) *service {
	t.Helper()
	s := &service{calls: make(chan map[string]any, 100)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call map[string]any
		if err := json.NewDecoder(r.Body).Decode(&call); err != nil || r.Method != http.MethodPost {
			http.Error(w, "no call", http.StatusBadRequest)
			return
		}
		s.calls <- call
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"status":"success"}`)
	}))
	t.Cleanup(s.Close)
	return s
}

// call waits for the next call.
func (s *service) call(t *testing.T, of *sandbox) map[string]any {
	t.Helper()
	select {
	case call := <-s.calls:
		return call
	case <-of.process.ended:
		require.FailNow(t, "the server has ended", "%v\n%s", of.process.err, of.process.printed(t))
	case <-time.After(alertDeadline):
		require.FailNow(t, "no call", of.process.printed(t))
	}
	return nil
}

// eventOf is what PagerDuty goes by. https://developer.pagerduty.com/docs/events-api-v2-overview
func eventOf(call map[string]any) []any {
	payload, _ := call["payload"].(map[string]any)
	return []any{call["event_action"], call["routing_key"], payload["severity"], payload["summary"]}
}

// alertsOf are the names of the alerts in a call of a webhook, with the status of those that do not fire.
func alertsOf(call map[string]any) string {
	var names []string
	all, _ := call["alerts"].([]any)
	for _, one := range all {
		alert := one.(map[string]any)
		name := fmt.Sprint(alert["labels"].(map[string]any)["alertname"])
		if alert["status"] != "firing" {
			name += fmt.Sprintf(" (%v)", alert["status"])
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func labelsOf(name, severity string) map[string]string {
	return map[string]string{"alertname": name, "namespace": "ai-platform", "severity": severity}
}

func sendAlerts(t *testing.T, alertmanager *sandbox, alerts []map[string]any) {
	t.Helper()
	body, err := json.Marshal(alerts)
	require.NoError(t, err)
	response, err := http.Post(alertmanager.url("/api/v2/alerts"), "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
}
