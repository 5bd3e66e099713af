package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
)

// defaultClass marks the class of claims that name none. controller/volume/persistentvolume and the admission plugin read it.
const defaultClass = "storageclass.kubernetes.io/is-default-class"

// claim says why a claim is not bound, or nothing if it is, or if it waits for a pod that cannot be scheduled for another reason.
func (s *State) claim(namespace, name string) *problem {
	p := problem{object: object("PersistentVolumeClaim", namespace, name)}
	claim := s.liveClaim(namespace, name)
	if claim == nil {
		p.cause, p.advice = "does not exist", s.apply()
		return &p
	}
	switch claim.Status.Phase {
	case corev1.ClaimBound:
		return nil
	case corev1.ClaimLost:
		p.cause = fmt.Sprintf("its volume %s is gone, and the data with it", claim.Spec.VolumeName)
		p.advice = "restore the volume, or delete the claim and apply the manifests: kubectl -n " + namespace + " delete pvc " + name
		return &p
	case corev1.ClaimPending:
	}
	p.cause, p.advice = s.unbound(claim)
	if p.cause == "" {
		return nil
	}
	return &p
}

// liveClaim is nil for a name that no claim has.
func (s *State) liveClaim(namespace, name string) *corev1.PersistentVolumeClaim {
	for i := range s.Claims {
		if claim := &s.Claims[i]; claim.Namespace == namespace && claim.Name == name {
			return claim
		}
	}
	return nil
}

// unbound says why a claim is pending.
func (s *State) unbound(claim *corev1.PersistentVolumeClaim) (cause, advice string) {
	describe := fmt.Sprintf("kubectl -n %s describe pvc %s", claim.Namespace, claim.Name)
	if cause, advice, known := s.classless(claim); known {
		return cause, advice
	}
	// The reasons are those of controller/volume/events/event.go.
	event := s.event(about(claim.UID), "ProvisioningFailed", "ExternalProvisioning", "FailedBinding", "WaitForFirstConsumer", "WaitForPodScheduled")
	if event == nil {
		if s.waitsForConsumer(claim) {
			return "", ""
		}
		return "is not bound, and no event says why", "see its class and events: " + describe
	}
	message := oneLine(event.Message)
	switch event.Reason {
	case "WaitForFirstConsumer", "WaitForPodScheduled":
		return "", ""
	case "ExternalProvisioning":
		return fmt.Sprintf("waits for the provisioner of storage class %s: %s", className(claim), message),
			"see whether its pods work: kubectl get pods -A"
	}
	return fmt.Sprintf("no volume for access mode %s and storage class %s: %s", modes(claim), className(claim), message),
		"name a class and access mode that the cluster offers: kubectl get storageclass; " + describe
}

// classless finds a claim whose class is not there.
func (s *State) classless(claim *corev1.PersistentVolumeClaim) (cause, advice string, known bool) {
	if s.Classes == nil {
		return "", "", false
	}
	name := claim.Spec.StorageClassName
	isDefault := func(class storagev1.StorageClass) bool { return class.Annotations[defaultClass] == "true" }
	switch {
	case name == nil && !slices.ContainsFunc(s.Classes, isDefault):
		return "names no storage class, and the cluster has no default one (it has " + s.classNames() + ")",
			"annotate one: kubectl annotate storageclass NAME " + defaultClass + "=true", true
	case name == nil || *name == "" || s.class(*name) != nil:
		return "", "", false
	}
	return fmt.Sprintf("names storage class %q, which does not exist (the cluster has %s)", *name, s.classNames()),
		fmt.Sprintf("create the class, or name another one, delete the claim while it is empty, and apply: kubectl -n %s delete pvc %s", claim.Namespace, claim.Name), true
}

func (s *State) class(name string) *storagev1.StorageClass {
	for i := range s.Classes {
		if s.Classes[i].Name == name {
			return &s.Classes[i]
		}
	}
	return nil
}

func (s *State) classNames() string {
	var names []string
	for _, class := range s.Classes {
		name := class.Name
		if class.Annotations[defaultClass] == "true" {
			name += " (default)"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func (s *State) waitsForConsumer(claim *corev1.PersistentVolumeClaim) bool {
	class := s.class(className(claim))
	return class != nil && class.VolumeBindingMode != nil && *class.VolumeBindingMode == storagev1.VolumeBindingWaitForFirstConsumer
}

// className is "none" where volumes are made by hand.
func className(claim *corev1.PersistentVolumeClaim) string {
	if claim.Spec.StorageClassName == nil || *claim.Spec.StorageClassName == "" {
		return "none"
	}
	return *claim.Spec.StorageClassName
}

func modes(claim *corev1.PersistentVolumeClaim) string {
	var all []string
	for _, mode := range claim.Spec.AccessModes {
		all = append(all, string(mode))
	}
	return strings.Join(all, ",")
}
