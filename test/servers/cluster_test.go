//go:build linux

package servers

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// cluster stands in for the pods of production, each with an address of its own, and for the name server that knows
// them. Its pods do nothing but tell samples.
type cluster struct {
	pods     []*pod
	cronJobs []batchv1.CronJob
	names    nameServer
}

// pod is a pod that exports samples.
type pod struct {
	appsv1.Deployment
	cluster *cluster
	first   bool // Of its Deployment.
	address net.IP
	server  atomic.Bool  // Whether its server answers its exporter, if it has one.
	scrapes atomic.Int64 // How often it was asked.
}

// startCluster starts the pods, but for those of the components whose programs really run: they answer on every address.
func startCluster(t *testing.T, running ...string) *cluster {
	t.Helper()
	c := &cluster{cronJobs: objects[batchv1.CronJob](t, production, "CronJob"), names: nameServer{}}
	for _, deployment := range objects[appsv1.Deployment](t, production, "Deployment") {
		for i := range *deployment.Spec.Replicas {
			p := &pod{Deployment: deployment, cluster: c, first: i == 0, address: net.IPv4(127, 0, 1, byte(len(c.pods)+1))}
			p.server.Store(true)
			c.pods = append(c.pods, p)
		}
	}
	for _, service := range objects[corev1.Service](t, production, "Service") {
		c.serve(t, service, running)
	}
	c.names.serve(t)
	return c
}

// serve gives a Service its name. One without an address of its own has those of the pods, which tell their samples
// there. The address of any other is that of a pod.
func (c *cluster) serve(t *testing.T, service corev1.Service, running []string) {
	t.Helper()
	pods := c.podsOf(service.Spec.Selector["component"])
	require.NotEmpty(t, pods, service.Name)
	name := service.Name + "." + namespaceDomain + "."
	if service.Spec.ClusterIP != corev1.ClusterIPNone {
		c.names[name] = []net.IP{pods[0].address}
		return
	}
	for _, p := range pods {
		c.names[name] = append(c.names[name], p.address)
		if !slices.Contains(running, p.component()) {
			p.listen(t, service.Spec.Ports[0].TargetPort)
		}
	}
}

// podsOf returns the pods of a component.
func (c *cluster) podsOf(component string) []*pod {
	var found []*pod
	for _, p := range c.pods {
		if p.component() == component {
			found = append(found, p)
		}
	}
	return found
}

func (p *pod) component() string { return p.Spec.Selector.MatchLabels["component"] }

// listen starts to export samples on the port that the pod's containers have under a name.
func (p *pod) listen(t *testing.T, target intstr.IntOrString) {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(p.address.String(), p.port(t, target.StrVal)))
	require.NoError(t, err)
	answer := func(w http.ResponseWriter, samples string) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write([]byte(samples))
	}
	handler := http.NewServeMux()
	handler.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { answer(w, p.samples(p.scrapes.Add(1))) })
	if p.component() == "blackbox-exporter" {
		handler.HandleFunc("GET /probe", func(w http.ResponseWriter, r *http.Request) { answer(w, probeSamples(r.URL.Query().Get("target"))) })
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	server.Start()
	t.Cleanup(server.Close)
}

func (p *pod) port(t *testing.T, name string) string {
	t.Helper()
	for _, c := range p.Spec.Template.Spec.Containers {
		for _, port := range c.Ports {
			if port.Name == name {
				return strconv.Itoa(int(port.ContainerPort))
			}
		}
	}
	require.FailNow(t, "no such port", "%s has no %q", p.Name, name)
	return ""
}
