package constructs

import (
	"cmp"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

// BackendProps are the properties of a Backend.
type BackendProps struct {
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

	// Port is the port of the container and of the Service. Defaults to 8000.
	Port int

	// Replicas is the number of pods. It cannot be combined with Autoscaling. Defaults to 2.
	Replicas *int

	// Autoscaling adjusts the number of pods to the load. Defaults to none.
	Autoscaling *Autoscaling

	// Rollout controls how pods are replaced. Defaults to one at a time. It cannot be combined with a Storage that only
	// one node can mount: the old pod is then stopped before the new one starts.
	Rollout Rollout

	// Resources of the container. Requests default to 250m of CPU and 512Mi of memory, limits to 500m and 1Gi.
	Resources Resources

	// Startup holds back the other probes until it succeeds, and restarts a container that fails it: for a server that
	// takes long to start. Defaults to NoProbe{}.
	Startup Probe

	// Liveness restarts a container that fails this probe. Defaults to HTTPProbe{}, which requests "/health".
	Liveness Probe

	// Readiness routes no requests to a container that fails this probe. Defaults to HTTPProbe{}, which requests
	// "/health".
	Readiness Probe

	// Database is the PostgreSQL server. The backend may connect to it, and receives its URL in DATABASE_URL. Defaults
	// to none.
	Database PostgresServer

	// Migrations bring the schema of Database up to date before pods of a new image serve. Defaults to none.
	Migrations *Migrations

	// Redis is the Redis server. The backend may connect to it, and receives its URL, including the password, in
	// REDIS_URL and the password alone in REDIS_PASSWORD. An ExternalRedis with a URL, or without a password, sets
	// REDIS_URL only. Defaults to none.
	Redis RedisServer

	// Model is a language model behind an API compatible with OpenAI's. The backend may connect to the server, and receives its
	// URL in OPENAI_BASE_URL, the API key in OPENAI_API_KEY and the name of the model in OPENAI_MODEL. Defaults to none.
	Model *Model

	// Connections are other servers that the backend may connect to. They set no environment variables. Defaults to
	// none.
	Connections []Server

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

	// Storage is a volume that all replicas share. More than one replica requires the access mode ReadWriteMany.
	// Defaults to none.
	Storage *Storage

	// Volumes are existing claims, and files of Secrets, ConfigMaps and images. Defaults to none.
	Volumes []Volume

	// EmptyDirs are directories that the container may write to, in addition to /tmp. Defaults to none.
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

	// Metrics has Prometheus scrape the backend. Defaults to none.
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

	// Pod holds further settings of the pods. User and group default to 10001, the grace period to 30 seconds.
	Pod PodProps
}

// The defaults of a Backend.
const (
	DefaultBackendPort = 8000

	// DefaultBackendUser is above the user ids that images and nodes usually define.
	DefaultBackendUser = 10001
)

var backendResources = Resources{
	Requests: ResourceList{CPU: "250m", Memory: "512Mi"},
	Limits:   ResourceList{CPU: "500m", Memory: "1Gi"},
}

// Backend is an HTTP server with the logic of an application, in several replicas that can share a volume.
type Backend struct {
	httpTier
	migrations *migrationsTier // Nil without Migrations.
}

// NewBackend adds a Backend: a Deployment, a Service, a PodDisruptionBudget and network policies; with Files a
// ConfigMap, with Storage a PersistentVolumeClaim, with Autoscaling a HorizontalPodAutoscaler, and with Migrations a Job
// and its network policies.
func NewBackend(scope awsconstructs.Construct, id string, props BackendProps) *Backend {
	node := manifest.NewNode(scope, id, "backend")
	b := &Backend{httpTier: newHTTPTier(node, props.server(node.Path, node.Component))}
	if node.Accept(b.server.validate(node.Path)) {
		b.migrations = b.server.migrations.addTo(node)
		b.addObjects()
		if b.migrations != nil {
			b.account = b.migrations.account
		}
	}
	return b
}

// Validate checks the props, except for what depends on the chart.
func (p BackendProps) Validate(path *field.Path) field.ErrorList {
	return p.server(path, manifest.Anywhere).validate(path)
}

func (p BackendProps) server(path *field.Path, at manifest.Component) httpServer {
	used := serversUsed{p.Database, p.Redis, p.Model, p.Connections}
	server := httpServer{
		program: program{
			Component:   at,
			image:       p.Image,
			pullPolicy:  p.ImagePullPolicy.WithDefault(p.Image),
			command:     command{p.Command, p.Args, p.WorkingDir},
			lifecycle:   lifecycle{p.PostStart, p.PreStop},
			port:        cmp.Or(p.Port, DefaultBackendPort),
			replicas:    p.Replicas,
			autoscaling: p.Autoscaling,
			rollout:     p.Rollout,
			resources:   p.Resources.WithDefaults(backendResources),
			probes:      probes{p.Startup, p.Liveness, p.Readiness},
			connected:   used.env(at),
			env:         p.Env,
			secretEnv:   p.SecretEnv,
			fieldEnv:    p.FieldEnv,
			envFrom:     p.EnvFrom,
			files:       p.Files,
			emptyDirs:   mergeEmptyDirs([]EmptyDir{{Path: temporaryFolder}}, p.EmptyDirs),
			storage:     p.Storage,
			volumes:     p.Volumes,
			pod:         p.Pod.WithDefaults(at, PodProps{RunAsUser: DefaultBackendUser, RunAsGroup: DefaultBackendUser}),
			connections: used.all(path),
			metrics:     p.Metrics,
			waits:       p.Migrations != nil,

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
	server.migrations = p.Migrations.of(server.program, p.Database)
	return server
}

// PersistentVolumeClaim returns the claim, or nil without Storage.
func (b *Backend) PersistentVolumeClaim() cdk8s.ApiObject { return b.node.Handle(b.claim) }

// MigrationsJob returns the Job that migrates the database, or nil without Migrations.
func (b *Backend) MigrationsJob() cdk8s.ApiObject {
	if b.migrations == nil {
		return b.node.Handle(nil)
	}
	return b.migrations.node.Handle(b.migrations.object)
}

// Objects returns all objects of the construct, those of its migrations included.
func (b *Backend) Objects() []cdk8s.ApiObject {
	if b.migrations == nil {
		return b.node.Objects()
	}
	return slices.Concat(b.migrations.Objects(), b.node.Objects())
}
