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

// Metrics exports metrics of an HTTP tier to Prometheus. A monitoring.Prometheus of the same application and namespace
// scrapes every pod of the tier, and adds alerts and a dashboard for it.
//
// Unless ScrapeOnly is set, the tier must export the metrics of OpenTelemetry's HTTP conventions:
// http_server_request_duration_seconds, a histogram in seconds with the labels http_request_method, http_route and
// http_response_status_code, and http_server_active_requests, a gauge. It must also export process_cpu_seconds_total
// and process_resident_memory_bytes, as Prometheus's client libraries do by default.
// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
type Metrics struct {
	// Path is the URL path of the metrics. Defaults to "/metrics".
	Path string

	// Port is the container's port that serves the metrics. The Service does not expose it, so no Ingress can. If the
	// metrics are on the tier's own port and below a path that an Ingress routes, the Ingress is refused: they would be
	// public. Defaults to 9464, the port of OpenTelemetry's exporter for Prometheus.
	Port int

	// ScrapeOnly is for a tier whose metrics have other names. The tier is scraped and has the alerts TierDown and
	// TargetDown, but no other alerts, no dashboard and no Objective: add your own to the Prometheus and the Grafana.
	// Defaults to false.
	ScrapeOnly bool

	// Objective is the service level that the alerts and the dashboard compare the tier with.
	Objective Objective
}

// MetricsEndpoint exports metrics of a tier that serves no requests. A monitoring.Prometheus of the same application and
// namespace scrapes every pod of the tier, and adds the alerts TierDown and TargetDown. Other alerts and a dashboard
// depend on the metrics: add them to the Prometheus and the Grafana.
type MetricsEndpoint struct {
	// Path is the URL path of the metrics. Defaults to "/metrics".
	Path string

	// Port is the container's port that serves the metrics. Defaults to 9464, the port of OpenTelemetry's exporter for
	// Prometheus.
	Port int
}

// Objective is the service level expected of an HTTP tier.
type Objective struct {
	// Availability is the percentage of requests answered without a server error (5xx), from 95 to 99.999. The rest is the error
	// budget. With few requests a single error can exceed it. Defaults to 99.9.
	Availability float64

	// P95Latency is the time within which 95% of the requests are answered, from 1 ms to 5 s. It is measured as precisely as the
	// histogram's buckets allow: the histogram needs one above it (OpenTelemetry's end at 10 s). Defaults to 500 ms.
	P95Latency time.Duration
}

// The defaults of Metrics and Objective.
const (
	DefaultMetricsPath = "/metrics"

	// DefaultMetricsPort is the default of OpenTelemetry's exporter for Prometheus.
	// https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/prometheus/
	DefaultMetricsPort = 9464

	DefaultAvailability = 99.9
	DefaultP95Latency   = 500 * time.Millisecond
)

const (
	// leastAvailability is where the alert on a fast burn of the error budget can still fire: 14.4 times the budget
	// must be less than 100%.
	leastAvailability = 95
	mostAvailability  = 99.999

	leastP95Latency = time.Millisecond
	mostP95Latency  = 5 * time.Second
)

func (m *Metrics) withDefaults() *Metrics {
	if m == nil {
		return nil
	}
	filled := *m
	filled.Path = cmp.Or(m.Path, DefaultMetricsPath)
	filled.Port = cmp.Or(m.Port, DefaultMetricsPort)
	if !m.ScrapeOnly {
		filled.Objective.Availability = cmp.Or(m.Objective.Availability, DefaultAvailability)
		filled.Objective.P95Latency = cmp.Or(m.Objective.P95Latency, DefaultP95Latency)
	}
	return &filled
}

// metrics are those of a tier of which nothing else is known.
func (m *MetricsEndpoint) metrics() *Metrics {
	if m == nil {
		return nil
	}
	return (&Metrics{Path: m.Path, Port: m.Port, ScrapeOnly: true}).withDefaults()
}

func (m *Metrics) validate(path *field.Path, of manifest.Component) field.ErrorList {
	if m == nil {
		return nil
	}
	return slices.Concat(
		of.CheckMetricsName(path),
		m.validatePath(path.Child("path")),
		check.Port(path.Child("port"), m.Port),
		m.validateObjective(path.Child("objective")),
	)
}

func (m *Metrics) validateObjective(path *field.Path) field.ErrorList {
	objective := m.Objective
	if m.ScrapeOnly {
		if objective != (Objective{}) {
			return field.ErrorList{field.Forbidden(path, "cannot be measured with scrapeOnly: remove one of them")}
		}
		return nil
	}
	var errs field.ErrorList
	// NaN is neither below the least nor above the most.
	if !(objective.Availability >= leastAvailability && objective.Availability <= mostAvailability) {
		errs = append(errs, field.Invalid(path.Child("availability"), objective.Availability, "must be between 95 and 99.999"))
	}
	if objective.P95Latency < leastP95Latency || objective.P95Latency > mostP95Latency {
		errs = append(errs, field.Invalid(path.Child("p95Latency"), objective.P95Latency.String(), "must be between 1ms and 5s"))
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
