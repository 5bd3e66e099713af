package constructs

import (
	"maps"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
)

// revisionHistory is how many old ReplicaSets are kept to roll back to; Kubernetes' ten clutter a namespace.
const revisionHistory = 5

// workload is what a tier's Deployment is made of.
type workload struct {
	place
	replicas    *int // Nil where an autoscaler decides.
	strategy    *k8s.DeploymentStrategy
	spread      bool // Over zones and nodes.
	container   *k8s.Container
	sidecars    []*k8s.Container // Without volumes.
	port        int              // That the container listens on.
	mounts      mounts
	pod         PodProps
	annotations map[string]string // Of the pods, beside those of the props.
}

func (w workload) deployment() object {
	spec := k8s.DeploymentSpec{
		RevisionHistoryLimit: jsii.Number(revisionHistory),
		Selector:             podsOf(w.place),
		Strategy:             w.strategy,
		Template:             w.template(),
	}
	if w.replicas != nil {
		spec.Replicas = jsii.Number(*w.replicas)
	}
	return object{id: "deployment", apiVersion: "apps/v1", kind: "Deployment", name: w.name(), fields: map[string]any{"spec": spec}}
}

func (w workload) template() *k8s.PodTemplateSpec {
	labels := maps.Clone(w.pod.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, w.labels())
	metadata := &k8s.ObjectMeta{Labels: stringMap(labels)}
	annotations := maps.Clone(w.annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	maps.Copy(annotations, w.pod.Annotations)
	if len(annotations) > 0 {
		metadata.Annotations = stringMap(annotations)
	}
	return &k8s.PodTemplateSpec{Metadata: metadata, Spec: w.podSpec()}
}

func (w workload) podSpec() *k8s.PodSpec {
	w.container.VolumeMounts = &w.mounts.mounts
	containers := append([]*k8s.Container{w.container}, w.sidecars...)
	for _, container := range containers {
		container.SecurityContext = containerSecurity()
	}
	spec := &k8s.PodSpec{
		Containers: &containers,
		// The variables that Kubernetes would add for every Service of the namespace (REDIS_PORT=tcp://...) collide with
		// those that applications read.
		EnableServiceLinks: jsii.Bool(false),
		SecurityContext:    w.pod.identity().podSecurity(w.port),
		Volumes:            &w.mounts.volumes,
	}
	if w.spread {
		spec.TopologySpreadConstraints = &[]*k8s.TopologySpreadConstraint{
			w.spreadOver("topology.kubernetes.io/zone"),
			w.spreadOver("kubernetes.io/hostname"),
		}
	}
	w.pod.apply(spec)
	return spec
}

// spreadOver prefers an even spread. It never keeps a pod from being scheduled: in a cluster of one node all pods run
// there.
func (w workload) spreadOver(topologyKey string) *k8s.TopologySpreadConstraint {
	return &k8s.TopologySpreadConstraint{
		LabelSelector:     podsOf(w.place),
		MaxSkew:           jsii.Number(1),
		TopologyKey:       jsii.String(topologyKey),
		WhenUnsatisfiable: jsii.String("ScheduleAnyway"),
	}
}

// recreate stops the old pod before the new one starts: two servers must not write to one volume.
func recreate() *k8s.DeploymentStrategy {
	return &k8s.DeploymentStrategy{Type: jsii.String("Recreate")}
}

// service gives the tier's pods one name and address in the cluster.
func (p place) service(portName string, port int) object {
	spec := k8s.ServiceSpec{
		Type:     jsii.String("ClusterIP"),
		Selector: stringMap(p.selector()),
		Ports: &[]*k8s.ServicePort{{
			Name: jsii.String(portName), Port: jsii.Number(port), TargetPort: scalar{portName}, Protocol: jsii.String("TCP"),
		}},
	}
	return object{id: "service", apiVersion: "v1", kind: "Service", name: p.name(), fields: map[string]any{"spec": spec}}
}

// disruptionBudget lets a drain take one pod at a time, and one that is not healthy at any time: it serves nobody, and a
// node should not have to wait for it. https://kubernetes.io/docs/tasks/run-application/configure-pdb/
func (p place) disruptionBudget() object {
	spec := k8s.PodDisruptionBudgetSpec{
		MaxUnavailable:             scalar{1},
		Selector:                   podsOf(p),
		UnhealthyPodEvictionPolicy: jsii.String("AlwaysAllow"),
	}
	return object{
		id: "pod-disruption-budget", apiVersion: "policy/v1", kind: "PodDisruptionBudget", name: p.name(),
		fields: map[string]any{"spec": spec},
	}
}
