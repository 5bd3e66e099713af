//go:build linux

package servers

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// Answers of Prometheus. https://prometheus.io/docs/prometheus/latest/querying/api/
type (
	targets struct {
		ActiveTargets []struct {
			Labels            map[string]string
			Health, LastError string
		}
	}
	rules struct {
		Groups []struct {
			Name  string
			Rules []struct{ Name, Health, LastError string }
		}
	}
	alerts struct {
		Alerts []struct {
			Labels map[string]string
			State  string
		}
	}
	vector struct {
		Result []struct{ Metric map[string]string }
	}
)

// ask asks a Prometheus.
func ask[Answer any](t *testing.T, prometheus *sandbox, path string, parameters url.Values) Answer {
	t.Helper()
	response, err := http.Get(prometheus.url("/api/v1/" + path + "?" + parameters.Encode()))
	require.NoError(t, err)
	defer response.Body.Close()
	var body struct {
		Status, Error string
		Data          Answer
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&body))
	require.Equal(t, "success", body.Status, "%s: %s", parameters, body.Error)
	return body.Data
}

// query evaluates an expression, and returns the labels of its series.
func query(t *testing.T, prometheus *sandbox, expression string) []map[string]string {
	t.Helper()
	var found []map[string]string
	for _, sample := range ask[vector](t, prometheus, "query", url.Values{"query": {expression}}).Result {
		found = append(found, sample.Metric)
	}
	return found
}

// scrape returns the samples at an address, as text, by their series.
func scrape(url string) (map[string]string, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}
	exported := map[string]string{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		at := strings.LastIndex(lines.Text(), " ")
		if at != -1 && !strings.HasPrefix(lines.Text(), "#") {
			exported[lines.Text()[:at]] = lines.Text()[at+1:]
		}
	}
	return exported, lines.Err()
}

// allPods are the values of a dashboard's variables to begin with, and a range of four scrapes, the least that Grafana takes.
var allPods = strings.NewReplacer("$__rate_interval", "2m", "$instance", ".+", "$pod", ".+")

// texts are what files of production's ConfigMaps with these endings have under a key. Rules and dashboards have their expressions under
// "expr"; variables get the values that Grafana sends at first.
func texts(t *testing.T, key string, endings ...string) []string {
	t.Helper()
	var found []string
	for _, files := range objects[corev1.ConfigMap](t, production, "ConfigMap") {
		for name, content := range files.Data {
			if slices.ContainsFunc(endings, func(ending string) bool { return strings.HasSuffix(name, ending) }) {
				var tree any
				require.NoError(t, yaml.Unmarshal([]byte(allPods.Replace(content)), &tree), name)
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

// requireMetrics requires that all metrics that alerts and panels take of a job are exported, except up, which is Prometheus's own.
func requireMetrics(t *testing.T, job string, exported []string) {
	t.Helper()
	promQL := parser.NewParser(parser.Options{})
	found := map[string]bool{}
	for _, expression := range texts(t, "expr", ".json", "rules.yml") {
		parsed, err := promQL.ParseExpr(expression)
		require.NoError(t, err, expression)
		for _, selector := range parser.ExtractSelectors(parsed) {
			if metric := valueOf(selector, "__name__"); valueOf(selector, "job") == job && metric != "up" {
				found[metric] = true
			}
		}
	}
	require.NotEmpty(t, found)
	require.Subset(t, exported, slices.Sorted(maps.Keys(found)))
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
