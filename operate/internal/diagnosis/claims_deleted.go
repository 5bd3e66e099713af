package diagnosis

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// deletedClaims are the claims of a workload's pods that somebody has deleted. The pods may be ready: Kubernetes keeps such a claim until no
// pod uses it. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
func (s *State) deletedClaims(w *workload) []Finding {
	pods := s.pods(w)
	var found []Finding
	for i := range s.Claims {
		claim := &s.Claims[i]
		if claim.DeletionTimestamp == nil || !slices.ContainsFunc(pods, func(pod *corev1.Pod) bool { return uses(pod, claim) }) {
			continue
		}
		f := deletedClaim(claim)
		f.Affected = []string{w.name()}
		found = append(found, f)
	}
	return found
}

func uses(pod *corev1.Pod, claim *corev1.PersistentVolumeClaim) bool {
	return pod.Namespace == claim.Namespace && slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool {
		return v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim.Name
	})
}

// deletedClaim is about one that ends with the pods that use it.
func deletedClaim(claim *corev1.PersistentVolumeClaim) Finding {
	f := Finding{
		Object: object("PersistentVolumeClaim", claim.Namespace, claim.Name),
		Cause:  "is being deleted: it goes as soon as no pod uses it, and the data with it unless the volume's reclaim policy is Retain",
		Advice: "nothing undoes the deletion: do not restart or delete the pods, and back up the data now",
	}
	if volume := claim.Spec.VolumeName; volume != "" {
		f.Advice += fmt.Sprintf(`; to keep the volume: kubectl patch pv %s --patch='{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`, volume)
	}
	return f
}

// Unkept are the claims of a pod that another pod in its place might not find again.
func (s *State) Unkept(pod *corev1.Pod) []Finding {
	var found findings
	for _, volume := range pod.Spec.Volumes {
		if volume.PersistentVolumeClaim == nil {
			continue
		}
		name := volume.PersistentVolumeClaim.ClaimName
		f := Finding{
			Object: object("PersistentVolumeClaim", pod.Namespace, name),
			Advice: fmt.Sprintf("back up the data before you restart or delete pod %s, and see the claim: kubectl -n %s describe pvc %s", pod.Name, pod.Namespace, name),
		}
		switch claim := s.liveClaim(pod.Namespace, name); {
		case claim == nil:
			f.Cause = "does not exist, although a pod uses it"
		case claim.DeletionTimestamp != nil:
			f = deletedClaim(claim)
		case claim.Status.Phase != corev1.ClaimBound:
			f.Cause = fmt.Sprintf("is not Bound, but %s, although a pod uses it", claim.Status.Phase)
		default:
			continue
		}
		found.add(f)
	}
	return found
}
