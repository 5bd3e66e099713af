package argocd

import (
	"context"
	"testing"
	"time"

	"github.com/argoproj/gitops-engine/pkg/sync"
	"github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/go-logr/logr"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// stepInterval is the time between two steps of a running operation.
const stepInterval = 100 * time.Millisecond

// application is a source and where it is deployed to.
type application struct {
	namespace string
	source    []*unstructured.Unstructured
	// former is an earlier source. Its objects that are in the cluster and no longer in the source are to be pruned.
	former []*unstructured.Unstructured
	// prune deletes what is to be pruned. pruneConfirmed says that the user has confirmed it, for objects with Prune=confirm.
	prune, pruneConfirmed bool
}

// operation is one sync of an application.
type operation struct {
	*application
	recorder *recorder

	phase   common.OperationPhase
	message string
	results []common.ResourceSyncResult
	started metav1.Time
}

// sync runs a sync until it has ended, or for as long as bound. It returns the operation as it is then.
func (a *application) sync(t *testing.T, bound time.Duration) *operation {
	t.Helper()
	o := a.begin(t)
	o.run(t, bound)
	return o
}

// begin returns a new sync, which has not done anything yet.
func (a *application) begin(t *testing.T) *operation {
	t.Helper()
	recorder, err := newRecorder(engine, a.source)
	require.NoError(t, err)
	return &operation{application: a, recorder: recorder, phase: common.OperationRunning, started: metav1.Now()}
}

// run continues the operation until it has ended, or for as long as bound.
func (o *operation) run(t *testing.T, bound time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(bound); !o.phase.Completed() && time.Now().Before(deadline); time.Sleep(stepInterval) {
		o.step(t)
	}
}

// standsStill continues the operation until it has this message, and requires that nothing more is applied from then on.
func (o *operation) standsStill(t *testing.T, message string) {
	t.Helper()
	for deadline := time.Now().Add(patience); o.message != message && !o.phase.Completed() && time.Now().Before(deadline); time.Sleep(stepInterval) {
		o.step(t)
	}
	applied := o.recorder.names()
	o.run(t, standstill)
	require.Equal(t, common.OperationRunning, o.phase, o.message)
	require.Equal(t, message, o.message)
	require.Equal(t, applied, o.recorder.names())
}

// step does what Argo CD's controller does each time it processes a running operation: it reads the objects from the cluster and lets
// the engine take the next step. Only the operation's state is kept between steps.
func (o *operation) step(t *testing.T) {
	t.Helper()
	foreground := metav1.DeletePropagationForeground
	syncContext, cleanup, err := sync.NewSyncContext("revision", o.reconcile(t), engine.config, engine.config, o.recorder, o.namespace, engine.schemas,
		sync.WithLogr(logr.Discard()),
		sync.WithHealthOverride(engine.scripts),
		sync.WithInitialState(o.phase, o.message, o.results, o.started),
		sync.WithOperationSettings(false, o.prune, false, false),
		sync.WithPruneConfirmed(o.pruneConfirmed),
		sync.WithPrunePropagationPolicy(&foreground),
		sync.WithServerSideApply(true),
		sync.WithServerSideApplyManager(fieldManager),
	)
	require.NoError(t, err)
	defer cleanup()
	syncContext.Sync()
	o.phase, o.message, o.results = syncContext.GetState()
	require.NoError(t, o.recorder.failed())
}

// reconcile pairs the objects of the source, and of the former one, with those in the cluster.
func (o *operation) reconcile(t *testing.T) sync.ReconciliationResult {
	t.Helper()
	inCluster := map[kube.ResourceKey]*unstructured.Unstructured{}
	for _, objects := range [][]*unstructured.Unstructured{o.source, o.former} {
		for _, object := range objects {
			live, err := engine.live(t.Context(), object)
			require.NoError(t, err)
			if live != nil {
				inCluster[kube.GetResourceKey(live)] = live
			}
		}
	}
	return sync.Reconcile(o.source, inCluster, o.namespace, engine)
}

// succeeded fails the test unless the operation has succeeded.
func (o *operation) succeeded(t *testing.T) {
	t.Helper()
	if o.phase == common.OperationSucceeded {
		return
	}
	for _, result := range o.results {
		if result.HookPhase != common.OperationSucceeded {
			t.Logf("%s %s: %s %s", result.ResourceKey.Kind, result.ResourceKey.Name, result.HookPhase, result.Message)
		}
	}
	for _, object := range o.source {
		amiss, err := engine.unhealthy(context.WithoutCancel(t.Context()), object)
		require.NoError(t, err)
		if amiss != "" {
			t.Log(amiss)
		}
	}
	require.Fail(t, "the sync has not succeeded", "%s: %s", o.phase, o.message)
}
