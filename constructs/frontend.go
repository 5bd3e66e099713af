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
	// Image is the container image. Required.
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy PullPolicy

	// Command is the program to run, with its first arguments. No shell reads it. It can refer to variables like a value
	// of Env; a secret that it refers to is visible in the list of processes. Defaults to the image's entrypoint.
	Command []string

	// Args are the arguments, or further ones if Command is set. They can refer to variables like a value of Env.
	// Defaults to the image's own, or to none if Command is set.
	Args []string

	// WorkingDir is the absolute path of the directory in which the program starts. Defaults to the image's own.
	WorkingDir string

	// Port is the port of the container and of the Service. A port below 1024 works although the server is not root.
	// Defaults to 80.
	Port int

	// Replicas is the number of pods. It cannot be combined with Autoscaling. Defaults to 2.
	Replicas *int

	// Autoscaling adjusts the number of pods to the load. Defaults to none.
	Autoscaling *Autoscaling

	// Rollout controls how pods are replaced. Defaults to one at a time.
	Rollout Rollout

	// Resources of the container. Requests default to 100m of CPU and 256Mi of memory, limits to 250m and 512Mi.
	Resources Resources

	// Startup holds back the other probes until it succeeds, and restarts a container that fails it: for a server that
	// takes long to start. Defaults to NoProbe{}.
	Startup Probe

	// Liveness restarts a container that fails this probe. Defaults to HTTPProbe{}, which requests "/health".
	Liveness Probe

	// Readiness routes no requests to a container that fails this probe. Defaults to HTTPProbe{}, which requests
	// "/health".
	Readiness Probe

	// Backend is the server whose API the pages call. The frontend may connect to it, and receives its URL in
	// VITE_API_BASE_URL. Defaults to none.
	Backend Server

	// APIBaseURL replaces the URL in VITE_API_BASE_URL. Browsers cannot reach the address of a Service: if the pages
	// contain the variable, set a public URL here. It can refer to variables like a value of Env. Defaults to http://
	// and the Backend's host and port.
	APIBaseURL string

	// Env holds environment variables. A value can refer to a variable of Env, of SecretEnv or of a connection as
	// $(NAME); $$(NAME) stands for the text $(NAME). Defaults to none.
	Env map[string]string

	// SecretEnv holds environment variables whose values are in Secrets. Defaults to none.
	SecretEnv map[string]SecretKeyRef

	// FieldEnv holds environment variables whose values are fields of the pod, or requests and limits of the container.
	// Defaults to none.
	FieldEnv map[string]FieldRef

	// EnvFrom sets an environment variable for every key of Secrets and ConfigMaps. Defaults to none.
	EnvFrom []EnvFrom

	// Files holds text files by absolute path, mounted read-only from a ConfigMap. A change replaces the pods. Defaults
	// to none.
	Files map[string]string

	// Volumes are existing claims, and files of Secrets, ConfigMaps and images. Defaults to none.
	Volumes []Volume

	// EmptyDirs are directories that the container may write to, in addition to those that nginx needs: /run, /tmp and
	// /var/cache/nginx. Defaults to none.
	EmptyDirs []EmptyDir

	// PostStart is a program, with its arguments, that Kubernetes runs in the container when it has started, at the same
	// time as the container's own. No shell reads it. A container whose PostStart fails is restarted, and one that is not
	// done yet is not ready. Defaults to none.
	PostStart []string

	// PreStop is a program, with its arguments, that Kubernetes runs in the container when its pod was told to stop. The
	// container's own gets SIGTERM when it has ended. No shell reads it. It replaces the waiting of PreStopSeconds.
	// Defaults to none.
	PreStop []string

	// PreStopSeconds is how long the server continues to serve after its pod was told to stop, because requests still
	// arrive for a while. 0 stops it at once. Kubernetes does the waiting, so the image needs no sleep command. Defaults
	// to 5, or to 0 with PreStop.
	PreStopSeconds *int

	// Service holds settings of the Service. Defaults to a Service that only clients in the cluster can reach.
	Service ServiceProps

	// Ports are further ports of the containers and the Service. Defaults to none.
	Ports []Port

	// Sources are clients that no construct of this library adds, and that may connect to Port. Defaults to none.
	Sources Sources

	// Metrics has Prometheus scrape the frontend. Defaults to none.
	Metrics *Metrics

	// InitContainers run to their end, one after the other, before the program starts. Defaults to none.
	InitContainers []InitContainer

	// Sidecars are containers that run for as long as the program does. Defaults to none.
	Sidecars []Sidecar

	// DisruptionBudget limits how many pods may be evicted at the same time. Defaults to one.
	DisruptionBudget DisruptionBudget

	// Spread distributes the pods over parts of the cluster. Defaults to topology.kubernetes.io/zone and
	// kubernetes.io/hostname with a MaxSkew of 1, where possible.
	Spread []Spread

	// ServiceAccount adds a ServiceAccount, as which the pods run. Defaults to none: Pod names an existing one.
	ServiceAccount *ServiceAccount

	// Labels are added to all objects of the tier, except for pods: those of Pod are. Defaults to none.
	Labels map[string]string

	// Annotations are added to all objects of the tier, except for pods: those of Pod are. Defaults to none.
	Annotations map[string]string

	// Pod holds further settings of the pods. User and group default to nginx's, 101, and the grace period to 30
	// seconds.
	Pod PodProps
}

