package argocd

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/test/yamldoc"
)

// outOfOrder says which objects were applied before all objects of lower waves were healthy. The waves are those of the annotations;
// without any, there is no order to keep.
func outOfOrder(steps []step) error {
	var errs []error
	for _, step := range steps {
		if len(step.unready) > 0 {
			errs = append(errs, fmt.Errorf("%s (wave %d) was applied when this was not healthy: %s", step.name, step.wave, strings.Join(step.unready, ", ")))
		}
	}
	return errors.Join(errs...)
}

// The waves of this source are the opposite of the order in which Argo CD applies kinds.
func TestWavesAreInOrder(t *testing.T) {
	o := newApplication(t, "ordered", manifests("ordered")).sync(t, patience)
	o.succeeded(t)
	require.Equal(t, []string{"Deployment/first", "Service/second", "ConfigMap/third"}, o.recorder.names())
	require.NoError(t, outOfOrder(o.recorder.steps))
}

// Without its annotations the same source is applied at once, kind by kind, which is out of order according to the annotations.
func TestOrderIsJudgedByAnnotations(t *testing.T) {
	o := syncWithoutAnnotations(t, "unordered", manifests("ordered"))
	o.succeeded(t)
	require.Equal(t, []string{"ConfigMap/third", "Service/second", "Deployment/first"}, o.recorder.names())

	err := outOfOrder(o.recorder.steps)
	require.ErrorContains(t, err, "ConfigMap/third (wave 5) was applied when this was not healthy: ")
	require.ErrorContains(t, err, "Service/second (wave 0) was applied when this was not healthy: Deployment/first Missing (wave -1)")
}

// A Deployment that is there and not available yet is not healthy either.
func TestOrderWaitsForHealth(t *testing.T) {
	documents := strings.ReplaceAll(manifests("ordered", "last"), "kind: ConfigMap", "kind: ServiceAccount")
	o := syncWithoutAnnotations(t, "unready", withoutSecret.Replace(documents)) // No pod starts without the Secret.
	require.Equal(t, common.OperationSucceeded, o.phase, "nothing is waited for without waves")
	require.ErrorContains(t, outOfOrder(o.recorder.steps), "Ingress/last (wave 6) was applied when this was not healthy: Deployment/first Progressing (wave -1)")
}

// syncWithoutAnnotations syncs what has no waves then, and records it by its waves.
func syncWithoutAnnotations(t *testing.T, namespace, documents string) *operation {
	t.Helper()
	app := newApplication(t, namespace, documents)
	recorder, err := newRecorder(engine, app.source)
	require.NoError(t, err)
	for i, object := range app.source {
		app.source[i] = object.DeepCopy()
		app.source[i].SetAnnotations(nil)
	}
	o := app.begin(t)
	o.recorder = recorder
	o.run(t, patience)
	return o
}

// patience is how long an operation may take, where nothing holds it up.
const patience = time.Minute

// newApplication is one of these documents in a new namespace.
func newApplication(t *testing.T, namespace, documents string) *application {
	t.Helper()
	kubectl(t, "create", "namespace", namespace)
	return &application{namespace: namespace, source: parse(t, documents, namespace)}
}

// parse reads documents. Objects that name no namespace get this one, unless it is empty.
func parse(t *testing.T, documents, namespace string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := yamldoc.Objects([]byte(documents))
	require.NoError(t, err)
	for _, object := range objects {
		if object.GetNamespace() == "" {
			object.SetNamespace(namespace)
		}
	}
	return objects
}
