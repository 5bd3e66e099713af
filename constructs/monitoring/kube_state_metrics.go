package monitoring

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/manifest"
)

// KubeStateMetricsProps are the properties of a KubeStateMetrics.
type KubeStateMetricsProps struct {
	// Image is the container image. Defaults to "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0".
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy constructs.PullPolicy

	// Resources of the container. Requests default to 10m of CPU and 64Mi of memory, limits to 100m and 128Mi.
	Resources constructs.Resources

	// KubernetesAPI is the address of the API server. Defaults to any address, on the ports 443 and 6443.
	KubernetesAPI KubernetesAPI

	// Pod holds further settings of the pod. User and group default to those of the image, 65534, the grace period to
	// 30 seconds, and the ServiceAccount to one that is added, <app>-<component>. If a ServiceAccount is named here, it
	// is granted the permissions.
	Pod constructs.PodProps
}

// DefaultKubeStateMetricsImage is the default image of a KubeStateMetrics.
//
//renovate:image
const DefaultKubeStateMetricsImage = "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0"

const kubeStateMetricsPort = 8080

// kubeStateMetricsResources depend on the number of watched objects, which are those of one namespace.
var kubeStateMetricsResources = constructs.Resources{
	Requests: constructs.ResourceList{CPU: "10m", Memory: "64Mi"},
	Limits:   constructs.ResourceList{CPU: "100m", Memory: "128Mi"},
}

// KubeStateMetrics exports the state of the namespace's pods, Deployments, Jobs and CronJobs: restarts, requests,
// limits, replicas, rollouts, and the results of backups. https://github.com/kubernetes/kube-state-metrics
type KubeStateMetrics struct {
	serverTier
	account        cdk8s.ApiObject
	role           cdk8s.ApiObject
	roleBinding    cdk8s.ApiObject
	metricsService cdk8s.ApiObject
}

// NewKubeStateMetrics adds a KubeStateMetrics: a Deployment, Services, a network policy, and a ServiceAccount with a
// Role to list and watch the namespace's pods, Deployments, Jobs and CronJobs.
func NewKubeStateMetrics(scope awsconstructs.Construct, id string, props KubeStateMetricsProps) *KubeStateMetrics {
	node := manifest.NewNode(scope, id, "kubeStateMetrics")
	at := node.Component
	server := props.server(at)
	k := &KubeStateMetrics{serverTier: serverTier{construct: construct{node}, server: server}}
	if !node.Accept(props.validate(node.Path, server)) {
		return k
	}
	permissions := role(at,
		allow("", []string{"list", "watch"}, []string{"pods"}),
		allow("apps", []string{"list", "watch"}, []string{"deployments"}),
		allow("batch", []string{"list", "watch"}, []string{"cronjobs", "jobs"}),
	)
	k.account = node.Add(serviceAccount(at, props.Pod.ServiceAccountName))
	k.role = node.Add(permissions)
	k.roleBinding = node.Add(binding(at, permissions, server.pod.ServiceAccountName))
	k.deployment = node.Add(server.workload().Deployment())
	k.service = node.Add(manifest.Service(at, manifest.HTTPPort, kubeStateMetricsPort))
	k.metricsService = node.Add(manifest.MetricsService(at, manifest.HTTPPort, kubeStateMetricsPort))
	k.policy = node.Add(manifest.ClientPolicy(at, server.connections))
	node.AddTarget(node.Path, manifest.Target{
		Component: at, Path: constructs.DefaultMetricsPath, Port: kubeStateMetricsPort, Kind: kubeStateTarget{},
	})
	return k
}

// Validate checks the props, except for what depends on the chart.
func (p KubeStateMetricsProps) Validate(path *field.Path) field.ErrorList {
	return p.validate(path, p.server(manifest.Anywhere))
}

func (p KubeStateMetricsProps) validate(path *field.Path, server server) field.ErrorList {
	return slices.Concat(
		server.validate(path),
		server.CheckMetricsName(path.Child("metrics")),
		checkNamespaced(path, server.Component),
		p.KubernetesAPI.validate(path.Child("kubernetesAPI"), server.Component),
	)
}

func (p KubeStateMetricsProps) server(at manifest.Component) server {
	image := cmp.Or(p.Image, DefaultKubeStateMetricsImage)
	health := constructs.HTTPProbe{Path: "/healthz"}
	return server{
		Component:  at,
		image:      image,
		pullPolicy: p.ImagePullPolicy.WithDefault(image),
		port:       kubeStateMetricsPort,
		args: []string{
			"--port=" + strconv.Itoa(kubeStateMetricsPort),
			"--namespaces=" + at.Namespace,
			"--resources=cronjobs,deployments,jobs,pods",
		},
		resources: p.Resources.WithDefaults(kubeStateMetricsResources),
		liveness:  health.Liveness(),
		readiness: health.Readiness(),
		pod: withAccount(p.Pod, at).WithDefaults(at, constructs.PodProps{
			RunAsUser: nobody, RunAsGroup: nobody, TerminationGracePeriodSeconds: constructs.DefaultGracePeriodSeconds,
		}),
		connections: p.KubernetesAPI.connections(),
	}
}

