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
		Availability: 99.9, ResponseTime: time.Second,
		CPURequest: "100m", CPULimit: "1", MemoryRequest: "64Mi", MemoryLimit: "128Mi",
	}
	var targets []manifest.Target
	for id, kind := range map[string]any{
		"api": http, "database": manifest.PostgresTarget{VolumeSize: "1Gi"}, "pods": kubeStateTarget{}, "alerts": alertmanagerTarget{},
		"cache": manifest.RedisTarget{Evicts: true}, "queue": manifest.RedisTarget{},
	} {
		at := testComponent
		at.ID = id
		targets = append(targets, manifest.Target{Component: at, Port: 9090, Kind: kind})
	}
	return scraping{component: component{testComponent}, targets: watch(targets), kubelet: true}.dashboards()
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
