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

// dataStore is what Postgres and Redis have in common: one server with a volume of its own. There is no disruption budget: one
// for a single pod either never lets a node be drained or does nothing.
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

// Endpoint is where the Service listens.
func (d *dataStore) Endpoint() Endpoint { return Endpoint{Host: d.at.Name(), Port: d.port} }

// Destination implements Server, for the packages of this module.
func (d *dataStore) Destination() manifest.Destination { return d.at.Destination(d.port) }

// Deployment returns the object for patches.
func (d *dataStore) Deployment() cdk8s.ApiObject { return d.node.Handle(d.deployment) }

// Service returns the object for patches.
func (d *dataStore) Service() cdk8s.ApiObject { return d.node.Handle(d.service) }

// PersistentVolumeClaim returns the object for patches.
func (d *dataStore) PersistentVolumeClaim() cdk8s.ApiObject { return d.node.Handle(d.claim) }

// MetricsService returns the object by which Prometheus finds the exporter, for patches; nil without one.
func (d *dataStore) MetricsService() cdk8s.ApiObject { return d.node.Handle(d.metricsService) }

// NetworkPolicy returns the tier's own policy for patches.
func (d *dataStore) NetworkPolicy() cdk8s.ApiObject { return d.node.Handle(d.policy) }

// checkSingle checks the number of replicas of a server that owns its volume.
func checkSingle(path *field.Path, replicas int) field.ErrorList {
	if replicas == 0 || replicas == 1 {
		return nil
	}
	return field.ErrorList{field.Invalid(path, replicas, "must be 0 or 1: two servers must not write to one volume")}
}

// Exporter is a container beside a server that does not speak Prometheus's language itself. A Prometheus of the same
// application and namespace scrapes it, and has alerts and a dashboard for the server. It is in the server's pod: while it
// does not run, because its image cannot be pulled for example, the pod is not ready and the server gets no connections.
type Exporter struct {
	// Image is the container image. Defaults to the exporter of the server's kind.
	Image string

	// ImagePullPolicy says when the image is pulled. Defaults to PullAlways for the tag "latest", else to PullIfNotPresent.
	ImagePullPolicy PullPolicy

	// Port is where the metrics are; the Service does not lead to it. Defaults to the one that Prometheus's list keeps for
	// exporters of the kind (https://github.com/prometheus/prometheus/wiki/Default-port-allocations).
	Port int

	// Resources of the container. Default to 10m of CPU and 32Mi of memory, limited to 100m and 64Mi.
	Resources Resources
}

// exporterResources hold what does not grow with the data: after 200 scrapes Redis's exporter was measured to take 14Mi.
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
		errs = append(errs, field.Invalid(path.Child("port"), e.Port, "is the server's own"))
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
