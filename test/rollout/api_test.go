package rollout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	policyv1 "k8s.io/api/policy/v1"
)

// ours selects what the platform's label marks: everything, in whichever namespaces it was applied to.
const ours = "?labelSelector=app%3Dai-platform"

// podsPath is where the pods of the platform are listed and watched.
const podsPath = "/api/v1/pods" + ours

func namespaces(t *testing.T) []corev1.Namespace {
	t.Helper()
	return read[corev1.NamespaceList](t, "/api/v1/namespaces"+ours).Items
}

func deployments(t *testing.T) []appsv1.Deployment {
	t.Helper()
	return read[appsv1.DeploymentList](t, "/apis/apps/v1/deployments"+ours).Items
}

func pods(t *testing.T) []corev1.Pod {
	t.Helper()
	return read[corev1.PodList](t, podsPath).Items
}

func services(t *testing.T) []corev1.Service {
	t.Helper()
	return read[corev1.ServiceList](t, "/api/v1/services"+ours).Items
}

// endpointSlices have the labels of their Service.
func endpointSlices(t *testing.T) []discoveryv1.EndpointSlice {
	t.Helper()
	return read[discoveryv1.EndpointSliceList](t, "/apis/discovery.k8s.io/v1/endpointslices"+ours).Items
}

func claims(t *testing.T) []corev1.PersistentVolumeClaim {
	t.Helper()
	return read[corev1.PersistentVolumeClaimList](t, "/api/v1/persistentvolumeclaims"+ours).Items
}

func budgets(t *testing.T) []policyv1.PodDisruptionBudget {
	t.Helper()
	return read[policyv1.PodDisruptionBudgetList](t, "/apis/policy/v1/poddisruptionbudgets"+ours).Items
}

func autoscalers(t *testing.T) []autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	return read[autoscalingv2.HorizontalPodAutoscalerList](t, "/apis/autoscaling/v2/horizontalpodautoscalers"+ours).Items
}

func jobs(t *testing.T) []batchv1.Job {
	t.Helper()
	return read[batchv1.JobList](t, "/apis/batch/v1/jobs"+ours).Items
}

// zones are those of the nodes, by node.
func zones(t *testing.T) map[string]string {
	t.Helper()
	byNode := map[string]string{}
	for _, node := range read[corev1.NodeList](t, "/api/v1/nodes").Items {
		byNode[node.Name] = node.Labels[corev1.LabelTopologyZone]
	}
	return byNode
}

// read returns what the API server has at a path.
func read[T any](t *testing.T, path string) T {
	t.Helper()
	return decode[T](t, request(t.Context(), t, http.MethodGet, path, nil))
}

func decode[T any](t *testing.T, response *http.Response) T {
	t.Helper()
	defer func() { require.NoError(t, response.Body.Close()) }()
	var value T
	require.NoError(t, json.NewDecoder(response.Body).Decode(&value))
	return value
}

// request wants an answer, whose body can be read until the context ends.
func request(ctx context.Context, t *testing.T, method, path string, body []byte) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, control.URL()+path, bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := control.Client().Do(request)
	require.NoError(t, err)
	if response.StatusCode != http.StatusOK {
		answer, err := io.ReadAll(response.Body)
		require.NoError(t, errors.Join(err, response.Body.Close()))
		require.Fail(t, response.Status, "%s %s: %s", method, path, answer)
	}
	return response
}
