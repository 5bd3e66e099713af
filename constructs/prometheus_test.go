package constructs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func prometheusErrors(props PrometheusProps) field.ErrorList {
	t := testTier("prometheus")
	s := props.scraping(t)
	return props.validate(prop, s, props.server(t, s, "account"))
}

func TestPrometheusProps(t *testing.T) {
	runChecks(t, map[string]check{
		"defaults": {prometheusErrors(PrometheusProps{}), nil},
		"limits": {prometheusErrors(PrometheusProps{
			ScrapeInterval: time.Minute, Retention: 6 * time.Hour, RetentionSize: "8Gi", KubernetesAPI: KubernetesAPI{CIDRs: []string{"10.0.0.0/8"}},
		}), nil},
		"retention beyond the claim": {
			prometheusErrors(PrometheusProps{RetentionSize: "10Gi", Storage: Storage{Size: "10Gi"}}),
			[]string{`prop.retentionSize: Invalid value: "10Gi": must leave a fifth of storage.size (10Gi) free`},
		},
		"retention that is no quantity": {
			prometheusErrors(PrometheusProps{RetentionSize: "much", Storage: Storage{Size: "more"}}),
			[]string{
				`prop.storage.size: Invalid value: "more": must be a quantity such as "500m" or "1Gi"`,
				`prop.retentionSize: Invalid value: "much": must be a quantity such as "500m" or "1Gi"`,
			},
		},
		"retention of a size that is none": {
			prometheusErrors(PrometheusProps{RetentionSize: "1Gi", Storage: Storage{Size: "more"}}),
			[]string{`prop.storage.size: Invalid value: "more": must be a quantity such as "500m" or "1Gi"`},
		},
		"times": {
			prometheusErrors(PrometheusProps{ScrapeInterval: time.Second, Retention: time.Hour}),
			[]string{
				`prop.scrapeInterval: Invalid value: "1s": must be whole seconds between 5s and 1m`,
				`prop.retention: Invalid value: "1h0m0s": must be whole seconds, and at least 6h`,
			},
		},
		"fractions of seconds": {
			prometheusErrors(PrometheusProps{ScrapeInterval: 7500 * time.Millisecond, Retention: 24*time.Hour + 1}),
			[]string{
				`prop.scrapeInterval: Invalid value: "7.5s": must be whole seconds between 5s and 1m`,
				`prop.retention: Invalid value: "24h0m0.000000001s": must be whole seconds, and at least 6h`,
			},
		},
		"alerts": {
			prometheusErrors(PrometheusProps{CertManager: &CertManager{}, Alerts: []Alert{
				{Name: "Idle", Expr: "sum(", Severity: "low"},
				validAlert(), validAlert(),
				{Name: "TargetDown", Expr: "1", Severity: Warning, Summary: "a"},
				{Name: "CertificateExpiring", Expr: "1", Severity: Warning, Summary: "a"},
			}}),
			[]string{
				`prop.alerts[0].expr: Invalid value: "sum(": is no PromQL: 1:5: parse error: unclosed left parenthesis`,
				`prop.alerts[0].severity: Unsupported value: "low": supported values: "critical", "warning"`,
				`prop.alerts[0].summary: Required value`,
				`prop.alerts[2].name: Duplicate value: "SiteDown"`,
				`prop.alerts[3].name: Duplicate value: "TargetDown"`,
				`prop.alerts[4].name: Duplicate value: "CertificateExpiring"`,
			},
		},
		"others' pods": {
			prometheusErrors(PrometheusProps{
				CertManager:   &CertManager{Namespace: "A", PodLabels: map[string]string{"a b": ""}},
				KubernetesAPI: KubernetesAPI{CIDRs: []string{"10.0.0.1/8"}, Port: 70000},
			}),
			[]string{
				`prop.certManager.namespace: Invalid value: "A": ` + labelRule,
				`prop.certManager.podLabels[a b]: Invalid value: "a b": ` + qualifiedNameRule,
				`prop.kubernetesAPI.cidrs[0]: Invalid value: "10.0.0.1/8": must be written as 10.0.0.0/8`,
				`prop.kubernetesAPI.port: Invalid value: 70000: ` + portRule,
			},
		},
		"an external Alertmanager": {
			prometheusErrors(PrometheusProps{Alertmanager: External{Host: "alerts.example.com", Port: 9093}}),
			[]string{`prometheus.alertmanager.cidrs: Required value: network policies know addresses, not names`},
		},
		"with an operator": {prometheusErrors(PrometheusProps{
			Operator: &PrometheusOperator{}, Kubelet: true, CertManager: &CertManager{}, Alerts: []Alert{validAlert()}, ScrapeInterval: 10 * time.Second,
		}), nil},
		"what an operator does itself": {
			prometheusErrors(PrometheusProps{
				Operator:     &PrometheusOperator{Labels: map[string]string{"app": "a", "release": "b c"}, Namespace: "A"},
				Alertmanager: External{}, Retention: time.Hour, RetentionSize: "1Gi", KubernetesAPI: KubernetesAPI{Port: 1}, Image: "a",
				ImagePullPolicy: "b", Resources: Resources{Limits: ResourceList{CPU: "1"}}, Storage: Storage{Size: "1"}, Pod: PodProps{RunAsUser: 1},
			}),
			[]string{
				`prop.operator.labels[release]: Invalid value: "b c": ` + labelValueRule,
				`prop.operator.labels[app]: Forbidden: is set by the construct`,
				`prop.operator.namespace: Invalid value: "A": ` + labelRule,
				`prop.alertmanager: Forbidden: the operator has a Prometheus of its own`,
				`prop.retention: Forbidden: the operator has a Prometheus of its own`,
				`prop.retentionSize: Forbidden: the operator has a Prometheus of its own`,
				`prop.kubernetesAPI: Forbidden: the operator has a Prometheus of its own`,
				`prop.image: Forbidden: the operator has a Prometheus of its own`,
				`prop.imagePullPolicy: Forbidden: the operator has a Prometheus of its own`,
				`prop.resources: Forbidden: the operator has a Prometheus of its own`,
				`prop.storage: Forbidden: the operator has a Prometheus of its own`,
				`prop.pod: Forbidden: the operator has a Prometheus of its own`,
			},
		},
	})
}

// Two servers must not write to one volume, also where the volume would let them.
func TestMonitoringWritesAlone(t *testing.T) {
	shared := Storage{AccessMode: ReadWriteMany}
	prometheus := testTier("prometheus")
	for name, server := range map[string]httpServer{
		"Prometheus":   PrometheusProps{Storage: shared}.server(prometheus, PrometheusProps{}.scraping(prometheus), ""),
		"Alertmanager": AlertmanagerProps{Storage: shared}.server(testTier("alertmanager")),
	} {
		require.Equal(t, "Recreate", *server.strategy().Type, name)
	}
}
