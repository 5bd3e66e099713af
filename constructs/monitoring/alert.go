package monitoring

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// Alert is a Prometheus alerting rule.
// https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
type Alert struct {
	// Name states the problem in UpperCamelCase, such as TargetDown. Required.
	Name string

	// Expr is a PromQL expression. Each series of its result is an alert with the labels of the series. Required.
	Expr string

	// For is how long the expression must hold before the alert fires, in whole milliseconds. Defaults to 0: it fires
	// at once.
	For time.Duration

	// Severity decides who is notified, and how urgently. Required.
	Severity Severity

	// Summary is a sentence for the person on call. It can refer to a label as {{ $labels.job }} and to the value as {{
	// $value }}. Required.
	Summary string

	// RunbookURL is the address of instructions for the person on call. Defaults to none.
	RunbookURL string

	// Labels are added to the labels of the alert. Defaults to none.
	Labels map[string]string
}

// Severity is the value of an alert's label "severity".
type Severity string

// The severities.
const (
	// SeverityCritical needs someone immediately, day or night.
	SeverityCritical Severity = "critical"

	// SeverityWarning can wait for the next working day.
	SeverityWarning Severity = "warning"

	// noSeverity is that of the heartbeat, which is for nobody to look at.
	noSeverity Severity = "none"
)

const (
	severityLabel     = "severity"
	alertNameLabel    = "alertname"
	summaryAnnotation = "summary"
	runbookAnnotation = "runbook_url"
)

// runbooks is the page that has a section for every alert of this package.
const runbooks = "https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md"

var alertName = regexp.MustCompile(`^[A-Z][a-zA-Z0-9]*$`)

// Validate checks the alert, its PromQL and its templates.
func (a Alert) Validate(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	switch {
	case a.Name == "":
		errs = append(errs, field.Required(path.Child("name"), ""))
	case !alertName.MatchString(a.Name):
		errs = append(errs, field.Invalid(path.Child("name"), a.Name, "must consist of letters and digits, and begin with an upper-case letter"))
	}
	errs = slices.Concat(errs,
		checkExpr(path.Child("expr"), a.Expr),
		checkAlertFor(path.Child("for"), a.For),
		check.OneOf(path.Child("severity"), a.Severity, SeverityCritical, SeverityWarning),
		checkTemplate(path.Child("summary"), a.Summary),
		a.validateRunbookURL(path.Child("runbookURL")),
	)
	return append(errs, a.validateLabels(path.Child("labels"))...)
}

// validateRunbookURL checks the template that it is too, before it is taken for a URL.
func (a Alert) validateRunbookURL(path *field.Path) field.ErrorList {
	if errs := checkOptionalTemplate(path, a.RunbookURL); len(errs) > 0 {
		return errs
	}
	return checkOptionalURL(path, a.RunbookURL)
}

// checkOptionalURL checks a URL that is opened in a browser.
func checkOptionalURL(path *field.Path, text string) field.ErrorList {
	if text == "" {
		return nil
	}
	if parsed, err := url.Parse(text); err != nil || parsed.Host == "" || (parsed.Scheme != "https" && parsed.Scheme != "http") {
		return field.ErrorList{field.Invalid(path, text, `must be a URL such as "https://example.com/page"`)}
	}
	return nil
}

func (a Alert) validateLabels(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
		switch {
		case name == severityLabel || name == alertNameLabel || name == model.MetricNameLabel:
			errs = append(errs, field.Forbidden(check.At(path, name), "is set by the construct"))
		case !model.LegacyValidation.IsValidLabelName(name):
			errs = append(errs, field.Invalid(check.At(path, name), name, "must consist of letters, digits and '_', and not begin with a digit"))
		}
		errs = append(errs, checkOptionalTemplate(check.At(path, name), a.Labels[name])...)
	}
	return errs
}

func checkAlertFor(path *field.Path, wait time.Duration) field.ErrorList {
	if wait < 0 || wait%time.Millisecond != 0 {
		return field.ErrorList{field.Invalid(path, wait.String(), "must be in whole milliseconds, and not negative")}
	}
	return nil
}

// checkTemplate checks text that Prometheus expands, as it does with all annotations and labels.
// https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
func checkTemplate(path *field.Path, text string) field.ErrorList {
	if text == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return checkOptionalTemplate(path, text)
}

func checkOptionalTemplate(path *field.Path, text string) field.ErrorList {
	if errs := check.Text(path, text); len(errs) > 0 {
		return errs
	}
	// What Prometheus puts before each template.
	const variables = `{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}`
	if _, err := template.New("template").Funcs(templateFunctions).Parse(variables + text); err != nil {
		return field.ErrorList{field.Invalid(path, text, err.Error())}
	}
	return nil
}

// templateFunctions are the names that Prometheus has in addition to those of Go's templates. They are only parsed here.
var templateFunctions = func() template.FuncMap {
	functions := template.FuncMap{}
	for _, name := range []string{
		"args", "externalURL", "first", "graphLink", "humanize", "humanize1024", "humanizeDuration", "humanizePercentage",
		"humanizeTimestamp", "label", "match", "now", "parseDuration", "pathPrefix", "query", "reReplaceAll", "safeHtml",
		"sortByLabel", "stripDomain", "stripPort", "strvalue", "tableLink", "title", "toDuration", "toLower", "toTime", "toUpper",
		"urlQueryEscape", "value",
	} {
		functions[name] = func() string { return "" }
	}
	return functions
}()

// alertRule is an Alert as Prometheus and its operator read it.
type alertRule struct {
	Alert       string            `json:"alert" yaml:"alert"`
	Expr        string            `json:"expr" yaml:"expr"`
	For         string            `json:"for,omitempty" yaml:"for,omitempty"`
	Labels      map[string]string `json:"labels" yaml:"labels"`
	Annotations map[string]string `json:"annotations" yaml:"annotations"`
}

func (a Alert) rule() alertRule {
	rule := alertRule{
		Alert:       a.Name,
		Expr:        a.Expr,
		Labels:      map[string]string{severityLabel: string(a.Severity)},
		Annotations: map[string]string{summaryAnnotation: a.Summary},
	}
	if a.For > 0 {
		rule.For = promDuration(a.For)
	}
	maps.Copy(rule.Labels, a.Labels)
	if a.RunbookURL != "" {
		rule.Annotations[runbookAnnotation] = a.RunbookURL
	}
	return rule
}

// ruleGroup is alerts that are evaluated together.
type ruleGroup struct {
	Name  string      `json:"name" yaml:"name"`
	Rules []alertRule `json:"rules" yaml:"rules"`
}

func newRuleGroup(name string, alerts []Alert) ruleGroup {
	group := ruleGroup{Name: name}
	for _, alert := range alerts {
		group.Rules = append(group.Rules, alert.rule())
	}
	return group
}

// promDuration formats a duration as Prometheus reads and writes it: "1h30m".
func promDuration(duration time.Duration) string { return model.Duration(duration).String() }

// newAlert is an alert of this package. Its name is a section of the page of runbooks, where GitHub makes it an anchor in
// lower case.
func newAlert(name string, severity Severity, wait time.Duration, expr, summary string) Alert {
	return Alert{
		Name: name, Expr: expr, For: wait, Severity: severity, Summary: summary,
		RunbookURL: runbooks + "#" + strings.ToLower(name),
	}
}
