package rollout

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// testWaiting wants the pods that read the Secret to say so, and the others to run.
func testWaiting(t *testing.T, _ mode) {
	eventually(t, func() error {
		var errs []error
		missing := 0
		for _, d := range deployments(t) {
			missing += int(*d.Spec.Replicas)
			if isAvailable(d) == readsSecret(d.Spec.Template.Spec) {
				errs = append(errs, fmt.Errorf("%s: %v", nameOf(&d), d.Status.Conditions))
			}
		}
		for _, pod := range pods(t) {
			missing--
			errs = append(errs, notAsWithoutSecret(pod))
		}
		if missing > 0 {
			errs = append(errs, fmt.Errorf("%d pods are missing", missing))
		}
		return errors.Join(errs...)
	})
}

func notAsWithoutSecret(pod corev1.Pod) error {
	statuses := pod.Status.ContainerStatuses
	if !readsSecret(pod.Spec) {
		if isReady(pod) {
			return nil
		}
		return fmt.Errorf("%s reads no Secret and is not ready: %v", nameOf(&pod), statuses)
	}
	if slices.ContainsFunc(statuses, waitsForSecret) {
		return nil
	}
	return fmt.Errorf("%s does not wait for its Secret: %v", nameOf(&pod), statuses)
}

func waitsForSecret(status corev1.ContainerStatus) bool {
	waiting := status.State.Waiting
	return waiting != nil && waiting.Reason == "CreateContainerConfigError" &&
		waiting.Message == `secret "ai-platform-secrets" not found`
}

// readsSecret says whether a pod cannot start without the Secret. A file of it may be missing.
func readsSecret(pod corev1.PodSpec) bool {
	return slices.ContainsFunc(pod.Containers, func(container corev1.Container) bool {
		return slices.ContainsFunc(container.Env, func(variable corev1.EnvVar) bool {
			return variable.ValueFrom != nil && variable.ValueFrom.SecretKeyRef != nil
		})
	})
}

func testAvailable(t *testing.T, _ mode) {
	for _, e := range environments {
		e.createSecret(t)
	}
	settle(t)
	require.Len(t, deployments(t), declared(t, "Deployment"))
}

func testClaims(t *testing.T, _ mode) {
	for _, claim := range claims(t) {
		require.Equal(t, corev1.ClaimBound, claim.Status.Phase, nameOf(&claim))
	}
	require.Len(t, claims(t), declared(t, "PersistentVolumeClaim"))
}

// declared is how many objects of a kind the environments have together.
func declared(t *testing.T, kind string) int {
	t.Helper()
	count := 0
	for _, e := range environments {
		all := objectsOf(t, e.files(t))
		count += len(all) - len(without(all, kind))
	}
	require.NotZero(t, count, kind)
	return count
}

// testEndpoints wants each Service to lead to all pods of its Deployment.
func testEndpoints(t *testing.T, _ mode) {
	require.Len(t, services(t), declared(t, "Service"))
	eventually(t, func() error {
		ready := watchPods(t).ready()
		wanted, leadTo := map[string]int{}, map[string]int{}
		for _, service := range services(t) {
			wanted[nameOf(&service)] = ready[service.Namespace+"/"+service.Labels["app.kubernetes.io/name"]]
		}
		for _, slice := range endpointSlices(t) {
			for _, endpoint := range slice.Endpoints {
				if *endpoint.Conditions.Ready && len(slice.Ports) == 1 && slice.Ports[0].Port != nil {
					leadTo[slice.Namespace+"/"+slice.Labels["kubernetes.io/service-name"]]++
				}
			}
		}
		if !maps.Equal(wanted, leadTo) {
			return fmt.Errorf("pods that Services should lead to: %v, ready endpoints: %v", wanted, leadTo)
		}
		return nil
	})
}

// testSpread wants the pods of a Deployment in as many zones as there can be.
func testSpread(t *testing.T, _ mode) {
	zoneOf := zones(t)
	zonesOf := map[string]map[string]bool{}
	for _, pod := range pods(t) {
		name := deploymentOf(pod)
		if zonesOf[name] == nil {
			zonesOf[name] = map[string]bool{}
		}
		zonesOf[name][zoneOf[pod.Spec.NodeName]] = true
	}
	for _, d := range deployments(t) {
		require.Len(t, zonesOf[nameOf(&d)], min(int(*d.Spec.Replicas), 3), "%s is in %v", nameOf(&d), zonesOf[nameOf(&d)])
	}
}
