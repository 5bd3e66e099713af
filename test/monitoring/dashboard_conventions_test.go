package monitoring

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

// What Grafana's own linter of dashboards asks for, as far as it is not in dashboards_test.go: the linter cannot be a
// dependency, because what it needs of Grafana is no Go module that can be downloaded. Its rules by name, and what is left
// out here:
//
//   - panel-title-description-rule, panel-units-rule, panel-no-targets-rule, target-promql-rule: see dashboards_test.go and
//     expressions_test.go.
//   - target-rate-interval-rule, target-counter-agg-rule: rangeFaults.
//   - template-datasource-rule, template-instance-rule, template-label-promql-rule, template-on-time-change-reload-rule,
//     panel-datasource-rule, uneditable-dashboard: variableFaults.
//   - target-instance-rule: choiceFaults, with the panels of unchosen and those of probes left out.
//   - template-job-rule, target-job-rule: left out. A dashboard is about one tier, and its queries name the tier's job.
//   - The rules of Loki's queries: there are none.
//
// https://github.com/grafana/dashboard-linter

// rateInterval stands for $__rate_interval in expressions that are parsed: nobody writes it.
const rateInterval = 777 * time.Hour

// selectors are those of an expression with a dashboard's variables, and the functions that the ranges are for.
type selector struct {
	matchers []*labels.Matcher
	within   time.Duration // Zero without a range.
	function string        // That takes the range.
}

func selectorsIn(expression string) ([]selector, error) {
	text := strings.NewReplacer("$__rate_interval", model.Duration(rateInterval).String()).Replace(expression)
	parsed, err := promQL.ParseExpr(text)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", expression, err)
	}
	var found []selector
	parser.Inspect(parsed, func(node parser.Node, parents []parser.Node) error {
		vector, is := node.(*parser.VectorSelector)
		if !is {
			return nil
		}
		s := selector{matchers: vector.LabelMatchers}
		if matrix, is := last(parents, 1).(*parser.MatrixSelector); is {
			s.within = matrix.Range
			if call, is := last(parents, 2).(*parser.Call); is {
				s.function = call.Func.Name
			}
		}
		found = append(found, s)
		return nil
	})
	return found, nil
}

func last(parents []parser.Node, n int) parser.Node {
	if len(parents) < n {
		return nil
	}
	return parents[len(parents)-n]
}

func (s selector) has(kind labels.MatchType, label, value string) bool {
	return slices.ContainsFunc(s.matchers, func(m *labels.Matcher) bool {
		return m.Type == kind && m.Name == label && m.Value == value
	})
}

// ofProbe says whether the samples are about a Service or a public host, behind which there may be any pod.
func (s selector) ofProbe() bool {
	return s.has(labels.MatchEqual, "probe", "service") || s.has(labels.MatchEqual, "probe", "public")
}

func (s selector) metric() string {
	for _, matcher := range s.matchers {
		if matcher.Name == model.MetricNameLabel {
			return matcher.Value
		}
	}
	return ""
}

// rangeFaults are ranges that do not follow the zoom, and counters that are shown as they are. An increase is over the time
// that the panel's title names.
func rangeFaults(s selector) []string {
	var faults []string
	counter := strings.HasSuffix(s.metric(), "_total")
	switch s.function {
	case "rate", "irate":
		if s.within != rateInterval {
			faults = append(faults, fmt.Sprintf("the range %s of %s does not follow the zoom", model.Duration(s.within), s.metric()))
		}
	case "increase":
	default:
		if counter {
			faults = append(faults, s.metric()+" is a counter, and shown without a rate or an increase")
		}
	}
	return faults
}

// unchosen are panels that do not follow a variable, by the variable and the panel's title, and why.
var unchosen = map[string]string{
	"instance Restarts in the last hour": "kube-state-metrics has the names of pods, and no addresses",
	"pod Pods up":                        "the target is kube-state-metrics itself",
	"pod Unavailable replicas":           "a Deployment that lacks a pod has none that one could choose",
	"pod Desired replicas":               "it is about Deployments",
	"pod Available replicas":             "it is about Deployments",
	"pod Free space":                     "a volume outlives its pods",
}

// variablesOf are the names of the variables that narrow a dashboard.
func variablesOf(d grafanaDashboard) []string {
	var names []string
	for _, variable := range d.Templating.List {
		if variable.Type == dashboard.VariableTypeQuery {
			names = append(names, variable.Name)
		}
	}
	return names
}

// choiceFaults are selectors that do not follow the dashboard's variables. What is left out is noted.
func choiceFaults(variables []string, title string, s selector, leftOut map[string]bool) []string {
	var faults []string
	for _, name := range variables {
		if s.has(labels.MatchRegexp, name, "$"+name) || s.ofProbe() {
			continue
		}
		key := name + " " + title
		if _, is := unchosen[key]; is {
			leftOut[key] = true
			continue
		}
		faults = append(faults, fmt.Sprintf("%s does not follow $%s", s.metric(), name))
	}
	return faults
}

var labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

// variableFaults are those of the variables, and of what else holds for a dashboard as a whole.
func variableFaults(d grafanaDashboard) []string {
	var faults []string
	if value(d.Editable) {
		faults = append(faults, "the dashboard can be edited, and is as before after a restart")
	}
	for i, variable := range d.Templating.List {
		at := variable.Name + ": "
		switch {
		case i == 0:
			if variable.Type != dashboard.VariableTypeDatasource || variable.Name != "datasource" || value(variable.Label) != "Data source" {
				faults = append(faults, at+"the first variable is the data source")
			}
		case variable.Type == dashboard.VariableTypeQuery:
			for _, fault := range queryFaults(variable) {
				faults = append(faults, at+fault)
			}
		default:
			faults = append(faults, at+"of the type "+string(variable.Type))
		}
	}
	for _, entry := range d.Panels {
		if entry.Panel != nil && value(value(entry.Panel.Datasource).Uid) != "${datasource}" {
			faults = append(faults, value(entry.Panel.Title)+": not the data source that is chosen")
		}
	}
	return faults
}

