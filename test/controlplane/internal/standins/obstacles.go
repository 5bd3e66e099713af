package standins

import (
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
)

// Reasons that kubelet gives for a container that waits.
const (
	// reasonCreating: a volume is not mounted yet.
	reasonCreating = "ContainerCreating"
	// reasonConfig: the volumes are there, but a part of the environment is not.
	reasonConfig = "CreateContainerConfigError"
	// reasonInitializing: an init container is running.
	reasonInitializing = "PodInitializing"
)

// obstacle is what keeps a pod from starting.
type obstacle struct {
	reason    string
	message   string
	container string // empty: the whole pod
	runs      bool   // the container runs, and waits for something itself
}

// obstacle returns the first thing that kubelet would stumble over, or nil: volumes come before environments.
func (s *starts) obstacle(pod *corev1.Pod) (*obstacle, error) {
	for _, volume := range pod.Spec.Volumes {
		message, err := s.volumeObstacle(pod, volume)
		if err != nil {
			return nil, err
		}
		if message != "" {
			return &obstacle{reason: reasonCreating, message: message}, nil
		}
	}
	for _, container := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		message, err := s.missing(pod.Namespace, environmentReferences(container))
		if err != nil {
			return nil, err
		}
		if message != "" {
			return &obstacle{reason: reasonConfig, message: message, container: container.Name}, nil
		}
	}
	return s.awaitedJob(pod)
}

// awaitedJob returns the init container that waits for a Job of migrations, as long as that has not completed: the Job's pod would have
// left a record in the database then, for which the container asks.
func (s *starts) awaitedJob(pod *corev1.Pod) (*obstacle, error) {
	for _, container := range pod.Spec.InitContainers {
		for _, variable := range container.Env {
			if variable.Name != "MIGRATIONS_JOB" {
				continue
			}
			job, err := s.jobs.Jobs(pod.Namespace).Get(variable.Value)
			if err != nil && !apierrors.IsNotFound(err) {
				return nil, err
			}
			if err == nil && slices.ContainsFunc(job.Status.Conditions, isComplete) {
				return nil, nil
			}
			return &obstacle{reason: reasonInitializing, container: container.Name, runs: true}, nil
		}
	}
	return nil, nil
}

func isComplete(condition batchv1.JobCondition) bool {
	return condition.Type == batchv1.JobComplete && condition.Status == corev1.ConditionTrue
}

func (s *starts) volumeObstacle(pod *corev1.Pod, volume corev1.Volume) (string, error) {
	if volume.PersistentVolumeClaim != nil {
		return s.attachedElsewhere(pod, volume.PersistentVolumeClaim.ClaimName)
	}
	message, err := s.missing(pod.Namespace, volumeReferences(volume))
	if message != "" {
		message = fmt.Sprintf("MountVolume.SetUp failed for volume %q: %s", volume.Name, message)
	}
	return message, err
}

// attachedElsewhere tells that a disk that only one node can have is with another node's pod still, also with a terminating one.
func (s *starts) attachedElsewhere(pod *corev1.Pod, claimName string) (string, error) {
	claim, err := s.claims.PersistentVolumeClaims(pod.Namespace).Get(claimName)
	if err != nil {
		return "", err // the scheduler has seen it: so will the cache
	}
	if !isForOneNode(claim) {
		return "", nil
	}
	others, err := s.pods.Pods(pod.Namespace).List(labels.Everything())
	if err != nil {
		return "", err
	}
	for _, other := range others {
		if other.Spec.NodeName != pod.Spec.NodeName && s.hasStarted(other) && !hasEnded(other) && mounts(other, claimName) {
			return fmt.Sprintf("Multi-Attach error for volume %q: it is used by pod %s on node %s",
				claim.Spec.VolumeName, other.Name, other.Spec.NodeName), nil
		}
	}
	return "", nil
}

func hasEnded(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

func mounts(pod *corev1.Pod, claimName string) bool {
	return slices.ContainsFunc(pod.Spec.Volumes, func(volume corev1.Volume) bool {
		return volume.PersistentVolumeClaim != nil && volume.PersistentVolumeClaim.ClaimName == claimName
	})
}

// missing describes the first object or key that is not there.
func (s *starts) missing(namespace string, references []reference) (string, error) {
	for _, reference := range references {
		if reference.optional != nil && *reference.optional {
			continue
		}
		has, err := s.keys(namespace, reference)
		if apierrors.IsNotFound(err) {
			return fmt.Sprintf("%s %q not found", reference.kind, reference.name), nil
		}
		if err != nil {
			return "", err
		}
		for _, key := range reference.keys {
			if !has[key] {
				return fmt.Sprintf("couldn't find key %s in %s %s/%s", key, reference.kind, namespace, reference.name), nil
			}
		}
	}
	return "", nil
}

// keys returns the keys of the object that the reference names.
func (s *starts) keys(namespace string, reference reference) (map[string]bool, error) {
	keys := map[string]bool{}
	if reference.kind == kindSecret {
		secret, err := s.secrets.Secrets(namespace).Get(reference.name)
		if err != nil {
			return nil, err
		}
		for key := range secret.Data {
			keys[key] = true
		}
		return keys, nil
	}
	configMap, err := s.configMaps.ConfigMaps(namespace).Get(reference.name)
	if err != nil {
		return nil, err
	}
	for key := range configMap.Data {
		keys[key] = true
	}
	for key := range configMap.BinaryData {
		keys[key] = true
	}
	return keys, nil
}
