package constructs

import (
	"math"
	"strings"
	"testing"
	"time"
)

func validAlert() Alert {
	return Alert{Name: "SiteDown", Expr: `up{job="api"} == 0`, Severity: Critical, Summary: "{{ $labels.job }} is down"}
}

func alertErrors(change func(*Alert)) check {
	alert := validAlert()
	change(&alert)
	return check{errs: alert.validate(prop)}
}

func TestAlertProps(t *testing.T) {
	broken := func(change func(*Alert), want ...string) check {
		c := alertErrors(change)
		c.want = want
		return c
	}
	runChecks(t, map[string]check{
		"valid": broken(func(*Alert) {}),
		"all of it": broken(func(a *Alert) {
			a.For, a.RunbookURL, a.Labels = time.Minute, "https://example.com", map[string]string{"team": "a b"}
		}),
		"number": broken(func(a *Alert) { a.Expr = "1" }),
		"functions of templates": broken(func(a *Alert) {
			a.Summary = `{{ with query "up" }}{{ . | first | value | humanize1024 | toUpper }}{{ end }}`
		}),
		"several lines":                    broken(func(a *Alert) { a.Expr = "up == 0\nand on ()\nvector(1)" }),
		"nothing":                          {Alert{}.validate(prop), []string{"prop.name: Required value", "prop.expr: Required value", `prop.severity: Unsupported value: "": supported values: "critical", "warning"`, "prop.summary: Required value"}},
		"name":                             broken(func(a *Alert) { a.Name = "target down" }, `prop.name: Invalid value: "target down": must be letters and digits, the first one in upper case`),
		"does not parse":                   broken(func(a *Alert) { a.Expr = "sum(up" }, `prop.expr: Invalid value: "sum(up": is no PromQL: 1:7: parse error: unclosed left parenthesis`),
		"unknown function":                 broken(func(a *Alert) { a.Expr = "total(up)" }, `prop.expr: Invalid value: "total(up)": is no PromQL: 1:1: parse error: unknown function with name "total"`),
		"experimental function":            broken(func(a *Alert) { a.Expr = "sort_by_label(up, \"job\")" }, `prop.expr: Invalid value: "sort_by_label(up, \"job\")": is no PromQL: 1:1: parse error: function "sort_by_label" is not enabled`),
		"a range":                          broken(func(a *Alert) { a.Expr = "up[5m]" }, `prop.expr: Invalid value: "up[5m]": must give numbers, and gives a range vector`),
		"text":                             broken(func(a *Alert) { a.Expr = `"up"` }, `prop.expr: Invalid value: "\"up\"": must give numbers, and gives a string`),
		"Grafana's variable":               broken(func(a *Alert) { a.Expr = "rate(up[$__rate_interval])" }, `prop.expr: Invalid value: "rate(up[$__rate_interval])": is no PromQL: 1:9: parse error: unexpected character in duration expression: '$'`),
		"not writable":                     broken(func(a *Alert) { a.Expr = "up\x00" }, `prop.expr: Invalid value: "up\x00": must not contain the character U+0000, which YAML cannot carry`),
		"negative":                         broken(func(a *Alert) { a.For = -time.Second }, `prop.for: Invalid value: "-1s": must be whole milliseconds, and not negative`),
		"microseconds":                     broken(func(a *Alert) { a.For = time.Microsecond }, `prop.for: Invalid value: "1µs": must be whole milliseconds, and not negative`),
		"severity":                         broken(func(a *Alert) { a.Severity = "page" }, `prop.severity: Unsupported value: "page": supported values: "critical", "warning"`),
		"open template":                    broken(func(a *Alert) { a.Summary = "{{ $labels.job" }, `prop.summary: Invalid value: "{{ $labels.job": template: template:1: unclosed action`),
		"unknown template":                 broken(func(a *Alert) { a.Summary = "{{ $value | pretty }}" }, `prop.summary: Invalid value: "{{ $value | pretty }}": template: template:1: function "pretty" not defined`),
		"unknown variable":                 broken(func(a *Alert) { a.Summary = "{{ $label.job }}" }, `prop.summary: Invalid value: "{{ $label.job }}": template: template:1: undefined variable "$label"`),
		"label that is set":                broken(func(a *Alert) { a.Labels = map[string]string{"severity": "page"} }, "prop.labels[severity]: Forbidden: is set by the construct"),
		"label that is the metric's name":  broken(func(a *Alert) { a.Labels = map[string]string{"__name__": "a"} }, "prop.labels[__name__]: Forbidden: is set by the construct"),
		"label that is an open template":   broken(func(a *Alert) { a.Labels = map[string]string{"a": "{{"} }, `prop.labels[a]: Invalid value: "{{": template: template:1: unclosed action`),
		"runbook that is an open template": broken(func(a *Alert) { a.RunbookURL = "https://a/{{" }, `prop.runbookURL: Invalid value: "https://a/{{": template: template:1: unclosed action`),
		"label that is no name":            broken(func(a *Alert) { a.Labels = map[string]string{"a-b": ""} }, `prop.labels[a-b]: Invalid value: "a-b": must be letters, digits and '_', and not begin with a digit`),
		"runbook that is no URL":           broken(func(a *Alert) { a.RunbookURL = "runbooks/down" }, `prop.runbookURL: Invalid value: "runbooks/down": must be a URL such as "https://example.com/page"`),
		"runbook not writable":             broken(func(a *Alert) { a.RunbookURL = "\x00" }, `prop.runbookURL: Invalid value: "\x00": must not contain the character U+0000, which YAML cannot carry`),
	})
}

