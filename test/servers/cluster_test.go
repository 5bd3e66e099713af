//go:build linux

package servers

import (
	_ "embed"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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
		handler.HandleFunc("GET /probe", func(w http.ResponseWriter, r *http.Request) { answer(w, samplesOfProbe(r.URL.Query().Get("target"))) })
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

// samples are those of a pod that has little to do, when it is asked for the nth time.
func (p *pod) samples(n int64) string {
	text := map[string]string{
		"database":           postgresSamples,
		"redis":              redisSamples,
		"backend":            httpSamples,
		"blackbox-exporter":  "",
		"kube-state-metrics": kubeSamples(p.cluster),
	}[p.component()]
	up := "0"
	if p.server.Load() {
		up = "1"
	}
	return strings.NewReplacer("SERVER_UP", up, "GROWING", strconv.FormatInt(n, 10)).Replace(text)
}

// Samples as exporters write them, as far as rules and dashboards ask for them.
var (
	// httpSamples are what constructs.Metrics asks for: answers of 50 to 100 ms, and one error, of long ago.
	//go:embed testdata/http.prom
	httpSamples string

	//go:embed testdata/postgres.prom
	postgresSamples string

	//go:embed testdata/redis.prom
	redisSamples string

	//go:embed testdata/probe.prom
	probeSamples string
)

// samplesOfProbe are those of a host that answers. A certificate is only behind https.
func samplesOfProbe(url string) string {
	if strings.HasPrefix(url, "https://") {
		return probeSamples + fmt.Sprintf("probe_ssl_earliest_cert_expiry %d\n", time.Now().AddDate(0, 0, 60).Unix())
	}
	return probeSamples
}

// kubeSamples are some of kube-state-metrics's, on all pods of the cluster.
func kubeSamples(c *cluster) string {
	var samples strings.Builder
	for i, p := range c.pods {
		if p.first {
			fmt.Fprintf(&samples, "kube_deployment_spec_replicas{namespace=%q,deployment=%q} %d\n", p.Namespace, p.Name, *p.Spec.Replicas)
			fmt.Fprintf(&samples, "kube_deployment_status_replicas_available{namespace=%q,deployment=%q} %d\n", p.Namespace, p.Name, *p.Spec.Replicas)
			fmt.Fprintf(&samples, "kube_deployment_status_condition{namespace=%q,deployment=%q,reason=\"NewReplicaSetAvailable\",condition=\"Progressing\",status=\"false\"} 0\n", p.Namespace, p.Name)
		}
		fmt.Fprintf(&samples, "kube_pod_status_phase{namespace=%q,pod=\"%s-7d9c5b6f4-zq8l%d\",phase=\"Pending\"} 0\n", p.Namespace, p.Name, i)
		for _, container := range p.Spec.Template.Spec.Containers {
			// As a Deployment names its pods, with two hashes.
			of := fmt.Sprintf(`namespace=%q,pod="%s-7d9c5b6f4-zq8l%d",container=%q`, p.Namespace, p.Name, i, container.Name)
			fmt.Fprintf(&samples, "kube_pod_container_status_restarts_total{%s} 1\n", of)
			fmt.Fprintf(&samples, "kube_pod_container_status_waiting{%s} 0\n", of)
			writeResources(&samples, "kube_pod_container_resource_requests", of, container.Resources.Requests)
			writeResources(&samples, "kube_pod_container_resource_limits", of, container.Resources.Limits)
		}
	}
	for _, backup := range c.cronJobs {
		fmt.Fprintf(&samples, "kube_cronjob_created{namespace=%q,cronjob=%q} %d\n", backup.Namespace, backup.Name, time.Now().Unix())
	}
	return samples.String()
}

func writeResources(samples *strings.Builder, metric, of string, resources corev1.ResourceList) {
	for name, quantity := range resources {
		fmt.Fprintf(samples, "%s{%s,resource=%q} %g\n", metric, of, name, quantity.AsApproximateFloat64())
	}
}
