package rollout

import (
	"errors"
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// settle waits until all that was applied runs, and no controller has anything left to do.
func settle(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		// Budgets and autoscalers have the names of their Deployments.
		replicas := map[string]int32{}
		var errs []error
		for _, deployment := range deployments(t) {
			replicas[nameOf(&deployment)] = *deployment.Spec.Replicas
			errs = append(errs, rolling(deployment))
		}
		for _, budget := range budgets(t) {
			errs = append(errs, miscounted(budget, replicas[nameOf(&budget)]))
		}
		for _, autoscaler := range autoscalers(t) {
			errs = append(errs, unscaled(autoscaler, replicas[nameOf(&autoscaler)]))
		}
		for _, claim := range claims(t) {
			errs = append(errs, unprovided(claim))
		}
		return errors.Join(errs...)
	})
}

// nameOf is the name of an object among those of all namespaces.
func nameOf(object metav1.Object) string { return object.GetNamespace() + "/" + object.GetName() }

// rolling says what a Deployment still has to do.
func rolling(d appsv1.Deployment) error {
	want, is := *d.Spec.Replicas, d.Status
	if is.ObservedGeneration != d.Generation || is.Replicas != want || is.UpdatedReplicas != want || is.AvailableReplicas != want {
		return fmt.Errorf("%s wants %d pods and has %d, of which %d are up to date and %d are available",
			nameOf(&d), want, is.Replicas, is.UpdatedReplicas, is.AvailableReplicas)
	}
	if !isAvailable(d) {
		return fmt.Errorf("%s is not Available", nameOf(&d))
	}
	if condition(d, appsv1.DeploymentProgressing).Reason != "NewReplicaSetAvailable" {
		return fmt.Errorf("%s is in progress", nameOf(&d))
	}
	return nil
}

func isAvailable(d appsv1.Deployment) bool {
	return condition(d, appsv1.DeploymentAvailable).Status == corev1.ConditionTrue
}

// condition is empty if there is none.
func condition(d appsv1.Deployment, kind appsv1.DeploymentConditionType) appsv1.DeploymentCondition {
	for _, c := range d.Status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return appsv1.DeploymentCondition{}
}

// miscounted says that a budget has not counted the pods of its Deployment yet.
func miscounted(b policyv1.PodDisruptionBudget, replicas int32) error {
	if is := b.Status; is.ObservedGeneration != b.Generation || is.ExpectedPods != replicas || is.CurrentHealthy != replicas {
		return fmt.Errorf("budget %s counts %d healthy pods of %d, and there are %d", nameOf(&b), is.CurrentHealthy, is.ExpectedPods, replicas)
	}
	return nil
}

// unscaled says that an autoscaler has not scaled its Deployment yet.
func unscaled(a autoscalingv2.HorizontalPodAutoscaler, replicas int32) error {
	if replicas < *a.Spec.MinReplicas {
		return fmt.Errorf("%s has %d replicas, and its autoscaler wants at least %d", nameOf(&a), replicas, *a.Spec.MinReplicas)
	}
	return nil
}

// unprovided says that a claim is not bound to a volume of the size that it asks for.
func unprovided(c corev1.PersistentVolumeClaim) error {
	wanted, provided := c.Spec.Resources.Requests[corev1.ResourceStorage], c.Status.Capacity[corev1.ResourceStorage]
	if c.Status.Phase != corev1.ClaimBound || provided.Cmp(wanted) != 0 {
		return fmt.Errorf("claim %s for %s is %s and has %s", nameOf(&c), &wanted, c.Status.Phase, &provided)
	}
	return nil
}
