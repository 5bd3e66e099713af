package flux

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/utils"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ai-platform/manifests/test/clustertest"
)

const (
	// briefly is how long a test waits for what does not become ready.
	briefly = 5 * time.Second
	// patience is how long everything else may take to become ready.
	patience = time.Minute
)

// TestProduction deploys production as the document says: namespace and Secret, then Flux. Everything becomes ready, although the
// default storage class waits for a pod that mounts the claim, and no controller gives the Ingress an address. The claim of the backups, which
// nothing mounts before the first one runs at night, is the only object for which kstatus would wait.
func TestProduction(t *testing.T) {
	clustertest.KubectlAtEnd(t, "delete", "namespace", production.Namespace, "--wait=false")
	kubectl(t, "apply", "--server-side", "--filename="+filepath.Join(production.Path(), "00-namespace.k8s.yaml"))
	production.createSecret(t)
	r := newReconciler(t, documentedKustomization(t, production))
	objects := r.build(t)
	changes := r.apply(t, objects)
	first := []string{"Namespace/ai-platform", "NetworkPolicy/ai-platform/default-deny"}
	require.Equal(t, first, subjects(changes, ssa.ConfiguredAction), "Flux takes over what kubectl has applied")
	require.Len(t, subjects(changes, ssa.CreatedAction), len(objects)-len(first))
	require.Equal(t, inOrder(kinds(changes)), kinds(changes))

	require.NoError(t, r.wait(t.Context(), changes, r.kustomization.GetTimeout()))
	requireUnready(t, r.withoutExpressions(t), changes, "PersistentVolumeClaim/ai-platform/ai-platform-database-backup-data")
	require.Len(t, subjects(r.apply(t, objects), ssa.UnchangedAction), len(objects))
	t.Run("restart", func(t *testing.T) { testRestart(t, r) })
	t.Run("prune", func(t *testing.T) { testPrune(t, r) })
}

// TestStaging deploys staging before there is a Secret. Flux reports the pods that wait for it, and that all is ready once it is there.
func TestStaging(t *testing.T) {
	clustertest.KubectlAtEnd(t, "delete", "namespace", staging.Namespace, "--wait=false")
	r := newReconciler(t, documentedKustomization(t, staging))
	objects := r.build(t)
	changes := r.apply(t, objects)
	require.Len(t, subjects(changes, ssa.CreatedAction), len(objects))
	require.Equal(t, inOrder(kinds(changes)), kinds(changes))
	requireUnready(t, r, changes,
		"Deployment/ai-platform-staging/ai-platform-backend",
		"Deployment/ai-platform-staging/ai-platform-database",
		"Deployment/ai-platform-staging/ai-platform-grafana",
		"Deployment/ai-platform-staging/ai-platform-redis",
	)

	staging.createSecret(t)
	require.NoError(t, r.wait(t.Context(), changes, r.kustomization.GetTimeout()))
	requireUnready(t, r.withoutExpressions(t), changes, "PersistentVolumeClaim/ai-platform-staging/ai-platform-database-backup-data")
	require.Len(t, subjects(r.apply(t, objects), ssa.UnchangedAction), len(objects))
	t.Run("prune", func(t *testing.T) { testPrune(t, r) })
}

// TestTakeover syncs what people have deployed with kubectl. No object is replaced, and no specification changes, so no pod
// restarts.
func TestTakeover(t *testing.T) {
	clustertest.KubectlAtEnd(t, "delete", "namespace", development.Namespace, "--wait=false")
	kubectl(t, "apply", "--filename="+development.Path())
	r := newReconciler(t, documentedKustomization(t, development))
	objects := r.build(t)
	before := specs(t, objects)
	require.Len(t, subjects(r.apply(t, objects), ssa.ConfiguredAction), len(objects))
	require.Empty(t, cmp.Diff(before, specs(t, objects)))
	require.Len(t, subjects(r.apply(t, objects), ssa.UnchangedAction), len(objects))
}

