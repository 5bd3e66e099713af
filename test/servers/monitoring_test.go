//go:build linux

package servers

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// alertDeadline is for what waits for intervals of the emitted configuration. Some take a minute.
const alertDeadline = 10 * time.Minute

// TestMonitoring runs Prometheus and Alertmanager as production has them, among pods that only tell samples. It takes some
// two minutes, as the emitted configuration does: half a minute to scrape, as much to evaluate, a minute before the alert.
func TestMonitoring(t *testing.T) {
	inOwnNetwork(t, func(t *testing.T) {
		pods := startCluster(t, "alertmanager")
		pods.podsOf("database")[0].server.Store(false)
		slack, alertmanager, prometheus := startWebhook(t), newAlertmanager(t, production), newPrometheus(t)
		giveSlack(t, alertmanager, slack)
		alertmanager.start(t)
		prometheus.start(t)

		requireTargets(t, prometheus, pods)
		delivered := slack.call(t, alertmanager)
		require.Len(t, delivered.Attachments, 1)
		require.Equal(t, "[firing] PostgresDown in ai-platform", delivered.Attachments[0].Title)
		require.Equal(t, "PostgreSQL server ai-platform-database is down or rejects the login of its exporter (critical)\n"+
			"https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#postgresdown\n", delivered.Attachments[0].Text)
		requireNothingElse(t, prometheus, slack)
		requireRules(t, prometheus)
		for _, expression := range texts(t, "expr", ".json") {
			require.NotEmpty(t, query(t, prometheus, expression), "a panel is empty: %s", expression)
		}
		requireChoices(t, prometheus)
		require.NoError(t, prometheus.alive())
		require.NoError(t, alertmanager.alive())
	})
}

func newPrometheus(t *testing.T) *sandbox {
	t.Helper()
	return newSandbox(t, production, "80-prometheus.k8s.yaml", "ai-platform-prometheus", "prometheus", corev1.Secret{})
}

// requireTargets waits until every pod of every job is scraped.
func requireTargets(t *testing.T, prometheus *sandbox, of *cluster) {
	t.Helper()
	expected := map[string]int{}
	for _, p := range of.pods {
		expected[p.Name]++
	}
	delete(expected, "ai-platform-grafana") // Nobody scrapes it.
	expected["ai-platform-frontend"] = 3    // Probes: two paths of its Service, and the public host.
	require.Greater(t, expected["ai-platform-backend"], 1, "one pod may be found without the others")
	prometheus.process.within(t, alertDeadline, func() error {
		up := map[string]int{}
		for _, found := range ask[targets](t, prometheus, "targets", nil).ActiveTargets {
			if found.Health != "up" {
				return fmt.Errorf("%s is %s: %s", found.Labels, found.Health, found.LastError)
			}
			up[found.Labels["job"]]++
		}
		if !maps.Equal(up, expected) {
			return fmt.Errorf("up are %v, not %v", up, expected)
		}
		return nil
	})
}

// requireNothingElse waits until no other alert fires or is about to, as on pods that were not scraped yet, and fails if
// another was delivered.
func requireNothingElse(t *testing.T, prometheus *sandbox, slack *webhook) {
	t.Helper()
	prometheus.process.within(t, alertDeadline, func() error {
		found := ask[alerts](t, prometheus, "alerts", nil).Alerts
		if len(found) != 1 || found[0].Labels["alertname"] != "PostgresDown" || found[0].State != "firing" {
			return fmt.Errorf("not one alert that fires: %v", found)
		}
		return nil
	})
	require.Empty(t, slack.calls)
}

// requireRules fails if Prometheus could not evaluate a rule on the samples that there are.
func requireRules(t *testing.T, prometheus *sandbox) {
	t.Helper()
	groups := ask[rules](t, prometheus, "rules", nil).Groups
	require.NotEmpty(t, groups)
	for _, group := range groups {
		for _, found := range group.Rules {
			require.Equal(t, "ok", found.Health, "%s, %s: %s", group.Name, found.Name, found.LastError)
		}
	}
}

// variableQuery is what Grafana asks for the values of a variable: those of a label of samples.
var variableQuery = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

// requireChoices fails if a variable of a dashboard offers nothing, and if the backend's offers only one of its pods.
func requireChoices(t *testing.T, prometheus *sandbox) {
	t.Helper()
	offered := map[string][]string{}
	for _, text := range texts(t, "query", ".json") {
		if asked := variableQuery.FindStringSubmatch(text); asked != nil { // The other one is of the data source.
			offered[text] = ask[[]string](t, prometheus, "label/"+asked[2]+"/values", url.Values{"match[]": {asked[1]}})
			require.NotEmpty(t, offered[text], text)
		}
	}
	require.Greater(t, len(offered[`label_values(up{namespace="ai-platform",job="ai-platform-backend"}, instance)`]), 1, "%v", offered)
}
