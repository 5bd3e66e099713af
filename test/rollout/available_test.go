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

// testWaiting wants the pods that read the Secret to say so, and the others, which are the frontends', to run.
func testWaiting(t *testing.T, _ mode) {
	eventually(t, func() error {
		var errs []error
		missing := 0
		for _, d := range deployments(t) {
			missing += int(*d.Spec.Replicas)
			if isAvailable(d) != (d.Labels["component"] == "frontend") {
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
	if !readsSecret(pod) {
		if isReady(pod) {
			return nil
		}
		return fmt.Errorf("%s reads no Secret and is not ready: %v", nameOf(&pod), statuses)
	}
	if len(statuses) == 1 && statuses[0].State.Waiting != nil && statuses[0].State.Waiting.Reason == "CreateContainerConfigError" &&
		statuses[0].State.Waiting.Message == `secret "ai-platform-secrets" not found` {
		return nil
	}
	return fmt.Errorf("%s does not wait for its Secret: %v", nameOf(&pod), statuses)
}

func readsSecret(pod corev1.Pod) bool {
	return slices.ContainsFunc(pod.Spec.Containers[0].Env, func(variable corev1.EnvVar) bool {
		return variable.ValueFrom != nil && variable.ValueFrom.SecretKeyRef != nil
	})
}

func testAvailable(t *testing.T, _ mode) {
	for _, e := range environments {
		e.createSecret(t)
	}
	settle(t)
	require.Len(t, deployments(t), 4*len(environments))
}

func testClaims(t *testing.T, _ mode) {
	for _, claim := range claims(t) {
		require.Equal(t, corev1.ClaimBound, claim.Status.Phase, nameOf(&claim))
	}
	require.Len(t, claims(t), 3*len(environments)+1, "staging has one for backups")
}

// testEndpoints wants each Service to lead to all pods of its Deployment, which has its name.
func testEndpoints(t *testing.T, _ mode) {
	require.Len(t, services(t), 4*len(environments))
	eventually(t, func() error {
		ready := watchPods(t).ready()
		leadTo := map[string]int{}
		for _, slice := range endpointSlices(t) {
			for _, endpoint := range slice.Endpoints {
				if *endpoint.Conditions.Ready && len(slice.Ports) == 1 && slice.Ports[0].Port != nil {
					leadTo[slice.Namespace+"/"+slice.Labels["kubernetes.io/service-name"]]++
				}
			}
		}
		if !maps.Equal(ready, leadTo) {
			return fmt.Errorf("ready pods: %v, ready endpoints: %v", ready, leadTo)
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
