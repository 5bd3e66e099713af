package reach

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/pod-security-admission/admission"
)

// workload is what makes pods, or a pod that nothing made.
type workload struct {
	owner     metav1.OwnerReference
	namespace string
	labels    map[string]string
	spec      corev1.PodSpec
}

// addPods adds the workload that an object is, if its kind is one that holds pods.
func (m *manifests) addPods(object runtime.Object, kind schema.GroupVersionKind, namespace string) error {
	if meta.IsListType(object) {
		return fmt.Errorf("a %s hides its items", kind.Kind)
	}
	extractor := admission.DefaultPodSpecExtractor{}
	if resource, _ := meta.UnsafeGuessKindToResource(kind); !extractor.HasPodSpec(resource.GroupResource()) {
		return nil
	}
	owner, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	pod, spec, err := extractor.ExtractPodSpec(object)
	if err != nil {
		return err
	}
	m.workloads = append(m.workloads, workload{
		owner:     *metav1.NewControllerRef(owner, kind),
		namespace: cmp.Or(owner.GetNamespace(), namespace),
		labels:    pod.Labels,
		spec:      *spec,
	})
	return nil
}

// peer is the workload's name in the matrix.
func (w workload) peer() string { return w.namespace + "/" + w.owner.Name }

// pods are two, however many replicas there are: a workload's pods may or may not reach each other.
func (w workload) pods() []*corev1.Pod {
	var pods []*corev1.Pod
	for _, name := range []string{w.owner.Name + "-1", w.owner.Name + "-2"} {
		pods = append(pods, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Name: name, Namespace: w.namespace, Labels: w.labels,
				OwnerReferences: []metav1.OwnerReference{w.owner},
			},
			Spec: w.spec,
			// The judge takes only pods that run, and looks no further at where.
			Status: corev1.PodStatus{HostIP: loopback, PodIPs: []corev1.PodIP{{IP: loopback}}},
		})
	}
	return pods
}

const loopback = "127.0.0.1"

// listensOn reports whether the workload's pods say that they listen on a port, given as "TCP 80".
func (w workload) listensOn(port string) bool {
	return slices.ContainsFunc(w.spec.Containers, func(c corev1.Container) bool {
		return slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool {
			return fmt.Sprintf("%s %d", cmp.Or(p.Protocol, corev1.ProtocolTCP), p.ContainerPort) == port
		})
	})
}
