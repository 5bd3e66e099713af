package monitoring

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/manifest"
)

// Amounts stand in alerts and dashboards, which people read.
func TestAmounts(t *testing.T) {
	for quantity, want := range map[string]string{
		"36m": "0.036", "250m": "0.25", "1": "1", "1.5": "1.5", "2k": "2000", "1e1": "10",
		"512Mi": "536870912", "1.5Gi": "1610612736", "1Pi": "1125899906842624",
	} {
		require.Equal(t, want, promNumber(amount(quantity)), quantity)
	}
}

// Without a CPU limit nothing compares with one: the alert is left out, and panels compare with the request.
func TestTierWithoutCPULimit(t *testing.T) {
	target := manifest.HTTPTarget{
		Availability: 99.9, P95Latency: time.Second, CPURequest: "100m", CPULimit: "1", MemoryRequest: "64Mi", MemoryLimit: "128Mi",
	}
	limited := httpTier{component{Component: testComponent}, target}
	target.CPULimit = ""
	unlimited := httpTier{component{Component: testComponent}, target}
	names := func(h httpTier) []string {
		var names []string
		for _, alert := range h.alerts() {
			names = append(names, alert.Name)
		}
		return names
	}
	require.Contains(t, names(limited), "CPUSaturated")
	require.Equal(t, slices.DeleteFunc(names(limited), func(name string) bool { return name == "CPUSaturated" }), names(unlimited))

	texts := func(value any) string {
		text, err := json.Marshal(value)
		require.NoError(t, err)
		return string(text)
	}
	for h, want := range map[*httpTier]bool{&limited: true, &unlimited: false} {
		require.Equal(t, want, strings.Contains(texts(h.overview()), "CPU (% of limit)"))
		require.Equal(t, !want, strings.Contains(texts(h.overview()), "/ 0.1"), "of the request")
		usage := h.cpuUsagePanel()
		require.Len(t, usage.Queries, map[bool]int{true: 3, false: 2}[want])
		require.Len(t, h.overview(), 5)
	}
}
