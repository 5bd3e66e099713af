package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Services says why declared Services have no ready endpoint on each of their ports.
func Services(s *State) Result {
	var found findings
	var missing []string
	var notes []string
	total, ready, ports := 0, 0, 0
	for _, declared := range s.Declared {
		if declared.GetKind() != "Service" || declared.GroupVersionKind().Group != "" {
			continue
		}
		total++
		i := slices.IndexFunc(s.Services, func(live corev1.Service) bool {
			return live.Namespace == declared.GetNamespace() && live.Name == declared.GetName()
		})
		if i < 0 {
			missing = append(missing, nameOf(declared))
			continue
		}
		if p := s.service(&s.Services[i], declared); p != nil {
			found.add(*p)
			continue
		}
		ready++
		if len(s.selected(&s.Services[i])) > 0 || len(s.Services[i].Spec.Selector) == 0 {
			ports += len(s.Services[i].Spec.Ports)
		}
		notes = append(notes, s.undeclaredPorts(&s.Services[i])...)
	}
	result := Result{Findings: append(s.missing(missing, total), found...), Notes: notes}
	result.Summary = fmt.Sprintf("%s, %s with ready endpoints", plural(total, "Service"), plural(ports, "port"))
	if len(result.Findings) > 0 {
		result.Summary = fmt.Sprintf("%d of %s with ready endpoints", ready, plural(total, "Service"))
	}
	return result
}

// service is one finding for a Service, or nil.
func (s *State) service(service *corev1.Service, declared *unstructured.Unstructured) *Finding {
	if service.Spec.Type == corev1.ServiceTypeExternalName {
		return nil
	}
	text := undeclared(service, declared)
	for _, port := range service.Spec.Ports {
		if f := s.port(service, port, text != ""); f != nil {
			if text != "" {
				f.Cause, f.Changed, f.Advice = f.Cause+"; "+text, changedIn("spec", service, declared), s.apply()
			}
			return f
		}
	}
	return nil
}

// port is one finding for a port of a Service, or nil. A number that is not among the ports of the containers is no fault by itself: they
// need not declare the ports that they listen on. It is one if the manifests have another.
func (s *State) port(service *corev1.Service, port corev1.ServicePort, isChanged bool) *Finding {
	f := &Finding{Object: object("Service", service.Namespace, service.Name)}
	selected := s.selected(service)
	if wrong := wrongPort(selected, port); wrong != "" && (isChanged || port.TargetPort.Type == intstr.String) {
		f.Cause = wrong
		f.Advice = "name a port of the pods as targetPort, and apply the manifests: " + s.applying()
		return f
	}
	if s.hasEndpoint(service, port) && (len(selected) > 0 || len(service.Spec.Selector) == 0) {
		return nil // Without pods, the endpoints are about to go.
	}
	switch ready := slices.ContainsFunc(selected, isReady); {
	case len(service.Spec.Selector) == 0:
		f.Cause = fmt.Sprintf("has no selector, and no ready endpoint on port %s", portName(port))
		f.Advice = "create an EndpointSlice for it: https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors"
	case len(selected) == 0:
		return s.unselected(service, f)
	case !ready:
		return podsFirst(service, plural(len(selected), "pod")+", not ready")
	default:
		f.Cause = fmt.Sprintf("its pods are ready, but no EndpointSlice has a ready endpoint on port %s", portName(port))
		f.Advice = fmt.Sprintf(wait+"; see the endpoints: kubectl -n %s get endpointslices -l %s=%s", service.Namespace, discoveryv1.LabelServiceName, service.Name)
	}
	return f
}

// undeclaredPorts notes numbers that no container declares: if nothing listens there, no request gets an answer.
func (s *State) undeclaredPorts(service *corev1.Service) []string {
	var notes []string
	for _, port := range service.Spec.Ports {
		if wrong := wrongPort(s.selected(service), port); wrong != "" {
			notes = append(notes, object("Service", service.Namespace, service.Name)+": "+wrong)
		}
	}
	return notes
}

// selected are the pods that the Service selects.
func (s *State) selected(service *corev1.Service) []*corev1.Pod {
	if len(service.Spec.Selector) == 0 {
		return nil
	}
	selector := labels.SelectorFromSet(service.Spec.Selector)
	var found []*corev1.Pod
	for i := range s.Pods {
		pod := &s.Pods[i]
		if pod.Namespace == service.Namespace && counts(pod) && selector.Matches(labels.Set(pod.Labels)) {
			found = append(found, pod)
		}
	}
	return found
}

// unselected says why a Service selects no pod, or nothing if its workload is to have none.
func (s *State) unselected(service *corev1.Service, f *Finding) *Finding {
	selector := labels.SelectorFromSet(service.Spec.Selector)
	for _, w := range s.workloads() {
		switch {
		case w.Namespace != service.Namespace || !selector.Matches(labels.Set(w.template.Labels)):
		case w.desired == 0 && (s.scalesToZero() || s.declaresNone(w)):
			return nil
		case w.desired == 0:
			return podsFirst(service, w.name()+" has 0 replicas")
		default:
			return podsFirst(service, w.name()+" has no pods")
		}
	}
	for _, declared := range s.Declared {
		template, _, _ := unstructured.NestedStringMap(declared.Object, "spec", "template", "metadata", "labels")
		if isWorkload(declared.GetKind()) && declared.GetNamespace() == service.Namespace && selector.Matches(labels.Set(template)) {
			return podsFirst(service, nameOf(declared)+" is not in the cluster")
		}
	}
	f.Cause = "no pod has the labels that it selects: " + pairs(service.Spec.Selector)
	f.Advice = fmt.Sprintf("select labels that pods have: kubectl -n %s get pods --show-labels", service.Namespace)
	return f
}