// kubeStateTarget is the kind of target that a KubeStateMetrics is.
type kubeStateTarget struct{}

// kubeState is a KubeStateMetrics that is scraped.
type kubeState struct{ component }

// What kube-state-metrics exports.
// https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/pod-metrics.md
const (
	restarts          = "kube_pod_container_status_restarts_total"
	waiting           = "kube_pod_container_status_waiting"
	requested         = "kube_pod_container_resource_requests"
	limited           = "kube_pod_container_resource_limits"
	replicasWanted    = "kube_deployment_spec_replicas"
	replicasAvailable = "kube_deployment_status_replicas_available"
	rolloutCondition  = "kube_deployment_status_condition"
	podPhase          = "kube_pod_status_phase"
	waitingReason     = "kube_pod_container_status_waiting_reason"
	initWaitingReason = "kube_pod_init_container_status_waiting_reason"
)

// alerts leave to one of them what several would find: a pod that does not start, or not for long, explains the rollout that waits for it, and
// that one the missing replicas. Their label job is the name of the Deployment, as it is in the alerts of tiers, so that one on a tier that is
// down explains them all.
func (k kubeState) alerts() []Alert {
	unless := func(expr string, others ...string) string {
		return strings.Join(append([]string{expr}, others...), "\nunless on (namespace, job)\n")
	}
	notStarting, restarting, stuck := k.podsNotStarting(), ofPods(k.restartLoop()), k.rolloutsStuck()
	return []Alert{
		newAlert("RestartLoop", SeverityCritical, time.Minute, k.restartLoop(),
			`Container {{ $labels.container }} of pod {{ $labels.pod }} has restarted {{ $value | printf "%.0f" }} times in the last hour`),
		newAlert("PodNotStarting", SeverityWarning, 15*time.Minute, notStarting,
			"Pod {{ $labels.pod }} has been waiting to start for over 15 minutes"),
		newAlert("RolloutStuck", SeverityWarning, time.Minute, unless(stuck, notStarting, restarting),
			"The rollout of Deployment {{ $labels.job }} has exceeded its progress deadline"),
		newAlert("ReplicasMissing", SeverityWarning, 15*time.Minute, unless(k.replicasMissing(), stuck, notStarting, restarting),
			`Deployment {{ $labels.job }} is missing {{ $value | printf "%.0f" }} of its desired replicas`),
	}
}

// podsNotStarting are those without a node, a volume or an image, and those of which a container cannot be made: the reasons change while a
// kubelet tries again, so that none is a label. Init containers and the pods of Jobs are among them. A container that starts and ends is
// left to restartLoop.
func (k kubeState) podsNotStarting() string {
	const cannot = `reason!~"ContainerCreating|PodInitializing|CrashLoopBackOff"`
	return ofPods(fmt.Sprintf("max by (namespace, pod) (\n  %s == 1\n  or %s == 1\n  or %s == 1\n)",
		k.samplesOf(podPhase, `phase="Pending"`), k.samplesOf(waitingReason, cannot), k.samplesOf(initWaitingReason, cannot)))
}

// rolloutsStuck are past their Deployment's progressDeadlineSeconds.
func (k kubeState) rolloutsStuck() string {
	return ofDeployments(fmt.Sprintf("max by (namespace, deployment) (%s) == 1",
		k.samplesOf(rolloutCondition, `condition="Progressing"`, `status="false"`)))
}

func (k kubeState) replicasMissing() string {
	return ofDeployments(fmt.Sprintf("max by (namespace, deployment) (%s) - max by (namespace, deployment) (%s) > 0",
		k.samplesOf(replicasWanted), k.samplesOf(replicasAvailable)))
}

// ofDeployments and ofPods add the name of the Deployment as the label job. The names of its pods end with two hashes.
func ofDeployments(expr string) string {
	return fmt.Sprintf(`label_replace(%s, "job", "$1", "deployment", "(.+)")`, expr)
}

func ofPods(expr string) string {
	return fmt.Sprintf(`label_replace(%s, "job", "$1", "pod", "(.+)-[a-z0-9]+-[a-z0-9]+")`, expr)
}

// restartLoop finds three restarts within an hour, of which one is recent: kubelet waits up to five minutes before it starts a
// container again, so that a shorter window would lose sight of one that takes a while to fail. increase() adds a little
// for the ends of the window: two restarts are not to count as more than two.
func (k kubeState) restartLoop() string {
	within := func(window string) string {
		return fmt.Sprintf("max by (namespace, pod, container) (increase(%s[%s]))", k.samplesOf(restarts), window)
	}
	return within("1h") + " > 2.5\nand\n" + within("15m") + " > 0"
}

