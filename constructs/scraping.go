package constructs

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// scraping is what a Prometheus does, whoever runs it: its targets, and what follows from them.
type scraping struct {
	place
	interval     time.Duration
	targets      []target
	kubelet      bool
	certManager  *CertManager
	alertmanager string // Its address; empty without one.
	alerts       []Alert
}

func (p PrometheusProps) scraping(t *tier) scraping {
	s := scraping{
		place: t.place, interval: p.scrapeInterval(), kubelet: p.Kubelet, certManager: p.CertManager, alerts: p.Alerts,
	}
	if t.chart != nil {
		s.targets = t.takeTargets()
	}
	if !isNil(p.Alertmanager) {
		s.alertmanager = p.Alertmanager.destination().addressFor(t.place)
	}
	return s
}

// groups are all alerts: those of each tier, those of the tiers together, and the consumer's own.
func (s scraping) groups() []ruleGroup {
	groups := s.ownGroups()
	if len(s.alerts) > 0 {
		groups = append(groups, newRuleGroup(s.suffixed("alerts"), s.alerts))
	}
	return groups
}

func (s scraping) ownGroups() []ruleGroup {
	var groups []ruleGroup
	for _, target := range s.targets {
		if len(target.alerts) > 0 {
			groups = append(groups, newRuleGroup(target.name(), target.alerts))
		}
	}
	if together := s.alertsTogether(); len(together) > 0 {
		groups = append(groups, newRuleGroup(s.name(), together))
	}
	return groups
}

func (s scraping) alertsTogether() []Alert {
	alerts := s.downAlerts()
	if s.kubelet {
		alerts = append(alerts, s.kubeletAlerts()...)
	}
	if s.certManager != nil {
		alerts = append(alerts, s.certificateAlerts()...)
	}
	return alerts
}

// downAlerts tell one pod that is down from all pods of a tier. Pods that are gone are in no sample, so each tier is asked
// for by its name.
func (s scraping) downAlerts() []Alert {
	if len(s.targets) == 0 {
		return nil
	}
	var jobs, absent []string
	for _, target := range s.targets {
		jobs = append(jobs, target.name())
		absent = append(absent, fmt.Sprintf("absent(%s)", target.samplesOf("up")))
	}
	up := s.samplesIn("up", `job=~"`+strings.Join(jobs, "|")+`"`)
	allDown := fmt.Sprintf("max by (namespace, job) (%s) == 0", up)
	return []Alert{
		newAlert("TierDown", Critical, 3*time.Minute, strings.Join(append([]string{allDown}, absent...), "\nor\n"),
			"No pod of {{ $labels.job }} can be scraped"),
		newAlert("TargetDown", Warning, 5*time.Minute, fmt.Sprintf("%s == 0\nunless on (namespace, job)\n%s", up, allDown),
			"{{ $labels.instance }} of {{ $labels.job }} cannot be scraped"),
	}
}

// dashboards are those of each tier, and before them the overview.
func (s scraping) dashboards() []Dashboard {
	all := []Dashboard{s.overview()}
	for _, target := range s.targets {
		if target.dashboard != nil {
			all = append(all, *target.dashboard)
		}
	}
	if s.kubelet {
		all = append(all, s.kubeletDashboard())
	}
	return all
}

// overview shows on one screen whether all is well, and if not, which tier is not: a line for each.
func (s scraping) overview() Dashboard {
	overview := Dashboard{Name: "overview", Title: s.namespace + ": overview", Rows: []DashboardRow{{Panels: []Panel{
		s.firingPanel("Critical alerts", Critical, Red),
		s.firingPanel("Warnings", Warning, Yellow),
	}}}}
	for _, target := range s.targets {
		if len(target.overview) == 0 {
			continue
		}
		row := DashboardRow{Panels: append([]Panel{target.upPanel()}, target.overview...)}
		for i := range row.Panels {
			row.Panels[i].Title = target.component + ": " + row.Panels[i].Title
		}
		overview.Rows = append(overview.Rows, row)
	}
	return overview
}

func (s scraping) firingPanel(title string, severity Severity, color Color) Panel {
	firing := s.samplesIn("ALERTS", `alertstate="firing"`, severityLabel+`="`+string(severity)+`"`)
	return Panel{
		Title: title, Kind: Stat, Thresholds: []Threshold{{Value: 1, Color: color}},
		Queries: []Query{{Expr: fmt.Sprintf("count(%s) or vector(0)", firing)}},
	}
}

