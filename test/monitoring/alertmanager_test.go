package monitoring

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func checkAlertmanager(t *testing.T, p program, f file) (string, error) {
	t.Helper()
	return p.run(t, map[string]string{alertmanagerFile: f.content}, "check-config", alertmanagerFile)
}

func TestAmtoolAcceptsConfigurations(t *testing.T) {
	for _, p := range amtools {
		t.Run(p.version, func(t *testing.T) {
			for _, f := range filesNamed(t, alertmanagerFile) {
				if p.version == debianVersion && strings.Contains(f.content, " url_file: ") {
					continue // Alertmanager reads a webhook's address from a file from 0.26 on.
				}
				printed, err := checkAlertmanager(t, p, f)
				require.NoError(t, err, "%s: %s", f, printed)
			}
			minimal := fileIn(t, goldens+"/alertmanager-minimal.yaml", alertmanagerFile)
			printed, err := checkAlertmanager(t, p, minimal.replaced(t, "receiver: slack", "receiver: fax"))
			require.Error(t, err)
			require.Contains(t, printed, `undefined receiver "fax"`)
		})
	}
}

// Alerts get to the receivers of their severity. Nobody gets a heartbeat that no service waits for, nor alerts of a severity that no rule
// here has.
func TestAlertsHaveARoute(t *testing.T) {
	for _, c := range []struct{ manifest, critical, warning, heartbeat, undelivered string }{
		{"dist/70-alertmanager.k8s.yaml", "slack", "slack", "nobody", "slack"},
		{"deploy/staging/70-alertmanager.k8s.yaml", "slack", "slack", "nobody", "slack"},
		{goldens + "/alertmanager-minimal.yaml", "slack", "slack", "nobody", "slack"},
		{goldens + "/alertmanager-webhook.yaml", "webhook", "webhook", "nobody", "webhook"},
		{goldens + "/alertmanager-full.yaml", "pagerduty,at-work", "slack,at-work", "heartbeat", "pagerduty,slack,at-work"},
	} {
		t.Run(c.manifest, func(t *testing.T) {
			config := fileIn(t, c.manifest, alertmanagerFile).content
			for _, alert := range []struct{ labels, want string }{
				{"alertname=PostgresDown severity=critical", c.critical},
				{"alertname=SlowResponses severity=warning", c.warning},
				{"alertname=Watchdog severity=none", c.heartbeat},
				{"alertname=AlertsUndelivered severity=critical", c.undelivered},
				{"alertname=SlowResponses severity=page", "nobody"},
				{"alertname=SlowResponses", "nobody"},
			} {
				printed, err := amtool.run(t, map[string]string{alertmanagerFile: config},
					append([]string{"config", "routes", "test", "--config.file", alertmanagerFile}, strings.Fields(alert.labels)...)...)
				require.NoError(t, err, printed)
				require.Equal(t, alert.want, strings.TrimSpace(printed), alert.labels)
			}
		})
	}
}

// Critical alerts are sent sooner, and repeated sooner.
func TestCriticalAlertsHaveARouteOfTheirOwn(t *testing.T) {
	var config struct {
		Route struct{ Routes []map[string]any }
	}
	minimal := fileIn(t, goldens+"/alertmanager-minimal.yaml", alertmanagerFile)
	require.NoError(t, yaml.Unmarshal([]byte(minimal.content), &config))
	require.Len(t, config.Route.Routes, 2)
	critical := config.Route.Routes[0]
	require.Equal(t, []any{[]any{`severity="critical"`}, "10s", "1h"}, []any{critical["matchers"], critical["group_wait"], critical["repeat_interval"]})
}

// twoAlerts are a group as Alertmanager passes it to templates. https://pkg.go.dev/github.com/prometheus/alertmanager/template#Data
var twoAlerts = map[string]any{
	"status":       "firing",
	"receiver":     "slack",
	"commonLabels": map[string]string{"alertname": "TargetDown", "namespace": "shop", "job": "shop-api", "severity": "warning"},
	"alerts": []any{
		alertWith("Target 10.1.0.11:9000 of shop-api is down or unreachable: Prometheus cannot scrape it"),
		alertWith("Target 10.1.0.12:9000 of shop-api is down or unreachable: Prometheus cannot scrape it"),
	},
}

func alertWith(summary string) map[string]any {
	return map[string]any{
		"status":      "firing",
		"labels":      map[string]string{"alertname": "TargetDown", "severity": "warning"},
		"annotations": map[string]string{"summary": summary, "runbook_url": "https://example.com/runbooks#targetdown"},
	}
}

// render has amtool expand a template. It requires a pattern of template files, which may match none.
func render(t *testing.T, text string) (string, error) {
	t.Helper()
	data, err := json.Marshal(twoAlerts)
	require.NoError(t, err)
	return amtool.run(t, map[string]string{"data.json": string(data)}, "template", "render",
		"--template.glob", "*.tmpl", "--template.data", "data.json", "--template.text", text)
}

func TestMessages(t *testing.T) {
	const (
		title = "[firing] TargetDown in shop"
		text  = `Target 10.1.0.11:9000 of shop-api is down or unreachable: Prometheus cannot scrape it (warning)
https://example.com/runbooks#targetdown
Target 10.1.0.12:9000 of shop-api is down or unreachable: Prometheus cannot scrape it (warning)
https://example.com/runbooks#targetdown`
	)
	slack := map[string]string{"slack_configs.title": title, "slack_configs.text": text}
	for _, c := range []struct {
		manifest string
		want     map[string]string
	}{
		{"dist/70-alertmanager.k8s.yaml", slack},
		{goldens + "/alertmanager-minimal.yaml", slack},
		{goldens + "/alertmanager-webhook.yaml", map[string]string{}},
		{goldens + "/alertmanager-full.yaml", map[string]string{
			"slack_configs.title": title, "slack_configs.text": text,
			"pagerduty_configs.severity": "warning", "pagerduty_configs.description": title, "pagerduty_configs.details.alerts": text,
		}},
	} {
		t.Run(c.manifest, func(t *testing.T) {
			var config struct{ Receivers []any }
			require.NoError(t, yaml.Unmarshal([]byte(fileIn(t, c.manifest, alertmanagerFile).content), &config))
			templates := map[string]string{}
			addTemplates(templates, "", config.Receivers)
			rendered := map[string]string{}
			for path, template := range templates {
				message, err := render(t, template)
				require.NoError(t, err, message)
				rendered[path] = strings.TrimSpace(message)
			}
			require.Equal(t, c.want, rendered)
		})
	}
	printed, err := render(t, "{{ .CommonLables.alertname }}")
	require.Error(t, err)
	require.Contains(t, printed, "CommonLables")
}

// addTemplates finds what Alertmanager expands in the configurations of receivers: every text with braces, by its path.
func addTemplates(found map[string]string, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, element := range value {
			addTemplates(found, strings.TrimPrefix(path+"."+key, "."), element)
		}
	case []any:
		for _, element := range value {
			addTemplates(found, path, element)
		}
	case string:
		if strings.Contains(value, "{{") {
			found[path] = value
		}
	}
}