func (k kubeState) overview() []Panel {
	return []Panel{
		{
			Title:       "Restarts in the last hour",
			Description: "Restarts of all containers in the last hour. From 3 (red), a container may be in a crash loop.",
			Kind:        PanelStat, Thresholds: []Threshold{{Value: 1, Color: ColorYellow}, {Value: 3, Color: ColorRed}},
			Queries: []Query{{Expr: fmt.Sprintf("sum(increase(%s[1h]))", k.samplesOf(restarts))}},
		},
		{
			Title:       "Waiting containers",
			Description: "Containers that have not started. If it stays above 0, kubectl describe pod shows the reason, for example an image that cannot be pulled.",
			Kind:        PanelStat, Thresholds: []Threshold{{Value: 1, Color: ColorYellow}},
			Queries: []Query{{Expr: fmt.Sprintf("sum(%s)", k.samplesOf(waiting))}},
		},
		{
			Title:       "Unavailable replicas",
			Description: "Desired replicas of all Deployments that are not available. Values above 0 are normal during a rollout, but not afterwards.",
			Kind:        PanelStat, Thresholds: []Threshold{{Value: 1, Color: ColorYellow}},
			Queries: []Query{{Expr: fmt.Sprintf("sum(%s - %s)", k.ofDeployments(replicasWanted), k.ofDeployments(replicasAvailable))}},
		},
	}
}

// ofDeployments selects samples that no pod is chosen of.
func (k kubeState) ofDeployments(metric string) string {
	k.chosen = nil
	return k.samplesOf(metric)
}

func (k kubeState) dashboard() *Dashboard {
	up, choices := k.upPanel(), k.samplesOf(restarts)
	k.component = k.following(chosenPod)
	byContainer := func(title, unit, metric, resource, description string) Panel {
		return Panel{Title: title, Description: description, Unit: unit, Queries: []Query{{
			Expr: fmt.Sprintf("sum by (container) (%s)", k.samplesOf(metric, `resource="`+resource+`"`)), Legend: "{{container}}",
		}}}
	}
	byDeployment := func(title, metric, description string) Panel {
		return Panel{Title: title, Description: description, Queries: []Query{{
			Expr: fmt.Sprintf("max by (deployment) (%s)", k.ofDeployments(metric)), Legend: "{{deployment}}",
		}}}
	}
	return &Dashboard{
		choices: choices,
		Name:    k.ID,
		Title:   k.Namespace + ": pods",
		Rows: []DashboardRow{
			{Panels: append([]Panel{up}, k.overview()...)},
			{Title: "Pods", Panels: []Panel{
				byDeployment("Desired replicas", replicasWanted,
					"Desired replicas of each Deployment. An autoscaler or a deployment changes them. At the autoscaler's maximum, there is no capacity for more load."),
				byDeployment("Available replicas", replicasAvailable,
					"Available replicas of each Deployment. They should match the desired replicas, except during a rollout."),
				{
					Title:       "Restarts in the last hour",
					Description: restartsDescription,
					Queries: []Query{{
						Expr: fmt.Sprintf("sum by (pod, container) (increase(%s[1h]))", k.samplesOf(restarts)), Legend: "{{pod}} {{container}}",
					}},
				},
			}},
			{Title: "Requests and limits", Panels: []Panel{
				byContainer("CPU requests", "short", requested, "cpu",
					"Total CPU requests by container name. Nodes reserve this much. If pods stay Pending, no node has enough left."),
				byContainer("CPU limits", "short", limited, "cpu",
					"Total CPU limits by container name. They may exceed the capacity of the nodes, as long as not all containers reach them at once."),
				byContainer("Memory requests", "bytes", requested, "memory",
					"Total memory requests by container name. Nodes reserve this much. If pods stay Pending, no node has enough left."),
				byContainer("Memory limits", "bytes", limited, "memory",
					"Total memory limits by container name. If they are far above the requests, a node can run out of memory and evict pods."),
			}},
		},
	}
}

// ServiceAccount returns the ServiceAccount, or nil if the props name an existing one.
func (k *KubeStateMetrics) ServiceAccount() cdk8s.ApiObject { return k.node.Handle(k.account) }

// Role returns the Role.
func (k *KubeStateMetrics) Role() cdk8s.ApiObject { return k.node.Handle(k.role) }

// RoleBinding returns the RoleBinding.
func (k *KubeStateMetrics) RoleBinding() cdk8s.ApiObject { return k.node.Handle(k.roleBinding) }

// MetricsService returns the Service through which Prometheus finds the pod.
func (k *KubeStateMetrics) MetricsService() cdk8s.ApiObject { return k.node.Handle(k.metricsService) }
