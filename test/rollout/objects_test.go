package rollout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/yamldoc"
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

func claims(t *testing.T) []corev1.PersistentVolumeClaim {
	t.Helper()
	return read[corev1.PersistentVolumeClaimList](t, "/api/v1/persistentvolumeclaims"+ours).Items
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

// objectsOf reads manifests as kubectl does.
func objectsOf(t *testing.T, files map[string][]byte) []unstructured.Unstructured {
	t.Helper()
	var objects []unstructured.Unstructured
	for _, name := range slices.Sorted(maps.Keys(files)) {
		found, err := yamldoc.Objects(files[name])
		require.NoError(t, err, name)
		for _, object := range found {
			objects = append(objects, *object)
		}
	}
	return objects
}

// environmentObjects are those of all environments.
func environmentObjects(t *testing.T) []unstructured.Unstructured {
	t.Helper()
	var objects []unstructured.Unstructured
	for _, e := range everyEnvironment {
		objects = append(objects, objectsOf(t, e.files(t))...)
	}
	return objects
}

func pathOf(o unstructured.Unstructured) string {
	return cluster.ObjectPath(o.GetAPIVersion(), o.GetKind(), o.GetNamespace(), o.GetName())
}

// stored returns what the API server has of each object, by path.
func stored(t *testing.T, objects []unstructured.Unstructured) map[string]unstructured.Unstructured {
	t.Helper()
	found := map[string]unstructured.Unstructured{}
	for _, object := range objects {
		path := pathOf(object)
		found[path] = read[unstructured.Unstructured](t, path)
	}
	return found
}

// namesOf are kind and name of objects, sorted.
func namesOf(objects []unstructured.Unstructured) []string {
	var names []string
	for _, object := range objects {
		names = append(names, object.GetKind()+"/"+object.GetName())
	}
	slices.Sort(names)
	return names
}

func without(objects []unstructured.Unstructured, kind string) []unstructured.Unstructured {
	return slices.DeleteFunc(slices.Clone(objects), func(o unstructured.Unstructured) bool { return o.GetKind() == kind })
}

// version is what tells a changed object from an unchanged one.
type version struct {
	uid             types.UID
	resourceVersion string
	generation      int64
}

func versions(objects map[string]unstructured.Unstructured) map[string]version {
	found := map[string]version{}
	for path, object := range objects {
		v := version{object.GetUID(), object.GetResourceVersion(), object.GetGeneration()}
		if object.GetKind() == "CronJob" {
			v.resourceVersion = "" // Its controller writes into the status whenever the time has come, which may be now.
		}
		found[path] = v
	}
	return found
}
