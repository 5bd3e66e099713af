package rollout

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs/monitoring"
)

// TestOperator brings a platform that leaves Prometheus and Grafana to an operator into a cluster that knows its kinds.
func TestOperator(t *testing.T) {
	files := render(t, composeForOperator)
	objects := objectsOf(t, files)
	count := map[string]int{}
	for _, object := range objects {
		count[object.GetKind()]++
	}
	require.Equal(t, 6, count["Deployment"], "four tiers, kube-state-metrics and the blackbox exporter")
	require.Equal(t, 5, count["ServiceMonitor"], "one for each of them but the frontend")
	require.Equal(t, 2, count["Probe"], "of the frontend's Service and its public host")
	require.Equal(t, 1, count["PrometheusRule"])

	for _, m := range []mode{clientSide, serverSide} {
		t.Run(m.name, func(t *testing.T) {
			begin(t, production)
			r := running{mode: m, folder: t.TempDir()}
			r.write(t, release{files, objects})
			m.apply(t, r.path())
			production.createSecret(t)
			settle(t)
			requireNoDifference(t, m, objects, r.path())
		})
	}
}

// composeForOperator adds what the operator reads after all that its Prometheus scrapes. It has an Alertmanager of its own.
func composeForOperator(app cdk8s.App) {
	tiers := newPlatform()
	tiers.Alertmanager, tiers.Prometheus, tiers.Grafana = nil, nil, nil
	tiers.Compose(app)
	operated := monitoring.NewOperatorMonitoring(tiers.Chart(app, "80-prometheus"), "prometheus", monitoring.OperatorMonitoringProps{})
	monitoring.NewOperatorDashboards(tiers.Chart(app, "90-grafana"), "grafana", monitoring.OperatorDashboardsProps{Monitoring: operated})
}
