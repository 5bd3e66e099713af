package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

func TestMounts(t *testing.T) {
	pod := shop(t).Pods[0]
	pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}})
	mounts := []corev1.VolumeMount{{Name: "data", MountPath: "/data"}, {Name: "tmp", MountPath: "/tmp"}, {Name: "tmp", MountPath: "/etc/tmp", ReadOnly: true}}
	pod.Spec.Containers[0].VolumeMounts = mounts
	require.Equal(t, "its data is not on a claim, or the claim's volume was emptied; /data is volume data (claim data); /tmp is volume tmp (emptyDir, goes with the pod)",
		Mounts(&pod, "api"))
	require.True(t, OnClaim(&pod, "api"))
	pod.Spec.Containers[0].VolumeMounts = mounts[1:]
	require.False(t, OnClaim(&pod, "api"))
	require.Equal(t, "none of its volumes is a claim; /tmp is volume tmp (emptyDir, goes with the pod)", Mounts(&pod, "api"))

	pod.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "data", MountPath: "/data"}, {Name: "node", MountPath: "/node"}}
	pod.Spec.Volumes[0].PersistentVolumeClaim.ReadOnly = true
	pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: "node", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/node"}}})
	require.False(t, OnClaim(&pod, "api"))
	require.Equal(t, "none of its volumes is a claim; /node is volume node (no claim)", Mounts(&pod, "api"))
}
