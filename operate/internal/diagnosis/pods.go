package diagnosis

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// problem is why a pod is not ready. An empty object is the workload that the pod belongs to.
type problem struct {
	object, cause, advice string

	needs string // What the pods need of the object.
}

// Pods says why pods of declared workloads are not ready.
func Pods(s *State) Result {
	var found findings
	var missing, notes []string
	live := s.workloads()
	total, ready, pods := 0, 0, int32(0)
	for _, declared := range s.Declared {
		if !isWorkload(declared.GetKind()) {
			continue
		}
		total++
		w, exists := live[nameOf(declared)]
		if !exists {
			missing = append(missing, nameOf(declared))
			continue
		}
		for _, f := range s.deletedClaims(w) {
			found.add(f)
		}
		problems := s.workload(w, declared)
		for _, p := range problems {
			found.add(p)
		}
		if len(problems) == 0 {
			ready++
			pods += w.ready
			notes = append(notes, w.heldBack()...)
		}
	}
	result := Result{Findings: append(s.missing(missing, total), found...), Notes: notes}
	result.Summary = fmt.Sprintf("%s, %s ready", plural(total, "workload"), plural(int(pods), "pod"))
	if len(result.Findings) > 0 {
		result.Summary = fmt.Sprintf("%d of %s ready", ready, plural(total, "workload"))
	}
	return result
}

// workload says why a workload has not all of its pods.
func (s *State) workload(w *workload, declared *unstructured.Unstructured) []Finding {
	if w.observed < w.Generation {
		return []Finding{{
			Object: w.name(), Cause: fmt.Sprintf("its controller has not seen its last change: generation %d, observed %d", w.Generation, w.observed),
			Advice: wait + "; if that does not help, see whether the cluster's kube-controller-manager works: kubectl -n kube-system get pods",
		}}
	}
	var found findings
	if p := s.scaled(w, declared); p != nil {
		found.add(*p)
	}
	if w.settled() {
		return found
	}
	if w.failure != "" {
		found.add(s.refused(w))
	}
	for _, f := range s.notReady(w) {
		found.add(f)
	}
	if len(found) == 0 {
		found.add(s.rolling(w))
	}
	for i := range found {
		if found[i].Object == w.name() {
			found[i].Changed = changedIn("spec", w.object, declared)
		}
	}
	return found
}

// scaled finds a number of replicas that somebody changed. An autoscaled workload declares none.
func (s *State) scaled(w *workload, declared *unstructured.Unstructured) *Finding {
	replicas, exists, err := unstructured.NestedInt64(declared.Object, "spec", "replicas")
	f := &Finding{Object: w.name(), Changed: changedIn("spec", w.object, declared), Advice: s.apply() + ", or declare the new number"}
	switch {
	case err != nil || w.kind == "DaemonSet":
		return nil
	case exists && int64(w.desired) != replicas:
		f.Cause = fmt.Sprintf("has %s, but %d are declared", plural(int(w.desired), "replica"), replicas)
	case !exists && w.desired == 0 && !s.scalesToZero():
		// https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#implicit-maintenance-mode-deactivation
		f.Cause = "was scaled to 0 replicas"
		if s.autoscales(w) {
			f.Cause += ", which also turns its autoscaler off"
		}
		f.Advice = fmt.Sprintf("scale it up again: kubectl -n %s scale %s/%s --replicas=1", w.Namespace, strings.ToLower(w.kind), w.Name)
	default:
		return nil
	}
	return f
}

// autoscales reports whether a declared autoscaler is for the workload.
func (s *State) autoscales(w *workload) bool {
	return slices.ContainsFunc(s.Declared, func(o *unstructured.Unstructured) bool {
		kind, _, _ := unstructured.NestedString(o.Object, "spec", "scaleTargetRef", "kind")
		name, _, _ := unstructured.NestedString(o.Object, "spec", "scaleTargetRef", "name")
		return o.GetKind() == "HorizontalPodAutoscaler" && o.GetNamespace() == w.Namespace && kind == w.kind && name == w.Name
	})
}

// scalesToZero reports whether an autoscaler that may do so is declared. Kubernetes's own does not.
func (s *State) scalesToZero() bool {
	return slices.ContainsFunc(s.Declared, func(o *unstructured.Unstructured) bool { return o.GetKind() == "ScaledObject" })
}

