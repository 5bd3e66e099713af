package constructs

import (
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// promQL is the parser of the Prometheus that DefaultPrometheusImage holds, without what is experimental there.
var promQL = parser.NewParser(parser.Options{})

// checkExpr wants PromQL of which each result has one value for a moment: what an alert and a graph can use.
func checkExpr(path *field.Path, expr string) field.ErrorList {
	if expr == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	if errs := checkText(path, expr); len(errs) > 0 {
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

// samplesOf selects the samples of a tier: its job and namespace, and what else they must have.
func (p place) samplesOf(metric string, more ...string) string {
	return metric + "{" + strings.Join(append(p.jobMatchers(), more...), ",") + "}"
}

// jobMatchers select what was scraped of a tier. Several namespaces may have one of its name, in one Prometheus.
func (p place) jobMatchers() []string {
	return []string{`namespace="` + p.namespace + `"`, `job="` + p.name() + `"`}
}

// samplesIn selects samples about the tier's namespace, whoever exports them.
func (p place) samplesIn(metric string, more ...string) string {
	return metric + "{" + strings.Join(append([]string{`namespace="` + p.namespace + `"`}, more...), ",") + "}"
}
