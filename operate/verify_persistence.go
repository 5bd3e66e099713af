package operate

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/ai-platform/manifests/operate/internal/connectivity"
	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

// persistenceStep is the name of a step that is carried out once, after all others.
const persistenceStep = "persistence"

// removalPatience is how long a command that was interrupted tries to remove its marker.
const removalPatience = 10 * time.Second

// persistence finds out whether a database keeps its data when its pod is replaced.
type persistence struct {
	*verifier
	Persistence
	namespace string
	marker    string
}

// persist adds the step to those that were carried out, also if it returns an error.
func (v *verifier) persist(ctx context.Context, found *verification, yes bool) error {
	began := time.Now()
	result, failure := v.persistence(ctx, found, yes)
	if failure != nil {
		result = diagnosis.Result{NotChecked: true, Summary: whyUnfinished(ctx, failure)}
	}
	done := step{Name: persistenceStep, Result: resultOf(result), Summary: result.Summary, Seconds: time.Since(began).Seconds(), Findings: []diagnosis.Finding{}}
	for _, f := range result.Findings {
		f.Advice = strings.ReplaceAll(f.Advice, "kubectl ", "kubectl"+v.flags+" ")
		done.Findings = append(done.Findings, f)
	}
	found.Steps = append(found.Steps, done)
	found.Passed = found.Passed && done.Result != failed
	return failure
}

// whyUnfinished is one line.
func whyUnfinished(ctx context.Context, err error) string {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "no result in time"
	case ctx.Err() != nil:
		return "interrupted"
	}
	return strings.ReplaceAll(explain(err).Error(), "\n", "; ")
}

func (v *verifier) persistence(ctx context.Context, found *verification, yes bool) (diagnosis.Result, error) {
	if !found.Passed {
		return diagnosis.Result{NotChecked: true, Summary: "fix the steps above first"}, nil
	}
	p := &persistence{verifier: v, Persistence: *v.environment.Persistence, marker: "m" + rand.String(12)}
	i := slices.IndexFunc(v.declared, func(o *unstructured.Unstructured) bool {
		return o.GetKind() == "Deployment" && o.GetName() == p.Deployment
	})
	if i < 0 {
		return diagnosis.Result{}, fmt.Errorf("Deployment %s is not among the manifests", p.Deployment) //nolint:staticcheck // A kind is capitalized.
	}
	p.namespace = v.declared[i].GetNamespace()
	state, err := p.pods(ctx)
	if err != nil {
		return diagnosis.Result{}, err
	}
	pod := state.ReadyPod(p.name())
	refused, refusal, err := p.refuses(ctx, state, pod)
	if refused || err != nil {
		return refusal, err
	}
	return p.replace(ctx, pod, yes)
}

// replace says whom it would interrupt, or does it.
func (p *persistence) replace(ctx context.Context, pod *corev1.Pod, yes bool) (diagnosis.Result, error) {
	interrupts, err := p.interrupts(pod)
	if err != nil {
		return diagnosis.Result{}, err
	}
	if !yes {
		return diagnosis.Result{NotChecked: true, Summary: interrupts + ": --yes does it"}, nil
	}
	err = errors.Join(p.requireAllowed(ctx, p.namespace, "create", "pods", "exec"), p.requireAllowed(ctx, p.namespace, "delete", "pods", ""))
	if err != nil {
		return diagnosis.Result{}, err
	}
	if _, err := fmt.Fprintf(p.stderr, "%s (context %s)\n", interrupts, p.context); err != nil {
		return diagnosis.Result{}, err
	}
	return p.try(ctx, pod)
}

