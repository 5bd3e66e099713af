package monitoring

import (
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// promQL is the PromQL parser of Prometheus's version in DefaultPrometheusImage, without experimental features.
var promQL = parser.NewParser(parser.Options{})

// checkExpr checks PromQL whose result is an instant vector or a scalar, as alerts and graphs need.
func checkExpr(path *field.Path, expr string) field.ErrorList {
	if expr == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	if errs := check.Text(path, expr); len(errs) > 0 {
		return errs
	}
	parsed, err := promQL.ParseExpr(expr)
	if err != nil {
		return field.ErrorList{field.Invalid(path, expr, "invalid PromQL: "+err.Error())}
	}
	switch parsed.Type() {
	case parser.ValueTypeVector, parser.ValueTypeScalar:
		return nil
	default:
		return field.ErrorList{field.Invalid(path, expr, "must be an instant vector or a scalar, not a "+parser.DocumentedType(parsed.Type()))}
	}
}

// grafanaInterval is an interval that Grafana fills in. Its other variables stand in texts, which are PromQL as they are.
var grafanaInterval = regexp.MustCompile(`\$(__interval|__rate_interval|__range)\b|\$\{(__interval|__rate_interval|__range)\}`)

// checkQuery checks PromQL that Grafana sends.
func checkQuery(path *field.Path, expr string) field.ErrorList {
	errs := checkExpr(path, grafanaInterval.ReplaceAllLiteralString(expr, "5m"))
	for _, err := range errs {
		if err.Type == field.ErrorTypeInvalid {
			err.BadValue = expr
		}
	}
	return errs
}

// component is a component whose samples are asked for.
type component struct {
	manifest.Component
	probed bool     // By a BlackboxExporter, whose samples have the tier's job too.
	chosen []string // The matchers of a dashboard's variables; none for alerts and the overview.
}

// following is a component of whose samples a dashboard takes those that a variable has chosen.
func (c component) following(matcher string) component {
	c.chosen = []string{matcher}
	return c
}

// up selects the samples of whether the tier's pods can be scraped. Those of its probes only report whether their exporter can.
func (c component) up() string {
	if c.probed {
		return c.samplesOf("up", notOfProbes)
	}
	return c.samplesOf("up")
}

// samplesOf selects the samples of a tier: its job and namespace, and what else they must have. Several namespaces may have a
// tier of its name, in one Prometheus. On a dashboard it selects those of the pods that are chosen.
func (c component) samplesOf(metric string, more ...string) string {
	return c.samplesIn(metric, slices.Concat([]string{`job="` + c.Name() + `"`}, c.chosen, more)...)
}

// samplesIn selects samples about the tier's namespace, whoever exports them.
func (c component) samplesIn(metric string, more ...string) string {
	return metric + "{" + strings.Join(append([]string{`namespace="` + c.Namespace + `"`}, more...), ",") + "}"
}
