package diagnosis

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// containers say what is wrong with the containers of a pod that has a node: what they wait for, or the first that does not work.
func (s *State) containers(pod *corev1.Pod) []problem {
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		c := container{s, pod, status}
		if p := c.problems(); len(p) > 0 {
			return p
		}
	}
	if p := s.mounts(pod); len(p) > 0 {
		return p
	}
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		c := container{s, pod, status}
		if !c.keepsRunning() {
			continue
		}
		if p := c.probes(); p != nil {
			return []problem{*p}
		}
		if last := status.LastTerminationState.Terminated; last != nil && !status.Ready {
			return c.crashed(last)
		}
	}
	return nil
}

// container is one of a pod.
type container struct {
	*State
	pod    *corev1.Pod
	status corev1.ContainerStatus
}

func (c container) problem(cause, advice string) []problem {
	return []problem{{cause: fmt.Sprintf("container %s: %s", c.status.Name, oneLine(cause)), advice: advice}}
}

// problems follow the reason for which the container waits: kubelet/container/sync_result.go and kubelet/images/types.go.
func (c container) problems() []problem {
	waiting := c.status.State.Waiting
	if waiting == nil {
		if c.status.State.Terminated != nil && c.status.State.Terminated.ExitCode != 0 {
			return c.crashed(c.status.State.Terminated)
		}
		return nil
	}
	switch waiting.Reason {
	case "", "ContainerCreating", "PodInitializing": // Nothing is wrong with this one.
		return nil
	case "CreateContainerConfigError":
		if p := c.absent(c.pod); len(p) > 0 {
			return p
		}
		return c.misconfigured(waiting.Message)
	case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed":
		return c.image(waiting)
	case "CrashLoopBackOff":
		if c.status.LastTerminationState.Terminated != nil {
			return c.crashed(c.status.LastTerminationState.Terminated)
		}
	}
	return c.problem("cannot start: "+waiting.Reason+": "+waiting.Message, c.describe())
}

// misconfigured is what cannot be found by looking at what the pod refers to: it is there by now, the user may not look at it, or the
// error is another one, such as of kubelet/kuberuntime/security_context_others.go.
func (c container) misconfigured(message string) []problem {
	missing := strings.Contains(message, "not found") || strings.Contains(message, "couldn't find key")
	switch {
	case strings.Contains(message, "non-root") || strings.Contains(message, "runAsNonRoot"):
		message, _, _ = strings.Cut(message, " (pod: ")
		return c.problem(fmt.Sprintf("image %q: %s", c.declared().Image, message), "set runAsUser in the securityContext, or a numeric USER in the image, and apply the manifests: "+c.applying())
	case missing && c.allKnown(c.pod):
		return c.problem(message+", but it is there now", wait+": the kubelet tries again within two minutes")
	case missing && strings.HasPrefix(message, "secret"), missing && strings.Contains(message, " in Secret "):
		return c.problem(message, fmt.Sprintf("create it%s, and see what is there: kubectl -n %s get secrets", c.help(message), c.pod.Namespace))
	}
	return c.problem(message, c.describe())
}

// help names the document about the Secret, if kubelet's message is about that one.
func (c container) help(message string) string {
	own := c.OwnSecret
	is := strings.Contains(message, fmt.Sprintf("%q", own.Name)) || strings.HasSuffix(message, own.Namespace+"/"+own.Name)
	if c.SecretHelp == "" || c.pod.Namespace != own.Namespace || !is {
		return ""
	}
	return " as " + c.SecretHelp + " says"
}

func (c container) describe() string {
	return fmt.Sprintf("see its events: kubectl -n %s describe pod %s", c.pod.Namespace, c.pod.Name)
}

// image says why an image is not there. Until Kubernetes 1.30 the message of ImagePullBackOff lacks the registry's answer.
func (c container) image(waiting *corev1.ContainerStateWaiting) []problem {
	message := waiting.Message
	if waiting.Reason == "ImagePullBackOff" && !strings.Contains(message, ": ") {
		if event := c.event(aboutContainer(c.pod, c.status.Name), "Failed"); event != nil && strings.HasPrefix(event.Message, "Failed to pull image") {
			message = event.Message
		}
	}
	message = pulling.ReplaceAllString(message, "")
	image := c.declared().Image
	return c.problem(fmt.Sprintf("image %q: %s: %s", image, waiting.Reason, message), c.imageAdvice(image, waiting.Reason, message))
}

// pulling is what kubelet writes before the answer: kubelet/images/image_manager.go.
var pulling = regexp.MustCompile(`^(Back-off pulling image "[^"]*": |Failed to pull image "[^"]*": |ErrImagePull: |rpc error: code = \w+ desc = )+`)

