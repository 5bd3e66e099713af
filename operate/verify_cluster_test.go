package operate

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

// discoveryServer answers as an API server does, of one that knows Widgets once these are installed.
func discoveryServer(t *testing.T, installed *atomic.Bool) *rest.Config {
	t.Helper()
	const group = `{"name": "example.com", "versions": [{"groupVersion": "example.com/v1", "version": "v1"}]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		groups := ""
		if installed.Load() {
			groups = group
		}
		answer, known := map[string]string{
			"/version":             `{"gitVersion": "v1.35.0"}`,
			"/api":                 `{"versions": []}`,
			"/apis":                `{"kind": "APIGroupList", "apiVersion": "v1", "groups": [` + groups + `]}`,
			"/apis/example.com/v1": `{"groupVersion": "example.com/v1", "resources": [{"name": "widgets", "kind": "Widget", "namespaced": true}]}`,
		}[r.URL.Path]
		if !known {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	return &rest.Config{Host: server.URL}
}

// What defines a kind is often installed while people wait.
func TestVerifyFindsKindsThatAreInstalledWhileItWaits(t *testing.T) {
	objects, err := parse(map[string][]byte{"a.yaml": []byte("{apiVersion: example.com/v1, kind: Widget, metadata: {name: it}}")})
	require.NoError(t, err)
	live := objects[0].DeepCopy()
	live.SetNamespace("shop")
	var installed atomic.Bool
	config := discoveryServer(t, &installed)
	mapper, err := discover(t.Context(), config)
	require.NoError(t, err)
	c := &clusterDiff{
		cluster:  &cluster{config: config, mapper: mapper, objects: fake.NewSimpleDynamicClient(scheme.Scheme, live), namespace: "shop"},
		mappings: map[*unstructured.Unstructured]*meta.RESTMapping{},
	}
	require.NoError(t, c.declare(objects, ""))
	v := &verifier{cluster: c.cluster, mappings: c.mappings, declared: c.declared, steps: []string{"objects"}}

	found, err := v.verify(t.Context(), nil)
	require.NoError(t, err)
	require.False(t, found.Passed)
	require.Equal(t, "the cluster does not know this kind", found.Steps[0].Findings[0].Cause)

	found, err = v.again(t.Context(), found)
	require.NoError(t, err)
	require.False(t, found.Passed, "it is still unknown")

	installed.Store(true)
	found, err = v.again(t.Context(), found)
	require.NoError(t, err)
	require.True(t, found.Passed, found.Steps[0].Findings)
	require.Equal(t, "shop", objects[0].GetNamespace())
}
