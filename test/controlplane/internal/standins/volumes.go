package standins

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	storagelisters "k8s.io/client-go/listers/storage/v1"
)

// Provisioner is the provisioner that a StorageClass names to get its volumes from here. Package cluster names it too.
const Provisioner = "volumes.ai-platform.test"

// Annotations by which the volume controller, the scheduler and a provisioner outside of them work together.
const (
	// provisionerAnnotation is set on a claim by the volume controller when it is time to provision: at once, or, with
	// volumeBindingMode WaitForFirstConsumer, when the scheduler has chosen a node.
	provisionerAnnotation = "volume.kubernetes.io/storage-provisioner"
	// selectedNodeAnnotation is set on a claim by the scheduler and names that node.
	selectedNodeAnnotation = "volume.kubernetes.io/selected-node"
	// provisionedByAnnotation is set on a volume; without it the volume controller would try to delete the volume itself.
	provisionedByAnnotation = "pv.kubernetes.io/provisioned-by"
)

// volumes makes a volume for each claim that asks for one, lets it grow with the claim, and removes it after the claim.
type volumes struct {
	client  kubernetes.Interface
	claims  corelisters.PersistentVolumeClaimLister
	volumes corelisters.PersistentVolumeLister
	nodes   corelisters.NodeLister
	classes storagelisters.StorageClassLister
}

func newVolumes(client kubernetes.Interface, factory informers.SharedInformerFactory) *volumes {
	return &volumes{
		client:  client,
		claims:  factory.Core().V1().PersistentVolumeClaims().Lister(),
		volumes: factory.Core().V1().PersistentVolumes().Lister(),
		nodes:   factory.Core().V1().Nodes().Lister(),
		classes: factory.Storage().V1().StorageClasses().Lister(),
	}
}

func (v *volumes) reconcile(ctx context.Context) error {
	return errors.Join(v.reconcileClaims(ctx), v.reconcileVolumes(ctx))
}

func (v *volumes) reconcileClaims(ctx context.Context) error {
	claims, err := v.claims.List(labels.Everything())
	if err != nil {
		return err
	}
	var errs []error
	for _, claim := range claims {
		switch {
		case claim.Spec.VolumeName == "" && claim.Annotations[provisionerAnnotation] == Provisioner:
			err = v.provision(ctx, claim)
		case claim.Status.Phase == corev1.ClaimBound:
			err = v.expand(ctx, claim)
		default:
			err = nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("claim %s/%s: %w", claim.Namespace, claim.Name, err))
		}
	}
	return errors.Join(errs...)
}

// reconcileVolumes deletes the volumes whose claim is gone and whose class said so.
func (v *volumes) reconcileVolumes(ctx context.Context) error {
	volumes, err := v.volumes.List(labels.Everything())
	if err != nil {
		return err
	}
	var errs []error
	for _, volume := range volumes {
		if !isOurs(volume) || volume.Status.Phase != corev1.VolumeReleased ||
			volume.Spec.PersistentVolumeReclaimPolicy != corev1.PersistentVolumeReclaimDelete {
			continue
		}
		err := v.client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (v *volumes) provision(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	if claim.Spec.StorageClassName == nil {
		return errors.New("names no storage class")
	}
	class, err := v.classes.Get(*claim.Spec.StorageClassName)
	if err != nil {
		return err
	}
	affinity, err := v.affinity(claim)
	if err != nil {
		return err
	}
	_, err = v.client.CoreV1().PersistentVolumes().Create(ctx, newVolume(claim, class, affinity), metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil // the cache has not seen it yet
	}
	return err
}

// affinity binds a disk to the zone of the node that the scheduler chose, as disks of cloud providers are. Volumes that several nodes
// may mount are file servers: they are in every zone.
func (v *volumes) affinity(claim *corev1.PersistentVolumeClaim) (*corev1.VolumeNodeAffinity, error) {
	name := claim.Annotations[selectedNodeAnnotation]
	if name == "" || !isForOneNode(claim) {
		return nil, nil
	}
	node, err := v.nodes.Get(name)
	if err != nil {
		return nil, err
	}
	return &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{{
			Key:      corev1.LabelTopologyZone,
			Operator: corev1.NodeSelectorOpIn,
			Values:   []string{node.Labels[corev1.LabelTopologyZone]},
		}},
	}}}}, nil
}

func newVolume(claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass, affinity *corev1.VolumeNodeAffinity) *corev1.PersistentVolume {
	name := "pvc-" + string(claim.UID) // the name that provisioners agree on: a second attempt finds the first
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Annotations: map[string]string{provisionedByAnnotation: Provisioner},
		},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:    corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes: claim.Spec.AccessModes,
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1",
				Kind:       "PersistentVolumeClaim",
				Namespace:  claim.Namespace,
				Name:       claim.Name,
				UID:        claim.UID,
			},
			PersistentVolumeReclaimPolicy: *class.ReclaimPolicy, // the API server fills it in
			StorageClassName:              class.Name,
			MountOptions:                  class.MountOptions,
			VolumeMode:                    claim.Spec.VolumeMode,
			NodeAffinity:                  affinity,
			// Never mounted: the nodes have no machines.
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				HostPath: &corev1.HostPathVolumeSource{Path: "/volumes/" + name},
			},
		},
	}
}

// expand gives a bound claim the size that it asks for, in the order of a real expansion: first the volume, then the claim's status.
func (v *volumes) expand(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	volume, err := v.volumes.Get(claim.Spec.VolumeName)
	if err != nil {
		return err
	}
	size := claim.Spec.Resources.Requests[corev1.ResourceStorage]
	if !isOurs(volume) || size.Cmp(claim.Status.Capacity[corev1.ResourceStorage]) <= 0 {
		return nil
	}
	if size.Cmp(volume.Spec.Capacity[corev1.ResourceStorage]) > 0 {
		volume = volume.DeepCopy()
		volume.Spec.Capacity[corev1.ResourceStorage] = size
		if _, err := v.client.CoreV1().PersistentVolumes().Update(ctx, volume, metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	claim = claim.DeepCopy()
	claim.Status.Capacity[corev1.ResourceStorage] = size
	_, err = v.client.CoreV1().PersistentVolumeClaims(claim.Namespace).UpdateStatus(ctx, claim, metav1.UpdateOptions{})
	return err
}

func isOurs(volume *corev1.PersistentVolume) bool {
	return volume.Annotations[provisionedByAnnotation] == Provisioner
}

// isForOneNode says whether only the pods of one node at a time may use the claim.
func isForOneNode(claim *corev1.PersistentVolumeClaim) bool {
	for _, mode := range claim.Spec.AccessModes {
		if mode == corev1.ReadWriteMany || mode == corev1.ReadOnlyMany {
			return false
		}
	}
	return true
}
