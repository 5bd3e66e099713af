package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kwok/pkg/apis/v1alpha1"
)

// failingRegistry begins the images with which containers do not start.
const failingRegistry = "failing.example/"

// failure is what kubelet says of a container with an image. The files named are Kubernetes 1.35's, below pkg/kubelet.
type failure struct {
	image string
	state corev1.ContainerState
	last  corev1.ContainerState
}

func failures() []failure {
	pulling := func(name, answer string) failure {
		image := failingRegistry + name
		// images/image_manager.go; the answer is containerd's: core/remotes/docker/resolver.go.
		message := fmt.Sprintf("Back-off pulling image %q: ErrImagePull: failed to pull and unpack image %q: failed to resolve reference %q: %s", image, image, image, answer)
		return waiting(image, "ImagePullBackOff", message)
	}
	return []failure{
		pulling("not-found:1", failingRegistry+"not-found:1: not found"),
		pulling("private:1", "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"),
		// images/image_manager.go, and util/parsers/parsers.go.
		waiting(failingRegistry+"Capital:1", "InvalidImageName", `Failed to apply default image tag "`+failingRegistry+`Capital:1": couldn't parse image name "`+
			failingRegistry+`Capital:1": invalid reference format: repository name (Capital) must be lowercase`),
		// kuberuntime/security_context_others.go, verifyRunAsNonRoot.
		waiting(failingRegistry+"root:1", "CreateContainerConfigError", `container has runAsNonRoot and image will run as root (pod: "POD", container: CONTAINER)`),
		crashing("crash:1", corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error", Message: "listen tcp :8000: bind: address already in use"}),
		// kuberuntime/kuberuntime_container.go takes the reason from the runtime: containerd's internal/cri/server/events.go.
		crashing("out-of-memory:1", corev1.ContainerStateTerminated{ExitCode: 137, Reason: "OOMKilled"}),
	}
}

func waiting(image, reason, message string) failure {
	return failure{image: image, state: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}
}

// crashing has been restarted some times: kuberuntime/kuberuntime_manager.go, doBackOff.
func crashing(image string, last corev1.ContainerStateTerminated) failure {
	f := waiting(failingRegistry+image, "CrashLoopBackOff", "back-off 40s restarting failed container=CONTAINER pod=POD")
	f.last.Terminated = &last
	return f
}

// failingStatus is a template of kwok's, but for the containers that fail.
//
//go:embed failing.tmpl
var failingStatus string

// failing gives pods of which a container has one of the images the status that kubelet does: status/generate.go.
func failing() v1alpha1.Stage {
	var containers strings.Builder
	for _, f := range failures() {
		fmt.Fprintf(&containers, "{{ else if eq .image %q }}\n  ready: false\n  started: false\n  restartCount: 3\n  state: %s\n  lastState: %s\n",
			f.image, encode(f.state), encode(f.last))
	}
	stage := v1alpha1.Stage{Spec: v1alpha1.StageSpec{
		ResourceRef: v1alpha1.StageResourceRef{APIGroup: "v1", Kind: "Pod"},
		Selector: &v1alpha1.StageSelector{MatchExpressions: []v1alpha1.MatchExpression{
			exists(".metadata.deletionTimestamp", false), exists(".status.podIP", false), exists(failingImage, true),
		}},
		Next: v1alpha1.StageNext{StatusTemplate: strings.Replace(failingStatus, "CONTAINERS\n", containers.String(), 1)},
	}}
	stage.APIVersion, stage.Kind, stage.Name = v1alpha1.GroupVersion.String(), v1alpha1.StageKind, "pod-failing"
	return stage
}

func encode(state corev1.ContainerState) string {
	encoded, err := json.Marshal(state)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

// failingImage is found in pods of which a container does not start.
const failingImage = `.spec.containers[] | select( .image | startswith("` + failingRegistry + `") ) | .image`

func exists(key string, does bool) v1alpha1.MatchExpression {
	operator := v1alpha1.SelectorOpDoesNotExist
	if does {
		operator = v1alpha1.SelectorOpExists
	}
	return v1alpha1.MatchExpression{JQ: &v1alpha1.SelectorJQ{Key: key, Operator: operator}}
}
