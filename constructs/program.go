package constructs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// The defaults of the tiers that run a program of the application.
const (
	DefaultReplicas           = 2
	DefaultGracePeriodSeconds = 30
)

// program is a program of the application, in replicas: what Frontend, Backend, Worker and Scheduler run. Its fields are
// those of their props, with the defaults filled in.
type program struct {
	manifest.Component
	image       string
	pullPolicy  PullPolicy
	command     command
	lifecycle   lifecycle
	port        int  // Of HTTP; 0 for a program that serves no requests.
	replicas    *int // Nil with autoscaling.
	autoscaling *Autoscaling
	rollout     Rollout
	single      bool // One pod at most, also during a rollout.
	preStop     int  // How many seconds the program continues after its pod was told to stop.
	resources   Resources
	probes      probes
	connected   []*k8s.EnvVar // What the connections set.
	env         map[string]string
	secretEnv   map[string]SecretKeyRef
	fieldEnv    map[string]FieldRef
	envFrom     []EnvFrom
	files       map[string]string
	emptyDirs   []EmptyDir
	storage     *Storage
	volumes     []Volume
	pod         PodProps
	connections []manifest.Connection
	metrics     *Metrics
	migrations  *migrationsJob // Of its own. Nil without.

	waits        bool           // New pods, for migrations.
	migrationsOf *Backend       // Nil without.
	database     PostgresServer // With the record of those migrations.

	initContainers []InitContainer
	sidecars       []Sidecar
	furtherPorts   []Port
	labels         map[string]string
	annotations    map[string]string
	account        *ServiceAccount
	budget         DisruptionBudget
	spread         []Spread
}

// withDefaults fills in the defaults that all such tiers have.
func (p program) withDefaults() program {
	if p.autoscaling != nil {
		p.autoscaling = new(p.autoscaling.withDefaults())
	} else {
		p.replicas = cmp.Or(p.replicas, new(DefaultReplicas))
	}
	if p.storage != nil {
		p.storage = new(p.storage.WithDefaults(Storage{ClaimName: p.Suffixed("data")}))
	}
	p.volumes = slices.Clone(p.volumes)
	for i, volume := range p.volumes {
		if !manifest.IsNil(volume) {
			p.volumes[i] = volume.withDefaults()
		}
	}
	if !p.recreated() {
		least := p.leastReplicas()
		if p.autoscaling != nil && p.autoscaling.External || p.waits {
			least = 1 // Another autoscaler may keep only one. While new pods wait, all former ones should serve.
		}
		p.rollout = p.rollout.withDefaults(least)
	}
	p.pod = p.pod.WithDefaults(p.Component, PodProps{TerminationGracePeriodSeconds: DefaultGracePeriodSeconds})
	p.metrics = p.metrics.withDefaults()
	p.account = p.account.withDefaults(p.Component)
	p.budget = p.budget.withDefaults()
	p.spread = spreadWithDefaults(p.spread)
	p.furtherPorts = slices.Clone(p.furtherPorts)
	for i, port := range p.furtherPorts {
		p.furtherPorts[i] = port.withDefaults()
	}
	return p
}

// leastReplicas is the smallest number of pods.
func (p program) leastReplicas() int {
	if p.autoscaling != nil {
		return p.autoscaling.MinReplicas
	}
	return *p.replicas
}

// mostReplicas is the largest number of pods.
func (p program) mostReplicas() int {
	if p.autoscaling != nil {
		return p.autoscaling.MaxReplicas
	}
	return *p.replicas
}

// describeReplicas is the largest number of pods, in errors.
func (p program) describeReplicas() string {
	if p.autoscaling != nil {
		return fmt.Sprintf("up to %d", p.autoscaling.MaxReplicas)
	}
	return check.OrDefault(*p.replicas, DefaultReplicas)
}

// recreated reports whether the old pod is stopped before the new one starts: there may be only one of them, or the
// tier's volume keeps it on one node.
func (p program) recreated() bool { return p.single || p.claimOfOneNode(nil) != nil }