// refuses reports whether the pod must not be deleted, and why.
func (p *persistence) refuses(ctx context.Context, state *diagnosis.State, pod *corev1.Pod) (bool, diagnosis.Result, error) {
	if pod == nil {
		return true, diagnosis.Result{NotChecked: true, Summary: "no pod of " + p.name() + " is ready"}, nil
	}
	if pods := p.podsOf(state); pods != 1 {
		why := fmt.Sprintf("%s has %d pods, and the marker could be read from one that was not replaced: it can be checked with one pod only", p.name(), pods)
		return true, diagnosis.Result{NotChecked: true, Summary: why}, nil
	}
	claims, err := listIn[corev1.PersistentVolumeClaim](ctx, p.verifier, corev1.SchemeGroupVersion.WithResource("persistentvolumeclaims"), p.namespace)
	if err != nil {
		return false, diagnosis.Result{}, err
	}
	state.Claims = claims
	found := state.Unkept(pod)
	if !diagnosis.OnClaim(pod, p.Container) {
		found = append(found, p.finding("container "+p.Container+": its data is not on a claim: "+diagnosis.Mounts(pod, p.Container)))
	}
	return len(found) > 0, diagnosis.Result{Summary: "without pod " + pod.Name + " its data would be lost: nothing was changed", Findings: found}, nil
}

// podsOf is how many pods the Deployment has or wants.
func (p *persistence) podsOf(state *diagnosis.State) int {
	pods := len(state.PodsOf(p.name()))
	for _, d := range state.Deployments {
		if d.Name == p.Deployment && d.Spec.Replicas != nil {
			pods = max(pods, int(*d.Spec.Replicas))
		}
	}
	return pods
}

func (p *persistence) name() string {
	return fmt.Sprintf("Deployment %s/%s", p.namespace, p.Deployment)
}

// interrupts says what the step interrupts: the pod, and whoever connects to the container's ports.
func (p *persistence) interrupts(pod *corev1.Pod) (string, error) {
	objects := make([]unstructured.Unstructured, len(p.declared))
	for i, o := range p.declared {
		objects[i] = *o
	}
	graph, err := connectivity.New(objects)
	if err != nil {
		return "", err
	}
	clients := graph.ClientsOf("Deployment", p.namespace, p.Deployment, portsOf(pod, p.Container))
	text := fmt.Sprintf("deletes pod %s of %s", pod.Name, p.name())
	if len(clients) > 0 {
		text += ", and interrupts " + strings.Join(clients, ", ")
	}
	return text, nil
}

func portsOf(pod *corev1.Pod, container string) []int32 {
	var ports []int32
	for _, c := range pod.Spec.Containers {
		if c.Name != container {
			continue
		}
		for _, port := range c.Ports {
			ports = append(ports, port.ContainerPort)
		}
	}
	return ports
}

// try writes the marker, has the pod replaced, and looks for the marker. It leaves none.
func (p *persistence) try(ctx context.Context, former *corev1.Pod) (diagnosis.Result, error) {
	signal.Ignore(syscall.SIGPIPE) // Whoever reads the output may end, and the marker must not stay.
	if _, err := p.run(ctx, former, p.Write); err != nil {
		return p.failed(ctx, "cannot write a marker", err)
	}
	if err := p.delete(ctx, former); err != nil {
		return p.failed(ctx, "cannot delete pod "+former.Name, err)
	}
	pod, err := p.await(ctx, former)
	if err != nil {
		return p.failed(ctx, "no other pod got ready after pod "+former.Name+" was deleted", err)
	}
	read, err := p.run(ctx, pod, p.Read)
	if err != nil {
		return p.failed(ctx, "cannot read the marker", err)
	}
	if strings.TrimSpace(read) != p.marker {
		p.clean(ctx)
		return p.lost(former), nil
	}
	if _, err := p.run(ctx, pod, p.Remove); err != nil {
		return p.failed(ctx, "cannot remove the marker", err)
	}
	return diagnosis.Result{Summary: fmt.Sprintf("a marker outlived pod %s of %s", former.Name, p.name())}, nil
}

func (p *persistence) run(ctx context.Context, pod *corev1.Pod, script string) (string, error) {
	name := types.NamespacedName{Namespace: pod.Namespace, Name: pod.Name}
	return p.executor.Exec(ctx, name, p.Container, []string{"sh", "-c", script, "sh", p.marker})
}

// delete deletes no other pod of the same name, and gives the database the time that it declares.
func (p *persistence) delete(ctx context.Context, pod *corev1.Pod) error {
	options := metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &pod.UID}}
	return p.objects.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace(pod.Namespace).Delete(ctx, pod.Name, options)
}

