package argocd

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// deployed is an application that has been synced, and prunes from now on.
func deployed(t *testing.T, namespace string) *application {
	t.Helper()
	app := newApplication(t, namespace, manifests("removable"))
	app.sync(t, patience).succeeded(t)
	app.former, app.prune = app.source, true
	return app
}

// keep leaves these objects of the former source in the new one.
func (a *application) keep(names ...string) {
	a.source = slices.DeleteFunc(slices.Clone(a.former), func(object *unstructured.Unstructured) bool {
		return !slices.Contains(names, object.GetName())
	})
}

// remains says which objects of the former source are in the cluster.
func (a *application) remains(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, object := range a.former {
		live, err := engine.live(t.Context(), object)
		require.NoError(t, err)
		if live != nil && live.GetDeletionTimestamp() == nil {
			names = append(names, object.GetName())
		}
	}
	return names
}

func TestPruningIsInReverseOrder(t *testing.T) {
	app := deployed(t, "pruned")
	app.keep("data", "kept")
	o := app.sync(t, patience)
	o.succeeded(t)
	require.Equal(t, []string{"ConfigMap/third", "ConfigMap/second", "ConfigMap/first"}, o.recorder.deleted)
	require.Equal(t, []string{"data", "kept"}, app.remains(t))
}

func TestNothingIsPrunedUnasked(t *testing.T) {
	app := deployed(t, "not-pruned")
	app.prune = false
	app.keep("first", "data")
	app.sync(t, patience).succeeded(t)
	require.Len(t, app.remains(t), len(app.former))
}

// Prune=false keeps the object, and the operation succeeds.
func TestPruningForbidden(t *testing.T) {
	app := deployed(t, "forbidden")
	app.keep("first", "second", "third", "data")
	o := app.sync(t, patience)
	o.succeeded(t)
	require.Empty(t, o.recorder.deleted)
	require.Contains(t, app.remains(t), "kept")
}

// Prune=confirm blocks the whole wave of the object, and all later ones, until the user has confirmed.
func TestPruningIsConfirmed(t *testing.T) {
	app := deployed(t, "confirmed")
	app.keep("first", "second", "third", "kept")
	added := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "added", "namespace": app.namespace},
	}}
	app.source = append(app.source, added)

	// The engine waits for the confirmation even if the sync is not to prune.
	app.prune = false
	requireUnconfirmed(t, app.begin(t))

	app.prune = true
	o := app.begin(t)
	requireUnconfirmed(t, o)
	app.pruneConfirmed = true
	o.run(t, patience)
	o.succeeded(t)
	require.Equal(t, []string{"PersistentVolumeClaim/data"}, o.recorder.deleted)
	require.NotContains(t, app.remains(t), "data")
	require.Contains(t, o.recorder.names(), "ConfigMap/added")
	require.Contains(t, o.recorder.names(), "ConfigMap/third")
}

func requireUnconfirmed(t *testing.T, o *operation) {
	t.Helper()
	o.standsStill(t, "Waiting for pruning confirmation of v1/PersistentVolumeClaim/data")
	require.Empty(t, o.recorder.deleted)
	require.Contains(t, o.remains(t), "data")
	require.Equal(t, []string{"ConfigMap/first"}, o.recorder.names(), "only the wave before goes on")
}
