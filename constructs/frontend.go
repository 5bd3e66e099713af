package constructs

import (
	"cmp"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// FrontendProps are the properties of a Frontend.
type FrontendProps struct {
	// Image is the container image, with a tag or a digest. Required.
	Image string

	// ImagePullPolicy says when the image is pulled. Defaults to PullAlways for the tag "latest", else to PullIfNotPresent.
	ImagePullPolicy PullPolicy

	// Port is the port of the container and of the Service. The server may listen on one below 1024 though it is not root.
	// Defaults to DefaultFrontendPort.
	Port int

	// Replicas is the number of pods. Defaults to DefaultReplicas. It must not be set beside Autoscaling.
	Replicas *int

	// Autoscaling lets the number of pods follow the load. Defaults to none.
	Autoscaling *Autoscaling

	// Rollout says how pods are replaced. Defaults to one at a time.
	Rollout Rollout

	// Resources of the container. Default to 100m of CPU and 256Mi of memory, limited to 250m and 512Mi.
	Resources Resources

	// Liveness restarts a container that fails it.
	Liveness HTTPProbe

	// Readiness keeps requests from a container that fails it.
	Readiness HTTPProbe

	// Backend is the server whose API the pages call. The frontend may then connect to it, and has its URL in
	// VITE_API_BASE_URL. Defaults to none.
	Backend Server

	// APIBaseURL replaces the URL in VITE_API_BASE_URL. Browsers cannot reach the address of a Service: where the variable
	// ends up in the pages, name a public one here. It may refer to variables as a value of Env may. Defaults to http:// with the
	// Backend's host and port.
	APIBaseURL string

	// Env holds environment variables. A value may refer to another of them, to one of SecretEnv, or to one that a connection
	// sets, as $(NAME); $$(NAME) is that text itself. Defaults to none.
	Env map[string]string

	// SecretEnv holds environment variables whose values are in Secrets. Defaults to none.
	SecretEnv map[string]SecretKeyRef

	// Files holds text files by absolute path, mounted read-only from a ConfigMap. The pods are replaced when they change.
	// Defaults to none.
	Files map[string]string

	// EmptyDirs are folders that the container may write to, beside those that nginx needs: /run, /tmp and
	// /var/cache/nginx. Defaults to none.
	EmptyDirs []EmptyDir

	// PreStopSeconds is how long the server goes on after its pod was told to stop, until no more requests arrive. 0 stops
	// it at once. Kubernetes waits itself, so that the image needs no program for it. Defaults to DefaultPreStopSeconds.
	PreStopSeconds *int

	// Metrics has Prometheus scrape the frontend. Defaults to none.
	Metrics *Metrics

	// Pod holds further settings. The user defaults to nginx's (101), the group too, and the grace period to
	// DefaultGracePeriodSeconds.
	Pod PodProps
}

// DefaultFrontendPort is the port of a Frontend.
const DefaultFrontendPort = 80

// nginxUser is the user, and the group, of the nginx images. https://hub.docker.com/_/nginx
const nginxUser = 101

// apiBaseURLVariable is what applications made with Vite call the address of their API.
const apiBaseURLVariable = "VITE_API_BASE_URL"

// frontendResources hold nginx on any node: it starts a worker for each of the node's cores, 64 of which were measured to take 43Mi
// before their connections.
var frontendResources = Resources{
	Requests: ResourceList{CPU: "100m", Memory: "256Mi"},
	Limits:   ResourceList{CPU: "250m", Memory: "512Mi"},
}

// nginxFolders are what nginx writes to: its pid, bodies of requests, and what it caches.
var nginxFolders = []EmptyDir{{Path: "/run"}, {Path: temporaryFolder}, {Path: "/var/cache/nginx"}}

// Frontend is a web server with the pages of an application: replicas of a stateless HTTP server.
type Frontend struct{ httpTier }

// NewFrontend adds a Frontend: a Deployment, a Service, a PodDisruptionBudget and network policies; a ConfigMap if there
// are files, and a HorizontalPodAutoscaler if there is autoscaling. Problems of the props are reported by synthesis.
func NewFrontend(scope awsconstructs.Construct, id string, props FrontendProps) *Frontend {
	node := manifest.NewNode(scope, id, "frontend")
	f := &Frontend{newHTTPTier(node, props.server(node.Path, node.Component))}
	if node.Accept(props.validate(node.Path, f.server)) {
		f.addObjects()
	}
	return f
}

// Validate checks the props, but for what depends on the chart that the Frontend is in.
func (p FrontendProps) Validate(path *field.Path) field.ErrorList {
	return p.validate(path, p.server(path, manifest.Anywhere))
}

func (p FrontendProps) validate(path *field.Path, server httpServer) field.ErrorList {
	url := path.Child("apiBaseURL")
	return slices.Concat(
		server.validate(path),
		check.Variable(url, p.APIBaseURL),
		newEnvironment(server.connected, p.SecretEnv, p.Env).check(url, apiBaseURLVariable),
	)
}

func (p FrontendProps) server(path *field.Path, at manifest.Component) httpServer {
	return httpServer{
		Component:      at,
		image:          p.Image,
		pullPolicy:     p.ImagePullPolicy.WithDefault(p.Image),
		port:           cmp.Or(p.Port, DefaultFrontendPort),
		replicas:       p.Replicas,
		autoscaling:    p.Autoscaling,
		rollout:        p.Rollout,
		resources:      p.Resources.WithDefaults(frontendResources),
		liveness:       p.Liveness,
		readiness:      p.Readiness,
		connected:      p.connected(at),
		env:            p.Env,
		secretEnv:      p.SecretEnv,
		files:          p.Files,
		emptyDirs:      mergeEmptyDirs(nginxFolders, p.EmptyDirs),
		preStopSeconds: p.PreStopSeconds,
		pod:            p.Pod.WithDefaults(PodProps{RunAsUser: nginxUser, RunAsGroup: nginxUser}),
		connections:    manifest.Connect(path.Child("backend"), p.Backend),
		metrics:        p.Metrics,
	}.withDefaults()
}

// connected are the variables that the connection sets.
func (p FrontendProps) connected(client manifest.Component) []*k8s.EnvVar {
	switch {
	case p.APIBaseURL != "":
		return []*k8s.EnvVar{manifest.Variable(apiBaseURLVariable, p.APIBaseURL)}
	case !manifest.IsNil(p.Backend):
		return []*k8s.EnvVar{manifest.Variable(apiBaseURLVariable, "http://"+p.Backend.Destination().AddressFor(client))}
	}
	return nil
}