// declaresNone reports whether the manifests have 0 replicas for a workload. Nobody declares the number of a DaemonSet's pods.
func (s *State) declaresNone(w *workload) bool {
	declared := find(s.Declared, w.name())
	if declared == nil || w.kind == "DaemonSet" {
		return true
	}
	replicas, exists, err := unstructured.NestedInt64(declared.Object, "spec", "replicas")
	return err == nil && exists && replicas == 0
}

// podsFirst is one finding for all Services that lack nothing but ready pods.
func podsFirst(service *corev1.Service, why string) *Finding {
	return &Finding{
		Object:   "Services",
		Cause:    "none of the pods that they select is ready",
		Affected: []string{fmt.Sprintf("%s (%s)", object("Service", service.Namespace, service.Name), why)},
		Advice:   fmt.Sprintf("fix the pods first, whose causes are above: kubectl -n %s get pods", service.Namespace),
	}
}

// wrongPort finds a targetPort that no container of the pods has. Containers that declare no ports may listen on any number.
func wrongPort(pods []*corev1.Pod, port corev1.ServicePort) string {
	var known []string
	for _, pod := range pods {
		for _, container := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
			for _, p := range container.Ports {
				if isTarget(port, p) {
					return ""
				}
				if text := strings.TrimSpace(fmt.Sprintf("%s %d", p.Name, p.ContainerPort)); !slices.Contains(known, text) {
					known = append(known, text)
				}
			}
		}
	}
	if len(pods) == 0 || len(known) == 0 && port.TargetPort.Type == intstr.Int {
		return ""
	}
	if len(known) == 0 {
		known = []string{"none"}
	}
	return fmt.Sprintf("port %s has targetPort %s, which is not a port of its pods (they have %s)", portName(port), port.TargetPort.String(), strings.Join(known, ", "))
}

func isTarget(port corev1.ServicePort, container corev1.ContainerPort) bool {
	if protocol(port.Protocol) != protocol(container.Protocol) {
		return false
	}
	if port.TargetPort.Type == intstr.String {
		return container.Name == port.TargetPort.StrVal
	}
	return container.ContainerPort == port.TargetPort.IntVal
}

// protocol is TCP by default.
func protocol(p corev1.Protocol) corev1.Protocol {
	if p == "" {
		return corev1.ProtocolTCP
	}
	return p
}

func portName(port corev1.ServicePort) string {
	if port.Name == "" {
		return fmt.Sprint(port.Port)
	}
	return fmt.Sprintf("%s (%d)", port.Name, port.Port)
}

// hasEndpoint reports whether a slice has a ready endpoint on the port. Slices name ports as the Service does.
func (s *State) hasEndpoint(service *corev1.Service, port corev1.ServicePort) bool {
	return slices.ContainsFunc(s.EndpointSlices, func(slice discoveryv1.EndpointSlice) bool {
		return slice.Namespace == service.Namespace && slice.Labels[discoveryv1.LabelServiceName] == service.Name &&
			slices.ContainsFunc(slice.Ports, func(p discoveryv1.EndpointPort) bool { return isEndpoint(port, p) }) &&
			slices.ContainsFunc(slice.Endpoints, isServing)
	})
}

func isEndpoint(port corev1.ServicePort, endpoint discoveryv1.EndpointPort) bool {
	name, number := "", port.TargetPort.IntVal
	if endpoint.Name != nil {
		name = *endpoint.Name
	}
	return name == port.Name && endpoint.Port != nil && (port.TargetPort.Type == intstr.String || number == 0 || number == *endpoint.Port)
}

// isServing leaves out pods that a Service publishes although they are not ready.
func isServing(endpoint discoveryv1.Endpoint) bool {
	c := endpoint.Conditions
	return (c.Ready == nil || *c.Ready) && (c.Serving == nil || *c.Serving)
}

// undeclared says that selector or ports are not those of the manifests.
func undeclared(service *corev1.Service, declared *unstructured.Unstructured) string {
	var found []string
	selector, _, _ := unstructured.NestedStringMap(declared.Object, "spec", "selector")
	if pairs(selector) != pairs(service.Spec.Selector) {
		found = append(found, "declared is selector "+pairs(selector))
	}
	ports, _, _ := unstructured.NestedSlice(declared.Object, "spec", "ports")
	for _, entry := range ports {
		fields, _ := entry.(map[string]any)
		name, _, _ := unstructured.NestedString(fields, "name")
		target, exists := fields["targetPort"]
		for _, port := range service.Spec.Ports {
			if exists && port.Name == name && port.TargetPort.String() != fmt.Sprint(target) {
				found = append(found, fmt.Sprintf("declared is targetPort %v", target))
			}
		}
	}
	return strings.Join(found, ", ")
}
