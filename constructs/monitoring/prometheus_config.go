package monitoring

import (
	"fmt"

	"github.com/ai-platform/manifests/internal/manifest"
)

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
		Authorization        *authorizationConfig  `yaml:"authorization,omitempty"`
		TLSConfig            *tlsConfig            `yaml:"tls_config,omitempty"`
		DNSConfigs           []dnsConfig           `yaml:"dns_sd_configs,omitempty"`
		KubernetesConfigs    []kubernetesConfig    `yaml:"kubernetes_sd_configs,omitempty"`
		StaticConfigs        []staticConfig        `yaml:"static_configs,omitempty"`
		RelabelConfigs       []relabelConfig       `yaml:"relabel_configs,omitempty"`
		MetricRelabelConfigs []metricRelabelConfig `yaml:"metric_relabel_configs,omitempty"`
	}
	staticConfig struct {
		Targets []string          `yaml:"targets"`
		Labels  map[string]string `yaml:"labels,omitempty"`
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
		SourceLabels []string   `yaml:"source_labels,omitempty,flow"`
		TargetLabel  string     `yaml:"target_label"`
		Replacement  quotedText `yaml:"replacement,omitempty"` // Of a text without source labels, and else of all that they hold.
	}
	metricRelabelConfig struct {
		SourceLabels []string   `yaml:"source_labels"`
		Regex        quotedText `yaml:"regex"`
		Action       string     `yaml:"action"`
	}
)

// config is prometheus.yml.
func (s scraping) config() string {
	config := prometheusConfig{
		Global:    globalConfig{ScrapeInterval: promDuration(s.interval), EvaluationInterval: promDuration(s.interval)},
		RuleFiles: []string{prometheusRulesFile},
	}
	if s.alertmanager != "" {
		config.Alerting = &alertingConfig{[]alertmanagersConfig{{[]staticConfig{{Targets: []string{s.alertmanager}}}}}}
	}
	for _, target := range s.targets {
		config.ScrapeConfigs = append(config.ScrapeConfigs, target.scrapeConfig())
	}
	for _, tier := range s.probedTiers() {
		config.ScrapeConfigs = append(config.ScrapeConfigs, tier.scrapeConfig(s))
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
		JobName:        t.Name(),
		HonorLabels:    t.honorLabels,
		MetricsPath:    t.asking.Path,
		RelabelConfigs: t.targetLabels(),
	}
	for _, record := range []string{"A", "AAAA"} {
		config.DNSConfigs = append(config.DNSConfigs, dnsConfig{Names: []string{t.Suffixed(manifest.MetricsPort)}, Type: record, Port: t.asking.Port})
	}
	return config
}

// targetLabels tell the samples from those of other namespaces, in case they meet.
func (c component) targetLabels() []relabelConfig {
	return []relabelConfig{{TargetLabel: "namespace", Replacement: quotedText(c.Namespace)}, {TargetLabel: "component", Replacement: quotedText(c.ID)}}
}

func (s scraping) selfConfig() scrapeConfig {
	return scrapeConfig{
		JobName:        s.Name(),
		StaticConfigs:  []staticConfig{{Targets: []string{fmt.Sprintf("localhost:%d", prometheusPort)}}},
		RelabelConfigs: s.targetLabels(),
	}
}

// onlyHere drops the samples about other namespaces.
func (s scraping) onlyHere(label string) []metricRelabelConfig {
	return []metricRelabelConfig{{SourceLabels: []string{label}, Regex: quotedText(s.Namespace), Action: "keep"}}
}
