package apitype

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// notApplied are packages whose kinds the API server only sends: to webhooks, and to who asks what there is.
var notApplied = []string{"admission", "apidiscovery", "imagepolicy"}

// A new version of k8s.io/api may bring packages of kinds.
func TestKindsAreComplete(t *testing.T) {
	scheme := kinds()
	for _, path := range list(t, "-f", "{{.ImportPath}}", "k8s.io/api/...") {
		parts := strings.Split(path, "/")
		if len(parts) < 4 || slices.Contains(notApplied, parts[2]) {
			continue
		}
		require.True(t, slices.ContainsFunc(scheme.PrioritizedVersionsAllGroups(), func(known schema.GroupVersion) bool {
			group, _, _ := strings.Cut(known.Group, ".")
			return parts[3] == known.Version && (group == parts[2] || path == packageOf[known.Group]+known.Version)
		}), path)
	}
}

// packageOf are the packages that have not the name of their group.
var packageOf = map[string]string{
	"":                             "k8s.io/api/core/",
	"internal.apiserver.k8s.io":    "k8s.io/api/apiserverinternal/",
	"rbac.authorization.k8s.io":    "k8s.io/api/rbac/",
	"flowcontrol.apiserver.k8s.io": "k8s.io/api/flowcontrol/",
}

func TestNewestIsTheVersionOfTheTypes(t *testing.T) {
	version := list(t, "-m", "-f", "{{.Version}}", "k8s.io/api")
	require.Contains(t, version[0], "v0"+strings.TrimPrefix(Newest, "1")+".")
}

func TestKinds(t *testing.T) {
	for kind, want := range map[schema.GroupVersionKind]string{
		{Version: "v1", Kind: "Pod"}:                                         "",
		{Group: "apps", Version: "v1", Kind: "Deployment"}:                   "",
		{Group: "example.com", Version: "v1", Kind: "Pod"}:                   "",
		{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "Gateway"}: "",
		{Group: "apps", Version: "v1", Kind: "Deploymnet"}:                   "unknown kind in apps/v1 of Kubernetes 1.37",
		{Version: "v1", Kind: "CronJob"}:                                     "unknown kind in v1 of Kubernetes 1.37: use apiVersion batch/v1, kind CronJob",
		{Group: "apps", Version: "v1", Kind: "Pod"}:                          "unknown kind in apps/v1 of Kubernetes 1.37: use apiVersion v1, kind Pod",
		{Group: "autoscaling", Version: "v2beta2", Kind: "HorizontalPodAutoscaler"}: "unknown kind in autoscaling/v2beta2 of Kubernetes 1.37: " +
			"use apiVersion autoscaling/v2, kind HorizontalPodAutoscaler",
		{Group: "networking.k8s.io", Version: "v1beta1", Kind: "Ingress"}: "removed from networking.k8s.io/v1beta1 in Kubernetes 1.22: " +
			"use apiVersion networking.k8s.io/v1, kind Ingress",
		{Group: "networking.k8s.io", Version: "v1beta1", Kind: "IPAddress"}: "", // Removed later than in the oldest version.
	} {
		object, problem := newObject(kind)
		require.Equal(t, want, problem)
		require.Equal(t, want == "" && !strings.Contains(kind.Group, "example") && !strings.Contains(kind.Group, "gateway"), object != nil, kind)
	}
}

func list(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}
