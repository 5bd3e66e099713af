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
		running := map[string]appsv1.Deployment{}
		var errs []error
		for _, deployment := range deployments(t) {
			running[nameOf(&deployment)] = deployment
			errs = append(errs, rolling(deployment))
		}
		for _, budget := range budgets(t) {
			errs = append(errs, miscounted(budget, running[nameOf(&budget)]))
		}
		for _, autoscaler := range autoscalers(t) {
			errs = append(errs, unscaled(autoscaler, running[nameOf(&autoscaler)]))
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

// miscounted says that a budget has not counted the pods yet. It has its Deployment's name.
func miscounted(b policyv1.PodDisruptionBudget, d appsv1.Deployment) error {
	if is := b.Status; is.ObservedGeneration != b.Generation || is.ExpectedPods != *d.Spec.Replicas || is.CurrentHealthy != is.ExpectedPods {
		return fmt.Errorf("budget %s counts %d healthy pods of %d, and there are %d", nameOf(&b), is.CurrentHealthy, is.ExpectedPods, *d.Spec.Replicas)
	}
	return nil
}

// unscaled says that an autoscaler has not acted yet. It has its Deployment's name.
func unscaled(a autoscalingv2.HorizontalPodAutoscaler, d appsv1.Deployment) error {
	if *d.Spec.Replicas < *a.Spec.MinReplicas {
		return fmt.Errorf("%s has %d replicas, and its autoscaler wants at least %d", nameOf(&d), *d.Spec.Replicas, *a.Spec.MinReplicas)
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
