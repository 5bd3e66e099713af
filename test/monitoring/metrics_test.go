package monitoring

import (
	_ "embed"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// exporters are where the metrics of rules and dashboards come from. A name that no exporter has is no error in Prometheus, only an alert
// that never fires and an empty graph.
//
//go:embed exporters.yaml
var exporters []byte

// promQL is the parser of the Prometheus that the default image holds, without what is experimental there.
var promQL = parser.NewParser(parser.Options{})

// grafanaVariable is an interval that Grafana fills in.
var grafanaVariable = regexp.MustCompile(`\$\{?__(rate_interval|interval|range)\b\}?`)

// metricsIn returns the names of the metrics that an expression asks for.
func metricsIn(expression string) ([]string, error) {
	parsed, err := promQL.ParseExpr(grafanaVariable.ReplaceAllLiteralString(expression, "5m"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, matchers := range parser.ExtractSelectors(parsed) {
		names = append(names, metricOf(matchers))
	}
	return names, nil
}

// metricOf is empty for a selector of several metrics, which no exporter is known for.
func metricOf(matchers []*labels.Matcher) string {
	for _, matcher := range matchers {
		if matcher.Name == model.MetricNameLabel && matcher.Type == labels.MatchEqual {
			return matcher.Value
		}
	}
	return ""
}

func TestEveryMetricHasAnExporter(t *testing.T) {
	expressions := map[string]string{} // By where one of them is.
	eachRule(t, func(f file, r rule) { expressions[r.Expr] = f.String() + " " + r.Alert })
	for _, f := range filesNamed(t, dashboardFiles) {
		for _, p := range panelsOf(decoded(t, f)) {
			for _, query := range p.queries {
				expressions[query.Expr] = f.String() + " " + p.title
			}
		}
	}
	known, asked := map[string]bool{}, map[string]bool{}
	var all []struct {
		Name, Page string
		Metrics    []string
	}
	require.NoError(t, yaml.UnmarshalStrict(exporters, &all))
	for _, exporter := range all {
		for _, name := range exporter.Metrics {
			known[name] = true
		}
	}
	for expression, at := range expressions {
		names, err := metricsIn(expression)
		require.NoError(t, err, "%s: %s", at, expression)
		for _, name := range names {
			require.Contains(t, known, name, "%s: %s", at, expression)
			asked[name] = true
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(asked)), "metrics of exporters, and those asked for")
}

func TestMetricsIn(t *testing.T) {
	for _, c := range []struct {
		expression string
		want       []string
	}{
		{`sum(rate(http_requests_total{job="shop"}[$__rate_interval]))`, []string{"http_requests_total"}},
		{`max_over_time(used[${__range}]) / limit > bool 0.9`, []string{"used", "limit"}},
		{`absent(up{job="shop"}) or {__name__="down"}`, []string{"up", "down"}},
		{`count({__name__=~"http_.*"})`, []string{""}},
		{`vector(1)`, nil},
	} {
		names, err := metricsIn(c.expression)
		require.NoError(t, err, c.expression)
		require.Equal(t, c.want, names, c.expression)
	}
	_, err := metricsIn(`upp(1)`)
	require.Error(t, err)
}
