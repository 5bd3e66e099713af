package constructs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// The defaults of the HTTP tiers.
const (
	DefaultReplicas           = 2
	DefaultPreStopSeconds     = 5
	DefaultGracePeriodSeconds = 30
)

// httpTier is what Frontend and Backend have in common: replicas of one server behind a Service, to which an Ingress
// may route requests.
type httpTier struct {
	construct
	server httpServer

	configMap        cdk8s.ApiObject
	claim            cdk8s.ApiObject
	deployment       cdk8s.ApiObject
	service          cdk8s.ApiObject
	metricsService   cdk8s.ApiObject
	disruptionBudget cdk8s.ApiObject
	autoscaler       cdk8s.ApiObject
	policy           cdk8s.ApiObject
}

func newHTTPTier(node *manifest.Node, server httpServer) httpTier {
	return httpTier{construct: construct{node}, server: server}
}

// addObjects expects a server that is valid.
func (h *httpTier) addObjects() {
	node, s := h.node, h.server
	h.configMap = node.Add(manifest.FileConfigMap(s.Component, s.files))
	if s.storage != nil {
		h.claim = node.Add(s.storage.Claim())
	}
	h.deployment = node.Add(s.workload().Deployment())
	h.service = node.Add(s.service.object(s.Component, manifest.HTTPPort, s.port))
	s.service.declare(node)
	if s.metrics != nil {
		h.metricsService = node.Add(manifest.MetricsService(s.Component, s.metricsPortName(), s.metrics.Port))
	}
	h.disruptionBudget = node.Add(manifest.DisruptionBudget(s.Component))
	h.autoscaler = node.Add(s.autoscaling.autoscaler(s.Component))
	h.policy = node.Add(manifest.ClientPolicy(s.Component, s.connections))
	node.AddAll(manifest.Openings(s.Component, s.connections))
	node.Add(s.service.policy(s.Component, s.port))
	node.Add(s.sources.Policy(s.Component, s.port))
	if s.metrics != nil {
		node.AddTarget(node.Path.Child("metrics"), s.target())
	}
}

// httpServer is the server of a Frontend or a Backend. Its fields are those of their props, with the defaults filled in.
type httpServer struct {
	manifest.Component
	image          string
	pullPolicy     PullPolicy
	port           int
	replicas       *int // Nil with autoscaling.
	autoscaling    *Autoscaling
	rollout        Rollout
	resources      Resources
	liveness       HTTPProbe
	readiness      HTTPProbe
	connected      []*k8s.EnvVar // What the connections set.
	env            map[string]string
	secretEnv      map[string]SecretKeyRef
	files          map[string]string
	emptyDirs      []EmptyDir
	storage        *Storage
	preStopSeconds *int
	pod            PodProps
	connections    []manifest.Connection
	metrics        *Metrics
	service        ServiceProps
	sources        Sources
}

// withDefaults fills in the defaults that both tiers have.
func (s httpServer) withDefaults() httpServer {
	if s.autoscaling != nil {
		s.autoscaling = new(s.autoscaling.withDefaults())
	} else {
		s.replicas = cmp.Or(s.replicas, new(DefaultReplicas))
	}
	s.liveness = s.liveness.withDefaults(livenessTiming)
	s.readiness = s.readiness.withDefaults(readinessTiming)
	if s.storage != nil {
		s.storage = new(s.storage.WithDefaults(Storage{ClaimName: s.Suffixed("data")}))
	}
	if !s.boundToNode() {
		s.rollout = s.rollout.withDefaults(s.leastReplicas())
	}
	s.preStopSeconds = cmp.Or(s.preStopSeconds, new(DefaultPreStopSeconds))
	s.pod = s.pod.WithDefaults(s.Component, PodProps{TerminationGracePeriodSeconds: DefaultGracePeriodSeconds})
	s.metrics = s.metrics.withDefaults()
	s.service = s.service.withDefaults()
	return s
}

// leastReplicas is the smallest number of pods.
func (s httpServer) leastReplicas() int {
	if s.autoscaling != nil {
		return s.autoscaling.MinReplicas
	}
	return *s.replicas
}

// mostReplicas is the largest number of pods.
func (s httpServer) mostReplicas() int {
	if s.autoscaling != nil {
		return s.autoscaling.MaxReplicas
	}
	return *s.replicas
}

// describeReplicas is the largest number of pods, in errors.
func (s httpServer) describeReplicas() string {
	if s.autoscaling != nil {
		return fmt.Sprintf("up to %d", s.autoscaling.MaxReplicas)
	}
	return check.OrDefault(*s.replicas, DefaultReplicas)
}