// imageAdvice follows what containerd and registries answer.
func (c container) imageAdvice(image, reason, message string) string {
	contains := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(message, part) })
	}
	switch {
	case reason == "InvalidImageName":
		return "correct the name of the image in the manifests, and apply them: " + c.applying()
	case reason == "ErrImageNeverPull":
		return "load the image onto the node, or set another imagePullPolicy"
	case contains("denied", "unauthorized", "authorization", "403 Forbidden", "401 Unauthorized"):
		return fmt.Sprintf("check that %s exists, and %s", image, c.pullSecret())
	case contains("not found", "manifest unknown"):
		return fmt.Sprintf("push %s, or correct its name or tag in the manifests: docker manifest inspect %s", image, image)
	case contains("toomanyrequests", "429"):
		return "log in to the registry, or mirror the image: " + c.pullSecret()
	case contains("no such host", "i/o timeout", "connection refused", "x509", "TLS handshake"):
		return fmt.Sprintf("check that node %s can reach the registry of %s, and trusts its certificate", c.pod.Spec.NodeName, image)
	}
	return c.describe()
}

func (c container) pullSecret() string {
	if len(c.pod.Spec.ImagePullSecrets) == 0 {
		return "if its registry is private, give the pods a pull secret, as they have none: kubectl -n " + c.pod.Namespace + " create secret docker-registry --help"
	}
	var names []string
	for _, secret := range c.pod.Spec.ImagePullSecrets {
		names = append(names, secret.Name)
	}
	return fmt.Sprintf("that pull secret %s may read it: kubectl -n %s get secret %s", strings.Join(names, ", "), c.pod.Namespace, strings.Join(names, " "))
}

// declared is the container's specification.
func (c container) declared() corev1.Container {
	for _, declared := range slices.Concat(c.pod.Spec.InitContainers, c.pod.Spec.Containers) {
		if declared.Name == c.status.Name {
			return declared
		}
	}
	return corev1.Container{}
}

// keepsRunning leaves out init containers that end. Sidecars among them have probes.
func (c container) keepsRunning() bool {
	for _, declared := range c.pod.Spec.InitContainers {
		if declared.Name == c.status.Name {
			return declared.RestartPolicy != nil && *declared.RestartPolicy == corev1.ContainerRestartPolicyAlways
		}
	}
	return true
}

// crashed says how a container ended that is started again and again.
func (c container) crashed(last *corev1.ContainerStateTerminated) []problem {
	logs := c.logs()
	if c.status.State.Terminated != last {
		logs += " --previous"
	}
	cause := fmt.Sprintf("exits with code %d (%s)", last.ExitCode, last.Reason)
	if last.Message != "" {
		cause += ": " + last.Message
	}
	killed := c.event(aboutContainer(c.pod, c.status.Name), "Killing")
	switch {
	case last.Reason == "OOMKilled":
		return c.problem(outOfMemory(c.declared()), "raise the memory limit, or find what uses it: "+logs)
	case killed != nil && strings.Contains(killed.Message, "probe") && !lastSeen(killed).Before(last.StartedAt.Time):
		// "Container x failed liveness probe, will be restarted": kubelet/kuberuntime/kuberuntime_manager.go.
		if p := c.probes(); p != nil {
			return []problem{*p}
		}
		cause = killed.Message
	}
	return c.problem(cause, "read its log: "+logs)
}

func outOfMemory(declared corev1.Container) string {
	limit, exists := declared.Resources.Limits[corev1.ResourceMemory]
	if !exists {
		return "killed because its pod or node ran out of memory (OOMKilled): it has no memory limit of its own"
	}
	return fmt.Sprintf("killed because it used more memory than its limit of %s (OOMKilled)", limit.String())
}

// logs is the command that prints them.
func (c container) logs() string {
	return fmt.Sprintf("kubectl -n %s logs %s -c %s", c.pod.Namespace, c.pod.Name, c.status.Name)
}

// mounts say why a pod's volumes are not there. kubelet writes that only in events: kubelet/volumemanager and volume/util.
func (s *State) mounts(pod *corev1.Pod) []problem {
	if !creating(pod) {
		return nil
	}
	if p := s.absent(pod); len(p) > 0 {
		return p
	}
	event := s.event(about(pod.UID), "FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox")
	if event == nil {
		return nil
	}
	return []problem{{
		cause:  oneLine(fmt.Sprintf("cannot start on node %s: %s: %s", pod.Spec.NodeName, event.Reason, event.Message)),
		advice: fmt.Sprintf("see the pod's volumes and events: kubectl -n %s describe pod %s", pod.Namespace, pod.Name),
	}}
}

// creating reports whether a container waits for what the whole pod needs.
func creating(pod *corev1.Pod) bool {
	return slices.ContainsFunc(slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses), func(status corev1.ContainerStatus) bool {
		waiting := status.State.Waiting
		return waiting != nil && (waiting.Reason == "ContainerCreating" || waiting.Reason == "PodInitializing")
	})
}
