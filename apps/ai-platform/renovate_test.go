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

// Renovate's expressions find every image of this repository that others publish, and the modules that no go.mod names.
func TestRenovateFindsVersions(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(repository, "renovate.json"))
	require.NoError(t, err)
	var config struct {
		CustomManagers []struct{ MatchStrings []string }
	}
	require.NoError(t, json.Unmarshal(content, &config))

	for i, files := range []map[string][]string{
		{
			"apps/ai-platform/platform/environments.go": {"postgres", "redis"},
			"constructs/monitoring/alertmanager.go":     {"quay.io/prometheus/alertmanager"},
			"constructs/monitoring/grafana.go":          {"grafana/grafana"},
			"constructs/monitoring/kubestatemetrics.go": {"registry.k8s.io/kube-state-metrics/kube-state-metrics"},
			"constructs/postgres.go":                    {"postgres", "quay.io/prometheuscommunity/postgres-exporter"},
			"constructs/monitoring/prometheus.go":       {"quay.io/prometheus/prometheus"},
			"constructs/redis.go":                       {"redis", "oliver006/redis_exporter"},
		},
		{"test/gomodule/gomodule.go": {
			"github.com/argoproj/argo-cd/v3", "github.com/fluxcd/source-controller", "github.com/fluxcd/kustomize-controller",
			"github.com/external-secrets/external-secrets", "github.com/cert-manager/cert-manager", "github.com/prometheus-operator/prometheus-operator",
		}},
	} {
		pattern := regexp.MustCompile(strings.ReplaceAll(config.CustomManagers[i].MatchStrings[0], "(?<", "(?P<"))
		for file, want := range files {
			source, err := os.ReadFile(filepath.Join(repository, file))
			require.NoError(t, err)
			var found []string
			for _, match := range pattern.FindAllStringSubmatch(string(source), -1) {
				found = append(found, match[pattern.SubexpIndex("depName")])
			}
			require.Equal(t, want, found, file)
		}
	}
}
