package monitoring

import (
	"maps"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// nobody is the user and the group of the images of Prometheus, Alertmanager and kube-state-metrics.
const nobody = 65534

// webExternalURL is the prefix of links in messages: the address of "kubectl port-forward", because nobody can open a
// pod's address.
const webExternalURL = "--web.external-url=http://localhost:"

// construct is what all constructs of this package have in common.
type construct struct{ node *manifest.Node }

// Construct returns the construct's node in the tree.
func (c construct) Construct() awsconstructs.Construct { return c.node.Construct() }

// Objects returns all objects of the construct.
func (c construct) Objects() []cdk8s.ApiObject { return c.node.Objects() }

// serverTier is what the servers of this package have in common: one pod behind a Service. Two pods would show
// different data.
type serverTier struct {
	construct
	server server

	deployment cdk8s.ApiObject
	service    cdk8s.ApiObject
	policy     cdk8s.ApiObject
}

// Endpoint returns the host and port of the Service.
func (s *serverTier) Endpoint() constructs.Endpoint {
	return constructs.Endpoint{Host: s.server.Name(), Port: s.server.port}
}

// Component is for use within this module.
func (s *serverTier) Component() manifest.Component { return s.server.Component }

// Destination is for use within this module.
func (s *serverTier) Destination() manifest.Destination {
	return s.server.Destination(s.server.port)
}

// Deployment returns the Deployment.
func (s *serverTier) Deployment() cdk8s.ApiObject { return s.node.Handle(s.deployment) }

// Service returns the Service.
func (s *serverTier) Service() cdk8s.ApiObject { return s.node.Handle(s.service) }

// NetworkPolicy returns the server's own policy.
func (s *serverTier) NetworkPolicy() cdk8s.ApiObject { return s.node.Handle(s.policy) }

// server is one of the servers, with the defaults filled in.
type server struct {
	manifest.Component
	image       string
	pullPolicy  constructs.PullPolicy
	port        int
	args        []string
	env         []*k8s.EnvVar
	resources   constructs.Resources
	liveness    *k8s.Probe
	readiness   *k8s.Probe
	startup     *k8s.Probe // Nil for none.
	files       map[string]string
	storage     *constructs.Storage // Nil for a server that keeps nothing.
	pod         constructs.PodProps
	connections []manifest.Connection
	sources     constructs.Sources
}

// validate also takes the paths that no prop asks for.
func (s server) validate(path *field.Path, own ...check.MountPoint) field.ErrorList {
	return slices.Concat(
		check.Image(path.Child("image"), s.image),
		s.pullPolicy.Validate(path.Child("imagePullPolicy")),
		s.resources.Validate(path.Child("resources")),
		s.validateMounts(path, own),
		s.pod.ValidateAt(path.Child("pod"), s.Component),
		s.sources.ValidateAt(path.Child("sources"), s.Component),
	)
}

func (s server) validateMounts(path *field.Path, points []check.MountPoint) field.ErrorList {
	errs := check.Files(path.Child("files"), s.files)
	if s.storage != nil {
		prop := path.Child("storage")
		errs = append(errs, s.storage.Validate(prop)...)
		points = append(points, check.MountPoint{Prop: prop.Child("mountPath"), Path: s.storage.MountPath})
	}
	for _, file := range slices.Sorted(maps.Keys(s.files)) {
		points = append(points, check.MountPoint{Prop: check.At(path.Child("files"), file), Path: file, File: true})
	}
	return append(errs, check.MountPoints(points)...)
}

func (s server) workload() manifest.Workload {
	w := manifest.Workload{
		Component: s.Component,
		Replicas:  new(1),
		Containers: []*k8s.Container{{
			Name:            jsii.String(s.ID),
			Image:           jsii.String(s.image),
			ImagePullPolicy: jsii.String(string(s.pullPolicy)),
			Ports:           &[]*k8s.ContainerPort{manifest.ContainerPort(manifest.HTTPPort, s.port)},
			Resources:       s.resources.Requirements(),
			StartupProbe:    s.startup,
			LivenessProbe:   s.liveness,
			ReadinessProbe:  s.readiness,
		}},
		Annotations: manifest.FileChecksum(s.files),
		Pod:         s.pod.Settings(s.Component),
	}
	if len(s.args) > 0 {
		w.Containers[0].Args = jsii.Strings(s.args...)
	}
	if len(s.env) > 0 {
		w.Containers[0].Env = &s.env
	}
	if s.storage == nil {
		w.Strategy = manifest.RollingUpdate(0, 1)
	} else {
		w.Mounts.AddClaim(s.storage.ClaimName, s.storage.MountPath)
	}
	w.Mounts.AddFiles(s.Component, s.files)
	return w
}
