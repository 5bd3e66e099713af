package acceptance

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/ai-platform/manifests/internal/manifest"
)

// TestScopes holds what the library knows of Kubernetes's own kinds against what the API server says of them.
func TestScopes(t *testing.T) {
	groups := get[metav1.APIGroupList](t, "/apis").Groups
	paths := []string{"/api/v1"}
	for _, group := range groups {
		if isCustom(group.Name) {
			_, known := manifest.ClusterScoped(schema.GroupKind{Group: group.Name})
			require.False(t, known, group.Name)
			continue
		}
		for _, version := range group.Versions {
			paths = append(paths, "/apis/"+version.GroupVersion)
		}
	}
	for _, path := range paths {
		list := get[metav1.APIResourceList](t, path)
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		require.NoError(t, err)
		for _, resource := range list.APIResources {
			if strings.Contains(resource.Name, "/") {
				continue
			}
			kind := schema.GroupKind{Group: version.Group, Kind: resource.Kind}
			scoped, known := manifest.ClusterScoped(kind)
			require.True(t, known, kind)
			require.Equal(t, !resource.Namespaced, scoped, kind)
		}
	}
}

// isCustom tells the groups of other projects from those of Kubernetes.
func isCustom(group string) bool {
	return strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io") || group == "gateway.networking.k8s.io"
}

func get[T any](t *testing.T, path string) T {
	t.Helper()
	response, err := server.Client().Get(server.URL() + path)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	require.Equal(t, http.StatusOK, response.StatusCode, path)
	var value T
	require.NoError(t, json.NewDecoder(response.Body).Decode(&value))
	return value
}
