package constructs

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// dataStore is what Postgres and Redis have in common: one server with a volume of its own. There is no
// PodDisruptionBudget: one for a single pod either blocks the drain of a node or has no effect.
type dataStore struct {
	construct
	at   manifest.Component
	port int

	configMap      cdk8s.ApiObject
	claim          cdk8s.ApiObject
	deployment     cdk8s.ApiObject
	service        cdk8s.ApiObject
	metricsService cdk8s.ApiObject
	policy         cdk8s.ApiObject
}

// Endpoint returns the host and port of the Service.
func (d *dataStore) Endpoint() Endpoint { return Endpoint{Host: d.at.Name(), Port: d.port} }

// Component is for use within this module.
func (d *dataStore) Component() manifest.Component { return d.at }

// Destination is for use within this module.
func (d *dataStore) Destination() manifest.Destination { return d.at.Destination(d.port) }

// Deployment returns the Deployment.
func (d *dataStore) Deployment() cdk8s.ApiObject { return d.node.Handle(d.deployment) }

// Service returns the Service.
func (d *dataStore) Service() cdk8s.ApiObject { return d.node.Handle(d.service) }

// PersistentVolumeClaim returns the claim of the server's volume.
func (d *dataStore) PersistentVolumeClaim() cdk8s.ApiObject { return d.node.Handle(d.claim) }

// MetricsService returns the Service through which Prometheus finds the exporter, or nil without Exporter.
func (d *dataStore) MetricsService() cdk8s.ApiObject { return d.node.Handle(d.metricsService) }

// NetworkPolicy returns the server's own policy.
func (d *dataStore) NetworkPolicy() cdk8s.ApiObject { return d.node.Handle(d.policy) }

// checkSingle checks the number of replicas of a server that owns its volume.
func checkSingle(path *field.Path, replicas int) field.ErrorList {
	if replicas == 0 || replicas == 1 {
		return nil
	}
	return field.ErrorList{field.Invalid(path, replicas, "must be 0 or 1: two servers must not write to one volume")}
}

// Exporter is a sidecar that exposes a server's metrics to Prometheus. A Prometheus of the same application and
// namespace scrapes it, and adds alerts and a dashboard for the server. While the sidecar does not run, for example
// because its image cannot be pulled, the pod is not ready and the server receives no connections.
type Exporter struct {
	// Image is the container image. Defaults to "quay.io/prometheuscommunity/postgres-exporter:v0.17.1" for a Postgres
	// and "oliver006/redis_exporter:v1.74.0" for a Redis.
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy PullPolicy

	// Port serves the metrics. The Service does not expose it. Defaults to 9187 for a Postgres and 9121 for a Redis.
	// https://github.com/prometheus/prometheus/wiki/Default-port-allocations
	Port int

	// Resources of the container. Requests default to 10m of CPU and 32Mi of memory, limits to 100m and 64Mi.
	Resources Resources
}

// exporterResources cover a need that does not grow with the data: Redis's exporter was measured to use 14Mi after 200
// scrapes.
var exporterResources = Resources{
	Requests: ResourceList{CPU: "10m", Memory: "32Mi"},
	Limits:   ResourceList{CPU: "100m", Memory: "64Mi"},
}

func (e *Exporter) withDefaults(image string, port int) *Exporter {
	if e == nil {
		return nil
	}
	image = cmp.Or(e.Image, image)
	return &Exporter{
		Image:           image,
		ImagePullPolicy: e.ImagePullPolicy.WithDefault(image),
		Port:            cmp.Or(e.Port, port),
		Resources:       e.Resources.WithDefaults(exporterResources),
	}
}

func (e *Exporter) validate(path *field.Path, of manifest.Component, serverPort int) field.ErrorList {
	if e == nil {
		return nil
	}
	errs := slices.Concat(
		of.CheckMetricsName(path),
		check.Image(path.Child("image"), e.Image),
		e.ImagePullPolicy.Validate(path.Child("imagePullPolicy")),
		check.Port(path.Child("port"), e.Port),
		e.Resources.Validate(path.Child("resources")),
	)
	if e.Port == serverPort {
		errs = append(errs, field.Invalid(path.Child("port"), e.Port, "must differ from the server's port"))
	}
	return errs
}

// container has no readiness probe: while the exporter runs, the server is not to lose its clients because nobody can measure
// it. The path of its health answers without asking the server.
func (e *Exporter) container(healthPath string, env ...*k8s.EnvVar) *k8s.Container {
	return &k8s.Container{
		Name:            jsii.String("exporter"),
		Image:           jsii.String(e.Image),
		ImagePullPolicy: jsii.String(string(e.ImagePullPolicy)),
		Args:            jsii.Strings("--web.listen-address=:" + strconv.Itoa(e.Port)),
		Env:             &env,
		Ports:           &[]*k8s.ContainerPort{manifest.ContainerPort(manifest.MetricsPort, e.Port)},
		Resources:       e.Resources.Requirements(),
		LivenessProbe: livenessTiming.probe(k8s.Probe{
			HttpGet: &k8s.HttpGetAction{Path: jsii.String(healthPath), Port: manifest.Text(manifest.MetricsPort)},
		}),
	}
}
