package monitoring

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/manifest"
)

// everyDashboard returns the dashboards of a scraping that has each kind of target.
func everyDashboard() []Dashboard {
	http := manifest.HTTPTarget{
		Availability: 99.9, P95Latency: time.Second,
		CPURequest: "100m", CPULimit: "1", MemoryRequest: "64Mi", MemoryLimit: "128Mi",
	}
	var targets []manifest.Target
	for id, kind := range map[string]any{
		"api": http, "database": manifest.PostgresTarget{VolumeSize: "1Gi"}, "pods": kubeStateTarget{}, "alerts": alertmanagerTarget{},
		"cache": manifest.RedisTarget{Evicts: true}, "queue": manifest.RedisTarget{}, "jobs": manifest.UnknownTarget{},
		"prober": blackboxTarget{publicProbeOf(PublicProbe{URL: "https://shop.example.com/"}).withDefaults(testExporter).probedTiers(testExporter)},
	} {
		at := testComponent
		at.ID = id
		targets = append(targets, manifest.Target{Component: at, Port: 9090, Kind: kind})
	}
	return scraping{component: component{Component: testComponent}, targets: watch(targets), kubelet: true}.dashboards()
}

func TestEveryPanelHasADescription(t *testing.T) {
	for _, dashboard := range everyDashboard() {
		for _, row := range dashboard.Rows {
			for _, panel := range row.Panels {
				at := dashboard.Name + ": " + panel.Title
				require.NotEmpty(t, panel.Description, at)
				require.True(t, strings.HasSuffix(panel.Description, "."), "%s: %q is no sentence", at, panel.Description)
			}
		}
	}
}

func variablesOf(d Dashboard) map[string]string {
	queries := map[string]string{}
	for _, variable := range d.variables("shop") {
		queries[variable.Name] = variable.Query
	}
	return queries
}

// A dashboard of a program's own has the variables that its queries name.
func TestVariables(t *testing.T) {
	const (
		instances = `label_values(up{namespace="shop"}, instance)`
		pods      = `label_values({namespace="shop",pod!=""}, pod)`
	)
	for expr, want := range map[string]map[string]string{
		`up`:                        {"datasource": "prometheus"},
		`up{instance=~"$instance"}`: {"datasource": "prometheus", "instance": instances},
		`up{pod=~"${pod:regex}"}`:   {"datasource": "prometheus", "pod": pods},
		`a{instance=~"$instance"} / on (pod) b{pod=~"$pod"}`:  {"datasource": "prometheus", "instance": instances, "pod": pods},
		`up{instance=~"$instances",pod=~"${pods}|$pod_name"}`: {"datasource": "prometheus"},
	} {
		own := Dashboard{Rows: []DashboardRow{{Panels: []Panel{{Queries: []Query{{Expr: "vector(1)"}, {Expr: expr}}}}}}}
		require.Equal(t, want, variablesOf(own), expr)
	}
}

// Each tier's dashboard offers the pods of the tier alone, and the overview, which has all tiers, none.
func TestVariablesOfTiers(t *testing.T) {
	want := map[string]string{
		"overview":   "",
		"pages":      "",
		"api":        `label_values(up{namespace="shop",job="shop-api"}, instance)`,
		"database":   `label_values(up{namespace="shop",job="shop-database"}, instance)`,
		"cache":      `label_values(up{namespace="shop",job="shop-cache"}, instance)`,
		"queue":      `label_values(up{namespace="shop",job="shop-queue"}, instance)`,
		"pods":       `label_values(kube_pod_container_status_restarts_total{namespace="shop",job="shop-pods"}, pod)`,
		"containers": `label_values(container_memory_working_set_bytes{namespace="shop",container!=""}, pod)`,
	}
	found := map[string]string{}
	for _, dashboard := range everyDashboard() {
		variables := variablesOf(dashboard)
		found[dashboard.Name] = variables["instance"] + variables["pod"]
	}
	require.Equal(t, want, found)
}

// The data source of an operator's Grafana has the interval of the cluster's own targets, kubelets among them.
func TestIntervalOfOperatedTiers(t *testing.T) {
	s := scraping{component: component{Component: testComponent}, interval: 45 * time.Second, kubelet: true}
	for _, c := range []struct {
		operated bool
		want     []string // Of the overview, and of containers.
	}{{false, []string{"", ""}}, {true, []string{"45s", ""}}} {
		s.operated = c.operated
		var found []string
		for _, dashboard := range s.dashboards() {
			for _, panel := range dashboard.panels() {
				if len(panel.Targets) > 0 {
					found = append(found, panel.Targets[0].MinStep)
					break
				}
			}
		}
		require.Equal(t, c.want, found)
	}
}
