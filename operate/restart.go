package operate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// Field managers of restarts. Flux undoes those of others than the second with its next sync, which is another restart.
const (
	restartManager     = "kubectl-rollout"
	fluxRestartManager = "flux-client-side-apply"
)

var dryRunAll = []string{metav1.DryRunAll}

// restartPoll is how often a rollout is looked at.
const restartPoll = time.Second

// deployment reads a Deployment that has to be there.
func (c *secretCluster) deployment(ctx context.Context, name string) (*unstructured.Unstructured, error) {
	live, err := c.in("deployments").Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("Deployment %s/%s must be restarted and is not in the cluster: apply the manifests first", c.secret.Namespace, name) //nolint:staticcheck // A kind is capitalized.
	}
	return live, err
}

// requireRolling wants no Deployment that is paused: its controller would start no pods with the new value.
func (c *secretCluster) requireRolling(live *unstructured.Unstructured) error {
	if paused, _, _ := unstructured.NestedBool(live.Object, "spec", "paused"); !paused {
		return nil
	}
	return fmt.Errorf("Deployment %s/%s is paused, so a restart would start no pods, and nothing was changed: resume it first: %s rollout resume deployment/%s", //nolint:staticcheck // A kind is capitalized.
		live.GetNamespace(), live.GetName(), c.shell.kubectl, quote(live.GetName()))
}

func managerOfRestart(live *unstructured.Unstructured) string {
	if lastApplier(live) == fluxManager {
		return fluxRestartManager
	}
	return restartManager
}

// restart starts new pods, as "kubectl rollout restart" does, and waits until the former are gone.
func (c *secretCluster) restart(ctx context.Context, name, manager string) error {
	if err := c.patchRestart(ctx, name, manager); err != nil {
		return err
	}
	for {
		var d appsv1.Deployment
		live, err := c.deployment(ctx, name)
		if err == nil {
			err = runtime.DefaultUnstructuredConverter.FromUnstructured(live.Object, &d)
		}
		if err != nil {
			return err
		}
		complete, err := rolledOut(d)
		if complete || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(restartPoll):
		}
	}
}

func (c *secretCluster) patchRestart(ctx context.Context, name, manager string, dryRun ...string) error {
	type object = map[string]any
	// Two restarts within a second are two.
	annotations := object{"kubectl.kubernetes.io/restartedAt": time.Now().Format(time.RFC3339Nano)}
	patch, err := json.Marshal(object{"spec": object{"template": object{"metadata": object{"annotations": annotations}}}})
	if err != nil {
		return err
	}
	_, err = c.in("deployments").Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{FieldManager: manager, DryRun: dryRun})
	return err
}

// rolledOut says what "kubectl rollout status" does.
func rolledOut(d appsv1.Deployment) (bool, error) {
	s := d.Status
	if s.ObservedGeneration < d.Generation {
		return false, nil
	}
	if d.Spec.Paused {
		return false, errors.New("its rollout is paused: resume it with kubectl rollout resume")
	}
	for _, condition := range s.Conditions {
		if condition.Type == appsv1.DeploymentProgressing && condition.Reason == "ProgressDeadlineExceeded" {
			return false, fmt.Errorf("its rollout makes no progress: %s", condition.Message)
		}
	}
	wanted := int32(1)
	if d.Spec.Replicas != nil {
		wanted = *d.Spec.Replicas
	}
	return s.UpdatedReplicas >= wanted && s.Replicas <= s.UpdatedReplicas && s.AvailableReplicas >= s.UpdatedReplicas, nil
}

// runScript runs a script in the newest pod.
func (c *secretCluster) runScript(ctx context.Context, step Step) error {
	pod, err := c.readyPod(ctx, step.Deployment)
	if err != nil {
		return err
	}
	name := types.NamespacedName{Namespace: pod.Namespace, Name: pod.Name}
	_, err = c.executor.Exec(ctx, name, step.Container, []string{"sh", "-c", step.Script})
	return err
}

// readyPod is the newest of a Deployment's pods that is ready.
func (c *secretCluster) readyPod(ctx context.Context, deployment string) (*corev1.Pod, error) {
	live, err := c.deployment(ctx, deployment)
	if err != nil {
		return nil, err
	}
	var d appsv1.Deployment
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(live.Object, &d); err != nil {
		return nil, err
	}
	selector, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
	if err != nil {
		return nil, err
	}
	list, err := c.in("pods").List(ctx, metav1.ListOptions{LabelSelector: selector.String()})
	if err != nil {
		return nil, err
	}
	var ready []corev1.Pod
	for _, item := range list.Items {
		var pod corev1.Pod
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(item.Object, &pod); err != nil {
			return nil, err
		}
		if pod.DeletionTimestamp == nil && isReady(pod) {
			ready = append(ready, pod)
		}
	}
	if len(ready) == 0 {
		return nil, fmt.Errorf("no pod of Deployment %s/%s is ready", c.secret.Namespace, deployment)
	}
	newest := slices.MaxFunc(ready, func(a, b corev1.Pod) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return &newest, nil
}

func isReady(pod corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// rehearseScript wants a pod, and the permission to run commands in it: of a command, there is no dry run.
func (c *secretCluster) rehearseScript(ctx context.Context, step Step) error {
	if _, err := c.readyPod(ctx, step.Deployment); err != nil {
		return err
	}
	return c.requireAllowed(ctx, c.secret.Namespace, "create", "pods", "exec")
}
