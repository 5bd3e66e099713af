package constructs

import (
	"cmp"
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

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

var exporterResources = Resources{
	Requests: ResourceList{CPU: "10m", Memory: "32Mi"},
	Limits:   ResourceList{CPU: "100m", Memory: "64Mi"},
}

// exporter is an Exporter with the defaults filled in, and what its kind adds.
type exporter struct {
	image       string
	pullPolicy  PullPolicy
	port        int
	resources   Resources
	args        []string
	env         environment
	healthyPath string // That answers without asking the server.
}

// or fills in what is not set.
func (e *Exporter) or(image string, port int) exporter {
	image = cmp.Or(e.Image, image)
	return exporter{
		image:      image,
		pullPolicy: cmp.Or(e.ImagePullPolicy, defaultPullPolicy(image)),
		port:       cmp.Or(e.Port, port),
		resources:  e.Resources.or(exporterResources),
	}
}

func (e *exporter) validate(path *field.Path, of place, serverPort int) field.ErrorList {
	if e == nil {
		return nil
	}
	errs := slices.Concat(
		of.checkMetricsName(path),
		checkImage(path.Child("image"), e.image),
		checkPullPolicy(path.Child("imagePullPolicy"), e.pullPolicy),
		checkPort(path.Child("port"), e.port),
		e.resources.validate(path.Child("resources")),
	)
	if e.port == serverPort {
		errs = append(errs, field.Invalid(path.Child("port"), e.port, "is the server's own"))
	}
	return errs
}

// sidecars is the container, if there is one. It has no readiness probe: while it runs, the server is not to lose its clients
// because nobody can measure it.
func (e *exporter) sidecars() []*k8s.Container {
	if e == nil {
		return nil
	}
	alive := livenessTiming.probe()
	alive.HttpGet = &k8s.HttpGetAction{Path: jsii.String(e.healthyPath), Port: scalar{metricsPortName}}
	return []*k8s.Container{{
		Name:            jsii.String("exporter"),
		Image:           jsii.String(e.image),
		ImagePullPolicy: jsii.String(string(e.pullPolicy)),
		Args:            jsii.Strings(e.args...),
		Env:             (*[]*k8s.EnvVar)(&e.env),
		Ports:           containerPorts(metricsPortName, e.port),
		Resources:       e.resources.requirements(),
		LivenessProbe:   alive,
	}}
}
