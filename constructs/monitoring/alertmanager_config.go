package monitoring

// What Alertmanager reads. https://prometheus.io/docs/alerting/latest/configuration/
type (
	alertmanagerConfig struct {
		Route        alertRoute          `yaml:"route"`
		InhibitRules []inhibitRule       `yaml:"inhibit_rules"`
		Receivers    []alertReceiverSpec `yaml:"receivers"`
	}
	alertRoute struct {
		Receiver       string       `yaml:"receiver,omitempty"`
		Matchers       []string     `yaml:"matchers,omitempty"`
		GroupBy        []string     `yaml:"group_by,omitempty"`
		GroupWait      string       `yaml:"group_wait,omitempty"`
		GroupInterval  string       `yaml:"group_interval,omitempty"`
		RepeatInterval string       `yaml:"repeat_interval,omitempty"`
		Routes         []alertRoute `yaml:"routes,omitempty"`
	}
	inhibitRule struct {
		SourceMatchers []string `yaml:"source_matchers"`
		TargetMatchers []string `yaml:"target_matchers"`
		Equal          []string `yaml:"equal"`
	}
	alertReceiverSpec struct {
		Name      string            `yaml:"name"`
		Slack     []slackConfig     `yaml:"slack_configs,omitempty"`
		PagerDuty []pagerDutyConfig `yaml:"pagerduty_configs,omitempty"`
		Webhook   []webhookConfig   `yaml:"webhook_configs,omitempty"`
	}
	slackConfig struct {
		APIURLFile   string `yaml:"api_url_file"`
		SendResolved bool   `yaml:"send_resolved"`
		Title        string `yaml:"title"`
		Text         string `yaml:"text"`
	}
	pagerDutyConfig struct {
		RoutingKeyFile string            `yaml:"routing_key_file"`
		Severity       string            `yaml:"severity"`
		Description    string            `yaml:"description"`
		Details        map[string]string `yaml:"details"`
	}
	webhookConfig struct {
		URLFile      string `yaml:"url_file"`
		SendResolved bool   `yaml:"send_resolved"`
	}
)

// What people are shown: which alert it is where, and for each the sentence and the runbook.
const (
	alertTitle = `[{{ .Status }}] {{ .CommonLabels.alertname }} in {{ .CommonLabels.namespace }}`
	alertText  = `{{ range .Alerts }}{{ .Annotations.summary }} ({{ .Labels.severity }})
{{ .Annotations.runbook_url }}
{{ end }}`
)

// receiverName is the name of the one receiver.
const receiverName = "people"

func (r AlertReceiver) config() string {
	return yamlText(alertmanagerConfig{
		Route: alertRoute{
			Receiver: receiverName,
			// One message for all pods of a tier that have the same trouble.
			GroupBy:        []string{alertNameLabel, "namespace", "job"},
			GroupWait:      "30s",
			GroupInterval:  "5m",
			RepeatInterval: "12h",
			Routes: []alertRoute{{
				Matchers:       []string{severityLabel + `="critical"`},
				GroupWait:      "10s",
				RepeatInterval: "1h",
			}},
		},
		InhibitRules: []inhibitRule{
			// A tier that is down explains whatever else is wrong with it.
			{
				SourceMatchers: []string{alertNameLabel + `="TierDown"`},
				TargetMatchers: []string{alertNameLabel + `!="TierDown"`},
				Equal:          []string{"namespace", "job"},
			},
			{
				SourceMatchers: []string{alertNameLabel + `="ErrorBudgetBurnFast"`},
				TargetMatchers: []string{alertNameLabel + `="ErrorBudgetBurnSlow"`},
				Equal:          []string{"namespace", "job"},
			},
		},
		Receivers: []alertReceiverSpec{r.spec()},
	})
}

func (r AlertReceiver) spec() alertReceiverSpec {
	spec := alertReceiverSpec{Name: receiverName}
	file := alertmanagerSecretFolder + "/" + r.Secret.Key
	switch r.Kind {
	case Slack:
		spec.Slack = []slackConfig{{APIURLFile: file, SendResolved: true, Title: alertTitle, Text: alertText}}
	case PagerDuty:
		spec.PagerDuty = []pagerDutyConfig{{
			RoutingKeyFile: file,
			// PagerDuty has the same two among its own.
			Severity:    `{{ .CommonLabels.severity }}`,
			Description: alertTitle,
			Details:     map[string]string{"alerts": alertText},
		}}
	case Webhook:
		spec.Webhook = []webhookConfig{{URLFile: file, SendResolved: true}}
	}
	return spec
}
