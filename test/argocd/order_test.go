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

// ordered is a source whose waves are the opposite of the order in which Argo CD applies kinds.
const ordered = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: first
  annotations: {argocd.argoproj.io/sync-wave: "-1"}
spec:
  selector: {matchLabels: {app: first}}
  template:
    metadata: {labels: {app: first}}
    spec: {containers: [{name: server, image: "server:1"}]}
---
apiVersion: v1
kind: Service
metadata:
  name: second
spec:
  selector: {app: first}
  ports: [{port: 80}]
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: third
  annotations: {argocd.argoproj.io/sync-wave: "5"}
`

func TestWavesAreInOrder(t *testing.T) {
	o := newApplication(t, "ordered", ordered).sync(t, patience)
	o.succeeded(t)
	require.Equal(t, []string{"Deployment/first", "Service/second", "ConfigMap/third"}, o.recorder.names())
	require.NoError(t, outOfOrder(o.recorder.steps))
}

// Without its annotations the same source is applied at once, kind by kind, which is out of order according to the annotations.
func TestOrderIsJudgedByAnnotations(t *testing.T) {
	app := newApplication(t, "unordered", ordered)
	annotated := app.source
	app.source = withoutAnnotations(annotated)
	o := app.begin(t)
	var err error
	o.recorder, err = newRecorder(engine, annotated)
	require.NoError(t, err)
	o.run(t, patience)
	o.succeeded(t)
	require.Equal(t, []string{"ConfigMap/third", "Service/second", "Deployment/first"}, o.recorder.names())

	err = outOfOrder(o.recorder.steps)
	require.ErrorContains(t, err, "ConfigMap/third (wave 5) was applied when this was not healthy: ")
	require.ErrorContains(t, err, "Service/second (wave 0) was applied when this was not healthy: Deployment/first Missing (wave -1)")
}

// A Deployment that is there and not available yet is not healthy either.
func TestOrderWaitsForHealth(t *testing.T) {
	documents := strings.ReplaceAll(ordered, "kind: ConfigMap", "kind: ServiceAccount") + "---" + `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: last
  annotations: {argocd.argoproj.io/sync-wave: "6"}
spec:
  defaultBackend: {service: {name: second, port: {number: 80}}}
`
	// No pod starts without the Secret.
	documents = strings.ReplaceAll(documents, `image: "server:1"`, `image: "server:1", envFrom: [{secretRef: {name: absent}}]`)
	app := newApplication(t, "unready", documents)
	annotated := app.source
	app.source = withoutAnnotations(annotated)
	o := app.begin(t)
	var err error
	o.recorder, err = newRecorder(engine, annotated)
	require.NoError(t, err)
	o.run(t, patience)
	require.Equal(t, common.OperationSucceeded, o.phase, "nothing is waited for without waves")
	require.ErrorContains(t, outOfOrder(o.recorder.steps), "Ingress/last (wave 6) was applied when this was not healthy: Deployment/first Progressing (wave -1)")
}

func withoutAnnotations(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	var bare []*unstructured.Unstructured
	for _, object := range objects {
		object = object.DeepCopy()
		object.SetAnnotations(nil)
		bare = append(bare, object)
	}
	return bare
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
