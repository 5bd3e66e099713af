//go:build linux

package servers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// TestAlertmanagerWithoutAnAddress starts it before there is the key of the Secret that says where to send alerts to.
func TestAlertmanagerWithoutAnAddress(t *testing.T) {
	inOwnNetwork(t, func(t *testing.T) {
		slack := startSlack(t)
		alertmanager := newAlertmanager(t)
		alertmanager.start(t)

		sendAlert(t, alertmanager, "First")
		alertmanager.process.until(t, func() error { return undelivered(alertmanager) })
		require.NoError(t, alertmanager.ready())
		require.NoError(t, alertmanager.alive())
		require.Empty(t, slack.messages)

		// A kubelet writes the file as soon as the Secret has the key.
		slack.tell(t, alertmanager)
		sendAlert(t, alertmanager, "Second")
		require.Equal(t, "[firing] Second in ai-platform", slack.message(t, alertmanager).Title)
	})
}

// TestAlertmanagerInhibits sends pairs of alerts on one subject, the first of which explains the second, and the second on another subject.
func TestAlertmanagerInhibits(t *testing.T) {
	inOwnNetwork(t, func(t *testing.T) {
		alertmanager := newAlertmanager(t)
		alertmanager.start(t)
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
				sendAlert(t, alertmanager, alert.name, c.label, alert.subject, "id", id)
				want[id] = alert.state
			}
		}
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

func newAlertmanager(t *testing.T) *sandbox {
	t.Helper()
	return newSandbox(t, "70-alertmanager.k8s.yaml", "ai-platform-alertmanager", "prometheus-alertmanager")
}

// startAlertmanager starts one that knows where to send alerts to.
func startAlertmanager(t *testing.T, to *slack) *sandbox {
	t.Helper()
	alertmanager := newAlertmanager(t)
	to.tell(t, alertmanager)
	alertmanager.start(t)
	return alertmanager
}

// sendAlert sends an alert as Prometheus does, with more labels: each a name and a value.
func sendAlert(t *testing.T, alertmanager *sandbox, name string, more ...string) {
	t.Helper()
	labels := map[string]string{"alertname": name, "namespace": "ai-platform", "severity": "critical"}
	for pair := range slices.Chunk(more, 2) {
		labels[pair[0]] = pair[1]
	}
	body, err := json.Marshal([]any{map[string]any{"labels": labels}})
	require.NoError(t, err)
	response, err := http.Post(alertmanager.url("/api/v2/alerts"), "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
}

// undelivered fails until an alert could not be delivered.
func undelivered(alertmanager *sandbox) error {
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
