package monitoring

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

// promQL is the parser of the Prometheus that the default image holds, without what is experimental there.
var promQL = parser.NewParser(parser.Options{})

// grafanaVariable is an interval that Grafana fills in.
var grafanaVariable = regexp.MustCompile(`\$\{?__(rate_interval|interval|range)\b\}?`)

// expression is PromQL, and where it stands.
type expression struct{ at, text string }

// expressions returns those of all rules and of all dashboards.
func expressions(t *testing.T) []expression {
	t.Helper()
	var found []expression
	for _, file := range filesNamed(t, rulesFile) {
		for _, rule := range rulesIn(t, file) {
			found = append(found, expression{file.String() + ": " + rule.Alert, rule.Expr})
		}
	}
	for _, file := range filesNamed(t, dashboardFiles) {
		found = append(found, expressionsIn(t, file)...)
	}
	return found
}

// metricsIn returns the names of the metrics that an expression asks for.
func metricsIn(expression string) ([]string, error) {
	parsed, err := promQL.ParseExpr(grafanaVariable.ReplaceAllLiteralString(expression, "5m"))
	if err != nil {
		return nil, err
	}
	var names []string
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if selector, is := node.(*parser.VectorSelector); is {
			names = append(names, metricOf(selector))
		}
		return nil
	})
	return names, nil
}

// metricOf is empty if the selector asks for no single metric, which no exporter is known for.
func metricOf(selector *parser.VectorSelector) string {
	for _, matcher := range selector.LabelMatchers {
		if matcher.Name == model.MetricNameLabel && matcher.Type == labels.MatchEqual {
			return matcher.Value
		}
	}
	return ""
}

func TestEveryMetricHasAnExporter(t *testing.T) {
	asked := map[string]bool{}
	for _, expression := range expressions(t) {
		names, err := metricsIn(expression.text)
		require.NoError(t, err, "%s: %s", expression.at, expression.text)
		for _, name := range names {
			require.Contains(t, exporters, name, "%s: %s", expression.at, expression.text)
			asked[name] = true
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(exporters)), slices.Sorted(maps.Keys(asked)), "metrics of exporters, and those asked for")
}

func TestMetricsIn(t *testing.T) {
	for expression, want := range map[string][]string{
		`sum(rate(http_requests_total{job="shop"}[$__rate_interval]))`: {"http_requests_total"},
		`max_over_time(used[${__range}]) / limit > bool 0.9`:           {"used", "limit"},
		`absent(up{job="shop"}) or {__name__="down"}`:                  {"up", "down"},
		`count({__name__=~"http_.*"})`:                                 {""},
		`vector(1)`:                                                    nil,
	} {
		names, err := metricsIn(expression)
		require.NoError(t, err, expression)
		require.Equal(t, want, names, expression)
	}
}

func TestParserRefuses(t *testing.T) {
	for _, expression := range []string{`up{`, `rate(up)`, `sum(up) by`, `upp(1)`, `up[$__rate]`} {
		_, err := metricsIn(expression)
		require.Error(t, err, expression)
	}
}
