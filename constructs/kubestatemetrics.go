package constructs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// KubeStateMetricsProps are the properties of a KubeStateMetrics.
type KubeStateMetricsProps struct {
	// Image is the container image. Defaults to DefaultKubeStateMetricsImage.
	Image string

	// ImagePullPolicy says when the image is pulled. Defaults to PullAlways for the tag "latest", else to PullIfNotPresent.
	ImagePullPolicy PullPolicy

	// Resources of the container. Default to 10m of CPU and 64Mi of memory, limited to 100m and 128Mi.
	Resources Resources

	// KubernetesAPI says where the API server is reached. Defaults to the usual ports of any address.
	KubernetesAPI KubernetesAPI

	// Pod holds further settings. User and group default to the image's (65534), the grace period to
	// DefaultGracePeriodSeconds, and the ServiceAccount to one that is added. A ServiceAccount that is named here gets the
	// permissions.
	Pod PodProps
}

// DefaultKubeStateMetricsImage is the image of a KubeStateMetrics.
// renovate: image
const DefaultKubeStateMetricsImage = "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0"

const kubeStateMetricsPort = 8080

var kubeStateMetricsResources = Resources{
	Requests: ResourceList{CPU: "10m", Memory: "64Mi"},
	Limits:   ResourceList{CPU: "100m", Memory: "128Mi"},
}

// KubeStateMetrics exports what the API server knows of the namespace's pods and Deployments: restarts, requests, limits,
// replicas. https://github.com/kubernetes/kube-state-metrics
type KubeStateMetrics struct{ serverTier }

// NewKubeStateMetrics adds a KubeStateMetrics: a Deployment, Services, a network policy, and a ServiceAccount that may list
// and watch the namespace's pods and Deployments. Problems of the props are reported by synthesis.
func NewKubeStateMetrics(scope awsconstructs.Construct, id string, props KubeStateMetricsProps) *KubeStateMetrics {
	t := newTier(scope, id, "kubeStateMetrics")
	account, accounts := t.account(props.Pod.ServiceAccountName)
	server := props.server(t.place, account)
	if t.accept(props.validate(t.path, server)) {
		t.addObjects(accounts)
		t.addObjects(t.role(account,
			allow("", []string{"list", "watch"}, []string{"pods"}),
			allow("apps", []string{"list", "watch"}, []string{"deployments"}),
		))
		t.addObjects(server.objects())
		t.addTarget(t.path, server.kubeTarget())
	}
	return &KubeStateMetrics{serverTier{tier: t, server: server}}
}

func (p KubeStateMetricsProps) validate(path *field.Path, server httpServer) field.ErrorList {
	return slices.Concat(
		server.validate(path),
		checkNamespaced(path, server.place),
		p.KubernetesAPI.validate(path.Child("kubernetesAPI")),
	)
}

// server fills in the defaults.
func (p KubeStateMetricsProps) server(at place, account string) httpServer {
	image := cmp.Or(p.Image, DefaultKubeStateMetricsImage)
	pod := p.Pod.or(PodProps{RunAsUser: nobody, RunAsGroup: nobody, TerminationGracePeriodSeconds: DefaultGracePeriodSeconds})
	pod.ServiceAccountName, pod.AutomountServiceAccountToken = account, true
	return httpServer{
		place:          at,
		image:          image,
		pullPolicy:     cmp.Or(p.ImagePullPolicy, defaultPullPolicy(image)),
		port:           kubeStateMetricsPort,
		replicas:       ptr(1),
		resources:      p.Resources.or(kubeStateMetricsResources),
		liveness:       HTTPProbe{Path: "/healthz"}.or(livenessTiming),
		readiness:      HTTPProbe{Path: "/healthz"}.or(readinessTiming),
		preStopSeconds: ptr(0),
		pod:            pod,
		connections:    p.KubernetesAPI.connections(),
		metrics:        metricsOf(&Metrics{Port: kubeStateMetricsPort}),
		alone:          true,
		args: []string{
			"--port=" + strconv.Itoa(kubeStateMetricsPort),
			"--namespaces=" + at.namespace,
			"--resources=deployments,pods",
		},
	}
}

