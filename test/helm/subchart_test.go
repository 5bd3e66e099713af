package helm

import (
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
)

// A chart may have this one among its own, on the usual condition, and with global values.
func TestPartOfAnotherChart(t *testing.T) {
	for _, enabled := range []bool{true, false} {
		own := nested(map[string]any{"enabled": enabled, "frontend.replicaCount": 5})
		values := map[string]any{"global": map[string]any{"team": "shop"}, "ai-platform": own}
		parent := parentOf(load(t))
		require.NoError(t, chartutil.ProcessDependencies(parent, common.Values(values)))
		objects, err := render(t, parent, defaultNamespace, values)
		require.NoError(t, err)
		if !enabled {
			require.Empty(t, objects)
			continue
		}
		want, err := template(t, defaultNamespace, nested(map[string]any{"frontend.replicaCount": 5}))
		require.NoError(t, err)
		require.Empty(t, difference(want, objects))
	}
}

func parentOf(part *chart.Chart) *chart.Chart {
	parent := &chart.Chart{Metadata: &chart.Metadata{
		APIVersion: chart.APIVersionV2, Name: "parent", Version: "1.0.0",
		Dependencies: []*chart.Dependency{{Name: part.Name(), Version: part.Metadata.Version, Condition: "ai-platform.enabled"}},
	}}
	parent.AddDependency(part)
	return parent
}
