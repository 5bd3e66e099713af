package constructs

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Metrics says that an HTTP tier exports metrics for Prometheus, and how well it is expected to answer. A Prometheus of
// the same application and namespace scrapes every pod of the tier, and has alerts and a dashboard for it.
//
// The tier must export the metrics that OpenTelemetry's conventions name:
// http_server_request_duration_seconds, a histogram in seconds with the labels http_request_method, http_route and
// http_response_status_code, and http_server_active_requests, a gauge
// (https://opentelemetry.io/docs/specs/semconv/http/http-metrics/); and those that Prometheus's client libraries export by
// themselves: process_cpu_seconds_total and process_resident_memory_bytes
// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
type Metrics struct {
	// Path is where the metrics are. Defaults to DefaultMetricsPath.
	Path string

	// Port is where the tier exports them. The Service does not lead to it, and so no Ingress does: on the tier's own port
	// everybody could read them whom an Ingress lets in. Defaults to DefaultMetricsPort.
	Port int

	// Availability is how many of a hundred requests are to be answered without a server error (5xx), from 95 to 99.999.
	// The rest is the error budget. With few requests a single error may be more than it allows. Defaults to
	// DefaultAvailability.
	Availability float64

	// ResponseTime is the time within which 95 of a hundred requests are to be answered, from 1 ms to 5 s. It can be told
	// as exactly as the histogram has buckets around it, and not at all if it has none above; OpenTelemetry's end at 10 s.
	// Defaults to DefaultResponseTime.
	ResponseTime time.Duration
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
	metricsPortName = "metrics"

	// leastAvailability is where the alert on an error budget that burns fast can still fire: 14.4 times the budget must be
	// less than everything.
	leastAvailability = 95
	mostAvailability  = 99.999

	leastResponseTime = time.Millisecond
	mostResponseTime  = 5 * time.Second
)

func metricsOf(metrics *Metrics) *Metrics {
	if metrics == nil {
		return nil
	}
	return &Metrics{
		Path:         cmp.Or(metrics.Path, DefaultMetricsPath),
		Port:         cmp.Or(metrics.Port, DefaultMetricsPort),
		Availability: cmp.Or(metrics.Availability, DefaultAvailability),
		ResponseTime: cmp.Or(metrics.ResponseTime, DefaultResponseTime),
	}
}

func (m *Metrics) validate(path *field.Path, of place) field.ErrorList {
	if m == nil {
		return nil
	}
	errs := slices.Concat(
		of.checkMetricsName(path),
		m.validatePath(path.Child("path")),
		checkPort(path.Child("port"), m.Port),
	)
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
	errs := checkURLPath(path, m.Path)
	if len(errs) == 0 && strings.ContainsAny(m.Path, "?#%") {
		errs = append(errs, field.Invalid(path, m.Path, "must not contain '?', '#' or '%', which Prometheus escapes"))
	}
	return errs
}

// target is a tier that asks to be scraped, and what follows for who scrapes it. Its pods are found by the Service of
// metricsService.
type target struct {
	place
	path        string
	port        int
	honorLabels bool // The samples' own labels namespace and pod say what they are about.
	alerts      []Alert
	overview    []Panel // That tell at a glance how the tier is.
	dashboard   *Dashboard
}

var _ Server = target{}

// Endpoint implements Server.
func (t target) Endpoint() Endpoint { return t.destination().Endpoint }

func (t target) destination() destination {
	return destination{Endpoint: Endpoint{Host: t.metricsName(), Port: t.port}, pods: &t.place}
}

func (p place) metricsName() string { return p.suffixed(metricsPortName) }

// checkMetricsName wants room for what is appended to the tier's name, which itself is checked elsewhere.
func (p place) checkMetricsName(prop *field.Path) field.ErrorList {
	if len(validation.IsDNS1035Label(p.name())) > 0 {
		return nil
	}
	return invalid(prop, p.metricsName(), validation.IsDNS1035Label(p.metricsName()))
}

// addTarget tells the Prometheus of the application of a tier. One that was added before does not hear of it any more.
func (t *tier) addTarget(prop *field.Path, asking target) {
	if scraper, taken := t.chart.tree.scraped[asking.application()]; taken {
		t.refuse(field.ErrorList{field.Forbidden(prop, "is asked for after "+scraper+" was added, which has its targets by then: add it last")})
		return
	}
	t.chart.tree.targets = append(t.chart.tree.targets, asking)
}

// takeTargets returns the tiers of the same application and namespace that ask to be scraped. There must be no more of
// them afterwards.
func (t *tier) takeTargets() []target {
	t.chart.tree.scraped[t.application()] = "Prometheus " + t.name()
	var taken []target
	for _, asking := range t.chart.tree.targets {
		if asking.application() == t.application() {
			taken = append(taken, asking)
		}
	}
	return taken
}

func (p place) application() application { return application{app: p.app, namespace: p.namespace} }

// metricsService gives every pod of a tier that is scraped an address in DNS. It has none of its own, because each pod is
// to be asked, and shows also pods that are not ready: those are the ones to look at.
func (p place) metricsService(portName string, port int) object {
	spec, _ := plain(k8s.ServiceSpec{
		Type:                     jsii.String("ClusterIP"),
		PublishNotReadyAddresses: jsii.Bool(true),
		Selector:                 stringMap(p.selector()),
		Ports: &[]*k8s.ServicePort{{
			Name: jsii.String(metricsPortName), Port: jsii.Number(port), TargetPort: scalar{portName}, Protocol: jsii.String("TCP"),
		}},
	}).(map[string]any)
	spec["clusterIP"] = "None" // Which the struct spells clusterIp.
	return object{id: "metrics-service", apiVersion: "v1", kind: "Service", name: p.metricsName(), fields: map[string]any{"spec": spec}}
}
