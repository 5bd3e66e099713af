package platform_test

import (
	"fmt"
	"log"
	"maps"
	"slices"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// The staging of somebody else: with another image, and one more tier that is connected and watched like the others.
func Example() {
	tiers := platform.Staging().Tiers()
	tiers.Backend.Image = "ghcr.io/acme/api:1.4.2"
	prometheus, grafana := *tiers.Prometheus, *tiers.Grafana
	tiers.Prometheus, tiers.Grafana = nil, nil

	files, err := constructs.Render(func(app cdk8s.App) {
		added := tiers.Compose(app)
		constructs.NewBackend(tiers.Chart(app, "75-reports"), "reports", constructs.BackendProps{
			Image:    "ghcr.io/acme/reports:1.0.3",
			Database: added.Database,
			Metrics:  &constructs.Metrics{},
		})
		prometheus.Alertmanager = added.Alertmanager
		grafana.Prometheus = monitoring.NewPrometheus(tiers.Chart(app, "80-prometheus"), "prometheus", prometheus)
		monitoring.NewGrafana(tiers.Chart(app, "90-grafana"), "grafana", grafana)
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Println(name)
	}
	// Output:
	// 00-namespace.k8s.yaml
	// 05-secrets.k8s.yaml
	// 10-database.k8s.yaml
	// 20-redis.k8s.yaml
	// 30-backend.k8s.yaml
	// 40-frontend.k8s.yaml
	// 50-ingress.k8s.yaml
	// 60-kube-state-metrics.k8s.yaml
	// 65-blackbox-exporter.k8s.yaml
	// 70-alertmanager.k8s.yaml
	// 75-reports.k8s.yaml
	// 80-prometheus.k8s.yaml
	// 90-grafana.k8s.yaml
}
