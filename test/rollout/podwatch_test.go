package rollout

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

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
