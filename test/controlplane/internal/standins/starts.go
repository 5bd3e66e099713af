package standins

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	batchlisters "k8s.io/client-go/listers/batch/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
)

// starts decides which pods may start. It says so in the pod's condition PodReadyToStartContainers, which kubelet sets too and which
// kwok's stages wait for here.
type starts struct {
	client     kubernetes.Interface
	pods       corelisters.PodLister
	secrets    corelisters.SecretLister
	configMaps corelisters.ConfigMapLister
	claims     corelisters.PersistentVolumeClaimLister
	jobs       batchlisters.JobLister
	// allowed remembers the pods that may start, because the cache shows it only later: two pods that want one disk must not both
	// find it free.
	allowed map[types.UID]bool
}

func newStarts(client kubernetes.Interface, factory informers.SharedInformerFactory) *starts {
	core := factory.Core().V1()
	return &starts{
		client:     client,
		pods:       core.Pods().Lister(),
		secrets:    core.Secrets().Lister(),
		configMaps: core.ConfigMaps().Lister(),
		claims:     core.PersistentVolumeClaims().Lister(),
		jobs:       factory.Batch().V1().Jobs().Lister(),
		allowed:    map[types.UID]bool{},
	}
}

func (s *starts) reconcile(ctx context.Context) error {
	pods, err := s.pods.List(labels.Everything())
	if err != nil {
		return err
	}
	var errs []error
	for _, pod := range pods {
		if pod.Spec.NodeName == "" || pod.DeletionTimestamp != nil || s.hasStarted(pod) {
			continue
		}
		if err := s.decide(ctx, pod); err != nil {
			errs = append(errs, fmt.Errorf("pod %s/%s: %w", pod.Namespace, pod.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (s *starts) hasStarted(pod *corev1.Pod) bool {
	if s.allowed[pod.UID] {
		return true
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReadyToStartContainers {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

func (s *starts) decide(ctx context.Context, pod *corev1.Pod) error {
	found, err := s.obstacle(pod)
	if err != nil {
		return err
	}
	if found == nil {
		return s.allow(ctx, pod)
	}
	if isShown(pod, found) {
		return nil
	}
	return s.patchStatus(ctx, pod, corev1.PodStatus{
		Conditions:            []corev1.PodCondition{readyToStart(corev1.ConditionFalse)},
		InitContainerStatuses: waiting(pod.Spec.InitContainers, found),
		ContainerStatuses:     waiting(pod.Spec.Containers, found),
	})
}

func (s *starts) allow(ctx context.Context, pod *corev1.Pod) error {
	err := s.patchStatus(ctx, pod, corev1.PodStatus{
		Conditions: []corev1.PodCondition{readyToStart(corev1.ConditionTrue)},
	})
	if err == nil {
		s.allowed[pod.UID] = true
	}
	return err
}

func readyToStart(status corev1.ConditionStatus) corev1.PodCondition {
	return corev1.PodCondition{Type: corev1.PodReadyToStartContainers, Status: status, LastTransitionTime: metav1.Now()}
}

// waiting shows the obstacle in the status of the container that it concerns, and of all where it concerns the whole pod.
func waiting(containers []corev1.Container, found *obstacle) []corev1.ContainerStatus {
	statuses := make([]corev1.ContainerStatus, 0, len(containers))
	for _, container := range containers {
		statuses = append(statuses, corev1.ContainerStatus{
			Name:  container.Name,
			Image: container.Image,
			State: stateOf(container.Name, found),
		})
	}
	return statuses
}

func stateOf(container string, found *obstacle) corev1.ContainerState {
	concerned := found.container == "" || found.container == container
	switch {
	case found.runs && concerned:
		return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Now()}}
	case found.runs, concerned:
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: found.reason, Message: found.message}}
	}
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reasonCreating}}
}

// isShown says whether the pod's status tells the obstacle already.
func isShown(pod *corev1.Pod, found *obstacle) bool {
	statuses := slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses)
	return slices.ContainsFunc(statuses, func(status corev1.ContainerStatus) bool {
		if found.runs && status.Name == found.container {
			return status.State.Running != nil
		}
		state := status.State.Waiting
		return !found.runs && state != nil && state.Reason == found.reason && state.Message == found.message
	})
}

func (s *starts) patchStatus(ctx context.Context, pod *corev1.Pod, status corev1.PodStatus) error {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": pod.UID}, // never another pod of the same name
		"status":   status,
	})
	if err != nil {
		return err
	}
	_, err = s.client.CoreV1().Pods(pod.Namespace).
		Patch(ctx, pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // it is gone
	}
	return err
}
