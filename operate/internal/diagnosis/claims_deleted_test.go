package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// deletedData is about the shop's claim, which is bound to a volume.
func deletedData() Finding {
	return Finding{
		Object: "PersistentVolumeClaim shop/data",
		Cause:  "is being deleted: it goes as soon as no pod uses it, and the data with it unless the volume's reclaim policy is Retain",
		Advice: "nothing undoes the deletion: do not restart or delete the pods, and back up the data now; to keep the volume: " +
			`kubectl patch pv pv-1 --patch='{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`,
	}
}

func (s *State) deleteClaim() {
	now := metav1.Now()
	s.Claims[0].DeletionTimestamp, s.Claims[0].Spec.VolumeName = &now, "pv-1"
}

// TestPodsOfDeletedClaim has pods that are ready: they keep the claim.
func TestPodsOfDeletedClaim(t *testing.T) {
	s := shop(t)
	s.deleteClaim()
	want := deletedData()
	want.Affected = []string{api}
	require.Equal(t, Result{Summary: "1 of 1 workload ready", Findings: []Finding{want}}, Pods(s))

	s.Pods = nil
	require.Empty(t, s.deletedClaims(s.workloads()[api]), "no pod uses it")
}

func TestUnkept(t *testing.T) {
	s := shop(t)
	require.Empty(t, s.Unkept(&s.Pods[0]))

	see := "back up the data before you restart or delete pod api-1-1, and see the claim: kubectl -n shop describe pvc data"
	s.Claims[0].Status.Phase = corev1.ClaimLost
	require.Equal(t, []Finding{{Object: "PersistentVolumeClaim shop/data", Cause: "is not Bound, but Lost, although a pod uses it", Advice: see}}, s.Unkept(&s.Pods[0]))

	s.Claims[0].Status.Phase = corev1.ClaimBound
	s.deleteClaim()
	require.Equal(t, []Finding{deletedData()}, s.Unkept(&s.Pods[0]))

	s.Claims = nil
	require.Equal(t, []Finding{{Object: "PersistentVolumeClaim shop/data", Cause: "does not exist, although a pod uses it", Advice: see}}, s.Unkept(&s.Pods[0]))
}