// claimOfOneNode is the access mode of the first volume that only one node can mount, or nil.
func (p program) claimOfOneNode(path *field.Path) *accessModeProp {
	if p.storage != nil && !p.storage.shared() {
		return &accessModeProp{path.Child("storage", "accessMode"), p.storage.AccessMode}
	}
	for i, volume := range p.volumes {
		if claim, is := volume.(ClaimVolume); is && !claim.shared() {
			return &accessModeProp{path.Child("volumes").Index(i).Child("accessMode"), claim.AccessMode}
		}
	}
	return nil
}

type accessModeProp struct {
	prop *field.Path
	mode AccessMode
}

func (p program) variables() variables {
	return variables{connected: p.connected, env: p.env, secretEnv: p.secretEnv, fieldEnv: p.fieldEnv, envFrom: p.envFrom, pod: p.pod}
}

// probed is what the probes need to know.
func (p program) probed() probed {
	return probed{port: p.port, environment: p.variables().ordered(), emptyDirs: p.emptyDirs}
}

func (p program) validate(path *field.Path) field.ErrorList {
	errs := slices.Concat(
		check.Image(path.Child("image"), p.image),
		p.pullPolicy.Validate(path.Child("imagePullPolicy")),
		p.command.validate(path, p.variables().ordered()),
		p.lifecycle.validate(path, p.variables().ordered()),
	)
	if p.port != 0 {
		errs = append(errs, check.Port(path.Child("port"), p.port)...)
	}
	return slices.Concat(
		errs,
		p.validateReplicas(path),
		p.resources.Validate(path.Child("resources")),
		checkMemoryDirs(path.Child("emptyDirs"), p.emptyDirs, p.resources),
		p.probes.validate(path, p.probed()),
		p.variables().validate(path),
		p.validateMounts(path),
		p.pod.ValidateAt(path.Child("pod"), p.Component),
		manifest.CheckConnections(p.Component, p.connections),
		p.metrics.validate(path.Child("metrics"), p.Component),
		p.validateExtraContainers(path),
		p.validatePorts(path),
		p.migrations.validate(path),
		p.validateMigrationsOf(path),
		manifest.CheckLabels(path.Child("labels"), p.labels),
		check.Annotations(path.Child("annotations"), p.annotations),
		p.account.validate(path.Child("serviceAccount"), p.pod),
		p.budget.validate(path.Child("disruptionBudget"), p.leastReplicas()),
		validateSpread(path.Child("spread"), p.spread),
	)
}

func (p program) validateReplicas(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if p.autoscaling != nil {
		errs = append(errs, p.autoscaling.validate(path.Child("autoscaling"))...)
		if p.replicas != nil {
			errs = append(errs, field.Forbidden(path.Child("replicas"), "autoscaling sets the number of replicas: remove one of them"))
		}
	} else {
		errs = append(errs, check.AtLeast(path.Child("replicas"), *p.replicas, 0)...)
	}
	if !p.recreated() {
		return append(errs, p.rollout.validate(path.Child("rollout"))...)
	}
	if p.rollout != (Rollout{}) {
		errs = append(errs, field.Forbidden(path.Child("rollout"),
			"the old pod is stopped before the new one starts, because only one node can mount the storage: remove rollout, or use ReadWriteMany"))
	}
	if p.mostReplicas() > 1 {
		claim := p.claimOfOneNode(path)
		errs = append(errs, field.Invalid(claim.prop, claim.mode,
			"must be ReadWriteMany for several replicas ("+p.describeReplicas()+"), or set one replica"))
	}
	return errs
}

func (p program) validateMounts(path *field.Path) field.ErrorList {
	errs := check.Files(path.Child("files"), p.files)
	if p.storage != nil {
		errs = append(errs, p.storage.Validate(path.Child("storage"))...)
	}
	for i, volume := range p.volumes {
		prop := path.Child("volumes").Index(i)
		if manifest.IsNil(volume) {
			errs = append(errs, field.Required(prop, "a ClaimVolume, a SecretVolume, a ConfigMapVolume or an ImageVolume"))
			continue
		}
		errs = append(errs, check.MountPath(prop.Child("mountPath"), volume.path())...)
		errs = append(errs, volume.validate(prop)...)
	}
	for _, dir := range p.emptyDirs {
		errs = append(errs, dir.validate(check.At(path.Child("emptyDirs"), dir.Path))...)
	}
	return append(errs, check.MountPoints(p.mountPoints(path))...)
}

