package monitoring

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestOperatorMonitoringProps(t *testing.T) {
	runChecks(t, map[string]expectation{
		"defaults": {OperatorMonitoringProps{}.Validate(checktest.Prop), nil},
		"all": {OperatorMonitoringProps{
			KubeletMetrics: true, CertManagerMetrics: true, Alerts: []Alert{validAlert()}, ScrapeInterval: 10 * time.Second,
			Labels: map[string]string{"release": "kube-prometheus-stack"},
		}.Validate(checktest.Prop), nil},
		"all wrong": {
			OperatorMonitoringProps{
				CertManagerMetrics: true, Alerts: []Alert{{Name: "CertificateExpiring", Expr: "1", Severity: SeverityWarning, Summary: "a"}}, ScrapeInterval: time.Hour,
				Labels: map[string]string{"app": "a", "release": "b c"}, Namespace: "A", PodLabels: map[string]string{"a b": ""},
			}.Validate(checktest.Prop),
			[]string{
				`prop.scrapeInterval: Invalid value: "1h0m0s": must be in whole seconds between 5s and 1m`,
				`prop.alerts[0].name: Duplicate value: "CertificateExpiring": already the name of an alert of the tiers`,
				`prop.labels[release]: Invalid value: "b c": ` + checktest.LabelValueRule,
				`prop.labels[app]: Forbidden: is set by the construct`,
				`prop.namespace: Invalid value: "A": ` + checktest.LabelRule,
				`prop.podLabels[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
			},
		},
	})
}

func TestOperatorDashboardsProps(t *testing.T) {
	validate := func(dashboards ...Dashboard) field.ErrorList {
		props := OperatorMonitoringProps{}.withDefaults()
		operated := &OperatorMonitoring{scraping: props.scraping(testComponent, nil)}
		return OperatorDashboardsProps{Monitoring: operated, Dashboards: dashboards}.Validate(checktest.Prop)
	}
	overview := orders(ordersPanel)
	overview.Name = "overview"
	runChecks(t, map[string]expectation{
		"none":                     {validate(), nil},
		"one":                      {validate(orders(ordersPanel)), nil},
		"nothing":                  {OperatorDashboardsProps{}.Validate(checktest.Prop), []string{"prop.monitoring: Required value"}},
		"the name of the overview": {validate(overview), []string{`prop.dashboards[0].name: Duplicate value: "overview": already the name of a dashboard of the tiers`}},
		"an empty row":             {validate(orders()), []string{"prop.dashboards[0].rows[0].panels: Required value"}},
	})
}
