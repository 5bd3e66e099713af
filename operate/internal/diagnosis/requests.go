package diagnosis

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ai-platform/manifests/operate/internal/connectivity"
)

// Request is what a client asks of a server: its readiness probe, by the name of a Service.
type Request struct {
	Client, Server, Service string // With kind, namespace and name.

	URL     string
	Headers []corev1.HTTPHeader
	Port    int32 // Of the server's pods.

	// Pod is the client's that asks. Nil if none is ready.
	Pod *corev1.Pod

	// NotSent says why nothing was asked. Defaults to none.
	NotSent string

	// Failure is nil if the server has answered, or nothing was asked.
	Failure *Failure
}

// Requests are those of the declared workloads that Ingresses lead to, of all workloads that they may connect to and that have a readiness
// probe by HTTP on a port of a declared Service.
func Requests(declared []*unstructured.Unstructured) ([]Request, error) {
	dependencies, err := connectivity.Dependencies(values(declared))
	if err != nil {
		return nil, err
	}
	services, err := declaredServices(declared)
	if err != nil {
		return nil, err
	}
	var all []Request
	for _, d := range dependencies {
		client, server := find(declared, d.Client), find(declared, d.Server)
		if !isWorkload(client.GetKind()) || !isWorkload(server.GetKind()) {
			continue
		}
		pods, err := templateOf(server)
		if err != nil {
			return nil, err
		}
		for _, container := range pods.Spec.Containers {
			probe, number := httpProbe(container)
			service, port := serviceOf(services, server.GetNamespace(), pods, number)
			if probe == nil || service == nil || !connectivity.Include(d.Ports, corev1.ProtocolTCP, number) {
				continue
			}
			host := service.Name
			if client.GetNamespace() != service.Namespace {
				host += "." + service.Namespace + ".svc"
			}
			all = append(all, Request{
				Client: d.Client, Server: d.Server, Service: object("Service", service.Namespace, service.Name),
				URL: probeURL(host, port, probe.Path), Headers: probe.HTTPHeaders, Port: number,
			})
		}
	}
	return all, nil
}

// probeURL reads the path as kubelet does, which adds a missing slash: pkg/probe/http/request.go, formatURL.
func probeURL(host string, port int32, path string) string {
	u, err := url.Parse(cmp.Or(path, "/")) // The API server's default.
	if err != nil {
		u = &url.URL{Path: path}
	}
	u.Scheme, u.Host = "http", fmt.Sprintf("%s:%d", host, port)
	return u.String()
}

func find(objects []*unstructured.Unstructured, name string) *unstructured.Unstructured {
	i := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool { return nameOf(o) == name })
	if i < 0 {
		return nil
	}
	return objects[i]
}

func declaredServices(declared []*unstructured.Unstructured) ([]corev1.Service, error) {
	var services []corev1.Service
	for _, o := range declared {
		if o.GetKind() != "Service" || o.GroupVersionKind().Group != "" {
			continue
		}
		var service corev1.Service
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &service); err != nil {
			return nil, err
		}
		services = append(services, service)
	}
	return services, nil
}

func values(objects []*unstructured.Unstructured) []unstructured.Unstructured {
	all := make([]unstructured.Unstructured, len(objects))
	for i, o := range objects {
		all[i] = *o
	}
	return all
}

func templateOf(workload *unstructured.Unstructured) (*corev1.PodTemplateSpec, error) {
	fields, _, err := unstructured.NestedMap(workload.Object, "spec", "template")
	if err != nil {
		return nil, err
	}
	template := &corev1.PodTemplateSpec{}
	return template, runtime.DefaultUnstructuredConverter.FromUnstructured(fields, template)
}

// httpProbe is what kubelet asks of a container by HTTP, and the number of its port.
func httpProbe(container corev1.Container) (*corev1.HTTPGetAction, int32) {
	probe := container.ReadinessProbe
	if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Host != "" || probe.HTTPGet.Scheme == corev1.URISchemeHTTPS {
		return nil, 0
	}
	return probe.HTTPGet, portNumber([]corev1.Container{container}, probe.HTTPGet.Port)
}

// portNumber is 0 for a name that no container has.
func portNumber(containers []corev1.Container, port intstr.IntOrString) int32 {
	if port.Type == intstr.Int {
		return port.IntVal
	}
	for _, container := range containers {
		for _, p := range container.Ports {
			if p.Name == port.StrVal {
				return p.ContainerPort
			}
		}
	}
	return 0
}

// serviceOf is the first Service that leads to a port of pods, and the port to connect to: the name of one without a cluster IP stands for the pods
// themselves.
func serviceOf(services []corev1.Service, namespace string, pods *corev1.PodTemplateSpec, number int32) (*corev1.Service, int32) {
	for i := range services {
		service := &services[i]
		if service.Namespace != namespace || len(service.Spec.Selector) == 0 || !labels.SelectorFromSet(service.Spec.Selector).Matches(labels.Set(pods.Labels)) {
			continue
		}
		for _, port := range service.Spec.Ports {
			target := port.TargetPort
			if target == (intstr.IntOrString{}) {
				target = intstr.FromInt32(port.Port)
			}
			if protocol(port.Protocol) == corev1.ProtocolTCP && portNumber(pods.Spec.Containers, target) == number {
				if service.Spec.ClusterIP == corev1.ClusterIPNone {
					return service, number
				}
				return service, port.Port
			}
		}
	}
	return nil, 0
}

// ReadyPod is the first ready pod of a workload that is named with kind, namespace and name, or nil.
func (s *State) ReadyPod(name string) *corev1.Pod {
	pods := slices.DeleteFunc(s.PodsOf(name), func(pod *corev1.Pod) bool { return !isReady(pod) })
	if len(pods) == 0 {
		return nil
	}
	return slices.MinFunc(pods, func(a, b *corev1.Pod) int { return cmp.Compare(a.Name, b.Name) })
}

// PodsOf are those of a workload that is named with kind, namespace and name, without those that end or have ended.
func (s *State) PodsOf(name string) []*corev1.Pod {
	w, exists := s.workloads()[name]
	if !exists {
		return nil
	}
	return s.pods(w)
}
