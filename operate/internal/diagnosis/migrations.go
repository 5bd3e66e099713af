package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// The init container that waits for a Job of migrations, and its variable with the Job's name: constructs.Migrations.
const (
	waitsForMigrations    = "migrations"
	migrationsJobVariable = "MIGRATIONS_JOB"
)

// jobNameLabel is on the pods of Jobs.
// https://kubernetes.io/docs/reference/labels-annotations-taints/#batchkubernetes-io-job-name
const jobNameLabel = "batch.kubernetes.io/job-name"

// migrations say why a pod still waits for migrations. That follows from the pods of their Job, which Kubernetes keeps as long as the Job.
func (s *State) migrations(pod *corev1.Pod) []problem {
	job := awaitedJob(pod)
	if job == "" {
		return nil
	}
	name := object("Job", pod.Namespace, job)
	again := fmt.Sprintf("delete the Job and apply the manifests: kubectl -n %s delete job %s; %s", pod.Namespace, job, s.applying())
	migrating := s.newestOf(pod.Namespace, job)
	if migrating == nil {
		return []problem{{
			object: name, needs: ", waiting for migrations",
			cause:  "has no pod: it does not exist, or exceeded its deadline",
			advice: fmt.Sprintf("see whether it exists, and why it ended: kubectl -n %s describe job %s; to run it again, %s", pod.Namespace, job, again),
		}}
	}
	waiting := problem{object: name, needs: ", waiting for migrations"}
	switch migrating.Status.Phase {
	case corev1.PodSucceeded:
		waiting.cause = "completed, but the pods that wait do not find its record in the database: it does not answer, or was restored or replaced since"
		waiting.advice = fmt.Sprintf("read what they found: kubectl -n %s logs %s -c %s; if the database answers, %s", pod.Namespace, pod.Name, waitsForMigrations, again)
	case corev1.PodFailed:
		container, how := failedContainer(migrating)
		waiting.cause = "failed: " + how
		if s.continues(pod) {
			waiting.cause = "failed, and the former pods continue to serve: " + how
		}
		waiting.advice = fmt.Sprintf("read its log: kubectl -n %s logs %s -c %s; then deploy a corrected image, or %s", pod.Namespace, migrating.Name, container, again)
	default:
		waiting.cause, waiting.advice = "is running", wait
		return s.migrating(migrating, waiting)
	}
	return []problem{waiting}
}

// continues reports whether another pod of the same workload is ready.
func (s *State) continues(pod *corev1.Pod) bool {
	workload := s.workloadOf(pod)
	return workload != "" && slices.ContainsFunc(s.Pods, func(other corev1.Pod) bool { return s.workloadOf(&other) == workload && isReady(&other) })
}

// workloadOf is what controls a pod, or the ReplicaSet that does. Empty for a pod without a controller.
func (s *State) workloadOf(pod *corev1.Pod) types.UID {
	owner := metav1.GetControllerOf(pod)
	if owner == nil {
		return ""
	}
	for i := range s.ReplicaSets {
		if above := metav1.GetControllerOf(&s.ReplicaSets[i]); s.ReplicaSets[i].UID == owner.UID && above != nil {
			return above.UID
		}
	}
	return owner.UID
}

// migrating says why the pod of a Job does not run, if it does not. A problem of the pod's own is its Job's.
func (s *State) migrating(pod *corev1.Pod, running problem) []problem {
	found := s.containers(pod)
	if pod.Spec.NodeName == "" {
		found = []problem{s.unscheduled(pod)}
	}
	if len(found) == 0 {
		return []problem{running}
	}
	for i := range found {
		if found[i].object == "" {
			found[i].object, found[i].needs = running.object, running.needs
		}
	}
	return found
}

// awaitedJob is the Job that a pod waits for; empty if it waits for none.
func awaitedJob(pod *corev1.Pod) string {
	if !slices.ContainsFunc(pod.Status.InitContainerStatuses, waits) {
		return ""
	}
	for _, declared := range pod.Spec.InitContainers {
		for _, variable := range declared.Env {
			if declared.Name == waitsForMigrations && variable.Name == migrationsJobVariable {
				return variable.Value
			}
		}
	}
	return ""
}

// waits reports whether a container is the one that waits, and does so: it ends after a while, and is started again.
func waits(status corev1.ContainerStatus) bool {
	gaveUp := func(ended *corev1.ContainerStateTerminated) bool { return ended != nil && ended.ExitCode == 1 }
	waiting := status.State.Waiting
	return status.Name == waitsForMigrations && (status.State.Running != nil || gaveUp(status.State.Terminated) ||
		waiting != nil && waiting.Reason == "CrashLoopBackOff" && gaveUp(status.LastTerminationState.Terminated))
}

// newestOf is the last pod of a Job, or nil.
func (s *State) newestOf(namespace, job string) *corev1.Pod {
	var newest *corev1.Pod
	for i := range s.Pods {
		pod := &s.Pods[i]
		if pod.Namespace == namespace && pod.Labels[jobNameLabel] == job && (newest == nil || newest.CreationTimestamp.Before(&pod.CreationTimestamp)) {
			newest = pod
		}
	}
	return newest
}

// failedContainer is the container with which a pod has failed, and how it ended.
func failedContainer(pod *corev1.Pod) (name, how string) {
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if ended := status.State.Terminated; ended != nil && ended.ExitCode != 0 {
			return status.Name, strings.TrimSuffix(fmt.Sprintf("container %s exits with code %d (%s): %s", status.Name, ended.ExitCode, ended.Reason, oneLine(ended.Message)), ": ")
		}
	}
	return "migrate", strings.TrimSuffix(fmt.Sprintf("%s: %s", pod.Status.Reason, oneLine(pod.Status.Message)), ": ")
}
