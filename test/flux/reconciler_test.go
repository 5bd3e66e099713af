package flux

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/cli-utils/pkg/kstatus/polling/clusterreader"
	"github.com/fluxcd/cli-utils/pkg/kstatus/polling/engine"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/normalize"
	"github.com/fluxcd/pkg/ssa/utils"
	"github.com/go-logr/logr"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ai-platform/manifests/test/repository"
)

const (
	// fieldManager is the one under which kustomize-controller applies.
	fieldManager = "kustomize-controller"

	group = "kustomize.toolkit.fluxcd.io"
)

// reconciler does for one Kustomization what kustomize-controller does with Flux's libraries. The controller's own packages are
// internal; its options are repeated here.
type reconciler struct {
	kustomization *kustomizev1.Kustomization
	manager       *ssa.ResourceManager
}

func newClient() (client.Client, error) {
	log.SetLogger(logr.Discard())
	config, err := clientcmd.BuildConfigFromFlags("", control.Kubeconfig())
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // no limit: tests wait for it
	return client.New(config, client.Options{})
}

// newReconciler assesses health with the Kustomization's own expressions before it does with kstatus.
func newReconciler(t *testing.T, kustomization *kustomizev1.Kustomization) *reconciler {
	t.Helper()
	expressions, err := cel.NewStatusReader(kustomization.Spec.HealthCheckExprs)
	require.NoError(t, err)
	poller := polling.NewStatusPoller(api, api.RESTMapper(), polling.Options{
		CustomStatusReaders:  []engine.StatusReader{expressions(api.RESTMapper())},
		ClusterReaderFactory: engine.ClusterReaderFactoryFunc(clusterreader.NewDirectClusterReader),
	})
	return &reconciler{kustomization, ssa.NewResourceManager(api, poller, ssa.Owner{Field: fieldManager, Group: group})}
}

// withoutExpressions assesses health as kstatus alone does.
func (r *reconciler) withoutExpressions(t *testing.T) *reconciler {
	t.Helper()
	plain := r.kustomization.DeepCopy()
	plain.Spec.HealthCheckExprs = nil
	return newReconciler(t, plain)
}

// build returns the objects that are applied: those of the folder, with patches and the labels by which Flux knows its own.
func (r *reconciler) build(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(r.kustomization)
	require.NoError(t, err)
	root := t.TempDir()
	folder := filepath.Join(root, r.kustomization.Spec.Path)
	require.NoError(t, os.CopyFS(folder, os.DirFS(repository.Path(r.kustomization.Spec.Path))))
	action, err := kustomize.NewGenerator(root, unstructured.Unstructured{Object: fields}).WriteFile(folder)
	require.NoError(t, err)
	require.Equal(t, kustomize.CreatedAction, action)
	resources, err := kustomize.SecureBuild(root, folder, false)
	require.NoError(t, err)
	documents, err := resources.AsYaml()
	require.NoError(t, err)
	objects, err := utils.ReadObjects(bytes.NewReader(documents))
	require.NoError(t, err)
	r.manager.SetOwnerLabels(objects, r.kustomization.Name, r.kustomization.Namespace)
	require.NoError(t, normalize.UnstructuredList(objects))
	return objects
}

// apply takes over what kubectl has applied.
func (r *reconciler) apply(t *testing.T, objects []*unstructured.Unstructured) *ssa.ChangeSet {
	t.Helper()
	options := ssa.DefaultApplyOptions()
	options.Force = r.kustomization.Spec.Force
	options.Cleanup = ssa.ApplyCleanupOptions{
		Annotations: []string{corev1.LastAppliedConfigAnnotation},
		FieldManagers: []ssa.FieldManager{
			{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationApply},
			{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationUpdate},
			{Name: "before-first-apply", OperationType: metav1.ManagedFieldsOperationUpdate},
			{Name: fieldManager, OperationType: metav1.ManagedFieldsOperationUpdate},
		},
	}
	changes, err := r.manager.ApplyAllStaged(t.Context(), objects, options)
	require.NoError(t, err)
	return changes
}

// wait returns what is not ready after the timeout, or has failed before it.
func (r *reconciler) wait(ctx context.Context, applied *ssa.ChangeSet, timeout time.Duration) error {
	return r.manager.WaitForSetWithContext(ctx, applied.ToObjMetadataSet(), ssa.WaitOptions{
		Interval: time.Second, Timeout: timeout, FailFast: true,
	})
}

// prune removes objects as if they were no longer in the folder.
func (r *reconciler) prune(t *testing.T, objects []*unstructured.Unstructured) *ssa.ChangeSet {
	t.Helper()
	changes, err := r.manager.DeleteAll(t.Context(), objects, ssa.DeleteOptions{
		PropagationPolicy: metav1.DeletePropagationBackground,
		Inclusions:        r.manager.GetOwnerLabels(r.kustomization.Name, r.kustomization.Namespace),
		Exclusions: map[string]string{
			group + "/prune":     kustomizev1.DisabledValue,
			group + "/reconcile": kustomizev1.DisabledValue,
			group + "/ssa":       kustomizev1.IgnoreValue,
		},
	})
	require.NoError(t, err)
	return changes
}