// await waits for another pod, and prints what it waits for.
func (p *persistence) await(ctx context.Context, former *corev1.Pod) (*corev1.Pod, error) {
	_, _ = fmt.Fprintf(p.stderr, "pod %s is deleted: waiting until another one is ready\n", former.Name)
	for began := time.Now(); ; {
		pod, err := p.readyPod(ctx)
		if err != nil {
			return nil, err
		}
		if pod != nil && pod.UID != former.UID {
			_, _ = fmt.Fprintf(p.stderr, "pod %s is ready after %s\n", pod.Name, time.Since(began).Round(time.Second))
			return pod, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(waitInterval):
		}
	}
}

// readyPod is a pod of the Deployment that is ready and not about to go, or nil.
func (p *persistence) readyPod(ctx context.Context) (*corev1.Pod, error) {
	state, err := p.pods(ctx)
	if err != nil {
		return nil, err
	}
	return state.ReadyPod(p.name()), nil
}

// pods reads those of the namespace, and whose they are.
func (p *persistence) pods(ctx context.Context) (state *diagnosis.State, err error) {
	state = &diagnosis.State{}
	if state.Deployments, err = listIn[appsv1.Deployment](ctx, p.verifier, appsv1.SchemeGroupVersion.WithResource("deployments"), p.namespace); err != nil {
		return nil, err
	}
	if state.ReplicaSets, err = listIn[appsv1.ReplicaSet](ctx, p.verifier, appsv1.SchemeGroupVersion.WithResource("replicasets"), p.namespace); err != nil {
		return nil, err
	}
	if state.Pods, err = listIn[corev1.Pod](ctx, p.verifier, corev1.SchemeGroupVersion.WithResource("pods"), p.namespace); err != nil {
		return nil, err
	}
	return state, nil
}

// failed removes the marker, and says what has failed. An interruption, or an error on the way to the API server, stays one.
func (p *persistence) failed(ctx context.Context, what string, err error) (diagnosis.Result, error) {
	p.clean(ctx)
	timeout := errors.Is(ctx.Err(), context.DeadlineExceeded)
	if !timeout && (ctx.Err() != nil || ExitCode(explain(err)) != ExitError) {
		return diagnosis.Result{}, err
	}
	advice := "see what its pods do: kubectl -n " + p.namespace + " get pods"
	if timeout {
		what, advice = what+": no result in time", advice+", or give it more time with --timeout"
	} else {
		what += ": " + err.Error()
	}
	return diagnosis.Result{
		Summary:  "the step could not be completed",
		Findings: []diagnosis.Finding{{Object: p.name(), Cause: what, Advice: advice}},
	}, nil
}

// clean removes the marker in a time of its own, or says how to.
func (p *persistence) clean(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removalPatience)
	defer cancel()
	for {
		pod, err := p.readyPod(ctx)
		if pod != nil && err == nil {
			if _, err = p.run(ctx, pod, p.Remove); err == nil {
				return
			}
		}
		select {
		case <-ctx.Done():
			// A failure to print leaves nothing to do.
			_, _ = fmt.Fprintf(p.stderr, "the marker may still be in the database: remove it with\n\n    kubectl%s -n %s exec deployment/%s -c %s -- sh -c %s sh %s\n",
				p.flags, p.namespace, p.Deployment, p.Container, quote(p.Remove), p.marker)
			return
		case <-time.After(waitInterval):
		}
	}
}

// lost says where the data was that went with the pod.
func (p *persistence) lost(pod *corev1.Pod) diagnosis.Result {
	return diagnosis.Result{
		Summary: "the data did not outlive the pod",
		Findings: []diagnosis.Finding{p.finding(fmt.Sprintf("a marker that was written to container %s is gone since pod %s was deleted: %s",
			p.Container, pod.Name, diagnosis.Mounts(pod, p.Container)))},
	}
}

// finding is about data that is not on a claim.
func (p *persistence) finding(cause string) diagnosis.Finding {
	return diagnosis.Finding{
		Object: p.name(), Cause: cause,
		Advice: fmt.Sprintf("put the database's data on a volume claim, and see its mounts: kubectl -n %s describe deployment %s", p.namespace, p.Deployment),
	}
}
