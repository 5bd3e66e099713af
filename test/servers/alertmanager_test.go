//go:build linux

package servers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

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

// sendAlert sends an alert as Prometheus does.
func sendAlert(t *testing.T, alertmanager *sandbox, name string) {
	t.Helper()
	body := fmt.Sprintf(`[{"labels": {"alertname": %q, "namespace": "ai-platform", "severity": "critical"}}]`, name)
	response, err := http.Post(alertmanager.url("/api/v2/alerts"), "application/json", strings.NewReader(body))
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