// What Prometheus reads. https://prometheus.io/docs/prometheus/latest/configuration/configuration/
type (
	prometheusConfig struct {
		Global        globalConfig    `yaml:"global"`
		RuleFiles     []string        `yaml:"rule_files"`
		Alerting      *alertingConfig `yaml:"alerting,omitempty"`
		ScrapeConfigs []scrapeConfig  `yaml:"scrape_configs"`
	}
	globalConfig struct {
		ScrapeInterval     string `yaml:"scrape_interval"`
		EvaluationInterval string `yaml:"evaluation_interval"`
	}
	alertingConfig struct {
		Alertmanagers []alertmanagersConfig `yaml:"alertmanagers"`
	}
	alertmanagersConfig struct {
		StaticConfigs []staticConfig `yaml:"static_configs"`
	}
	scrapeConfig struct {
		JobName              string                `yaml:"job_name"`
		HonorLabels          bool                  `yaml:"honor_labels,omitempty"`
		Scheme               string                `yaml:"scheme,omitempty"`
		MetricsPath          string                `yaml:"metrics_path,omitempty"`
		Params               map[string][]string   `yaml:"params,omitempty"`
		Authorization        *authorizationConfig  `yaml:"authorization,omitempty"`
		TLSConfig            *tlsConfig            `yaml:"tls_config,omitempty"`
		DNSConfigs           []dnsConfig           `yaml:"dns_sd_configs,omitempty"`
		KubernetesConfigs    []kubernetesConfig    `yaml:"kubernetes_sd_configs,omitempty"`
		StaticConfigs        []staticConfig        `yaml:"static_configs,omitempty"`
		RelabelConfigs       []relabelConfig       `yaml:"relabel_configs,omitempty"`
		MetricRelabelConfigs []metricRelabelConfig `yaml:"metric_relabel_configs,omitempty"`
	}
	staticConfig struct {
		Targets []string `yaml:"targets"`
	}
	dnsConfig struct {
		Names []string `yaml:"names"`
		Type  string   `yaml:"type"`
		Port  int      `yaml:"port"`
	}
	kubernetesConfig struct {
		Role string `yaml:"role"`
	}
	authorizationConfig struct {
		CredentialsFile string `yaml:"credentials_file"`
	}
	tlsConfig struct {
		InsecureSkipVerify bool `yaml:"insecure_skip_verify"`
	}
	relabelConfig struct {
		TargetLabel string `yaml:"target_label"`
		Replacement string `yaml:"replacement"`
	}
	metricRelabelConfig struct {
		SourceLabels []string `yaml:"source_labels"`
		Regex        string   `yaml:"regex"`
		Action       string   `yaml:"action"`
	}
)

// config is prometheus.yml.
func (s scraping) config() string {
	config := prometheusConfig{
		Global:    globalConfig{ScrapeInterval: promDuration(s.interval), EvaluationInterval: promDuration(s.interval)},
		RuleFiles: []string{prometheusRulesFile},
	}
	if s.alertmanager != "" {
		config.Alerting = &alertingConfig{[]alertmanagersConfig{{[]staticConfig{{[]string{s.alertmanager}}}}}}
	}
	for _, target := range s.targets {
		config.ScrapeConfigs = append(config.ScrapeConfigs, target.scrapeConfig())
	}
	config.ScrapeConfigs = append(config.ScrapeConfigs, s.selfConfig())
	if s.kubelet {
		config.ScrapeConfigs = append(config.ScrapeConfigs, s.kubeletConfigs()...)
	}
	if s.certManager != nil {
		config.ScrapeConfigs = append(config.ScrapeConfigs, s.certManagerConfig())
	}
	return yamlText(config)
}

// rules is rules.yml.
func (s scraping) rules() string {
	return yamlText(struct {
		Groups []ruleGroup `yaml:"groups"`
	}{s.groups()})
}

// scrapeConfig finds the pods through DNS: it takes no permission to ask the API server. A cluster has addresses of IPv4,
// of IPv6 or of both.
func (t target) scrapeConfig() scrapeConfig {
	config := scrapeConfig{
		JobName:        t.name(),
		HonorLabels:    t.honorLabels,
		MetricsPath:    t.path,
		RelabelConfigs: t.targetLabels(),
	}
	for _, record := range []string{"A", "AAAA"} {
		config.DNSConfigs = append(config.DNSConfigs, dnsConfig{Names: []string{t.metricsName()}, Type: record, Port: t.port})
	}
	return config
}

// targetLabels tell the samples from those of other namespaces, in case they meet.
func (p place) targetLabels() []relabelConfig {
	return []relabelConfig{{TargetLabel: "namespace", Replacement: p.namespace}, {TargetLabel: "component", Replacement: p.component}}
}

func (s scraping) selfConfig() scrapeConfig {
	return scrapeConfig{
		JobName:        s.name(),
		StaticConfigs:  []staticConfig{{[]string{fmt.Sprintf("localhost:%d", prometheusPort)}}},
		RelabelConfigs: s.targetLabels(),
	}
}

// onlyHere drops the samples about other namespaces.
func (s scraping) onlyHere(label string) []metricRelabelConfig {
	return []metricRelabelConfig{{SourceLabels: []string{label}, Regex: s.namespace, Action: "keep"}}
}

// yamlText expects what can be written as YAML.
func yamlText(value any) string {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Errorf("encode %T: %w", value, err))
	}
	return text.String()
}
