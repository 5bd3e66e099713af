package monitoring

import (
	"testing"
	"time"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func validAlert() Alert {
	return Alert{Name: "SiteDown", Expr: `up{job="api"} == 0`, Severity: SeverityCritical, Summary: "{{ $labels.job }} is down"}
}

func alertErrors(change func(*Alert)) expectation {
	alert := validAlert()
	change(&alert)
	return expectation{errs: alert.Validate(checktest.Prop)}
}

func TestAlertProps(t *testing.T) {
	broken := func(change func(*Alert), want ...string) expectation {
		c := alertErrors(change)
		c.want = want
		return c
	}
	runChecks(t, map[string]expectation{
		"valid": broken(func(*Alert) {}),
		"all of it": broken(func(a *Alert) {
			a.For, a.RunbookURL, a.Labels = time.Minute, "https://example.com", map[string]string{"team": "a b"}
		}),
		"number": broken(func(a *Alert) { a.Expr = "1" }),
		"functions of templates": broken(func(a *Alert) {
			a.Summary = `{{ with query "up" }}{{ . | first | value | humanize1024 | toUpper }}{{ end }}`
		}),
		"several lines":                    broken(func(a *Alert) { a.Expr = "up == 0\nand on ()\nvector(1)" }),
		"nothing":                          {Alert{}.Validate(checktest.Prop), []string{"prop.name: Required value", "prop.expr: Required value", `prop.severity: Unsupported value: "": supported values: "critical", "warning"`, "prop.summary: Required value"}},
		"name":                             broken(func(a *Alert) { a.Name = "target down" }, `prop.name: Invalid value: "target down": must consist of letters and digits, and begin with an upper-case letter`),
		"does not parse":                   broken(func(a *Alert) { a.Expr = "sum(up" }, `prop.expr: Invalid value: "sum(up": invalid PromQL: 1:7: parse error: unclosed left parenthesis`),
		"unknown function":                 broken(func(a *Alert) { a.Expr = "total(up)" }, `prop.expr: Invalid value: "total(up)": invalid PromQL: 1:1: parse error: unknown function with name "total"`),
		"experimental function":            broken(func(a *Alert) { a.Expr = "sort_by_label(up, \"job\")" }, `prop.expr: Invalid value: "sort_by_label(up, \"job\")": invalid PromQL: 1:1: parse error: function "sort_by_label" is not enabled`),
		"a range":                          broken(func(a *Alert) { a.Expr = "up[5m]" }, `prop.expr: Invalid value: "up[5m]": must be an instant vector or a scalar, not a range vector`),
		"text":                             broken(func(a *Alert) { a.Expr = `"up"` }, `prop.expr: Invalid value: "\"up\"": must be an instant vector or a scalar, not a string`),
		"Grafana's variable":               broken(func(a *Alert) { a.Expr = "rate(up[$__rate_interval])" }, `prop.expr: Invalid value: "rate(up[$__rate_interval])": invalid PromQL: 1:9: parse error: unexpected character in duration expression: '$'`),
		"not writable":                     broken(func(a *Alert) { a.Expr = "up\xff" }, `prop.expr: Invalid value: "up`+"\ufffd"+`": must be valid UTF-8`),
		"negative":                         broken(func(a *Alert) { a.For = -time.Second }, `prop.for: Invalid value: "-1s": must be in whole milliseconds, and not negative`),
		"microseconds":                     broken(func(a *Alert) { a.For = time.Microsecond }, `prop.for: Invalid value: "1µs": must be in whole milliseconds, and not negative`),
		"severity":                         broken(func(a *Alert) { a.Severity = "page" }, `prop.severity: Unsupported value: "page": supported values: "critical", "warning"`),
		"open template":                    broken(func(a *Alert) { a.Summary = "{{ $labels.job" }, `prop.summary: Invalid value: "{{ $labels.job": template: template:1: unclosed action`),
		"unknown template":                 broken(func(a *Alert) { a.Summary = "{{ $value | pretty }}" }, `prop.summary: Invalid value: "{{ $value | pretty }}": template: template:1: function "pretty" not defined`),
		"unknown variable":                 broken(func(a *Alert) { a.Summary = "{{ $label.job }}" }, `prop.summary: Invalid value: "{{ $label.job }}": template: template:1: undefined variable "$label"`),
		"label that is set":                broken(func(a *Alert) { a.Labels = map[string]string{"severity": "page"} }, "prop.labels[severity]: Forbidden: is set by the construct"),
		"label that is the metric's name":  broken(func(a *Alert) { a.Labels = map[string]string{"__name__": "a"} }, "prop.labels[__name__]: Forbidden: is set by the construct"),
		"label that is an open template":   broken(func(a *Alert) { a.Labels = map[string]string{"a": "{{"} }, `prop.labels[a]: Invalid value: "{{": template: template:1: unclosed action`),
		"runbook that is an open template": broken(func(a *Alert) { a.RunbookURL = "https://a/{{" }, `prop.runbookURL: Invalid value: "https://a/{{": template: template:1: unclosed action`),
		"label that is no name":            broken(func(a *Alert) { a.Labels = map[string]string{"a-b": ""} }, `prop.labels[a-b]: Invalid value: "a-b": must consist of letters, digits and '_', and not begin with a digit`),
		"runbook that is no URL":           broken(func(a *Alert) { a.RunbookURL = "runbooks/down" }, `prop.runbookURL: Invalid value: "runbooks/down": must be a URL such as "https://example.com/page"`),
		"runbook not writable":             broken(func(a *Alert) { a.RunbookURL = "\xff" }, `prop.runbookURL: Invalid value: "`+"\ufffd"+`": must be valid UTF-8`),
	})
}
