package constructs

import (
	"cmp"
	"maps"
	"net/textproto"
	"slices"
	"strings"
	"unicode"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// HTTPProbe requests a path from a container. Any status from 200 to 399 is a success.
type HTTPProbe struct {
	// Path is requested. Defaults to "/health".
	Path string

	// Port is the port that the request goes to. Required for a Worker and a Scheduler. Defaults to the tier's port.
	Port int

	// TLS sends the request over HTTPS. Any certificate is accepted. Defaults to false.
	TLS bool

	// Headers are sent with the request, such as Host. Defaults to none.
	Headers map[string]string

	// Timing schedules the requests. The defaults of its fields depend on the probe.
	Timing ProbeTiming
}

// DefaultHealthPath is the default path of the HTTP tiers' probes.
const DefaultHealthPath = "/health"

func (p HTTPProbe) withDefaults(timing ProbeTiming) Probe { return p.filled(timing) }

func (p HTTPProbe) filled(timing ProbeTiming) HTTPProbe {
	p.Path = cmp.Or(p.Path, DefaultHealthPath)
	p.Timing = p.Timing.withDefaults(timing)
	return p
}

func (p HTTPProbe) validate(prop *field.Path, of probed) field.ErrorList {
	errs := slices.Concat(
		check.URLPath(prop.Child("path"), p.Path),
		checkProbedPort(prop.Child("port"), p.Port, of),
	)
	headers, seen := prop.Child("headers"), map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
		at := check.At(headers, name)
		errs = append(errs, check.Invalid(at, name, validation.IsHTTPHeaderName(name))...)
		if strings.ContainsFunc(p.Headers[name], unicode.IsControl) {
			errs = append(errs, field.Invalid(at, p.Headers[name], "must not contain line breaks, tabs or other control characters"))
		} else {
			errs = append(errs, check.Text(at, p.Headers[name])...)
		}
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		if other, twice := seen[canonical]; twice {
			errs = append(errs, check.Duplicate(at, name, "the same header as "+other))
		}
		seen[canonical] = name
	}
	return append(errs, p.Timing.validate(prop.Child("timing"))...)
}

func (p HTTPProbe) probe(probed) *k8s.Probe { return p.request() }

// request leaves out what is the API server's default.
func (p HTTPProbe) request() *k8s.Probe {
	get := &k8s.HttpGetAction{Path: jsii.String(p.Path), Port: probedPort(p.Port)}
	if p.TLS {
		get.Scheme = jsii.String("HTTPS")
	}
	if len(p.Headers) > 0 {
		headers := []*k8s.HttpHeader{}
		for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
			headers = append(headers, &k8s.HttpHeader{Name: jsii.String(name), Value: jsii.String(p.Headers[name])})
		}
		get.HttpHeaders = &headers
	}
	return p.Timing.probe(k8s.Probe{HttpGet: get})
}

// Liveness is for use within this module.
func (p HTTPProbe) Liveness() *k8s.Probe { return p.filled(livenessTiming).request() }

// Readiness is for use within this module.
func (p HTTPProbe) Readiness() *k8s.Probe { return p.filled(readinessTiming).request() }

// Startup is for use within this module.
func (p HTTPProbe) Startup() *k8s.Probe { return p.filled(startupTiming).request() }
