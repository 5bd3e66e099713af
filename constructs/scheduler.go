package constructs

import (
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

// SchedulerProps are the properties of a Scheduler: those of a Worker, except for what decides on several pods.
type SchedulerProps struct {
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

	// Resources of the container. Requests default to 250m of CPU and 512Mi of memory, limits to 500m and 1Gi.
	Resources Resources

	// Startup holds back Liveness until it succeeds, and restarts a container that fails it. A rollout waits for it.
	// Defaults to NoProbe{}.
	Startup Probe

	// Liveness restarts a container that fails this probe. Without a port to ask, that is a HeartbeatProbe or an
	// ExecProbe. Defaults to NoProbe{}: the container is restarted when its program ends.
	Liveness Probe

	// Database is the PostgreSQL server. The scheduler may connect to it, and receives its URL in DATABASE_URL. Defaults
	// to none.
	Database PostgresServer

	// MigrationsOf is a Backend with Migrations, which are applied before pods of the scheduler start. Database must be that of the
	// Backend. The former pod is stopped before. Defaults to none.
	MigrationsOf *Backend

	// Redis is the Redis server. The scheduler may connect to it, and receives its URL, including the password, in
	// REDIS_URL and the password alone in REDIS_PASSWORD. Defaults to none.
	Redis RedisServer

	// Model is a language model behind an API compatible with OpenAI's. The scheduler may connect to the server, and receives its
	// URL in OPENAI_BASE_URL, the API key in OPENAI_API_KEY and the name of the model in OPENAI_MODEL. Defaults to none.
	Model *Model

	// Connections are other servers that the scheduler may connect to. They set no environment variables. Defaults to
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

	// Storage is a volume. Defaults to none.
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
	// container's own gets SIGTERM when it has ended. No shell reads it. Defaults to none.
	PreStop []string

	// Metrics has Prometheus scrape the scheduler, which then listens on a port. Defaults to none.
	Metrics *MetricsEndpoint

	// InitContainers run to their end, one after the other, before the program starts. Defaults to none.
	InitContainers []InitContainer

	// Sidecars are containers that run for as long as the program does. Defaults to none.
	Sidecars []Sidecar

	// ServiceAccount adds a ServiceAccount, as which the pods run. Defaults to none: Pod names an existing one.
	ServiceAccount *ServiceAccount

	// Labels are added to all objects of the tier, except for pods: those of Pod are. Defaults to none.
	Labels map[string]string

	// Annotations are added to all objects of the tier, except for pods: those of Pod are. Defaults to none.
	Annotations map[string]string

	// Pod holds further settings of the pod. User and group default to 10001, the grace period to 60 seconds.
	Pod PodProps
}

// Scheduler is a Worker with exactly one pod, such as the program that adds periodic tasks to a queue. The old pod is
// stopped before the new one starts. Two pods can run at the same time only if a node loses its connection to the
// cluster: its pod continues while another one replaces it. A program that must exclude that case needs a lock.
type Scheduler struct{ workerTier }

// NewScheduler adds a Scheduler: a Deployment and network policies; with Files a ConfigMap, with Storage a
// PersistentVolumeClaim, and with Metrics a Service for Prometheus. There is no PodDisruptionBudget: one for a single pod
// either blocks the drain of a node or has no effect.
func NewScheduler(scope awsconstructs.Construct, id string, props SchedulerProps) *Scheduler {
	node := manifest.NewNode(scope, id, "scheduler")
	s := &Scheduler{newWorkerTier(node, props.worker(node.Path, node.Component))}
	if node.Accept(s.worker.validate(node.Path)) {
		s.addObjects()
	}
	return s
}

// Validate checks the props, except for what depends on the chart.
func (p SchedulerProps) Validate(path *field.Path) field.ErrorList {
	return p.worker(path, manifest.Anywhere).validate(path)
}

func (p SchedulerProps) worker(path *field.Path, at manifest.Component) worker {
	used := serversUsed{p.Database, p.Redis, p.Model, p.Connections}
	return worker{
		program: program{
			Component:   at,
			image:       p.Image,
			pullPolicy:  p.ImagePullPolicy.WithDefault(p.Image),
			command:     command{p.Command, p.Args, p.WorkingDir},
			lifecycle:   lifecycle{p.PostStart, p.PreStop},
			replicas:    new(1),
			single:      true,
			resources:   p.Resources.WithDefaults(backendResources),
			probes:      probes{startup: p.Startup, liveness: p.Liveness},
			connected:   used.env(at),
			env:         p.Env,
			secretEnv:   p.SecretEnv,
			fieldEnv:    p.FieldEnv,
			envFrom:     p.EnvFrom,
			files:       p.Files,
			emptyDirs:   mergeEmptyDirs([]EmptyDir{{Path: temporaryFolder}}, p.EmptyDirs),
			storage:     p.Storage,
			volumes:     p.Volumes,
			pod:         p.Pod,
			connections: used.all(path),
			metrics:     p.Metrics.metrics(),

			waits:          p.MigrationsOf != nil,
			migrationsOf:   p.MigrationsOf,
			database:       p.Database,
			initContainers: p.InitContainers,
			sidecars:       p.Sidecars,
			labels:         p.Labels,
			annotations:    p.Annotations,
			account:        p.ServiceAccount,
		},
	}.withDefaults()
}
