package monitoring

import (
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// promQL is the parser of the Prometheus that DefaultPrometheusImage holds, without what is experimental there.
var promQL = parser.NewParser(parser.Options{})

// checkExpr wants PromQL of which each result has one value for a moment: what an alert and a graph can use.
func checkExpr(path *field.Path, expr string) field.ErrorList {
	if expr == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	if errs := check.Text(path, expr); len(errs) > 0 {
		return errs
	}
	parsed, err := promQL.ParseExpr(expr)
	if err != nil {
		return field.ErrorList{field.Invalid(path, expr, "is no PromQL: "+err.Error())}
	}
	switch parsed.Type() {
	case parser.ValueTypeVector, parser.ValueTypeScalar:
		return nil
	default:
		return field.ErrorList{field.Invalid(path, expr, "must give numbers, and gives a "+parser.DocumentedType(parsed.Type()))}
	}
}

// grafanaVariable is an interval that Grafana fills in.
var grafanaVariable = regexp.MustCompile(`\$(__interval|__rate_interval|__range)\b|\$\{(__interval|__rate_interval|__range)\}`)

// checkQuery checks PromQL that Grafana sends.
func checkQuery(path *field.Path, expr string) field.ErrorList {
	errs := checkExpr(path, grafanaVariable.ReplaceAllLiteralString(expr, "5m"))
	for _, err := range errs {
		if err.Type == field.ErrorTypeInvalid {
			err.BadValue = expr
		}
	}
	return errs
}

// component is a component whose samples are asked for.
type component struct{ manifest.Component }

// samplesOf selects the samples of a tier: its job and namespace, and what else they must have. Several namespaces may have a
// tier of its name, in one Prometheus.
func (c component) samplesOf(metric string, more ...string) string {
	return c.samplesIn(metric, append([]string{`job="` + c.Name() + `"`}, more...)...)
}

// samplesIn selects samples about the tier's namespace, whoever exports them.
func (c component) samplesIn(metric string, more ...string) string {
	return metric + "{" + strings.Join(append([]string{`namespace="` + c.Namespace + `"`}, more...), ",") + "}"
}
