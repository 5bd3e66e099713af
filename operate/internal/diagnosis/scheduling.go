package diagnosis

import (
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// unscheduled says why a pod has no node. The scheduler names the claims that do not bind only in general, so they are looked at.
func (s *State) unscheduled(pod *corev1.Pod) problem {
	scheduled := condition(pod, corev1.PodScheduled)
	if scheduled.Type == "" {
		return problem{
			cause:  "no scheduler has looked at it: its schedulerName is " + pod.Spec.SchedulerName,
			advice: wait + "; if that does not help, see whether the scheduler works: kubectl -n kube-system get pods",
		}
	}
	for _, volume := range pod.Spec.Volumes {
		if name := claimOf(pod, volume); name != "" {
			if p := s.claim(pod.Namespace, name); p != nil {
				return *p
			}
		}
	}
	message := scheduling(scheduled.Message)
	return problem{cause: "cannot be scheduled: " + message, advice: scheduleAdvice(pod, message)}
}

// claimOf is the name of the claim that a volume is, or empty.
func claimOf(pod *corev1.Pod, volume corev1.Volume) string {
	switch {
	case volume.PersistentVolumeClaim != nil:
		return volume.PersistentVolumeClaim.ClaimName
	case volume.Ephemeral != nil:
		return pod.Name + "-" + volume.Name
	}
	return ""
}

// preemption is what the scheduler says about other pods that it could evict. It follows the reasons: scheduler/framework/types.go,
// FitError.
var preemption = regexp.MustCompile(`[.,]? *(no new claims to deallocate|preemption:).*$`)

func scheduling(message string) string {
	return strings.TrimSuffix(preemption.ReplaceAllString(oneLine(message), ""), ".")
}

// scheduleAdvice follows the reasons of the scheduler's plugins: scheduler/framework/plugins/*, ErrReason….
func scheduleAdvice(pod *corev1.Pod, message string) string {
	switch {
	case strings.Contains(message, "node affinity/selector"):
		wants := "its nodeSelector or affinity"
		if len(pod.Spec.NodeSelector) > 0 {
			wants = "nodeSelector " + pairs(pod.Spec.NodeSelector)
			if affinity := pod.Spec.Affinity; affinity != nil && affinity.NodeAffinity != nil {
				wants += " or the node affinity"
			}
		}
		return fmt.Sprintf("label a node, or change %s: kubectl get nodes --show-labels", wants)
	case strings.Contains(message, "untolerated taint"):
		return "add a toleration, or a node without the taint: kubectl get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints"
	case strings.Contains(message, "Insufficient "):
		return fmt.Sprintf("add a node, or lower the requests (%s): kubectl describe nodes", requests(pod))
	case strings.Contains(message, "unschedulable"):
		return "uncordon a node: kubectl get nodes"
	case strings.Contains(message, "topology spread"), strings.Contains(message, "anti-affinity"):
		return "add nodes in other zones, or lower the replicas: kubectl get nodes -L topology.kubernetes.io/zone"
	case strings.Contains(message, "pod affinity rules"):
		return fmt.Sprintf("see whether the pods run that it must be near: kubectl -n %s get pod %s -o jsonpath={.spec.affinity.podAffinity}; kubectl get pods -A -o wide --show-labels", pod.Namespace, pod.Name)
	case strings.Contains(message, "volume"):
		return fmt.Sprintf("see the pod's volumes: kubectl -n %s get pvc; kubectl get pv", pod.Namespace)
	}
	return fmt.Sprintf("see its events: kubectl -n %s describe pod %s", pod.Namespace, pod.Name)
}

// requests are what the scheduler finds room for: what the containers and sidecars request together, or what an init container and
// the sidecars before it do, whichever is more.
// https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
func requests(pod *corev1.Pod) string {
	running, most := corev1.ResourceList{}, corev1.ResourceList{}
	for _, container := range pod.Spec.InitContainers {
		needed := plus(running, container.Resources.Requests)
		raise(most, needed)
		if always := container.RestartPolicy; always != nil && *always == corev1.ContainerRestartPolicyAlways {
			running = needed
		}
	}
	for _, container := range pod.Spec.Containers {
		running = plus(running, container.Resources.Requests)
	}
	raise(most, running)
	text := map[string]string{}
	for name, quantity := range most {
		text[string(name)] = quantity.String()
	}
	return pairs(text)
}

func plus(a, b corev1.ResourceList) corev1.ResourceList {
	sum := a.DeepCopy()
	for name, quantity := range b {
		total := sum[name]
		total.Add(quantity)
		sum[name] = total
	}
	return sum
}

func raise(most, to corev1.ResourceList) {
	for name, quantity := range to {
		if former, known := most[name]; !known || former.Cmp(quantity) < 0 {
			most[name] = quantity
		}
	}
}
