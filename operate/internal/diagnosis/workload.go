package diagnosis

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// workload is what controllers of pods have in common.
type workload struct {
	metav1.ObjectMeta
	object   metav1.Object // All of it.
	kind     string
	observed int64 // Generation.
	paused   bool
	template corev1.PodTemplateSpec
	failure  string // Why the controller cannot create pods.
	stuck    bool   // It has given up to expect progress.

	desired, current, updated, ready int32

	toUpdate int32  // How many pods the controller updates by itself.
	strategy string // Why these are not all of them.
}

func (w *workload) name() string { return object(w.kind, w.Namespace, w.Name) }

// settled reports whether there is nothing left to do for the controller.
func (w *workload) settled() bool {
	return w.observed >= w.Generation && w.current == w.desired && w.updated >= w.toUpdate && w.ready == w.desired
}

// heldBack names a workload that keeps former pods because its updateStrategy says so. Whoever chose that decides when it ends.
func (w *workload) heldBack() []string {
	if w.updated >= w.desired {
		return nil
	}
	return []string{fmt.Sprintf("%s keeps %d of %s as they were before its last change: its updateStrategy %s",
		w.name(), w.desired-w.updated, plural(int(w.desired), "pod"), w.strategy)}
}

// workloadKinds are those that have pods which must be ready. Those of Jobs and CronJobs end.
func isWorkload(kind string) bool {
	return kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet"
}

// workloads are those in the cluster, by name.
func (s *State) workloads() map[string]*workload {
	found := map[string]*workload{}
	for i := range s.Deployments {
		w := deployment(&s.Deployments[i])
		found[w.name()] = w
	}
	for i := range s.StatefulSets {
		w := s.statefulSet(&s.StatefulSets[i])
		found[w.name()] = w
	}
	for i := range s.DaemonSets {
		w := s.daemonSet(&s.DaemonSets[i])
		found[w.name()] = w
	}
	return found
}

func deployment(d *appsv1.Deployment) *workload {
	w := &workload{
		ObjectMeta: d.ObjectMeta, object: d, kind: "Deployment", observed: d.Status.ObservedGeneration, paused: d.Spec.Paused, template: d.Spec.Template,
		desired: orOne(d.Spec.Replicas), current: d.Status.Replicas, updated: d.Status.UpdatedReplicas, ready: d.Status.ReadyReplicas,
	}
	w.toUpdate = w.desired
	for _, c := range d.Status.Conditions {
		switch {
		case c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue:
			w.failure = c.Message
		case c.Type == appsv1.DeploymentProgressing && c.Reason == "ProgressDeadlineExceeded":
			w.stuck = true
		}
	}
	return w
}

// statefulSet has no condition for pods that cannot be created. Which pods it updates is what polymorphichelpers/rollout_status.go waits for,
// except that "kubectl rollout status" refuses OnDelete.
func (s *State) statefulSet(d *appsv1.StatefulSet) *workload {
	w := &workload{
		ObjectMeta: d.ObjectMeta, object: d, kind: "StatefulSet", observed: d.Status.ObservedGeneration, template: d.Spec.Template,
		desired: orOne(d.Spec.Replicas), current: d.Status.Replicas, updated: d.Status.UpdatedReplicas, ready: d.Status.ReadyReplicas,
	}
	w.toUpdate = w.desired
	rolling := d.Spec.UpdateStrategy.RollingUpdate
	switch {
	case d.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType:
		w.toUpdate, w.strategy = 0, onDelete
	case rolling != nil && rolling.Partition != nil:
		w.toUpdate, w.strategy = max(w.desired-*rolling.Partition, 0), fmt.Sprintf("has partition %d", *rolling.Partition)
	}
	w.failure = s.failedCreate(w)
	return w
}

const onDelete = "is OnDelete, which replaces a pod when somebody deletes it"

// daemonSet has no condition for pods that cannot be created.
func (s *State) daemonSet(d *appsv1.DaemonSet) *workload {
	w := &workload{
		ObjectMeta: d.ObjectMeta, object: d, kind: "DaemonSet", observed: d.Status.ObservedGeneration, template: d.Spec.Template,
		desired: d.Status.DesiredNumberScheduled, current: d.Status.CurrentNumberScheduled, updated: d.Status.UpdatedNumberScheduled, ready: d.Status.NumberReady,
	}
	w.toUpdate = w.desired
	if d.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType {
		w.toUpdate, w.strategy = 0, onDelete
	}
	w.failure = s.failedCreate(w)
	return w
}

// failedCreate is why the last pod could not be created. Events stay for an hour: the cause is gone if a pod was created since.
func (s *State) failedCreate(w *workload) string {
	failed, created := s.event(about(w.UID), "FailedCreate"), s.event(about(w.UID), "SuccessfulCreate")
	switch {
	case failed == nil || w.current >= w.desired:
		return ""
	case created != nil && lastSeen(failed).Before(lastSeen(created)):
		return ""
	}
	return failed.Message
}

// orOne is the API's default.
func orOne(replicas *int32) int32 {
	if replicas == nil {
		return 1
	}
	return *replicas
}

// pods are those that the controller counts: what ends or has ended is replaced.
func (s *State) pods(w *workload) []*corev1.Pod {
	owners := map[types.UID]bool{w.UID: true}
	for i := range s.ReplicaSets {
		if owner := metav1.GetControllerOf(&s.ReplicaSets[i]); owner != nil && owner.UID == w.UID {
			owners[s.ReplicaSets[i].UID] = true
		}
	}
	var found []*corev1.Pod
	for i := range s.Pods {
		pod := &s.Pods[i]
		if owner := metav1.GetControllerOf(pod); owner != nil && owners[owner.UID] && counts(pod) {
			found = append(found, pod)
		}
	}
	return found
}

func counts(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && pod.Status.Phase != corev1.PodFailed && pod.Status.Phase != corev1.PodSucceeded
}

func isReady(pod *corev1.Pod) bool {
	return condition(pod, corev1.PodReady).Status == corev1.ConditionTrue
}

// condition is empty if there is none.
func condition(pod *corev1.Pod, kind corev1.PodConditionType) corev1.PodCondition {
	for _, c := range pod.Status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return corev1.PodCondition{}
}
