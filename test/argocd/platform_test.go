package argocd

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/argoproj/gitops-engine/pkg/health"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/test/environments"
)

// platformPatience is how long a sync of the platform may take, with all its waves.
const platformPatience = 5 * time.Minute

// exception is a status other than Healthy.
type exception struct {
	status health.HealthStatusCode
	reason string
}

// exceptions are the objects that are not healthy in a cluster of tests.
var exceptions = map[string]exception{
	"Ingress/ai-platform-ingress": {health.HealthStatusProgressing, "no controller gives it an address"},
	"PersistentVolumeClaim/ai-platform-database-backup-data": {
		health.HealthStatusProgressing, "its class waits for a pod that mounts it, and the first backup runs at night",
	},
}

// TestPlatform deploys the committed environments as Argo CD would, each to a cluster that has nothing of it. The default storage class
// waits for a pod that mounts the claim, as those of the cloud providers do: a claim in an earlier wave than its pod would block.
func TestPlatform(t *testing.T) {
	met := map[string]bool{}
	for _, e := range environments.All {
		t.Run(e.Folder, func(t *testing.T) {
			source, err := e.Objects()
			require.NoError(t, err)
			app := &application{namespace: e.Namespace, source: source, prune: true}
			for _, object := range app.source {
				require.Contains(t, object.GetAnnotations(), "argocd.argoproj.io/sync-wave", nameOf(object))
			}
			o := app.begin(t)
			createSecret(t, e, o)
			o.run(t, platformPatience)
			t.Logf("applied:%s", o.recorder)
			o.succeeded(t)
			require.Len(t, o.recorder.steps, len(app.source))
			require.NoError(t, outOfOrder(o.recorder.steps))

			requireHealth(t, app.source, met)
			t.Run("in sync", func(t *testing.T) { app.requireInSync(t) })
			t.Run("again", func(t *testing.T) { requireUnchanged(t, app) })
		})
	}
	for name, e := range exceptions {
		require.True(t, met[name], "%s is no exception any more: %s", name, e.reason)
	}
}

// createSecret makes the Secret before the first sync. That of External Secrets the sync waits for, before anything is applied that reads it.
func createSecret(t *testing.T, e environments.Environment, o *operation) {
	t.Helper()
	if e == environments.Staging {
		o.standsStill(t, "waiting for healthy state of external-secrets.io/ExternalSecret/ai-platform-secrets")
		for _, name := range o.recorder.names() {
			require.NotContains(t, name, "Deployment")
		}
	} else {
		kubectl(t, "apply", "--server-side", "--filename="+filepath.Join(e.Path(), "00-namespace.k8s.yaml"))
	}
	require.NoError(t, e.CreateSecret(t.Context(), control))
}

// requireHealth waits until every object is healthy, or has no health, or is an exception, which it notes as met.
func requireHealth(t *testing.T, objects []*unstructured.Unstructured, met map[string]bool) {
	t.Helper()
	var report map[string]int
	var amiss []string
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Second) {
		report, amiss = map[string]int{}, nil
		for _, object := range objects {
			status := statusOf(t, object)
			e, excepted := exceptions[nameOf(object)]
			switch {
			case excepted && status == e.status:
				met[nameOf(object)] = true
			case excepted || status != health.HealthStatusHealthy && status != noHealth:
				amiss = append(amiss, fmt.Sprintf("%s is %s", nameOf(object), status))
			}
			report[fmt.Sprintf("%s: %s", object.GetKind(), status)]++
		}
		if len(amiss) == 0 || time.Now().After(deadline) {
			break
		}
	}
	t.Logf("health: %v", report)
	require.Empty(t, amiss)
}

// noHealth is the status of kinds that Argo CD does not assess.
const noHealth health.HealthStatusCode = "none"

func statusOf(t *testing.T, object *unstructured.Unstructured) health.HealthStatusCode {
	t.Helper()
	found, err := engine.health(t.Context(), object)
	require.NoError(t, err)
	if found == nil {
		return noHealth
	}
	return found.Status
}

// requireUnchanged syncs once more, and requires that it changes no object.
func requireUnchanged(t *testing.T, app *application) {
	t.Helper()
	before := versions(t, app.source)
	o := app.sync(t, platformPatience)
	o.succeeded(t)
	require.NoError(t, outOfOrder(o.recorder.steps))
	require.Empty(t, o.recorder.deleted)
	require.Equal(t, before, versions(t, app.source))
}

// versions tell whether an object, or what Argo CD owns of it, has been written anew. A controller's status does not count.
func versions(t *testing.T, objects []*unstructured.Unstructured) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, object := range objects {
		live, err := engine.live(t.Context(), object)
		require.NoError(t, err)
		require.NotNil(t, live, nameOf(object))
		fields := live.GetManagedFields()
		owned := slices.IndexFunc(fields, func(entry metav1.ManagedFieldsEntry) bool { return entry.Manager == fieldManager })
		require.GreaterOrEqual(t, owned, 0, nameOf(object))
		entry, err := json.Marshal(fields[owned])
		require.NoError(t, err)
		found[nameOf(object)] = fmt.Sprint(live.GetUID(), live.GetGeneration(), string(entry))
	}
	return found
}
