package constructs

import (
	"slices"
	"strconv"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// httpPortName is the name of the port of a container that speaks HTTP.
const httpPortName = "http"

// httpServer is what the tiers have in common that speak HTTP: replicas of one server behind a Service. Its fields are
// those of their props, with the defaults filled in.
type httpServer struct {
	place
	image          string
	pullPolicy     PullPolicy
	port           int
	replicas       *int // Nil with autoscaling.
	autoscaling    *Autoscaling
	rollout        Rollout
	resources      Resources
	liveness       HTTPProbe
	readiness      HTTPProbe
	env            map[string]string
	secretEnv      map[string]SecretKey
	files          map[string]string
	emptyDirs      []EmptyDir
	storage        *Storage
	preStopSeconds *int
	pod            PodProps
	connections    []connection
	connected      environment // What the connections set.
	metrics        *Metrics

	// What only the tiers of monitoring have.
	alone       bool         // There is one replica: two would have two truths.
	args        []string     // Default to the image's own.
	startup     *ProbeTiming // Defaults to no probe. It asks what liveness asks.
	secretFiles []secretFile
	folders     []configMapFolder
}

// leastReplicas is how many pods there are when there are fewest.
func (s httpServer) leastReplicas() int {
	if s.autoscaling != nil {
		return s.autoscaling.MinReplicas
	}
	return *s.replicas
}

// mostReplicas is how many pods there are when there are most.
func (s httpServer) mostReplicas() int {
	if s.autoscaling != nil {
		return s.autoscaling.MaxReplicas
	}
	return *s.replicas
}

// boundToNode says whether the tier's volume keeps it on one node, where an old and a new pod cannot run side by side.
func (s httpServer) boundToNode() bool { return s.storage != nil && !s.storage.shared() }

func (s httpServer) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		checkImage(path.Child("image"), s.image),
		checkPullPolicy(path.Child("imagePullPolicy"), s.pullPolicy),
		checkPort(path.Child("port"), s.port),
		s.validateReplicas(path),
		s.resources.validate(path.Child("resources")),
		s.liveness.validate(path.Child("liveness")),
		s.readiness.validate(path.Child("readiness")),
		checkEnvironment(path, s.connected, s.secretEnv, s.env),
		s.validateMounts(path),
		s.pod.validate(path.Child("pod")),
		s.validatePreStop(path),
		s.metrics.validate(path.Child("metrics"), s.place),
		checkConnections(s.place, s.connections),
	)
}

func (s httpServer) validateReplicas(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if s.autoscaling != nil {
		errs = append(errs, s.autoscaling.validate(path.Child("autoscaling"))...)
		if s.replicas != nil {
			errs = append(errs, field.Forbidden(path.Child("replicas"), "autoscaling decides the number of replicas"))
		}
	} else {
		errs = append(errs, checkAtLeast(path.Child("replicas"), *s.replicas, 0)...)
	}
	if !s.boundToNode() {
		return append(errs, s.rollout.withDefaults(s.leastReplicas()).validate(path.Child("rollout"))...)
	}
	if s.rollout != (Rollout{}) {
		errs = append(errs, field.Forbidden(path.Child("rollout"),
			"the storage can be mounted on one node only, so the old pod is stopped before the new one starts"))
	}
	if s.mostReplicas() > 1 {
		errs = append(errs, field.Invalid(path.Child("storage", "accessMode"), s.storage.AccessMode,
			"allows one node only, and there may be several replicas: use ReadWriteMany, or one replica"))
	}
	return errs
}

func (s httpServer) validateMounts(path *field.Path) field.ErrorList {
	errs := checkFiles(path.Child("files"), s.files)
	points := s.ownMountPoints(path)
	if s.storage != nil {
		prop := path.Child("storage")
		errs = append(errs, s.storage.validate(prop)...)
		points = append(points, mountPoint{prop: prop.Child("mountPath"), path: s.storage.MountPath})
	}
	for _, dir := range s.emptyDirs {
		// By path, as the folders that the image needs are among them.
		prop := keyed(path.Child("emptyDirs"), dir.Path)
		errs = append(errs, dir.withDefaults().validate(prop)...)
		points = append(points, mountPoint{prop: prop.Child("path"), path: dir.Path})
	}
	for _, file := range sortedKeys(s.files) {
		points = append(points, mountPoint{prop: keyed(path.Child("files"), file), path: file, file: true})
	}
	return append(errs, checkMountPoints(points)...)
}

// ownMountPoints are those that no prop asks for.
func (s httpServer) ownMountPoints(path *field.Path) []mountPoint {
	var points []mountPoint
	for _, file := range s.secretFiles {
		points = append(points, mountPoint{prop: path.Child("secret"), path: file.folder})
	}
	for _, folder := range s.folders {
		points = append(points, mountPoint{prop: path.Child("dashboards"), path: folder.path})
	}
	return points
}

