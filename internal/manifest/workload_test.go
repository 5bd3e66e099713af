package manifest

import (
	"strings"
	"testing"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Volumes have different names that the API server takes, whatever the paths.
func TestVolumeNames(t *testing.T) {
	long := "/" + strings.Repeat("long-", 30)
	paths := []string{
		"/tmp", "/var/cache/nginx", "/data", "/files", "/Data", "/世界", "/a.b", "/a-b", "/a_b", "/a/b", "/-", long, long + "x", long + "y", "/dir-data",
	}
	var m Mounts
	m.AddClaim("claim", "/app/data")
	m.AddFiles(Component{App: "shop", ID: "api"}, map[string]string{"/etc/app.conf": ""})
	for _, path := range paths {
		m.AddEmptyDir(path, &k8s.EmptyDirVolumeSource{})
	}

	seen := map[string]bool{}
	for _, volume := range m.volumes {
		require.Empty(t, validation.IsDNS1123Label(*volume.Name))
		require.False(t, seen[*volume.Name], "%s is there twice", *volume.Name)
		seen[*volume.Name] = true
	}
	require.Len(t, m.mounts, len(paths)+2)
	require.Contains(t, seen, "tmp")
	require.Contains(t, seen, "var-cache-nginx")
}

// A process that is not root may listen on a low port only if the pod says so; a pod that does not listen says nothing.
func TestOnlyPodsThatListenOnLowPortsGetTheSysctl(t *testing.T) {
	for name, test := range map[string]struct {
		containers [][]*k8s.ContainerPort
		want       bool
	}{
		"no port":                 {[][]*k8s.ContainerPort{nil}, false},
		"a high port":             {[][]*k8s.ContainerPort{{ContainerPort("http", 1024)}}, false},
		"a low port":              {[][]*k8s.ContainerPort{{ContainerPort("http", 1023)}}, true},
		"a low port for metrics":  {[][]*k8s.ContainerPort{{ContainerPort("http", 8080), ContainerPort("metrics", 80)}}, true},
		"a low port of a sidecar": {[][]*k8s.ContainerPort{{ContainerPort("http", 8080)}, {ContainerPort("metrics", 80)}}, true},
	} {
		w := Workload{Component: Component{App: "shop", ID: "api"}}
		for _, ports := range test.containers {
			container := &k8s.Container{}
			if ports != nil {
				container.Ports = &ports
			}
			w.Containers = append(w.Containers, container)
		}
		require.Equal(t, test.want, w.Template().Spec.SecurityContext.Sysctls != nil, name)
	}
}
