//go:build linux

package servers

import (
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func isDashboard(file string) bool { return strings.HasSuffix(file, ".json") }

// allPods are the values of a dashboard's variables to begin with, and a range of four scrapes, the least that Grafana takes.
var allPods = strings.NewReplacer("$__rate_interval", "2m", "$instance", ".+", "$pod", ".+")

// dashboardExpressions are those of all panels of production, as Grafana sends them at first.
func dashboardExpressions(t *testing.T) []string {
	t.Helper()
	var filled []string
	for _, expression := range texts(t, "expr", isDashboard) {
		filled = append(filled, allPods.Replace(expression))
	}
	return filled
}

// allExpressions are those of all panels and alerts.
func allExpressions(t *testing.T) []string {
	t.Helper()
	alerts := texts(t, "expr", func(file string) bool { return file == "rules.yml" })
	return append(alerts, dashboardExpressions(t)...)
}

// texts are what files of ConfigMaps have under a key: rules and dashboards alike have their expressions under "expr".
func texts(t *testing.T, key string, wanted func(file string) bool) []string {
	t.Helper()
	var found []string
	for _, files := range objects[corev1.ConfigMap](t, production, "ConfigMap") {
		for name, content := range files.Data {
			if wanted(name) {
				var tree any
				require.NoError(t, yaml.Unmarshal([]byte(content), &tree), name)
				found = append(found, valuesOf(key, tree)...)
			}
		}
	}
	require.NotEmpty(t, found)
	return found
}

// valuesOf returns the texts that a key has anywhere in a tree.
func valuesOf(key string, tree any) []string {
	var found []string
	switch node := tree.(type) {
	case []any:
		for _, child := range node {
			found = append(found, valuesOf(key, child)...)
		}
	case map[string]any:
		for name, child := range node {
			if text, is := child.(string); is && name == key {
				found = append(found, text)
			}
			found = append(found, valuesOf(key, child)...)
		}
	}
	return found
}

// metricsOf returns the names of all metrics that alerts and panels take of a job, but for up, which is Prometheus's own.
func metricsOf(t *testing.T, job string) map[string]bool {
	t.Helper()
	promQL := parser.NewParser(parser.Options{})
	found := map[string]bool{}
	for _, expression := range allExpressions(t) {
		parsed, err := promQL.ParseExpr(expression)
		require.NoError(t, err, expression)
		for _, selector := range parser.ExtractSelectors(parsed) {
			if metric := valueOf(selector, "__name__"); valueOf(selector, "job") == job && metric != "up" {
				found[metric] = true
			}
		}
	}
	require.NotEmpty(t, found)
	return found
}

// valueOf returns the value that a label has in a selector, if it has only one.
func valueOf(selector []*labels.Matcher, label string) string {
	for _, matcher := range selector {
		if matcher.Name == label && matcher.Type == labels.MatchEqual {
			return matcher.Value
		}
	}
	return ""
}
