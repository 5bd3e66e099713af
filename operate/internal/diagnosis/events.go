package diagnosis

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// lastSeen is in one of three fields, depending on the API that the component writes events with.
func lastSeen(event *corev1.Event) time.Time {
	switch {
	case event.Series != nil:
		return event.Series.LastObservedTime.Time
	case !event.LastTimestamp.IsZero():
		return event.LastTimestamp.Time
	}
	return event.EventTime.Time
}

// about selects events of an object.
func about(uid types.UID) func(corev1.ObjectReference) bool {
	return func(reference corev1.ObjectReference) bool { return reference.UID == uid }
}

// aboutContainer selects kubelet's events of a container. kubelet/container/ref.go writes its name into the path.
func aboutContainer(pod *corev1.Pod, container string) func(corev1.ObjectReference) bool {
	return func(reference corev1.ObjectReference) bool {
		return reference.UID == pod.UID &&
			(reference.FieldPath == "spec.containers{"+container+"}" || reference.FieldPath == "spec.initContainers{"+container+"}")
	}
}
