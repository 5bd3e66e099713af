package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func TestRequestsOfAPod(t *testing.T) {
	container := func(cpu, memory string) corev1.Container {
		requests := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
		return corev1.Container{Resources: corev1.ResourceRequirements{Requests: requests}}
	}
	sidecar := func(cpu, memory string) corev1.Container {
		c := container(cpu, memory)
		c.RestartPolicy = new(corev1.ContainerRestartPolicyAlways)
		return c
	}
	for name, test := range map[string]struct {
		init, containers []corev1.Container
		want             string
	}{
		"containers":                       {nil, []corev1.Container{container("500m", "1Gi"), container("500m", "1Gi")}, "cpu=1,memory=2Gi"},
		"nothing":                          {nil, []corev1.Container{{}}, ""},
		"a sidecar":                        {[]corev1.Container{sidecar("100m", "64Mi")}, []corev1.Container{container("500m", "1Gi")}, "cpu=600m,memory=1088Mi"},
		"a small init container":           {[]corev1.Container{container("100m", "64Mi")}, []corev1.Container{container("500m", "1Gi")}, "cpu=500m,memory=1Gi"},
		"one that needs more of one thing": {[]corev1.Container{container("2", "64Mi")}, []corev1.Container{container("500m", "1Gi")}, "cpu=2,memory=1Gi"},
		"one after a sidecar":              {[]corev1.Container{sidecar("100m", "64Mi"), container("2", "64Mi")}, []corev1.Container{container("500m", "1Gi")}, "cpu=2100m,memory=1088Mi"},
		"one before a sidecar":             {[]corev1.Container{container("2", "64Mi"), sidecar("100m", "64Mi")}, []corev1.Container{container("500m", "1Gi")}, "cpu=2,memory=1088Mi"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, requests(&corev1.Pod{Spec: corev1.PodSpec{InitContainers: test.init, Containers: test.containers}}))
		})
	}
}
