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
		Continue       bool         `yaml:"continue,omitempty"`
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
		SendResolved   bool              `yaml:"send_resolved"`
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

// config sends each severity to its receivers, and whatever has none of them to nobody.
func (p AlertmanagerProps) config() string {
	return yamlText(alertmanagerConfig{
		Route: alertRoute{
			Receiver: nobodyReceiver,
			// One message for all pods of a tier that have the same trouble.
			GroupBy:        []string{alertNameLabel, "namespace", "job"},
			GroupWait:      "30s",
			GroupInterval:  "5m",
			RepeatInterval: "12h",
			Routes:         p.routes(),
		},
		InhibitRules: inhibitRules(),
		Receivers:    p.receivers(),
	})
}

// routes are tried in their order, up to the first one that matches and does not continue.
func (p AlertmanagerProps) routes() []alertRoute {
	var routes []alertRoute
	if p.Heartbeat != nil {
		routes = append(routes, alertRoute{
			Receiver: heartbeatReceiver,
			Matchers: []string{alertNameLabel + `="` + heartbeatAlert + `"`},
			// It is repeated with the first interval of its group after a minute.
			GroupWait: "0s", GroupInterval: "30s", RepeatInterval: "1m",
		})
	}
	if len(p.Receivers) > 1 {
		all := alertRoute{Matchers: []string{alertNameLabel + `="` + alertsUndelivered + `"`}, GroupWait: criticalWait, RepeatInterval: criticalRepeat}
		routes = append(routes, all.to(p.Receivers)...)
	}
	for _, severity := range allSeverities {
		route := alertRoute{Matchers: []string{severityLabel + `="` + string(severity) + `"`}}
		if severity == SeverityCritical {
			route.GroupWait, route.RepeatInterval = criticalWait, criticalRepeat
		}
		routes = append(routes, route.to(p.receiversOf(severity))...)
	}
	return routes
}

const (
	criticalWait   = "10s"
	criticalRepeat = "1h"
)

// to is the route to each of the receivers.
func (r alertRoute) to(receivers []AlertReceiver) []alertRoute {
	var routes []alertRoute
	for i, receiver := range receivers {
		r.Receiver, r.Continue = receiver.Name, i < len(receivers)-1
		routes = append(routes, r)
	}
	return routes
}

// inhibitRules leave out alerts that another one explains.
func inhibitRules() []inhibitRule {
	rules := []inhibitRule{{
		// A tier that is down explains whatever else is wrong with it.
		SourceMatchers: []string{alertNameLabel + `="TierDown"`},
		TargetMatchers: []string{alertNameLabel + `!="TierDown"`},
		Equal:          []string{"namespace", "job"},
	}}
	for _, of := range []struct {
		source, target string
		equal          []string
	}{
		{"ErrorBudgetBurnFast", "ErrorBudgetBurnSlow", []string{"namespace", "job"}},
		{"CronJobFailed", "CronJobOverdue", []string{"namespace", "cronjob"}},
		{"VolumeAlmostFull", "VolumeFillingUp|PostgresVolumeAlmostFull|PostgresVolumeFillingUp", []string{"namespace", claimLabel}},
		{"PostgresVolumeAlmostFull", "VolumeFillingUp|PostgresVolumeFillingUp", []string{"namespace", claimLabel}},
		{"VolumeFillingUp", "PostgresVolumeFillingUp", []string{"namespace", claimLabel}},
		{"CertificateAboutToExpire", "CertificateExpiring", []string{"namespace", "name"}},
	} {
		rules = append(rules, inhibitRule{
			SourceMatchers: []string{alertNameLabel + `="` + of.source + `"`},
			TargetMatchers: []string{alertNameLabel + `=~"` + of.target + `"`}, // As a whole.
			Equal:          of.equal,
		})
	}
	return rules
}

func (p AlertmanagerProps) receivers() []alertReceiverSpec {
	specs := []alertReceiverSpec{{Name: nobodyReceiver}}
	for _, r := range p.Receivers {
		specs = append(specs, r.spec())
	}
	if p.Heartbeat != nil {
		// That the alert ended would be a call too.
		specs = append(specs, alertReceiverSpec{
			Name: heartbeatReceiver, Webhook: []webhookConfig{{URLFile: secretFile(heartbeatReceiver, p.Heartbeat.Secret.Key), SendResolved: false}},
		})
	}
	return specs
}

func (r AlertReceiver) spec() alertReceiverSpec {
	spec := alertReceiverSpec{Name: r.Name}
	file := secretFile(r.Name, r.Secret.Key)
	switch r.Kind {
	case ReceiverSlack:
		spec.Slack = []slackConfig{{APIURLFile: file, SendResolved: true, Title: alertTitle, Text: alertText}}
	case ReceiverPagerDuty:
		spec.PagerDuty = []pagerDutyConfig{{
			RoutingKeyFile: file,
			SendResolved:   true,
			// PagerDuty has the same two among its own.
			Severity:    `{{ .CommonLabels.severity }}`,
			Description: alertTitle,
			Details:     map[string]string{"alerts": alertText},
		}}
	case ReceiverWebhook:
		spec.Webhook = []webhookConfig{{URLFile: file, SendResolved: true}}
	}
	return spec
}
