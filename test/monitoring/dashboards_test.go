package monitoring

import (
	"encoding/json"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	maxUID = 40
	// screenRows are some 900 pixels: what one sees of the overview without scrolling.
	screenRows = 24
)

func TestDashboards(t *testing.T) {
	var filled, followsNot []string
	for _, file := range filesNamed(t, dashboardFiles) {
		found := check(file.content)
		require.Empty(t, found.faults, file)
		filled, followsNot = append(filled, found.filled...), append(followsNot, found.unchosen...)
	}
	for _, field := range filledIn {
		require.Contains(t, filled, field, "no dashboard leaves it out: remove it from filledIn")
	}
	for key := range unchosen {
		require.Contains(t, followsNot, key, "no such panel, or it follows the variable: remove it from unchosen")
	}
}

// One Grafana may have the dashboards of all environments. Golden files are applications by themselves.
func TestUIDsOfDashboards(t *testing.T) {
	taken := map[string]string{}
	for _, file := range filesNamed(t, dashboardFiles) {
		scope := ""
		if strings.HasPrefix(file.manifest, goldens) {
			scope = file.manifest + " "
		}
		uid := value(decoded(t, file).Uid)
		require.NotEmpty(t, uid, file)
		require.LessOrEqual(t, len(uid), maxUID, file)
		require.Empty(t, taken[scope+uid], "%s has the uid %s too", file, uid)
		taken[scope+uid] = file.String()
	}
}

// What the application deploys, not what a golden file may hold.
func TestOverviewsFitOnAScreen(t *testing.T) {
	seen := 0
	for _, file := range filesNamed(t, "overview.json") {
		if path.Dir(file.manifest) == goldens {
			continue
		}
		for _, tile := range tilesOf(decoded(t, file)) {
			require.LessOrEqual(t, tile.at.Y+tile.at.H, uint32(screenRows), "%s: %s", file, tile.title)
		}
		seen++
	}
	require.NotZero(t, seen)
}

// Alerts that are pending, or of another namespace, are none to act on.
func TestOverviewCountsFiringAlerts(t *testing.T) {
	var alerts, questions []any
	add := func(name, severity, namespace, wait string) {
		alerts = append(alerts, map[string]any{
			"alert": name, "expr": "vector(1)", "for": wait, "labels": map[string]string{"severity": severity, "namespace": namespace},
		})
	}
	add("First", "critical", "shop", "0s")
	add("Second", "critical", "shop", "0s")
	add("Third", "warning", "shop", "0s")
	for _, severity := range []string{"critical", "warning"} {
		add("Pending", severity, "shop", "1h")
		add("Elsewhere", severity, "mail", "0s")
	}
	for _, p := range panelsOf(decoded(t, fileIn(t, goldens+"/grafana-full.yaml", "overview.json"))) {
		if want, is := map[string]int{"Critical alerts": 2, "Warnings": 1}[p.title]; is {
			questions = append(questions, map[string]any{
				"expr": p.queries[0].Expr, "eval_time": "10m", "exp_samples": []any{map[string]any{"labels": "{}", "value": want}},
			})
		}
	}
	require.Len(t, questions, 2)
	rules, err := json.Marshal(map[string]any{"groups": []any{map[string]any{"name": "alerts", "rules": alerts}}})
	require.NoError(t, err)
	cases, err := json.Marshal(map[string]any{"rule_files": []string{rulesFile}, "tests": []any{map[string]any{"promql_expr_test": questions}}})
	require.NoError(t, err)
	printed, err := promtool.run(t, map[string]string{rulesFile: string(rules), "cases.yaml": string(cases)}, "test", "rules", "cases.yaml")
	require.NoError(t, err, printed)
}

func TestFaultsOfDashboards(t *testing.T) {
	for _, c := range []struct{ name, of, old, replacement, want string }{
		{"not JSON", "overview", `"uid":`, `"uid"`, "invalid character"},
		{"an unknown field", "overview", `"refresh":`, `"refreshed":`, "unexpected field 'refreshed'"},
		{"an unknown field of a query", "overview", `"instant": true`, `"now": true`, "unexpected field 'now'"},
		{"an unknown field of a threshold", "overview", `"value":1}`, `"least":1}`, "unexpected field 'least'"},
		{"an unknown kind of panel", "overview", `"type": "stat"`, `"type": "number"`, "Grafana has no panel number"},
		{"an unknown unit", "overview", `"unit": "reqps"`, `"unit": "requests"`, `the unit "requests"`},
		{"a panel beyond the grid", "overview", `"x":12,"y":0,"w":12`, `"x":14,"y":0,"w":12`, "Warnings ends at column 26"},
		{"a panel over another", "overview", `"x":12,"y":0`, `"x":11,"y":0`, "Warnings overlaps Critical alerts"},
		{"a panel over the title of a row", "api", `"gridPos": {"x":0,"y":12,`, `"gridPos": {"x":0,"y":11,`, "Latency and errors overlaps"},
		{"an id twice", "overview", `"id": 2,`, `"id": 1,`, "Warnings has the id of Critical alerts"},
		{"no expression", "overview", `"expr": "count(`, `"legendFormat": "count(`, "a query without an expression or an id"},
		{"no description", "overview", `"description": "Firing warnings`, `"pluginVersion": "Firing warnings`, "Warnings has no description"},
		{"no title", "overview", `"title": "Warnings"`, `"title": ""`, "panel 2 has no title"},
		{"a range that is fixed", "api", "[$__rate_interval]", "[5m]", "the range 5m of http_server_request_duration_seconds_bucket does not follow"},
		{
			"a counter as it is", "api", `rate(process_cpu_seconds_total{namespace=\"shop\",job=\"shop-api\",instance=~\"$instance\"}[$__rate_interval])`,
			`process_cpu_seconds_total{instance=~\"$instance\"}`, "CPU usage: process_cpu_seconds_total is a counter",
		},
		{"a panel of all pods", "api", `,instance=~\"$instance\"`, "", "Pods up: up does not follow $instance"},
		{"a matcher of one value", "api", `instance=~\"$instance\"`, `instance=\"$instance\"`, "Pods up: up does not follow $instance"},
		{"a legend of another label", "api", `{{http_route}}`, `{{route}}`, "has the label route of the legend"},
		{"a dashboard that can be edited", "api", `"editable": false`, `"editable": true`, "can be edited"},
		{"a fixed data source", "api", `"uid":"${datasource}"`, `"uid":"prometheus"`, "Pods up does not use the data source that is chosen"},
		{"a data source of another name", "api", `"name":"datasource"`, `"name":"source"`, "$source is"},
		{"a single value", "api", `"multi": true`, `"multi": false`, "$instance is"},
		{"values of another label", "api", `, instance)"`, `, job)"`, "does not ask for the values of its label"},
		{"values of no samples", "api", `label_values(up{`, `label_values(up{{`, "unexpected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fileIn(t, goldens+"/grafana-full.yaml", c.of+".json").replaced(t, c.old, c.replacement)
			require.Contains(t, strings.Join(check(f.content).faults, "\n"), c.want)
		})
	}
}