// createFailed is what controller/controller_utils.go and controller/statefulset/stateful_pod_control.go write before the API server's
// answer, and how that begins.
var createFailed = regexp.MustCompile(`^(Error creating: |create Pod \S+ in StatefulSet \S+ failed error: )?(pods "[^"]*" is forbidden: )?`)

var quotaName = regexp.MustCompile(`(?:exceeded|failed) quota: ([^,: ]+)`)

// refused says why the API server does not let the controller create pods.
func (s *State) refused(w *workload) Finding {
	message := oneLine(createFailed.ReplaceAllString(w.failure, ""))
	advice := fmt.Sprintf("see its events: kubectl -n %s describe %s %s", w.Namespace, strings.ToLower(w.kind), w.Name)
	switch {
	case quotaName.MatchString(message):
		advice = fmt.Sprintf("raise the quota, or lower what the pods request: kubectl -n %s describe resourcequota %s", w.Namespace, quotaName.FindStringSubmatch(message)[1])
	case strings.HasPrefix(message, "violates PodSecurity"):
		advice = fmt.Sprintf("set what the message names in the pods' securityContext, or relax the namespace's label: kubectl get namespace %s --show-labels", w.Namespace)
	case strings.Contains(message, "service account"):
		advice = s.apply()
	}
	return Finding{
		Object: w.name(), Advice: advice,
		Cause: fmt.Sprintf("%d of %s cannot be created: %s", max(w.toUpdate-w.updated, w.desired-w.current, 1), plural(int(w.desired), "pod"), message),
	}
}

// notReady is one finding for all pods with the same problem.
func (s *State) notReady(w *workload) []Finding {
	type group struct {
		problem
		pods int
	}
	var groups []*group
	pods := s.pods(w)
	for _, pod := range pods {
		if isReady(pod) {
			continue
		}
		for _, p := range s.pod(pod) {
			p.cause = strings.ReplaceAll(p.cause, pod.Name, "POD") // It differs between the pods of a group.
			known := false
			for _, g := range groups {
				if g.object == p.object && g.cause == p.cause {
					g.pods++
					known = true
				}
			}
			if !known {
				groups = append(groups, &group{p, 1})
			}
		}
	}
	var found []Finding
	for _, g := range groups {
		count := fmt.Sprintf("%d of %s", g.pods, plural(len(pods), "pod"))
		if g.object == "" {
			found = append(found, Finding{Object: w.name(), Cause: count + ": " + g.cause, Advice: g.advice})
			continue
		}
		affected := fmt.Sprintf("%s (%s%s)", w.name(), count, g.needs)
		found = append(found, Finding{Object: g.object, Cause: g.cause, Advice: g.advice, Affected: []string{affected}})
	}
	return found
}

// rolling is a workload whose pods have no problem, but are not all there.
func (s *State) rolling(w *workload) Finding {
	f := Finding{
		Object: w.name(), Advice: wait,
		Cause: fmt.Sprintf("is rolling out: of %d pods %d are ready, %d are up to date, and there are %d in all", w.desired, w.ready, w.updated, w.current),
	}
	if w.toUpdate < w.desired {
		f.Cause += fmt.Sprintf("; %d are to be updated, as its updateStrategy %s", w.toUpdate, w.strategy)
	}
	resource := strings.ToLower(w.kind) + "/" + w.Name
	switch {
	case w.paused:
		f.Cause = fmt.Sprintf("its rollout is paused: %d of %d pods are up to date", w.updated, w.desired)
		f.Advice = fmt.Sprintf("resume it: kubectl -n %s rollout resume %s", w.Namespace, resource)
	case w.stuck:
		f.Cause = strings.Replace(f.Cause, "is rolling out", "makes no progress", 1)
		f.Advice = fmt.Sprintf("see its events: kubectl -n %s describe %s", w.Namespace, resource)
	}
	return f
}

// pod says why a pod is not ready.
func (s *State) pod(pod *corev1.Pod) []problem {
	if pod.Spec.NodeName == "" {
		return []problem{s.unscheduled(pod)}
	}
	if p := s.migrations(pod); len(p) > 0 {
		return p
	}
	if p := s.containers(pod); len(p) > 0 {
		return p
	}
	ready := condition(pod, corev1.PodReady)
	return []problem{{
		cause:  oneLine(strings.TrimSuffix(fmt.Sprintf("not ready yet on node %s: %s %s", pod.Spec.NodeName, ready.Reason, ready.Message), ":  ")),
		advice: fmt.Sprintf(wait+", or see its events: kubectl -n %s describe pod %s", pod.Namespace, pod.Name),
	}}
}