// boundToNode reports whether the tier's volume keeps it on one node, where an old and a new pod cannot run side by
// side.
func (s httpServer) boundToNode() bool { return s.storage != nil && !s.storage.shared() }

func (s httpServer) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		check.Image(path.Child("image"), s.image),
		s.pullPolicy.Validate(path.Child("imagePullPolicy")),
		check.Port(path.Child("port"), s.port),
		s.validateReplicas(path),
		s.resources.Validate(path.Child("resources")),
		checkMemoryDirs(path.Child("emptyDirs"), s.emptyDirs, s.resources),
		s.liveness.validate(path.Child("liveness")),
		s.readiness.validate(path.Child("readiness")),
		checkEnvironment(path, s.connected, s.secretEnv, s.env),
		s.validateMounts(path),
		s.pod.ValidateAt(path.Child("pod"), s.Component),
		s.validatePreStop(path),
		s.metrics.validate(path.Child("metrics"), s.Component),
		manifest.CheckConnections(s.Component, s.connections),
		s.validateService(path.Child("service")),
		s.sources.ValidateAt(path.Child("sources"), s.Component),
	)
}

// validateService keeps metrics from clients outside the cluster.
func (s httpServer) validateService(path *field.Path) field.ErrorList {
	errs := append(s.service.validate(path), s.Cluster().CheckFamilies(path.Child("sourceRanges"), s.service.SourceRanges)...)
	if s.service.external() && s.metrics != nil && s.metrics.Port == s.port {
		errs = append(errs, field.Invalid(path.Child("type"), s.service.Type,
			"would make the metrics public, which are on the port of the Service: set another metrics port"))
	}
	return errs
}

func (s httpServer) validateReplicas(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if s.autoscaling != nil {
		errs = append(errs, s.autoscaling.validate(path.Child("autoscaling"))...)
		if s.replicas != nil {
			errs = append(errs, field.Forbidden(path.Child("replicas"), "autoscaling sets the number of replicas: remove one of them"))
		}
	} else {
		errs = append(errs, check.AtLeast(path.Child("replicas"), *s.replicas, 0)...)
	}
	if !s.boundToNode() {
		return append(errs, s.rollout.validate(path.Child("rollout"))...)
	}
	if s.rollout != (Rollout{}) {
		errs = append(errs, field.Forbidden(path.Child("rollout"),
			"the old pod is stopped before the new one starts, because only one node can mount the storage: remove rollout, or use ReadWriteMany"))
	}
	if s.mostReplicas() > 1 {
		errs = append(errs, field.Invalid(path.Child("storage", "accessMode"), s.storage.AccessMode,
			"must be ReadWriteMany for several replicas ("+s.describeReplicas()+"), or set one replica"))
	}
	return errs
}

func (s httpServer) validateMounts(path *field.Path) field.ErrorList {
	errs := check.Files(path.Child("files"), s.files)
	var points []check.MountPoint
	if s.storage != nil {
		prop := path.Child("storage")
		errs = append(errs, s.storage.Validate(prop)...)
		points = append(points, check.MountPoint{Prop: prop.Child("mountPath"), Path: s.storage.MountPath})
	}
	for _, dir := range s.emptyDirs {
		// By path, because the directories that the image needs are among them.
		prop := check.At(path.Child("emptyDirs"), dir.Path)
		errs = append(errs, dir.validate(prop)...)
		points = append(points, check.MountPoint{Prop: prop.Child("path"), Path: dir.Path})
	}
	for _, file := range slices.Sorted(maps.Keys(s.files)) {
		points = append(points, check.MountPoint{Prop: check.At(path.Child("files"), file), Path: file, File: true})
	}
	return append(errs, check.MountPoints(points)...)
}

func (s httpServer) validatePreStop(path *field.Path) field.ErrorList {
	most := check.OrDefault(s.pod.TerminationGracePeriodSeconds, DefaultGracePeriodSeconds)
	problem := "must be below pod.terminationGracePeriodSeconds (" + most + "), so that the server has time to stop"
	switch seconds := *s.preStopSeconds; {
	case seconds < 0:
		problem = "must not be negative, and " + problem
	case seconds < s.pod.TerminationGracePeriodSeconds:
		return nil
	case seconds == DefaultPreStopSeconds:
		problem = "the default " + problem + ": set it too"
	}
	return field.ErrorList{field.Invalid(path.Child("preStopSeconds"), *s.preStopSeconds, problem)}
}