// What kube-state-metrics exports.
// https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/pod-metrics.md
const (
	restarts          = "kube_pod_container_status_restarts_total"
	waiting           = "kube_pod_container_status_waiting"
	requested         = "kube_pod_container_resource_requests"
	limited           = "kube_pod_container_resource_limits"
	replicasWanted    = "kube_deployment_spec_replicas"
	replicasAvailable = "kube_deployment_status_replicas_available"
)

func (s httpServer) kubeTarget() target {
	return target{
		place:       s.place,
		path:        s.metrics.Path,
		port:        s.metrics.Port,
		honorLabels: true,
		alerts: []Alert{
			newAlert("RestartLoop", Critical, time.Minute, s.restartLoop(),
				`The container {{ $labels.container }} of {{ $labels.pod }} has restarted {{ $value | printf "%.0f" }} times within an hour`),
		},
		overview:  s.kubeOverview(),
		dashboard: s.kubeDashboard(),
	}
}

// restartLoop finds three restarts within an hour, of which one is recent: kubelet waits up to five minutes before it starts a
// container again, so that a shorter window would lose sight of one that takes a while to fail. increase() adds a little
// for the ends of the window: two restarts are not to count as more than two.
func (s httpServer) restartLoop() string {
	within := func(window string) string {
		return fmt.Sprintf("max by (namespace, pod, container) (increase(%s[%s]))", s.samplesOf(restarts), window)
	}
	return within("1h") + " > 2.5\nand\n" + within("15m") + " > 0"
}

func (s httpServer) kubeOverview() []Panel {
	return []Panel{
		{
			Title: "Restarts within an hour", Kind: Stat, Thresholds: []Threshold{{Value: 1, Color: Yellow}, {Value: 3, Color: Red}},
			Queries: []Query{{Expr: fmt.Sprintf("sum(increase(%s[1h]))", s.samplesOf(restarts))}},
		},
		{
			Title: "Containers that wait", Kind: Stat, Thresholds: []Threshold{{Value: 1, Color: Yellow}},
			Queries: []Query{{Expr: fmt.Sprintf("sum(%s)", s.samplesOf(waiting))}},
		},
		{
			Title: "Pods missing", Kind: Stat, Thresholds: []Threshold{{Value: 1, Color: Yellow}},
			Queries: []Query{{Expr: fmt.Sprintf("sum(%s - %s)", s.samplesOf(replicasWanted), s.samplesOf(replicasAvailable))}},
		},
	}
}

func (s httpServer) kubeDashboard() *Dashboard {
	byContainer := func(title, unit, metric, resource string) Panel {
		return Panel{Title: title, Unit: unit, Queries: []Query{{
			Expr: fmt.Sprintf("sum by (container) (%s)", s.samplesOf(metric, `resource="`+resource+`"`)), Legend: "{{container}}",
		}}}
	}
	byDeployment := func(title, metric string) Panel {
		return Panel{Title: title, Queries: []Query{{
			Expr: fmt.Sprintf("max by (deployment) (%s)", s.samplesOf(metric)), Legend: "{{deployment}}",
		}}}
	}
	return &Dashboard{
		Name:  s.component,
		Title: s.namespace + ": pods",
		Rows: []DashboardRow{
			{Panels: append([]Panel{s.upPanel()}, s.kubeOverview()...)},
			{Title: "Pods", Panels: []Panel{
				byDeployment("Pods wanted", replicasWanted),
				byDeployment("Pods available", replicasAvailable),
				{Title: "Restarts within an hour", Queries: []Query{{
					Expr: fmt.Sprintf("sum by (pod, container) (increase(%s[1h]))", s.samplesOf(restarts)), Legend: "{{pod}} {{container}}",
				}}},
			}},
			{Title: "Requests and limits", Panels: []Panel{
				byContainer("CPU requested", "short", requested, "cpu"),
				byContainer("CPU limit", "short", limited, "cpu"),
				byContainer("Memory requested", "bytes", requested, "memory"),
				byContainer("Memory limit", "bytes", limited, "memory"),
			}},
		},
	}
}

// ServiceAccount returns the object for patches; nil if the props name one that exists.
func (k *KubeStateMetrics) ServiceAccount() cdk8s.ApiObject { return k.handle("service-account") }

// Role returns the object for patches.
func (k *KubeStateMetrics) Role() cdk8s.ApiObject { return k.handle("role") }

// RoleBinding returns the object for patches.
func (k *KubeStateMetrics) RoleBinding() cdk8s.ApiObject { return k.handle("role-binding") }
