package argocd

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/argoproj/gitops-engine/pkg/diff"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/gitops-engine/pkg/utils/tracing"
	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// comparison is a way in which Argo CD compares source and cluster.
type comparison func(t *testing.T) []diff.Option

// comparisons are those of an Application with and without the option ServerSideDiff=true.
var comparisons = map[string]comparison{
	"server-side": serverSide,
	"client-side": func(*testing.T) []diff.Option { return nil },
}

// serverSide asks the API server what a sync would change.
func serverSide(t *testing.T) []diff.Option {
	t.Helper()
	applier, cleanup, err := kube.ManageServerSideDiffDryRuns(engine.config, engine.schemas, tracing.NopTracer{}, logr.Discard(), nil)
	require.NoError(t, err)
	t.Cleanup(cleanup)
	return []diff.Option{
		diff.WithServerSideDiff(true),
		diff.WithServerSideDryRunner(diff.NewK8sServerSideDryRunner(applier)),
		diff.WithGVKParser(engine.types),
		diff.WithManager(fieldManager),
	}
}

// requireInSync requires that Argo CD shows no difference, however it compares.
func (a *application) requireInSync(t *testing.T) {
	t.Helper()
	for way := range comparisons {
		require.Empty(t, a.differences(t, way), way)
	}
}

// differences are what Argo CD shows between source and cluster, by object.
func (a *application) differences(t *testing.T, way string) map[string]string {
	t.Helper()
	var live []*unstructured.Unstructured
	for _, object := range a.source {
		found, err := engine.live(t.Context(), object)
		require.NoError(t, err)
		require.NotNil(t, found, nameOf(object))
		live = append(live, found)
	}
	results, err := diff.DiffArray(a.source, live, append(comparisons[way](t), diff.WithNormalizer(withoutStatus{}), diff.WithLogr(logr.Discard()))...)
	require.NoError(t, err)
	found := map[string]string{}
	for i, result := range results.Diffs {
		if result.Modified {
			found[nameOf(a.source[i])] = explain(t, result)
		}
	}
	return found
}

// withoutStatus leaves out what controllers write, as Argo CD does unless it is told otherwise.
type withoutStatus struct{}

func (withoutStatus) Normalize(object *unstructured.Unstructured) error {
	unstructured.RemoveNestedField(object.Object, "status")
	return nil
}

// explain shows a difference: - is in the cluster, + would be there after a sync.
func explain(t *testing.T, result diff.DiffResult) string {
	t.Helper()
	var live, predicted any
	require.NoError(t, json.Unmarshal(result.NormalizedLive, &live))
	require.NoError(t, json.Unmarshal(result.PredictedLive, &predicted))
	return cmp.Diff(live, predicted)
}

// A difference that someone makes is found, and only that one. The next sync takes it back.
func TestDifferenceIsFound(t *testing.T) {
	app := newApplication(t, "different", manifests("deployment replicas: 2", "budget"))
	app.sync(t, patience).succeeded(t)
	app.requireInSync(t)

	kubectl(t, "scale", "--namespace=different", "deployment/first", "--replicas=3")
	for way := range comparisons {
		found := app.differences(t, way)
		require.Equal(t, []string{"Deployment/first"}, slices.Collect(maps.Keys(found)), way)
		require.Contains(t, found["Deployment/first"], "replicas", way)
	}

	app.sync(t, patience).succeeded(t)
	app.requireInSync(t)
}

// Replicas that the source leaves to an autoscaler are no difference.
func TestReplicasOfAnAutoscaler(t *testing.T) {
	app := newApplication(t, "autoscaled", manifests("deployment"))
	app.sync(t, patience).succeeded(t)
	kubectl(t, "scale", "--namespace=autoscaled", "deployment/first", "--replicas=3")
	app.requireInSync(t)

	app.sync(t, patience).succeeded(t)
	require.Equal(t, "3", kubectl(t, "get", "--namespace=autoscaled", "deployment/first", "--output=jsonpath={.spec.replicas}"))
}