func (s httpServer) validatePreStop(path *field.Path) field.ErrorList {
	if *s.preStopSeconds < 0 || *s.preStopSeconds >= s.pod.TerminationGracePeriodSeconds {
		return field.ErrorList{field.Invalid(path.Child("preStopSeconds"), *s.preStopSeconds,
			"must not be negative, and must leave time of pod.terminationGracePeriodSeconds to stop")}
	}
	return nil
}

// objects are the server's objects in the order in which they are applied.
func (s httpServer) objects() []object {
	var objects []object
	if len(s.files) > 0 {
		objects = append(objects, s.configMap(s.files))
	}
	if s.storage != nil {
		objects = append(objects, s.storage.claim())
	}
	objects = append(objects, s.workload().deployment(), s.service(httpPortName, s.port))
	if s.metrics != nil {
		objects = append(objects, s.metricsService(s.metricsPortName(), s.metrics.Port))
	}
	if !s.alone {
		objects = append(objects, s.disruptionBudget())
	}
	if s.autoscaling != nil {
		objects = append(objects, s.autoscaling.autoscaler(s.place))
	}
	return append(objects, s.policies(s.connections)...)
}

func (s httpServer) workload() workload {
	return workload{
		place:       s.place,
		replicas:    s.replicas,
		strategy:    s.strategy(),
		spread:      !s.alone,
		container:   s.container(),
		port:        s.port,
		mounts:      s.mounts(),
		pod:         s.pod,
		annotations: fileAnnotations(s.files),
	}
}

func (s httpServer) strategy() *k8s.DeploymentStrategy {
	// A server that is alone writes to its volume alone, also where others could.
	if s.boundToNode() || (s.alone && s.storage != nil) {
		return recreate()
	}
	return s.rollout.withDefaults(s.leastReplicas()).strategy()
}

func (s httpServer) container() *k8s.Container {
	container := &k8s.Container{
		Name:            jsii.String(s.component),
		Image:           jsii.String(s.image),
		ImagePullPolicy: jsii.String(string(s.pullPolicy)),
		Ports:           containerPorts(httpPortName, s.port),
		Resources:       s.resources.requirements(),
		LivenessProbe:   s.liveness.probe(),
		ReadinessProbe:  s.readiness.probe(),
		Lifecycle:       s.lifecycle(),
	}
	if s.metrics != nil && s.metrics.Port != s.port {
		*container.Ports = append(*container.Ports, *containerPorts(metricsPortName, s.metrics.Port)...)
	}
	if len(s.args) > 0 {
		container.Args = jsii.Strings(s.args...)
	}
	if s.startup != nil {
		container.StartupProbe = HTTPProbe{Path: s.liveness.Path, Timing: *s.startup}.probe()
	}
	if env := newEnvironment(s.connected, s.secretEnv, s.env); len(env) > 0 {
		container.Env = (*[]*k8s.EnvVar)(&env)
	}
	return container
}

// metricsPortName is the name of the container's port that exports metrics.
func (s httpServer) metricsPortName() string {
	if s.metrics.Port == s.port {
		return httpPortName
	}
	return metricsPortName
}

func containerPorts(name string, number int) *[]*k8s.ContainerPort {
	return &[]*k8s.ContainerPort{{Name: jsii.String(name), ContainerPort: jsii.Number(number), Protocol: jsii.String("TCP")}}
}

// lifecycle keeps the server running for a while after it was told to stop: a pod is taken out of its Service at the same
// moment, and requests go on to arrive until every node has heard of it. The handler "sleep" would need no program in the
// image, but Kubernetes knows it only since 1.30; where an image has no sleep, the server stops at once.
func (s httpServer) lifecycle() *k8s.Lifecycle {
	if *s.preStopSeconds == 0 {
		return nil
	}
	return &k8s.Lifecycle{PreStop: &k8s.LifecycleHandler{
		Exec: &k8s.ExecAction{Command: jsii.Strings("sleep", strconv.Itoa(*s.preStopSeconds))},
	}}
}

func (s httpServer) mounts() mounts {
	var m mounts
	if s.storage != nil {
		m.addStorage(*s.storage)
	}
	m.addFiles(s.configMap(s.files).name, s.files)
	m.addSecretFiles(s.secretFiles)
	m.addFolders(s.folders)
	m.addEmptyDirs(s.emptyDirs)
	return m
}

func (s httpServer) destination() destination {
	return destination{Endpoint: Endpoint{Host: s.name(), Port: s.port}, pods: &s.place}
}
