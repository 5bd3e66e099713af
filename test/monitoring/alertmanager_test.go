package monitoring

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

const alertmanagerFile = "alertmanager.yml"

func checkAlertmanager(t *testing.T, j judge, config file) (string, error) {
	t.Helper()
	return j.run(t, write(t, alertmanagerFile, config.content), "check-config", alertmanagerFile)
}

func TestAmtoolAcceptsConfigurations(t *testing.T) {
	eachVersion(t, amtools, func(t *testing.T, j judge) {
		for _, config := range filesNamed(t, alertmanagerFile) {
			if j.version == debianVersion && strings.Contains(config.content, " url_file: ") {
				continue // Alertmanager reads a webhook's address from a file from 0.26 on.
			}
			printed, err := checkAlertmanager(t, j, config)
			require.NoError(t, err, "%s: %s", config, printed)
		}
	})
}

func TestAmtoolRefusesConfigurations(t *testing.T) {
	accepted := fileIn(t, goldens+"/alertmanager-minimal.yaml", alertmanagerFile)
	for _, c := range []struct{ name, old, replacement, want string }{
		{"an unknown field", "api_url_file:", "url_of_api_file:", "field url_of_api_file not found"},
		{"an unknown receiver", "receiver: people", "receiver: nobody", `undefined receiver "nobody"`},
		{"no matcher", `severity="critical"`, `severity=="critical"`, "matcher value contains unescaped double quote"},
		{"no duration", "group_wait: 30s", "group_wait: 30", "not a valid duration string"},
		{"no interval", "repeat_interval: 12h", "repeat_interval: 0s", "repeat_interval cannot be zero"},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, amtools, func(t *testing.T, j judge) {
				printed, err := checkAlertmanager(t, j, spoil(t, accepted, c.old, c.replacement))
				require.Error(t, err)
				require.Contains(t, printed, c.want)
			})
		})
	}
}

// route returns the way that an alert takes to its receiver.
func route(t *testing.T, config file, labels ...string) string {
	t.Helper()
	printed, err := testRoute(t, config, labels...)
	require.NoError(t, err, "%s: %s", config, printed)
	return printed
}

func testRoute(t *testing.T, config file, labels ...string) (string, error) {
	t.Helper()
	arguments := []string{"config", "routes", "test", "--config.file", alertmanagerFile, "--tree", "--verify.receivers", "people"}
	return amtool.run(t, write(t, alertmanagerFile, config.content), append(arguments, labels...)...)
}

// Both go to the same people; what is critical by a route of its own, which waits less.
func TestAlertsHaveARoute(t *testing.T) {
	const own = `{severity="critical"}`
	for _, config := range filesNamed(t, alertmanagerFile) {
		require.Contains(t, route(t, config, "alertname=PostgresDown", "severity=critical"), own+"  receiver: people", config)
		require.NotContains(t, route(t, config, "alertname=SlowResponses", "severity=warning"), own, config)
	}
}

func TestAmtoolRefusesAnotherReceiver(t *testing.T) {
	config := spoil(t, fileIn(t, goldens+"/alertmanager-minimal.yaml", alertmanagerFile), "people", "robots")
	printed, err := testRoute(t, config, "severity=critical")
	require.Error(t, err)
	require.Contains(t, printed, "robots")
}

// messageTemplates returns what Alertmanager expands in the receivers of a configuration: every text with braces.
func messageTemplates(t *testing.T, config file) map[string]string {
	t.Helper()
	var content struct {
		Receivers []map[string]any
	}
	require.NoError(t, yaml.Unmarshal([]byte(config.content), &content))
	found := map[string]string{}
	for _, receiver := range content.Receivers {
		addTemplates(found, "", receiver)
	}
	return found
}

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

// twoAlerts are a group as Alertmanager sends it. https://pkg.go.dev/github.com/prometheus/alertmanager/template#Data
var twoAlerts = map[string]any{
	"status":       "firing",
	"receiver":     "people",
	"commonLabels": map[string]string{"alertname": "TargetDown", "namespace": "shop", "job": "shop-api", "severity": "warning"},
	"alerts": []any{
		alertWith("10.1.0.11:9000 of shop-api cannot be scraped"),
		alertWith("10.1.0.12:9000 of shop-api cannot be scraped"),
	},
}

func alertWith(summary string) map[string]any {
	return map[string]any{
		"status":      "firing",
		"labels":      map[string]string{"alertname": "TargetDown", "severity": "warning"},
		"annotations": map[string]string{"summary": summary, "runbook_url": "https://example.com/runbooks#targetdown"},
	}
}

// render has amtool expand a template. It wants to be told of files of templates too, of which there may be none.
func render(t *testing.T, text string) (string, error) {
	t.Helper()
	data, err := json.Marshal(twoAlerts)
	require.NoError(t, err)
	folder := write(t, "data.json", string(data))
	return amtool.run(t, folder, "template", "render",
		"--template.glob", "*.tmpl", "--template.data", "data.json", "--template.text", text)
}

func TestMessages(t *testing.T) {
	const (
		title = "[firing] TargetDown in shop"
		text  = `10.1.0.11:9000 of shop-api cannot be scraped (warning)
https://example.com/runbooks#targetdown
10.1.0.12:9000 of shop-api cannot be scraped (warning)
https://example.com/runbooks#targetdown`
	)
	for manifest, want := range map[string]map[string]string{
		"dist/70-alertmanager.k8s.yaml":        {"slack_configs.title": title, "slack_configs.text": text},
		goldens + "/alertmanager-minimal.yaml": {"slack_configs.title": title, "slack_configs.text": text},
		goldens + "/alertmanager-full.yaml": {
			"pagerduty_configs.severity": "warning", "pagerduty_configs.description": title, "pagerduty_configs.details.alerts": text,
		},
		goldens + "/alertmanager-webhook.yaml": {},
	} {
		t.Run(manifest, func(t *testing.T) {
			rendered := map[string]string{}
			for path, template := range messageTemplates(t, fileIn(t, manifest, alertmanagerFile)) {
				message, err := render(t, template)
				require.NoError(t, err, message)
				rendered[path] = strings.TrimSpace(message)
			}
			require.Equal(t, want, rendered)
		})
	}
}

func TestAmtoolRefusesTemplates(t *testing.T) {
	printed, err := render(t, "{{ .CommonLables.alertname }}")
	require.Error(t, err)
	require.Contains(t, printed, "CommonLables")
}
