package operate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"
)

const (
	// debugPatience is for pulling the image, and shorter than defaultTimeout.
	debugPatience = 40 * time.Second

	// debugLife is how long an added container runs if there is no --timeout.
	debugLife = time.Hour

	// nobody is the user of an added container if its pod names none.
	nobody = 65534
)

// debugContainer adds a container to a pod, as "kubectl debug" does, unless it has done so before. It waits until the container runs, or says
// why it does not. The container does nothing: requests are sent from it as from any other, again and again with --wait.
func (v *verifier) debugContainer(ctx context.Context, pod *corev1.Pod) (name, why string, err error) {
	name, added := v.debugged[pod.UID]
	if !added {
		name = "debug-" + rand.String(5)
		if _, err := fmt.Fprintf(v.stderr, "adding container %s with image %s to pod %s/%s (context %s): it stays until the pod is replaced\n",
			name, v.debugImage, pod.Namespace, pod.Name, v.context); err != nil {
			return "", "", err
		}
		if why, err := v.addDebugContainer(ctx, pod, name); why != "" || err != nil {
			return "", why, err
		}
		v.debugged[pod.UID] = name
	}
	v.note(fmt.Sprintf("container %s stays in pod %s/%s until it is replaced", name, pod.Namespace, pod.Name))
	why, err = v.awaitDebugContainer(ctx, pod, name)
	return name, why, err
}

// awaitDebugContainer waits until a container runs, or says why it does not. A reason that kubelet gives stays, or comes back.
func (v *verifier) awaitDebugContainer(ctx context.Context, pod *corev1.Pod, name string) (why string, err error) {
	for limit := time.Now().Add(debugPatience); ; {
		running, reason, err := v.debugState(ctx, pod, name)
		switch {
		case running || err != nil:
			return "", err
		case reason != "":
			return fmt.Sprintf("container %s of pod %s does not run: %s", name, pod.Name, reason), nil
		case time.Now().After(limit):
			return fmt.Sprintf("container %s of pod %s does not run after %s", name, pod.Name, debugPatience), nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(waitInterval):
		}
	}
}

// addDebugContainer returns why admission refuses it.
func (v *verifier) addDebugContainer(ctx context.Context, pod *corev1.Pod, name string) (string, error) {
	type object = map[string]any
	patch, err := json.Marshal(object{"spec": object{"ephemeralContainers": []corev1.EphemeralContainer{v.newDebugContainer(ctx, pod, name)}}})
	if err != nil {
		return "", err
	}
	_, err = v.objects.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace(pod.Namespace).
		Patch(ctx, pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "ephemeralcontainers")
	if err != nil && !isDenied(err) && ExitCode(explain(err)) == ExitError && ctx.Err() == nil {
		return "cannot add a container: " + err.Error(), nil
	}
	return "", err
}

// newDebugContainer is one that the Pod Security Standard "restricted" admits. It must not have resources: the API server refuses these.
func (v *verifier) newDebugContainer(ctx context.Context, pod *corev1.Pod, name string) corev1.EphemeralContainer {
	yes, no, user := true, false, int64(nobody)
	for _, known := range []*int64{podUser(pod), containerUser(pod)} {
		if known != nil {
			user = *known
		}
	}
	life := debugLife
	if deadline, limited := ctx.Deadline(); limited {
		life = time.Until(deadline)
	}
	return corev1.EphemeralContainer{EphemeralContainerCommon: corev1.EphemeralContainerCommon{
		Name:                     name,
		Image:                    v.debugImage,
		Command:                  []string{"sleep", strconv.Itoa(int(life.Seconds()) + 1)},
		TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
		SecurityContext: &corev1.SecurityContext{
			RunAsNonRoot: &yes, RunAsUser: &user, AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes,
			Capabilities:   &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
	}}
}

func podUser(pod *corev1.Pod) *int64 {
	if pod.Spec.SecurityContext == nil {
		return nil
	}
	return pod.Spec.SecurityContext.RunAsUser
}

func containerUser(pod *corev1.Pod) *int64 {
	if context := pod.Spec.Containers[0].SecurityContext; context != nil {
		return context.RunAsUser
	}
	return nil
}

// debugState reports whether a container runs, and otherwise why it will not.
func (v *verifier) debugState(ctx context.Context, pod *corev1.Pod, name string) (running bool, reason string, err error) {
	found, err := v.objects.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace(pod.Namespace).Get(ctx, pod.Name, metav1.GetOptions{})
	if err != nil {
		return false, "", err
	}
	var live corev1.Pod
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(found.Object, &live); err != nil {
		return false, "", err
	}
	i := slices.IndexFunc(live.Status.EphemeralContainerStatuses, func(s corev1.ContainerStatus) bool { return s.Name == name })
	if i < 0 {
		return false, "", nil
	}
	switch state := live.Status.EphemeralContainerStatuses[i].State; {
	case state.Terminated != nil:
		return false, fmt.Sprintf("%s, exit code %d: %s", state.Terminated.Reason, state.Terminated.ExitCode, state.Terminated.Message), nil
	case state.Waiting != nil && state.Waiting.Reason != "ContainerCreating" && state.Waiting.Reason != "PodInitializing":
		return false, state.Waiting.Reason + ": " + state.Waiting.Message, nil
	default:
		return state.Running != nil, "", nil
	}
}
