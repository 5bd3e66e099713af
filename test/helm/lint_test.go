package helm

import (
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/action"
)

// What "helm lint --strict" does, with the default values and without what most of the chart is about.
func TestLint(t *testing.T) {
	for name, values := range map[string]map[string]any{
		"defaults": {},
		"little": nested(map[string]any{
			"monitoring.enabled": false, autoscaledFrontend: true, autoscaledBackend: true, "namespace.create": false, "ingress.tls.clusterIssuer": "",
		}),
	} {
		t.Run(name, func(t *testing.T) {
			lint := action.NewLint()
			lint.Strict, lint.Namespace = true, defaultNamespace
			result := lint.Run([]string{chartFolder}, values)
			require.Empty(t, result.Errors)
			require.Equal(t, 1, result.TotalChartsLinted)
		})
	}
}