// DefaultFrontendPort is the default port of a Frontend.
const DefaultFrontendPort = 80

// nginxUser is the user and the group of the nginx images. https://hub.docker.com/_/nginx
const nginxUser = 101

// apiBaseURLVariable is the conventional name for the API's address in applications built with Vite.
const apiBaseURLVariable = "VITE_API_BASE_URL"

// frontendResources hold nginx on any node: it starts one worker per core of the node, and 64 workers were measured to
// use 43Mi before their connections.
var frontendResources = Resources{
	Requests: ResourceList{CPU: "100m", Memory: "256Mi"},
	Limits:   ResourceList{CPU: "250m", Memory: "512Mi"},
}

// nginxFolders are the directories that nginx writes to: its pid, request bodies and caches.
var nginxFolders = []EmptyDir{{Path: "/run"}, {Path: temporaryFolder}, {Path: "/var/cache/nginx"}}

// Frontend is a web server with the pages of an application, in several stateless replicas.
type Frontend struct{ httpTier }

// NewFrontend adds a Frontend: a Deployment, a Service, a PodDisruptionBudget and network policies; with Files a
// ConfigMap, and with Autoscaling a HorizontalPodAutoscaler.
func NewFrontend(scope awsconstructs.Construct, id string, props FrontendProps) *Frontend {
	node := manifest.NewNode(scope, id, "frontend")
	f := &Frontend{newHTTPTier(node, props.server(node.Path, node.Component))}
	if node.Accept(props.validate(node.Path, f.server)) {
		f.addObjects()
	}
	return f
}

// Validate checks the props, except for what depends on the chart.
func (p FrontendProps) Validate(path *field.Path) field.ErrorList {
	return p.validate(path, p.server(path, manifest.Anywhere))
}

func (p FrontendProps) validate(path *field.Path, server httpServer) field.ErrorList {
	url := path.Child("apiBaseURL")
	return slices.Concat(
		server.validate(path),
		check.Variable(url, p.APIBaseURL),
		server.variables().ordered().check(url, apiBaseURLVariable),
	)
}

func (p FrontendProps) server(path *field.Path, at manifest.Component) httpServer {
	return httpServer{
		program: program{
			Component:   at,
			image:       p.Image,
			pullPolicy:  p.ImagePullPolicy.WithDefault(p.Image),
			command:     command{p.Command, p.Args, p.WorkingDir},
			lifecycle:   lifecycle{p.PostStart, p.PreStop},
			port:        cmp.Or(p.Port, DefaultFrontendPort),
			replicas:    p.Replicas,
			autoscaling: p.Autoscaling,
			rollout:     p.Rollout,
			resources:   p.Resources.WithDefaults(frontendResources),
			probes:      probes{p.Startup, p.Liveness, p.Readiness},
			connected:   p.connected(at),
			env:         p.Env,
			secretEnv:   p.SecretEnv,
			fieldEnv:    p.FieldEnv,
			envFrom:     p.EnvFrom,
			files:       p.Files,
			emptyDirs:   mergeEmptyDirs(nginxFolders, p.EmptyDirs),
			volumes:     p.Volumes,
			pod:         p.Pod.WithDefaults(at, PodProps{RunAsUser: nginxUser, RunAsGroup: nginxUser}),
			connections: manifest.Connect(path.Child("backend"), p.Backend),
			metrics:     p.Metrics,

			initContainers: p.InitContainers,
			sidecars:       p.Sidecars,
			labels:         p.Labels,
			annotations:    p.Annotations,
			account:        p.ServiceAccount,
			budget:         p.DisruptionBudget,
			spread:         p.Spread,
			furtherPorts:   p.Ports,
		},
		preStopSeconds: p.PreStopSeconds,
		service:        p.Service,
		sources:        p.Sources,
	}.withDefaults()
}

// connected returns the variables that the connection sets.
func (p FrontendProps) connected(client manifest.Component) []*k8s.EnvVar {
	switch {
	case p.APIBaseURL != "":
		return []*k8s.EnvVar{manifest.Variable(apiBaseURLVariable, p.APIBaseURL)}
	case !manifest.IsNil(p.Backend):
		return []*k8s.EnvVar{manifest.Variable(apiBaseURLVariable, "http://"+p.Backend.Destination().AddressFor(client))}
	}
	return nil
}