// queryFaults are those of a variable whose values Prometheus knows.
func queryFaults(variable dashboard.VariableModel) []string {
	var faults []string
	if !value(variable.Multi) || !value(variable.IncludeAll) || value(variable.AllValue) != ".+" {
		faults = append(faults, "not several values, or all")
	}
	if !slices.Equal(value(variable.Current).Value.ArrayOfString, []string{"$__all"}) {
		faults = append(faults, "does not begin with all")
	}
	if value(variable.Refresh) != dashboard.VariableRefreshOnTimeRangeChanged {
		faults = append(faults, "keeps the values of another time")
	}
	if value(value(variable.Datasource).Uid) != "${datasource}" {
		faults = append(faults, "not the data source that is chosen")
	}
	match := labelValues.FindStringSubmatch(value(value(variable.Query).String))
	if match == nil || match[2] != variable.Name {
		return append(faults, "does not ask for the values of its label")
	}
	if _, err := promQL.ParseExpr(match[1]); err != nil {
		faults = append(faults, err.Error())
	}
	return faults
}

func conventionFaults(d grafanaDashboard, leftOut map[string]bool) []string {
	faults := variableFaults(d)
	for _, entry := range d.Panels {
		if entry.Panel == nil {
			continue
		}
		title := value(entry.Panel.Title)
		for _, query := range queriesOf(*entry.Panel) {
			selectors, err := selectorsIn(query.Expr)
			if err != nil {
				faults = append(faults, title+": "+err.Error())
			}
			for _, s := range selectors {
				for _, fault := range slices.Concat(rangeFaults(s), choiceFaults(variablesOf(d), title, s, leftOut)) {
					faults = append(faults, title+": "+fault)
				}
			}
		}
	}
	return faults
}

func TestDashboardsKeepToConventions(t *testing.T) {
	leftOut := map[string]bool{}
	for _, file := range filesNamed(t, dashboardFiles) {
		d := mustDecode(t, file)
		require.Empty(t, conventionFaults(d, leftOut), file)
		name := strings.TrimSuffix(file.name, path.Ext(file.name))
		// The overview is about all tiers, and that of orders is an importer's own.
		if name != "overview" && name != "orders" && !isOfProbes(t, d) {
			require.Len(t, variablesOf(d), 1, "%s cannot be narrowed to a pod", file)
		}
	}
	for key := range unchosen {
		require.True(t, leftOut[key], "%s is no such panel, or follows the variable: remove it from the list", key)
	}
}

// isOfProbes says whether a dashboard has nothing but probes, and so no pods.
func isOfProbes(t *testing.T, d grafanaDashboard) bool {
	t.Helper()
	for _, entry := range d.Panels {
		if entry.Panel == nil {
			continue
		}
		for _, query := range queriesOf(*entry.Panel) {
			selectors, err := selectorsIn(query.Expr)
			require.NoError(t, err)
			if slices.ContainsFunc(selectors, func(s selector) bool { return !s.ofProbe() }) {
				return false
			}
		}
	}
	return true
}

// A variable that stands in a matcher of a rule is valid PromQL, and matches nothing.
func TestRulesHaveNoVariables(t *testing.T) {
	for _, file := range filesNamed(t, rulesFile) {
		for _, rule := range rulesIn(t, file) {
			require.NotContains(t, strings.ReplaceAll(rule.Expr, `"$1"`, ""), "$", "%s %s", file, rule.Alert)
		}
	}
}

func TestConventionFaults(t *testing.T) {
	api := fileIn(t, goldens+"/grafana-full.yaml", "api.json")
	for _, c := range []struct{ name, old, replacement, want string }{
		{"a range that is fixed", "[$__rate_interval]", "[5m]", "the range 5m of http_server_request_duration_seconds_bucket does not follow the zoom"},
		{
			"a counter as it is", `rate(process_cpu_seconds_total{namespace=\"shop\",job=\"shop-api\",instance=~\"$instance\"}[$__rate_interval])`,
			`process_cpu_seconds_total{instance=~\"$instance\"}`, "CPU usage: process_cpu_seconds_total is a counter",
		},
		{"a panel of all pods", `,instance=~\"$instance\"`, "", "Pods up: up does not follow $instance"},
		{"a matcher of one value", `instance=~\"$instance\"`, `instance=\"$instance\"`, "Pods up: up does not follow $instance"},
		{"a dashboard that can be edited", `"editable": false`, `"editable": true`, "can be edited"},
		{"a fixed data source", `"uid":"${datasource}"`, `"uid":"prometheus"`, "instance: not the data source that is chosen"},
		{"another name of the data source", `"name":"datasource"`, `"name":"source"`, "the first variable is the data source"},
		{"values of another time", `"refresh": 2`, `"refresh": 1`, "keeps the values of another time"},
		{"a single value", `"multi": true`, `"multi": false`, "not several values, or all"},
		{"a first value", `["$__all"]`, `["10.0.0.1:8000"]`, "does not begin with all"},
		{"values of another label", `, instance)"`, `, job)"`, "does not ask for the values of its label"},
		{"values of no samples", `label_values(up{`, `label_values(up{{`, "unexpected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			faults := conventionFaults(mustDecode(t, spoil(t, api, c.old, c.replacement)), map[string]bool{})
			require.Contains(t, strings.Join(faults, "\n"), c.want)
		})
	}
}
