package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestClaims(t *testing.T) {
	none, fast, standard := "", "fast", "standard"
	waits := storagev1.VolumeBindingWaitForFirstConsumer
	classes := []storagev1.StorageClass{{ObjectMeta: metav1.ObjectMeta{Name: "standard"}, VolumeBindingMode: &waits}}
	own := func(cause, advice string) Finding {
		return Finding{Object: "PersistentVolumeClaim shop/data", Cause: cause, Advice: advice, Affected: []string{"Deployment shop/api (2 of 2 pods)"}}
	}
	offered := "name a class and access mode that the cluster offers: kubectl get storageclass; kubectl -n shop describe pvc data"
	for _, test := range []struct {
		name            string
		class           *string
		reason, message string // Of the event, as controller/volume/persistentvolume/pv_controller.go writes it.
		want            Finding
	}{
		{"no default class", nil, "FailedBinding", "no persistent volumes available for this claim and no storage class is set", own(
			"names no storage class, and the cluster has no default one (it has standard)",
			"annotate one: kubectl annotate storageclass NAME storageclass.kubernetes.io/is-default-class=true")},
		{"unknown class", &fast, "ProvisioningFailed", `storageclass.storage.k8s.io "fast" not found`, own(
			`names storage class "fast", which does not exist (the cluster has standard)`,
			"create the class, or name another one, delete the claim while it is empty, and apply: kubectl -n shop delete pvc data")},
		{"by hand", &none, "FailedBinding", "no persistent volumes available for this claim and no storage class is set", own(
			"no volume for access mode ReadWriteMany and storage class none: no persistent volumes available for this claim and no storage class is set", offered)},
		{"access mode", &standard, "ProvisioningFailed", `failed to provision volume with StorageClass "standard": only ReadWriteOnce is supported`, own(
			`no volume for access mode ReadWriteMany and storage class standard: failed to provision volume with StorageClass "standard": only ReadWriteOnce is supported`, offered)},
		{"provisioner", &standard, "ExternalProvisioning", "Waiting for a volume to be created either by the external provisioner 'x' or manually by the system administrator.", own(
			"waits for the provisioner of storage class standard: Waiting for a volume to be created either by the external provisioner 'x' or manually by the system administrator.",
			"see whether its pods work: kubectl get pods -A")},
		{"waits for its consumer", &standard, "WaitForFirstConsumer", "waiting for first consumer to be created before binding", Finding{
			Object: api, Cause: "2 of 2 pods: cannot be scheduled: 0/1 nodes are available: 1 Insufficient cpu",
			Advice: "add a node, or lower the requests (cpu=500m): kubectl describe nodes",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := shop(t)
			s.Classes = classes
			s.Claims[0].Spec.StorageClassName, s.Claims[0].Status.Phase = test.class, corev1.ClaimPending
			s.status(t, "conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: '0/1 nodes are available: 1 Insufficient cpu.'}]")
			s.happens("claim", "", test.reason, test.message)
			require.Equal(t, []Finding{test.want}, Pods(s).Findings)
		})
	}

	s := shop(t)
	s.Claims = nil
	s.status(t, "conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: '0/1 nodes are available: persistentvolumeclaim \"data\" not found.'}]")
	require.Equal(t, []Finding{own("does not exist", "apply the manifests: kubectl apply -f dist")}, Pods(s).Findings)
}