// mountPoints are the paths of the program's volumes.
func (p program) mountPoints(path *field.Path) []check.MountPoint {
	var points []check.MountPoint
	if p.storage != nil {
		points = append(points, check.MountPoint{Prop: path.Child("storage", "mountPath"), Path: p.storage.MountPath})
	}
	for i, volume := range p.volumes {
		if !manifest.IsNil(volume) {
			points = append(points, check.MountPoint{Prop: path.Child("volumes").Index(i).Child("mountPath"), Path: volume.path()})
		}
	}
	for _, dir := range p.emptyDirs {
		// By path, because the directories that the image needs are among them.
		points = append(points, check.MountPoint{Prop: check.At(path.Child("emptyDirs"), dir.Path).Child("path"), Path: dir.Path})
	}
	for _, file := range slices.Sorted(maps.Keys(p.files)) {
		points = append(points, check.MountPoint{Prop: check.At(path.Child("files"), file), Path: file, File: true})
	}
	return points
}

func (p program) workload() manifest.Workload {
	w := manifest.Workload{
		Component:   p.Component,
		Replicas:    p.replicas,
		Containers:  []*k8s.Container{p.container()},
		Annotations: manifest.FileChecksum(p.files),
		Pod:         p.pod.Settings(p.Component),

		PreStopSeconds: p.preStop,
	}
	if !p.recreated() {
		w.Strategy = manifest.RollingUpdate(*p.rollout.MaxUnavailable, *p.rollout.MaxSurge)
	}
	if p.storage != nil {
		w.Mounts.AddClaim(p.storage.ClaimName, p.storage.MountPath)
	}
	for _, volume := range p.volumes {
		volume.addTo(&w.Mounts)
	}
	w.Mounts.AddFiles(p.Component, p.files)
	for _, dir := range slices.SortedFunc(slices.Values(p.emptyDirs), func(a, b EmptyDir) int { return strings.Compare(a.Path, b.Path) }) {
		w.Mounts.AddEmptyDir(dir.Path, dir.Source())
	}
	if job := p.awaits(); job != nil {
		w.InitContainers = append(w.InitContainers, job.waitContainer())
	}
	if !p.single {
		for _, spread := range p.spread {
			w.Spread = append(w.Spread, spread.constraint())
		}
	}
	if p.account != nil {
		w.Pod.Spec.ServiceAccountName = jsii.String(p.account.Name)
	}
	for _, container := range p.extraContainers(nil) {
		w.InitContainers = append(w.InitContainers, container.container(p, w.Mounts))
	}
	return w
}

func (p program) container() *k8s.Container {
	container := &k8s.Container{
		Name:            jsii.String(p.ID),
		Image:           jsii.String(p.image),
		ImagePullPolicy: jsii.String(string(p.pullPolicy)),
		Resources:       p.resources.Requirements(),
	}
	p.command.addTo(container)
	p.lifecycle.addTo(container)
	p.variables().addTo(container)
	p.probes.addTo(container, p.probed())
	if ports := p.ports(); len(ports) > 0 {
		container.Ports = &ports
	}
	return container
}

// ports are one if metrics are on the port that requests go to.
func (p program) ports() []*k8s.ContainerPort {
	var ports []*k8s.ContainerPort
	if p.port != 0 {
		ports = append(ports, manifest.ContainerPort(manifest.HTTPPort, p.port))
	}
	if p.metrics != nil && p.metrics.Port != p.port {
		ports = append(ports, manifest.ContainerPort(manifest.MetricsPort, p.metrics.Port))
	}
	return append(ports, p.portsOf("")...)
}

// portsOf are the further ports of a sidecar, or of the program itself.
func (p program) portsOf(sidecar string) []*k8s.ContainerPort {
	var ports []*k8s.ContainerPort
	for _, port := range p.furtherPorts {
		if port.Sidecar == sidecar {
			ports = append(ports, port.container())
		}
	}
	return ports
}

// metricsPortName is the name of the container's port that exports metrics.
func (p program) metricsPortName() string {
	if p.metrics.Port == p.port {
		return manifest.HTTPPort
	}
	return manifest.MetricsPort
}
