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
		{"an unknown receiver", "receiver: slack", "receiver: fax", `undefined receiver "fax"`},
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

// receiversOf are those that an alert gets to, in their order.
func receiversOf(t *testing.T, config file, labels ...string) string {
	t.Helper()
	printed, err := amtool.run(t, write(t, alertmanagerFile, config.content),
		append([]string{"config", "routes", "test", "--config.file", alertmanagerFile}, labels...)...)
	require.NoError(t, err, "%s: %s", config, printed)
	return strings.TrimSpace(printed)
}

// Each severity gets to its receivers, and what was not meant for anybody to nobody: a heartbeat where no service waits for it, and an
// alert of a severity that no rule here has.
func TestAlertsHaveARoute(t *testing.T) {
	for manifest, want := range map[string]map[string]string{
		"dist/70-alertmanager.k8s.yaml":           {"critical": "slack", "warning": "slack", "heartbeat": "nobody", "undelivered": "slack"},
		goldens + "/alertmanager-minimal.yaml":    {"critical": "slack", "warning": "slack", "heartbeat": "nobody", "undelivered": "slack"},
		goldens + "/alertmanager-webhook.yaml":    {"critical": "webhook", "warning": "webhook", "heartbeat": "nobody", "undelivered": "webhook"},
		"deploy/staging/70-alertmanager.k8s.yaml": {"critical": "slack", "warning": "slack", "heartbeat": "nobody", "undelivered": "slack"},
		goldens + "/alertmanager-full.yaml": {
			"critical": "pagerduty,at-work", "warning": "slack,at-work", "heartbeat": "heartbeat", "undelivered": "pagerduty,slack,at-work",
		},
	} {
		t.Run(manifest, func(t *testing.T) {
			config := fileIn(t, manifest, alertmanagerFile)
			require.Equal(t, map[string]string{
				"critical":    receiversOf(t, config, "alertname=PostgresDown", "severity=critical"),
				"warning":     receiversOf(t, config, "alertname=SlowResponses", "severity=warning"),
				"heartbeat":   receiversOf(t, config, "alertname=Watchdog", "severity=none"),
				"undelivered": receiversOf(t, config, "alertname=AlertsUndelivered", "severity=critical"),
			}, want)
			require.Equal(t, "nobody", receiversOf(t, config, "alertname=SlowResponses", "severity=page"))
			require.Equal(t, "nobody", receiversOf(t, config, "alertname=SlowResponses"))
		})
	}
}

// What is critical is told sooner, and again sooner.
func TestCriticalAlertsHaveARouteOfTheirOwn(t *testing.T) {
	var content struct {
		Route struct {
			Routes []struct {
				Receiver       string
				Matchers       []string
				GroupWait      string `json:"group_wait"`
				RepeatInterval string `json:"repeat_interval"`
			}
		}
	}
	config := fileIn(t, goldens+"/alertmanager-minimal.yaml", alertmanagerFile)
	require.NoError(t, yaml.Unmarshal([]byte(config.content), &content))
	require.Len(t, content.Route.Routes, 2)
	require.Equal(t, []string{`severity="critical"`}, content.Route.Routes[0].Matchers)
	require.Equal(t, []string{"10s", "1h"}, []string{content.Route.Routes[0].GroupWait, content.Route.Routes[0].RepeatInterval})
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
		text  = `Target 10.1.0.11:9000 of shop-api is down or unreachable: Prometheus cannot scrape it (warning)
https://example.com/runbooks#targetdown
Target 10.1.0.12:9000 of shop-api is down or unreachable: Prometheus cannot scrape it (warning)
https://example.com/runbooks#targetdown`
	)
	for manifest, want := range map[string]map[string]string{
		"dist/70-alertmanager.k8s.yaml":        {"slack_configs.title": title, "slack_configs.text": text},
		goldens + "/alertmanager-minimal.yaml": {"slack_configs.title": title, "slack_configs.text": text},
		goldens + "/alertmanager-full.yaml": {
			"pagerduty_configs.severity": "warning", "pagerduty_configs.description": title, "pagerduty_configs.details.alerts": text,
			"slack_configs.title": title, "slack_configs.text": text,
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
