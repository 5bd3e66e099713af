package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Mounts says where a container's data is: on which volumes, and of which kind these are.
func Mounts(pod *corev1.Pod, container string) string {
	mounts, claims := writable(pod, container)
	text := "its data is not on a claim, or the claim's volume was emptied"
	if claims == 0 {
		text = "none of its volumes is a claim"
	}
	return strings.Join(append([]string{text}, mounts...), "; ")
}

// OnClaim reports whether a container can write to a volume that is a claim.
func OnClaim(pod *corev1.Pod, container string) bool {
	_, claims := writable(pod, container)
	return claims > 0
}

// writable describes the volumes that a container can write to, and counts the claims among them.
func writable(pod *corev1.Pod, container string) (mounts []string, claims int) {
	for _, c := range pod.Spec.Containers {
		if c.Name != container {
			continue
		}
		for _, mount := range c.VolumeMounts {
			i := slices.IndexFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name })
			if i < 0 || mount.ReadOnly {
				continue
			}
			kind := "no claim"
			switch volume := pod.Spec.Volumes[i]; {
			case volume.PersistentVolumeClaim != nil && volume.PersistentVolumeClaim.ReadOnly:
				continue
			case volume.PersistentVolumeClaim != nil:
				kind = "claim " + volume.PersistentVolumeClaim.ClaimName
				claims++
			case volume.EmptyDir != nil:
				kind = "emptyDir, goes with the pod"
			case volume.Ephemeral != nil:
				kind = "ephemeral, goes with the pod"
			}
			mounts = append(mounts, fmt.Sprintf("%s is volume %s (%s)", mount.MountPath, mount.Name, kind))
		}
	}
	return mounts, claims
}
