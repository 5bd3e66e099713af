package monitoring

import (
	"net/url"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// What the blackbox exporter reads. https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md
type (
	blackboxConfig struct {
		Modules map[string]blackboxModule `yaml:"modules"`
	}
	blackboxModule struct {
		Prober  string       `yaml:"prober"`
		Timeout string       `yaml:"timeout"`
		HTTP    blackboxHTTP `yaml:"http"`
	}
	blackboxHTTP struct {
		PreferredIPProtocol string     `yaml:"preferred_ip_protocol"`
		BodySizeLimit       string     `yaml:"body_size_limit"`
		FailIfNotSSL        bool       `yaml:"fail_if_not_ssl,omitempty"`
		TLSConfig           *tlsConfig `yaml:"tls_config,omitempty"`
	}
)

const (
	// probeTimeout is less than Prometheus's patience with a scrape, which is 10 s, or the interval if that is shorter: then the exporter
	// shortens it by itself.
	probeTimeout = 5 * time.Second

	// probeBodyLimit is more than pages have. A probe whose answer is larger fails.
	probeBodyLimit = "10MB"
)

// config is config.yml. It has the modules that are in use.
func (p BlackboxExporterProps) config() string {
	modules := map[string]blackboxModule{}
	for _, probe := range p.Probes {
		modules[moduleName(nil)] = newModule(nil)
		if probe.Public != nil {
			modules[moduleName(probe.Public)] = newModule(probe.Public)
		}
	}
	return yamlText(blackboxConfig{modules})
}

// moduleName is the module of a probe. A probe of a Service has no PublicProbe.
func moduleName(public *PublicProbe) string {
	name := "http"
	if public == nil {
		return name
	}
	if public.overTLS() {
		name += "_tls"
	}
	if public.InsecureSkipVerify {
		name += "_any_certificate"
	}
	if public.IPv6 {
		name += "_ipv6"
	}
	return name
}

// newModule wants a status of 2xx, which is the exporter's default, after redirects. The exporter tries one address only and would prefer
// IPv6, which a host may have and the cluster not.
func newModule(public *PublicProbe) blackboxModule {
	module := blackboxModule{
		Prober: "http", Timeout: promDuration(probeTimeout),
		HTTP: blackboxHTTP{PreferredIPProtocol: "ip4", BodySizeLimit: probeBodyLimit},
	}
	if public == nil {
		return module
	}
	if public.IPv6 {
		module.HTTP.PreferredIPProtocol = "ip6"
	}
	module.HTTP.FailIfNotSSL = public.overTLS()
	if public.InsecureSkipVerify {
		module.HTTP.TLSConfig = &tlsConfig{InsecureSkipVerify: true}
	}
	return module
}

// overTLS reports whether there is a certificate. A redirect to plain HTTP is then a fault.
func (p PublicProbe) overTLS() bool {
	parsed, _ := parseProbeURL(nil, p.URL)
	return parsed != nil && parsed.Scheme == "https"
}

// parseProbeURL gives no URL if there are errors.
func parseProbeURL(path *field.Path, text string) (*url.URL, field.ErrorList) {
	parsed, err := url.Parse(text)
	if err != nil || (parsed.Scheme != "https" && parsed.Scheme != "http") || parsed.Hostname() == "" || parsed.Fragment != "" {
		return nil, field.ErrorList{field.Invalid(path, text, `must be a URL such as "https://example.com/"`)}
	}
	if parsed.User != nil {
		return nil, field.ErrorList{field.Forbidden(path, "must not contain a user or a password: the URL is a label of samples and alerts")}
	}
	errs := check.Host(path, parsed.Hostname())
	if port, err := strconv.Atoi(parsed.Port()); parsed.Port() != "" {
		if err != nil {
			return nil, field.ErrorList{field.Invalid(path, text, "must have no port, or one between 1 and 65535")}
		}
		errs = append(errs, check.Port(path, port)...)
	}
	if parsed.Path != "" {
		errs = append(errs, check.URLPath(path, parsed.RequestURI())...)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return parsed, nil
}

// portOf expects a URL that is valid.
func portOf(of *url.URL) int {
	if port, err := strconv.Atoi(of.Port()); err == nil {
		return port
	}
	if of.Scheme == "http" {
		return 80
	}
	return 443
}
