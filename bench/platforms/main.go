// Command platforms writes a number of copies of production to a directory, each with its own namespace and file.
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

func main() {
	count, err := strconv.Atoi(os.Args[1])
	if err == nil {
		err = constructs.Synth(os.Args[2], func(app cdk8s.App) { compose(app, count) })
	}
	constructs.Close()
	if err != nil {
		log.Fatal(err)
	}
}

func compose(app cdk8s.App, count int) {
	for i := range count {
		e := platform.Production()
		e.Namespace.Name = fmt.Sprintf("platform-%d", i)
		e.Host = e.Namespace.Name + ".example.com"
		t := e.Tiers()
		add(t.Chart(app, e.Namespace.Name), t)
	}
}

// add adds the tiers to one chart. Tiers.Compose gives each a chart of its own, whose id can be in an application only once.
func add(chart cdk8s.Chart, t platform.Tiers) {
	constructs.NewNamespace(chart, "namespace", *t.Namespace)
	t.Backend.Database = constructs.NewPostgres(chart, "database", *t.Database)
	t.Backend.Redis = constructs.NewRedis(chart, "redis", *t.Redis)
	backend := constructs.NewBackend(chart, "backend", t.Backend)
	t.Frontend.Backend = backend
	frontend := constructs.NewFrontend(chart, "frontend", t.Frontend)
	t.Ingress.Tier = frontend
	ingress := constructs.NewIngress(chart, "ingress", *t.Ingress)

	monitoring.NewKubeStateMetrics(chart, "kube-state-metrics", *t.KubeStateMetrics)
	for i := range t.BlackboxExporter.Probes {
		probe := &t.BlackboxExporter.Probes[i]
		probe.Tier = frontend
		if probe.Public != nil {
			probe.Public.Ingress = ingress
		}
	}
	monitoring.NewBlackboxExporter(chart, "blackbox-exporter", *t.BlackboxExporter)
	t.Prometheus.Alertmanager = monitoring.NewAlertmanager(chart, "alertmanager", *t.Alertmanager)
	t.Grafana.Prometheus = monitoring.NewPrometheus(chart, "prometheus", *t.Prometheus)
	monitoring.NewGrafana(chart, "grafana", *t.Grafana)
}
