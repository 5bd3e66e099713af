package constructs

import (
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// dataStore is what Postgres and Redis have in common: one server with a volume of its own. Its fields are those of their
// props, with the defaults filled in.
type dataStore struct {
	place
	image      string
	pullPolicy PullPolicy
	replicas   *int // 0 or 1.
	portName   string
	port       int
	resources  Resources
	folder     string // Where the image keeps its data.
	storage    Storage
	emptyDirs  []EmptyDir
	files      map[string]string
	env        environment
	command    []string // Defaults to the image's own.
	alive      []string // The command that asks the server whether it answers.
	liveness   ProbeTiming
	readiness  ProbeTiming
	pod        PodProps
	exporter   *exporter
}

// startTiming gives a server ten minutes to recover after a crash, or to load its data. The liveness probe waits for it;
// on its own it would end the server in the midst, again and again.
var startTiming = ProbeTiming{InitialDelaySeconds: ptr(0), PeriodSeconds: 5, TimeoutSeconds: 5, FailureThreshold: 120}

func (d dataStore) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		checkImage(path.Child("image"), d.image),
		checkPullPolicy(path.Child("imagePullPolicy"), d.pullPolicy),
		checkPort(path.Child("port"), d.port),
		d.validateReplicas(path.Child("replicas")),
		d.resources.validate(path.Child("resources")),
		d.validateStorage(path.Child("storage")),
		d.liveness.validate(path.Child("liveness")),
		d.readiness.validate(path.Child("readiness")),
		d.pod.validate(path.Child("pod")),
		d.exporter.validate(path.Child("exporter"), d.place, d.port),
	)
}

func (d dataStore) validateReplicas(path *field.Path) field.ErrorList {
	if *d.replicas == 0 || *d.replicas == 1 {
		return nil
	}
	return field.ErrorList{field.Invalid(path, *d.replicas, "must be 0 or 1: two servers must not write to one volume")}
}

func (d dataStore) validateStorage(path *field.Path) field.ErrorList {
	errs := d.storage.validate(path)
	if d.storage.MountPath != d.folder {
		errs = append(errs, field.Invalid(path.Child("mountPath"), d.storage.MountPath, "must be left out, or be "+d.folder))
	}
	return errs
}

// objects are the store's objects in the order in which they are applied. There is no disruption budget: one for a
// single pod either never lets a node be drained or does nothing.
func (d dataStore) objects() []object {
	var objects []object
	if len(d.files) > 0 {
		objects = append(objects, d.configMap(d.files))
	}
	objects = append(objects, d.storage.claim(), d.workload().deployment(), d.service(d.portName, d.port))
	if d.exporter != nil {
		objects = append(objects, d.metricsService(metricsPortName, d.exporter.port))
	}
	return append(objects, d.policies(nil)...)
}

func (d dataStore) workload() workload {
	return workload{
		place:     d.place,
		replicas:  d.replicas,
		strategy:  recreate(),
		container: d.container(),
		sidecars:  d.exporter.sidecars(),
		port:      d.port,
		mounts:    d.mounts(),
		pod:       d.pod,
	}
}

func (d dataStore) container() *k8s.Container {
	container := &k8s.Container{
		Name:            jsii.String(d.component),
		Image:           jsii.String(d.image),
		ImagePullPolicy: jsii.String(string(d.pullPolicy)),
		Ports:           containerPorts(d.portName, d.port),
		Env:             (*[]*k8s.EnvVar)(&d.env),
		Resources:       d.resources.requirements(),
		StartupProbe:    startTiming.exec(d.alive),
		LivenessProbe:   d.liveness.exec(d.alive),
		ReadinessProbe:  d.readiness.exec(d.alive),
	}
	if len(d.command) > 0 {
		container.Command = jsii.Strings(d.command...)
	}
	return container
}

func (d dataStore) mounts() mounts {
	var m mounts
	m.addStorage(d.storage)
	m.addFiles(d.configMap(d.files).name, d.files)
	m.addEmptyDirs(d.emptyDirs)
	return m
}

func (d dataStore) destination() destination {
	return destination{Endpoint: Endpoint{Host: d.name(), Port: d.port}, pods: &d.place}
}

// storeTier is the part of a construct that is a dataStore.
type storeTier struct {
	*tier
	store dataStore
}

// Endpoint is where the Service listens.
func (s *storeTier) Endpoint() Endpoint { return s.destination().Endpoint }

func (s *storeTier) destination() destination { return s.store.destination() }

// Deployment returns the object for patches.
func (s *storeTier) Deployment() cdk8s.ApiObject { return s.handle("deployment") }

// Service returns the object for patches.
func (s *storeTier) Service() cdk8s.ApiObject { return s.handle("service") }

// PersistentVolumeClaim returns the object for patches.
func (s *storeTier) PersistentVolumeClaim() cdk8s.ApiObject { return s.handle("claim") }

// MetricsService returns the object by which Prometheus finds the exporter, for patches; nil without one.
func (s *storeTier) MetricsService() cdk8s.ApiObject { return s.handle("metrics-service") }

// NetworkPolicy returns the tier's own policy for patches.
func (s *storeTier) NetworkPolicy() cdk8s.ApiObject { return s.handle("network-policy") }
