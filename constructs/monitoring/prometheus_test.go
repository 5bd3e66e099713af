package monitoring

import (
	"testing"
	"time"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check/checktest"
)

func prometheusErrors(props PrometheusProps) field.ErrorList {
	props = props.withDefaults(testComponent)
	s := props.scraping(testComponent, nil)
	return props.validate(checktest.Prop, s, props.server(field.NewPath("prometheus"), s))
}

func TestPrometheusProps(t *testing.T) {
	runChecks(t, map[string]expectation{
		"defaults": {prometheusErrors(PrometheusProps{}), nil},
		"limits": {prometheusErrors(PrometheusProps{
			ScrapeInterval: time.Minute, Retention: 6 * time.Hour, RetentionSize: "8Gi", KubernetesAPI: KubernetesAPI{CIDRs: []string{"10.0.0.0/8"}},
		}), nil},
		"retention beyond the claim": {
			prometheusErrors(PrometheusProps{RetentionSize: "10Gi", Storage: constructs.Storage{Size: "10Gi"}}),
			[]string{`prop.retentionSize: Invalid value: "10Gi": must leave a fifth of storage.size (10Gi, the default) free for the write-ahead log`},
		},
		"retention that is no quantity": {
			prometheusErrors(PrometheusProps{RetentionSize: "much", Storage: constructs.Storage{Size: "more"}}),
			[]string{
				`prop.storage.size: Invalid value: "more": must be a quantity such as "512Mi" or "1Gi"`,
				`prop.retentionSize: Invalid value: "much": must be a quantity such as "512Mi" or "1Gi"`,
			},
		},
		"retention of a size that is none": {
			prometheusErrors(PrometheusProps{RetentionSize: "1Gi", Storage: constructs.Storage{Size: "more"}}),
			[]string{`prop.storage.size: Invalid value: "more": must be a quantity such as "512Mi" or "1Gi"`},
		},
		"times": {
			prometheusErrors(PrometheusProps{ScrapeInterval: time.Second, Retention: time.Hour}),
			[]string{
				`prop.scrapeInterval: Invalid value: "1s": must be in whole seconds between 5s and 1m`,
				`prop.retention: Invalid value: "1h0m0s": must be in whole seconds, at least 6h`,
			},
		},
		"fractions of seconds": {
			prometheusErrors(PrometheusProps{ScrapeInterval: 7500 * time.Millisecond, Retention: 24*time.Hour + 1}),
			[]string{
				`prop.scrapeInterval: Invalid value: "7.5s": must be in whole seconds between 5s and 1m`,
				`prop.retention: Invalid value: "24h0m0.000000001s": must be in whole seconds, at least 6h`,
			},
		},
		"alerts": {
			prometheusErrors(PrometheusProps{CertManager: &CertManager{}, Alerts: []Alert{
				{Name: "Idle", Expr: "sum(", Severity: "low"},
				validAlert(), validAlert(),
				{Name: "TargetDown", Expr: "1", Severity: SeverityWarning, Summary: "a"},
				{Name: "CertificateExpiring", Expr: "1", Severity: SeverityWarning, Summary: "a"},
			}}),
			[]string{
				`prop.alerts[0].expr: Invalid value: "sum(": invalid PromQL: 1:5: parse error: unclosed left parenthesis`,
				`prop.alerts[0].severity: Unsupported value: "low": supported values: "critical", "warning"`,
				`prop.alerts[0].summary: Required value`,
				`prop.alerts[2].name: Duplicate value: "SiteDown": already the name of prop.alerts[1]`,
				`prop.alerts[3].name: Duplicate value: "TargetDown": already the name of an alert of the tiers`,
				`prop.alerts[4].name: Duplicate value: "CertificateExpiring": already the name of an alert of the tiers`,
			},
		},
		"others' pods": {
			prometheusErrors(PrometheusProps{
				CertManager:   &CertManager{Namespace: "A", PodLabels: map[string]string{"a b": ""}},
				KubernetesAPI: KubernetesAPI{CIDRs: []string{"10.0.0.1/8"}, Port: 70000},
			}),
			[]string{
				`prop.certManager.namespace: Invalid value: "A": ` + checktest.LabelRule,
				`prop.certManager.podLabels[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`prop.kubernetesAPI.cidrs[0]: Invalid value: "10.0.0.1/8": must be written as 10.0.0.0/8`,
				`prop.kubernetesAPI.port: Invalid value: 70000: ` + checktest.PortRule,
			},
		},
		"an external Alertmanager": {
			prometheusErrors(PrometheusProps{Alertmanager: constructs.ExternalServer{Host: "alerts.example.com", Port: 9093}}),
			[]string{`prometheus.alertmanager.cidrs: Required value: network policies cannot name hosts: list the addresses, or use AllAddresses()`},
		},
	})
}

// Two servers must not write to one volume, also where the volume would let them.
func TestMonitoringWritesAlone(t *testing.T) {
	shared := constructs.Storage{AccessMode: constructs.ReadWriteMany}
	prometheus := PrometheusProps{Storage: shared}.withDefaults(testComponent)
	for name, server := range map[string]server{
		"Prometheus":   prometheus.server(nil, prometheus.scraping(testComponent, nil)),
		"Alertmanager": AlertmanagerProps{Storage: shared}.server(nil, testComponent),
	} {
		spec := server.workload().Deployment().Fields["spec"].(k8s.DeploymentSpec)
		require.Equal(t, "Recreate", *spec.Strategy.Type, name)
	}
}
