package operate

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/exec"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

// requestSeconds is how long a server may take.
const requestSeconds = 5

// requestCommands send a request. None needs a shell, which not every image has.
func requestCommands(r *diagnosis.Request) [][]string {
	limit := strconv.Itoa(requestSeconds)
	curl := []string{"curl", "-fsS", "-m", limit, "-o", "/dev/null"}
	// GNU Wget retries 20 times by default, and says nothing with -q. BusyBox accepts both flags, and ignores them.
	wget := []string{"wget", "-nv", "-t", "1", "-T", limit, "-O", "/dev/null"}
	for _, h := range r.Headers {
		field := h.Name + ": " + h.Value
		wget = append(wget, "--header="+field)
		if h.Value == "" {
			field = h.Name + ";" // With a colon, curl would leave the header out.
		}
		curl = append(curl, "-H", field)
	}
	return [][]string{append(curl, r.URL), append(wget, r.URL)}
}

// backends sends the requests that clients depend on, from their pods.
func (v *verifier) backends(ctx context.Context, state *diagnosis.State) (diagnosis.Result, error) {
	requests, err := diagnosis.Requests(v.declared)
	if err != nil {
		return diagnosis.Result{}, err
	}
	failed := false
	for i := range requests {
		r := &requests[i]
		if r.Pod = state.ReadyPod(r.Client); r.Pod == nil {
			r.NotSent = "no pod of " + r.Client + " is ready"
			continue
		}
		if err := v.send(ctx, r); err != nil {
			return diagnosis.Result{}, err
		}
		failed = failed || r.Failure != nil
	}
	network := &diagnosis.Network{Place: diagnosis.PlaceOfDNS(v.declared)}
	if failed {
		if err := v.readNetwork(ctx, network); err != nil {
			return diagnosis.Result{}, err
		}
	}
	return diagnosis.Backends(state, requests, network)
}

// send sends a request from the pod's first container, or else from one that is added.
func (v *verifier) send(ctx context.Context, r *diagnosis.Request) error {
	container := r.Pod.Spec.Containers[0]
	sent, err := v.sendFrom(ctx, r, container.Name)
	if sent || err != nil {
		return err
	}
	if v.debugImage == "" {
		r.NotSent = fmt.Sprintf("container %s of %s has neither curl nor wget: --debug-image=IMAGE adds a container that has", container.Name, r.Client)
		return nil
	}
	added, why, err := v.debugContainer(ctx, r.Pod)
	if err != nil || why != "" {
		r.NotSent = why
		return err
	}
	sent, err = v.sendFrom(ctx, r, added)
	if !sent && err == nil {
		r.NotSent = fmt.Sprintf("--debug-image=%s has neither curl nor wget", v.debugImage)
	}
	return err
}

// sendFrom reports whether there was a program to send the request with, or the reason is known why there cannot be.
func (v *verifier) sendFrom(ctx context.Context, r *diagnosis.Request, container string) (bool, error) {
	name := types.NamespacedName{Namespace: r.Pod.Namespace, Name: r.Pod.Name}
	for _, command := range requestCommands(r) {
		_, err := v.executor.Exec(ctx, name, container, command)
		var ended exec.ExitError
		switch {
		case err == nil:
			return true, nil
		case ctx.Err() != nil:
			return false, ctx.Err()
		case isMissing(err):
			continue
		case errors.As(err, &ended):
			r.Failure = diagnosis.NewFailure(err.Error())
			return true, nil
		case isDenied(err):
			r.NotSent = fmt.Sprintf("you may not run commands in pods of %s (create pods/exec)", r.Client)
			return true, nil
		case ExitCode(explain(err)) != ExitError:
			return false, err
		}
		r.NotSent = fmt.Sprintf("cannot run %s in container %s of pod %s: %v", command[0], container, r.Pod.Name, err)
		return true, nil
	}
	return false, nil
}

// missingProgram is what runc ("executable file not found in $PATH"), crun ("executable file `curl` not found in $PATH") and Kata ("the file
// curl was not found") say, in what a kubelet answers.
var missingProgram = regexp.MustCompile(`executable file .*not found in \$PATH|error executing command in container: .*(no such file or directory|was not found)`)

// isMissing tells a program that is not in the image from one that fails. Runtimes that start a process for each command, as cri-o and Docker
// do, end with the exit codes of a shell for what cannot be executed. Neither curl nor wget has these.
func isMissing(err error) bool {
	var ended exec.ExitError
	if errors.As(err, &ended) && (ended.ExitStatus() == 126 || ended.ExitStatus() == 127) {
		return true
	}
	return missingProgram.MatchString(err.Error())
}

// readNetwork reads what decides whether a connection is possible.
func (v *verifier) readNetwork(ctx context.Context, n *diagnosis.Network) error {
	policies := []unstructured.Unstructured{}
	for _, namespace := range v.namespaces {
		list, err := v.objects.Resource(networkingv1.SchemeGroupVersion.WithResource("networkpolicies")).Namespace(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			policies = nil
			if err := v.optional("networkpolicies", err); err != nil {
				return err
			}
			break
		}
		policies = append(policies, list.Items...)
	}
	n.Policies = policies
	namespaces := v.namespaces
	if n.Place.Namespace != "" {
		namespaces = append([]string{n.Place.Namespace}, namespaces...)
	}
	for _, namespace := range namespaces {
		found, err := v.objects.Resource(corev1.SchemeGroupVersion.WithResource("namespaces")).Get(ctx, namespace, metav1.GetOptions{})
		if err == nil {
			n.Namespaces = append(n.Namespaces, *found)
		}
		if err := v.optional("namespaces", err); err != nil {
			return err
		}
	}
	if n.Place.Namespace == "" {
		return nil
	}
	dns, err := v.readDNS(ctx, n.Place)
	n.DNS = dns
	return v.optional("services, pods and endpointslices in namespace "+n.Place.Namespace, err)
}

// readDNS reads what the cluster's DNS consists of.
func (v *verifier) readDNS(ctx context.Context, place diagnosis.DNSPlace) (*diagnosis.DNS, error) {
	services, err := listIn[corev1.Service](ctx, v, corev1.SchemeGroupVersion.WithResource("services"), place.Namespace)
	if err != nil {
		return nil, err
	}
	found := &diagnosis.DNS{}
	for i := range services {
		if found.Service == nil && place.Leads(&services[i]) {
			found.Service = &services[i]
		}
	}
	if found.Service == nil {
		return found, nil
	}
	pods, err := listIn[corev1.Pod](ctx, v, corev1.SchemeGroupVersion.WithResource("pods"), place.Namespace)
	if err != nil {
		return nil, err
	}
	for _, pod := range pods {
		if labels.SelectorFromSet(found.Service.Spec.Selector).Matches(labels.Set(pod.Labels)) {
			found.Pods = append(found.Pods, pod)
		}
	}
	found.EndpointSlices, err = listIn[discoveryv1.EndpointSlice](ctx, v, discoveryv1.SchemeGroupVersion.WithResource("endpointslices"), place.Namespace)
	return found, err
}