func (s httpServer) workload() manifest.Workload {
	w := manifest.Workload{
		Component:   s.Component,
		Replicas:    s.replicas,
		Spread:      true,
		Containers:  []*k8s.Container{s.container()},
		Annotations: manifest.FileChecksum(s.files),
		Pod:         s.pod.Settings(),
		// A pod is taken out of its Service at the same moment, and requests go on to arrive until every node has heard of it.
		PreStopSeconds: *s.preStopSeconds,
	}
	if !s.boundToNode() {
		w.Strategy = manifest.RollingUpdate(*s.rollout.MaxUnavailable, *s.rollout.MaxSurge)
	}
	if s.storage != nil {
		w.Mounts.AddClaim(s.storage.ClaimName, s.storage.MountPath)
	}
	w.Mounts.AddFiles(s.Component, s.files)
	for _, dir := range slices.SortedFunc(slices.Values(s.emptyDirs), func(a, b EmptyDir) int { return strings.Compare(a.Path, b.Path) }) {
		w.Mounts.AddEmptyDir(dir.Path, dir.Source())
	}
	return w
}

func (s httpServer) container() *k8s.Container {
	ports := []*k8s.ContainerPort{manifest.ContainerPort(manifest.HTTPPort, s.port)}
	if s.metrics != nil && s.metrics.Port != s.port {
		ports = append(ports, manifest.ContainerPort(manifest.MetricsPort, s.metrics.Port))
	}
	container := &k8s.Container{
		Name:            jsii.String(s.ID),
		Image:           jsii.String(s.image),
		ImagePullPolicy: jsii.String(string(s.pullPolicy)),
		Ports:           &ports,
		Resources:       s.resources.Requirements(),
		LivenessProbe:   s.liveness.probe(),
		ReadinessProbe:  s.readiness.probe(),
	}
	if env := newEnvironment(s.connected, s.secretEnv, s.env).placed; len(env) > 0 {
		container.Env = &env
	}
	return container
}

// metricsPortName is the name of the container's port that exports metrics.
func (s httpServer) metricsPortName() string {
	if s.metrics.Port == s.port {
		return manifest.HTTPPort
	}
	return manifest.MetricsPort
}

func (s httpServer) target() manifest.Target {
	target := manifest.Target{Component: s.Component, Path: s.metrics.Path, Port: s.metrics.Port}
	if s.metrics.ScrapeOnly {
		target.Kind = manifest.UnknownTarget{}
		return target
	}
	cpuLimit := s.resources.Limits.CPU
	if cpuLimit == NoLimit {
		cpuLimit = ""
	}
	target.Kind = manifest.HTTPTarget{
		Availability:  s.metrics.Objective.Availability,
		P95Latency:    s.metrics.Objective.P95Latency,
		CPURequest:    s.resources.Requests.CPU,
		CPULimit:      cpuLimit,
		MemoryRequest: s.resources.Requests.Memory,
		MemoryLimit:   s.resources.Limits.Memory,
	}
	return target
}

// Endpoint returns the host and port of the Service.
func (h *httpTier) Endpoint() Endpoint { return Endpoint{Host: h.server.Name(), Port: h.server.port} }

// Destination is for use within this module.
func (h *httpTier) Destination() manifest.Destination {
	return h.server.Destination(h.server.port)
}

// HTTP is for use within this module.
func (h *httpTier) HTTP() manifest.HTTP {
	if m := h.server.metrics; m != nil && m.Port == h.server.port {
		return manifest.HTTP{MetricsPath: m.Path}
	}
	return manifest.HTTP{}
}

// Deployment returns the Deployment.
func (h *httpTier) Deployment() cdk8s.ApiObject { return h.node.Handle(h.deployment) }

// Service returns the Service.
func (h *httpTier) Service() cdk8s.ApiObject { return h.node.Handle(h.service) }

// MetricsService returns the Service through which Prometheus finds the pods, or nil without Metrics.
func (h *httpTier) MetricsService() cdk8s.ApiObject { return h.node.Handle(h.metricsService) }

// NetworkPolicy returns the tier's own policy.
func (h *httpTier) NetworkPolicy() cdk8s.ApiObject { return h.node.Handle(h.policy) }

// PodDisruptionBudget returns the PodDisruptionBudget.
func (h *httpTier) PodDisruptionBudget() cdk8s.ApiObject { return h.node.Handle(h.disruptionBudget) }

// HorizontalPodAutoscaler returns the HorizontalPodAutoscaler, or nil without Autoscaling.
func (h *httpTier) HorizontalPodAutoscaler() cdk8s.ApiObject { return h.node.Handle(h.autoscaler) }

// ConfigMap returns the ConfigMap that holds the files, or nil without Files.
func (h *httpTier) ConfigMap() cdk8s.ApiObject { return h.node.Handle(h.configMap) }