func TestMetricsProps(t *testing.T) {
	of := testTier("backend").place
	long := of
	long.component = strings.Repeat("a", 58)
	none := math.NaN()
	runChecks(t, map[string]check{
		"none":                         {(*Metrics)(nil).validate(prop, of), nil},
		"defaults":                     {metricsOf(&Metrics{}).validate(prop, of), nil},
		"limits":                       {metricsOf(&Metrics{Availability: 99.999, ResponseTime: 5 * time.Second}).validate(prop, of), nil},
		"path":                         {metricsOf(&Metrics{Path: "metrics"}).validate(prop, of), []string{`prop.path: Invalid value: "metrics": must begin with /`}},
		"port":                         {metricsOf(&Metrics{Port: 70000}).validate(prop, of), []string{`prop.port: Invalid value: 70000: ` + portRule}},
		"path that Prometheus escapes": {metricsOf(&Metrics{Path: "/metrics?a=b"}).validate(prop, of), []string{`prop.path: Invalid value: "/metrics?a=b": must not contain '?', '#' or '%', which Prometheus escapes`}},
		"budget":                       {metricsOf(&Metrics{Availability: 90}).validate(prop, of), []string{`prop.availability: Invalid value: 90: must be between 95 and 99.999`}},
		"all":                          {metricsOf(&Metrics{Availability: 100}).validate(prop, of), []string{`prop.availability: Invalid value: 100: must be between 95 and 99.999`}},
		"no number": {
			metricsOf(&Metrics{Availability: none}).validate(prop, of),
			[]string{`prop.availability: Invalid value: NaN: must be between 95 and 99.999`},
		},
		"time": {metricsOf(&Metrics{ResponseTime: time.Hour}).validate(prop, of), []string{`prop.responseTime: Invalid value: "1h0m0s": must be between 1ms and 5s`}},
		"no room for the name of the Service": {
			metricsOf(&Metrics{}).validate(prop, long),
			[]string{`prop: Invalid value: "` + long.metricsName() + `": must be no more than 63 characters`},
		},
	})
}

func TestExporterProps(t *testing.T) {
	postgres := func(e Exporter) check {
		props := PostgresProps{Credentials: PostgresCredentials{Secret: "a"}, Exporter: &e}
		return check{errs: props.validate(prop, testTier("postgres").place)}
	}
	wanting := func(c check, want ...string) check {
		c.want = want
		return c
	}
	runChecks(t, map[string]check{
		"defaults":          postgres(Exporter{}),
		"image":             wanting(postgres(Exporter{Image: "exporter"}), `prop.exporter.image: Invalid value: "exporter": must have a tag or a digest, so that what runs is said here`),
		"pull policy":       wanting(postgres(Exporter{ImagePullPolicy: "Sometimes"}), `prop.exporter.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`),
		"the server's port": wanting(postgres(Exporter{Port: 5432}), `prop.exporter.port: Invalid value: 5432: is the server's own`),
		"resources":         wanting(postgres(Exporter{Resources: Resources{Limits: ResourceList{CPU: "5m"}}}), `prop.exporter.resources.requests.cpu: Invalid value: "10m": must not exceed the limit 5m`),
	})
}
