package constructs

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Metrics says that an HTTP tier exports metrics for Prometheus, and how well it is expected to answer. A monitoring.Prometheus of
// the same application and namespace scrapes every pod of the tier, and has alerts and a dashboard for it.
//
// Unless it is scraped only, the tier must export the metrics that OpenTelemetry's conventions name:
// http_server_request_duration_seconds, a histogram in seconds with the labels http_request_method, http_route and
// http_response_status_code, and http_server_active_requests, a gauge
// (https://opentelemetry.io/docs/specs/semconv/http/http-metrics/); and those that Prometheus's client libraries export by
// themselves: process_cpu_seconds_total and process_resident_memory_bytes
// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
type Metrics struct {
	// Path is where the metrics are. Defaults to DefaultMetricsPath.
	Path string

	// Port is where the tier exports them. The Service does not lead to it, and so no Ingress does. On the tier's own port
	// everybody could read them whom an Ingress lets in: an Ingress refuses a tier with metrics there, at a path that it leads to. Defaults to
	// DefaultMetricsPort.
	Port int

	// Availability is how many of a hundred requests are to be answered without a server error (5xx), from 95 to 99.999.
	// The rest is the error budget. With few requests a single error may be more than it allows. Defaults to
	// DefaultAvailability.
	Availability float64

	// ResponseTime is the time within which 95 of a hundred requests are to be answered, from 1 ms to 5 s. It can be told
	// as exactly as the histogram has buckets around it, and not at all if it has none above; OpenTelemetry's end at 10 s.
	// Defaults to DefaultResponseTime.
	ResponseTime time.Duration

	// ScrapeOnly is for a tier that exports metrics of other names. It is scraped, with the alerts on whether it can be, TierDown and
	// TargetDown, and has no dashboard and no other alerts: add your own to the Prometheus and the Grafana. Availability and
	// ResponseTime are then of no use. Defaults to the metrics that OpenTelemetry's conventions name.
	ScrapeOnly bool
}

// The defaults of Metrics.
const (
	DefaultMetricsPath = "/metrics"

	// DefaultMetricsPort is where OpenTelemetry's exporter for Prometheus listens.
	// https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/prometheus/
	DefaultMetricsPort = 9464

	DefaultAvailability = 99.9
	DefaultResponseTime = 500 * time.Millisecond
)

const (
	// leastAvailability is where the alert on an error budget that burns fast can still fire: 14.4 times the budget must be
	// less than everything.
	leastAvailability = 95
	mostAvailability  = 99.999

	leastResponseTime = time.Millisecond
	mostResponseTime  = 5 * time.Second
)

func (m *Metrics) withDefaults() *Metrics {
	if m == nil {
		return nil
	}
	filled := *m
	filled.Path = cmp.Or(m.Path, DefaultMetricsPath)
	filled.Port = cmp.Or(m.Port, DefaultMetricsPort)
	if !m.ScrapeOnly {
		filled.Availability = cmp.Or(m.Availability, DefaultAvailability)
		filled.ResponseTime = cmp.Or(m.ResponseTime, DefaultResponseTime)
	}
	return &filled
}

func (m *Metrics) validate(path *field.Path, of manifest.Component) field.ErrorList {
	if m == nil {
		return nil
	}
	return slices.Concat(
		of.CheckMetricsName(path),
		m.validatePath(path.Child("path")),
		check.Port(path.Child("port"), m.Port),
		m.validateExpectations(path),
	)
}

// validateExpectations checks how well the tier is to answer.
func (m *Metrics) validateExpectations(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if m.ScrapeOnly {
		const unknown = "cannot be measured with scrapeOnly: leave it out"
		if m.Availability != 0 {
			errs = append(errs, field.Forbidden(path.Child("availability"), unknown))
		}
		if m.ResponseTime != 0 {
			errs = append(errs, field.Forbidden(path.Child("responseTime"), unknown))
		}
		return errs
	}
	// A number that is none compares as neither.
	if !(m.Availability >= leastAvailability && m.Availability <= mostAvailability) {
		errs = append(errs, field.Invalid(path.Child("availability"), m.Availability, "must be between 95 and 99.999"))
	}
	if m.ResponseTime < leastResponseTime || m.ResponseTime > mostResponseTime {
		errs = append(errs, field.Invalid(path.Child("responseTime"), m.ResponseTime.String(), "must be between 1ms and 5s"))
	}
	return errs
}

// validatePath refuses what Prometheus would escape.
func (m *Metrics) validatePath(path *field.Path) field.ErrorList {
	errs := check.URLPath(path, m.Path)
	if len(errs) == 0 && strings.ContainsAny(m.Path, "?#%") {
		errs = append(errs, field.Invalid(path, m.Path, "must not contain '?', '#' or '%', which Prometheus escapes"))
	}
	return errs
}
