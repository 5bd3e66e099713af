package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Renovate's expression finds every image of this repository that others publish.
func TestRenovateFindsTheImages(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(repository, "renovate.json"))
	require.NoError(t, err)
	var config struct {
		CustomManagers []struct{ MatchStrings []string }
	}
	require.NoError(t, json.Unmarshal(content, &config))
	pattern := strings.ReplaceAll(config.CustomManagers[0].MatchStrings[0], "(?<", "(?P<")
	image := regexp.MustCompile(pattern)

	for file, want := range map[string][]string{
		"apps/ai-platform/platform/environments.go": {"postgres", "redis"},
		"constructs/monitoring/alertmanager.go":     {"quay.io/prometheus/alertmanager"},
		"constructs/monitoring/grafana.go":          {"grafana/grafana"},
		"constructs/monitoring/kubestatemetrics.go": {"registry.k8s.io/kube-state-metrics/kube-state-metrics"},
		"constructs/postgres.go":                    {"postgres", "quay.io/prometheuscommunity/postgres-exporter"},
		"constructs/monitoring/prometheus.go":       {"quay.io/prometheus/prometheus"},
		"constructs/redis.go":                       {"redis", "oliver006/redis_exporter"},
	} {
		source, err := os.ReadFile(filepath.Join(repository, file))
		require.NoError(t, err)
		var found []string
		for _, match := range image.FindAllStringSubmatch(string(source), -1) {
			found = append(found, match[image.SubexpIndex("depName")])
		}
		require.Equal(t, want, found, file)
	}
}
