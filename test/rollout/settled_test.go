package rollout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

const (
	// patience is how long a controller may take for anything. The slowest, the autoscaler, looks every 15 seconds.
	patience = time.Minute

	pollInterval = 100 * time.Millisecond
)

// eventually waits until nothing is amiss.
func eventually(t *testing.T, amiss func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := amiss()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			require.NoError(t, err, "still so after %s", patience)
		}
		time.Sleep(pollInterval)
	}
}

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
		for _, budget := range read[policyv1.PodDisruptionBudgetList](t, "/apis/policy/v1/poddisruptionbudgets"+ours).Items {
			errs = append(errs, miscounted(budget, replicas[nameOf(&budget)]))
		}
		for _, autoscaler := range read[autoscalingv2.HorizontalPodAutoscalerList](t, "/apis/autoscaling/v2/horizontalpodautoscalers"+ours).Items {
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

// podWatch knows how many pods were ready at any time since it began. It samples nothing: the API server remembers all changes of the
// last minutes and tells them afterwards, one by one.
type podWatch struct {
	since string // A resource version.
	pods  map[types.UID]corev1.Pod
}

func watchPods(t *testing.T) podWatch {
	t.Helper()
	list := read[corev1.PodList](t, podsPath)
	w := podWatch{since: list.ResourceVersion, pods: map[types.UID]corev1.Pod{}}
	for _, pod := range list.Items {
		w.pods[pod.UID] = pod
	}
	return w
}

// fewest returns the least number of ready pods that each Deployment had since the watch began.
func (w podWatch) fewest(t *testing.T) map[string]int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	until := watchPods(t).versions()
	response := request(ctx, t, http.MethodGet, podsPath+"&watch=true&resourceVersion="+w.since, nil)
	defer func() { require.NoError(t, response.Body.Close()) }()

	fewest := w.ready()
	for changes := json.NewDecoder(response.Body); !maps.Equal(w.versions(), until); {
		var change struct {
			Type   watch.EventType
			Object corev1.Pod
		}
		require.NoError(t, changes.Decode(&change))
		w.follow(t, change.Type, change.Object)
		ready := w.ready()
		for name := range fewest {
			fewest[name] = min(fewest[name], ready[name])
		}
	}
	return fewest
}

func (w podWatch) follow(t *testing.T, change watch.EventType, pod corev1.Pod) {
	t.Helper()
	switch change {
	case watch.Added, watch.Modified:
		w.pods[pod.UID] = pod
	case watch.Deleted:
		delete(w.pods, pod.UID)
	case watch.Bookmark, watch.Error:
		require.Fail(t, "the watch of the pods failed", change)
	}
}

func (w podWatch) versions() map[types.UID]string {
	versions := map[types.UID]string{}
	for uid, pod := range w.pods {
		versions[uid] = pod.ResourceVersion
	}
	return versions
}

// ready counts the pods of each Deployment that get requests.
func (w podWatch) ready() map[string]int {
	ready := map[string]int{}
	for _, pod := range w.pods {
		if isReady(pod) {
			ready[deploymentOf(pod)]++
		}
	}
	return ready
}

func isReady(pod corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue && pod.DeletionTimestamp == nil
		}
	}
	return false
}

// deploymentOf is the name of the Deployment whose selector has these labels.
func deploymentOf(pod corev1.Pod) string {
	return pod.Namespace + "/" + pod.Labels["app"] + "-" + pod.Labels["component"]
}