// specs are those of the objects that are in the cluster, by subject and unique id. A generation does not do: that of a Deployment also
// counts changes of annotations.
func specs(t *testing.T, objects []*unstructured.Unstructured) map[string]any {
	t.Helper()
	found := map[string]any{}
	for _, object := range objects {
		stored := object.DeepCopy()
		require.NoError(t, api.Get(t.Context(), client.ObjectKeyFromObject(object), stored))
		found[fmt.Sprint(utils.FmtUnstructured(object), " ", stored.GetUID())] = stored.Object["spec"]
	}
	return found
}

// testRestart restarts pods as docs/secrets.md says. Flux reverts that, which restarts them again, unless the command names a field
// manager that Flux ignores.
func testRestart(t *testing.T, r *reconciler) {
	restart := []string{"rollout", "restart", "--namespace=ai-platform", "deployment/ai-platform-grafana"}
	kubectl(t, restart...)
	require.Equal(t, []string{"Deployment/ai-platform/ai-platform-grafana"}, subjects(r.apply(t, r.build(t)), ssa.ConfiguredAction))
	require.Empty(t, restartedAt(t))

	kubectl(t, append(restart, "--field-manager=flux-client-side-apply")...)
	require.Empty(t, subjects(r.apply(t, r.build(t)), ssa.ConfiguredAction))
	require.NotEmpty(t, restartedAt(t))
}

func restartedAt(t *testing.T) string {
	t.Helper()
	return kubectl(t, "get", "--namespace=ai-platform", "deployment/ai-platform-grafana",
		`--output=jsonpath={.spec.template.metadata.annotations.kubectl\.kubernetes\.io/restartedAt}`)
}

// testPrune removes everything from the folder. Claims and namespace stay.
func testPrune(t *testing.T, r *reconciler) {
	objects := r.build(t)
	changes := r.prune(t, objects)
	for _, entry := range changes.Entries {
		wanted := ssa.DeletedAction
		if isProtected(entry.ObjMetadata.GroupKind.Kind) {
			wanted = ssa.SkippedAction
		}
		require.Equal(t, wanted, entry.Action, entry.Subject)
	}
	require.Len(t, changes.Entries, len(objects))
}

// subjects are the objects with which this was done, sorted.
func subjects(changes *ssa.ChangeSet, action ssa.Action) []string {
	var found []string
	for subject, done := range changes.ToMap() {
		if done == action {
			found = append(found, subject)
		}
	}
	slices.Sort(found)
	return found
}

// requireUnready waits until these objects are the only ones that are not ready.
func requireUnready(t *testing.T, r *reconciler, applied *ssa.ChangeSet, names ...string) {
	t.Helper()
	var found []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if found = unready(t, r.wait(t.Context(), applied, briefly)); slices.Equal(names, found) {
			return
		}
	}
	require.Equal(t, names, found)
}

// unready are the objects that an error of wait names, sorted.
func unready(t *testing.T, err error) []string {
	t.Helper()
	require.Error(t, err)
	list, isTimeout := strings.CutPrefix(err.Error(), "timeout waiting for: [")
	require.True(t, isTimeout, err)
	var found []string
	for entry := range strings.SplitSeq(strings.TrimSuffix(list, "]"), ", ") {
		name, isInProgress := strings.CutSuffix(entry, " status: 'InProgress'")
		require.True(t, isInProgress, entry)
		found = append(found, name)
	}
	slices.Sort(found)
	return found
}

// order is the one in which Flux applies kinds: Deployments before the claims that their pods mount and the policies that close the
// network.
var order = []string{
	"Namespace", "ServiceAccount", "Role", "RoleBinding", "ConfigMap", "Service", "Deployment", "CronJob", "PodDisruptionBudget",
	"PersistentVolumeClaim", "ExternalSecret", "Password", "Ingress", "NetworkPolicy",
}

// kinds are those of the objects that were applied, in order.
func kinds(changes *ssa.ChangeSet) []string {
	var found []string
	for _, entry := range changes.Entries {
		found = append(found, entry.ObjMetadata.GroupKind.Kind)
	}
	return slices.Compact(found)
}

// inOrder returns kinds as Flux orders them.
func inOrder(kinds []string) []string {
	return slices.DeleteFunc(slices.Clone(order), func(kind string) bool { return !slices.Contains(kinds, kind) })
}
