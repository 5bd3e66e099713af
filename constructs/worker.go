package constructs

import (
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

// WorkerProps are the properties of a Worker.
type WorkerProps struct {
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

	// Replicas is the number of pods. It cannot be combined with Autoscaling. Defaults to 2.
	Replicas *int

	// Autoscaling adjusts the number of pods to their CPU or memory usage, not to the length of a queue. Defaults to
	// none.
	Autoscaling *Autoscaling

	// Rollout controls how pods are replaced. Defaults to one at a time. It cannot be combined with a Storage that only
	// one node can mount: the old pod is then stopped before the new one starts.
	Rollout Rollout

	// Resources of the container. Requests default to 250m of CPU and 512Mi of memory, limits to 500m and 1Gi.
	Resources Resources

	// Startup holds back Liveness until it succeeds, and restarts a container that fails it. A rollout waits for it.
	// Defaults to NoProbe{}.
	Startup Probe

	// Liveness restarts a container that fails this probe. Without a port to ask, that is a HeartbeatProbe or an
	// ExecProbe. Defaults to NoProbe{}: the container is restarted when its program ends.
	Liveness Probe

	// Database is the PostgreSQL server. The worker may connect to it, and receives its URL in DATABASE_URL. Defaults
	// to none.
	Database PostgresServer

	// MigrationsOf is a Backend with Migrations, which are applied before pods of the worker start. Database must be that of the
	// Backend. Defaults to none.
	MigrationsOf *Backend

	// Redis is the Redis server. The worker may connect to it, and receives its URL, including the password, in
	// REDIS_URL and the password alone in REDIS_PASSWORD. Defaults to none.
	Redis RedisServer

	// Model is a language model behind an API compatible with OpenAI's. The worker may connect to the server, and receives its
	// URL in OPENAI_BASE_URL, the API key in OPENAI_API_KEY and the name of the model in OPENAI_MODEL. Defaults to none.
	Model *Model

	// Connections are other servers that the worker may connect to. They set no environment variables. Defaults to
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
	// container's own gets SIGTERM when it has ended. No shell reads it. Defaults to none.
	PreStop []string

	// Metrics has Prometheus scrape the worker, which then listens on a port. Defaults to none.
	Metrics *MetricsEndpoint

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

	// Pod holds further settings of the pods. User and group default to 10001, the grace period to 60 seconds. A worker
	// that receives SIGTERM should take no new task and finish those that it has: the grace period must be longer than the
	// longest task.
	Pod PodProps
}

// DefaultWorkerGracePeriodSeconds is the default time in which a Worker or a Scheduler can finish its tasks.
const DefaultWorkerGracePeriodSeconds = 60

// Worker is a program that takes tasks, such as from a queue, in several replicas. It serves no requests: it has no port
// and no Service, and no client can connect to it. The program is often another command of a Backend's image. Use a
// Scheduler for a program that must not run twice at the same time.
type Worker struct{ workerTier }

// NewWorker adds a Worker: a Deployment, a PodDisruptionBudget and network policies; with Files a ConfigMap, with
// Storage a PersistentVolumeClaim, with Autoscaling a HorizontalPodAutoscaler, and with Metrics a Service for Prometheus.
func NewWorker(scope awsconstructs.Construct, id string, props WorkerProps) *Worker {
	node := manifest.NewNode(scope, id, "worker")
	w := &Worker{newWorkerTier(node, props.worker(node.Path, node.Component))}
	if node.Accept(w.worker.validate(node.Path)) {
		w.addObjects()
	}
	return w
}

// Validate checks the props, except for what depends on the chart.
func (p WorkerProps) Validate(path *field.Path) field.ErrorList {
	return p.worker(path, manifest.Anywhere).validate(path)
}

func (p WorkerProps) worker(path *field.Path, at manifest.Component) worker {
	used := serversUsed{p.Database, p.Redis, p.Model, p.Connections}
	return worker{
		program: program{
			Component:   at,
			image:       p.Image,
			pullPolicy:  p.ImagePullPolicy.WithDefault(p.Image),
			command:     command{p.Command, p.Args, p.WorkingDir},
			lifecycle:   lifecycle{p.PostStart, p.PreStop},
			replicas:    p.Replicas,
			autoscaling: p.Autoscaling,
			rollout:     p.Rollout,
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
			budget:         p.DisruptionBudget,
			spread:         p.Spread,
		},
	}.withDefaults()
}

// PodDisruptionBudget returns the PodDisruptionBudget.
func (w *Worker) PodDisruptionBudget() cdk8s.ApiObject { return w.node.Handle(w.disruptionBudget) }

// HorizontalPodAutoscaler returns the HorizontalPodAutoscaler, or nil without Autoscaling.
func (w *Worker) HorizontalPodAutoscaler() cdk8s.ApiObject { return w.node.Handle(w.autoscaler) }

// workerTier is what Worker and Scheduler have in common: a program that serves no requests.
type workerTier struct {
	programTier
	worker worker
}

func newWorkerTier(node *manifest.Node, worker worker) workerTier {
	return workerTier{programTier: programTier{construct: construct{node}}, worker: worker}
}

// addObjects expects a worker that is valid.
func (w *workerTier) addObjects() {
	limits := w.worker.resources.Limits
	w.programTier.addObjects(w.worker.program, manifest.WorkerTarget{CPULimit: limits.boundedCPU(), MemoryLimit: limits.Memory}, clients{})
}

// worker is the program of a Worker or a Scheduler. Its fields are those of their props, with the defaults filled in.
type worker struct{ program }

// withDefaults fills in the defaults that both tiers have.
func (w worker) withDefaults() worker {
	w.pod = w.pod.WithDefaults(w.Component, PodProps{
		RunAsUser: DefaultBackendUser, RunAsGroup: DefaultBackendUser, TerminationGracePeriodSeconds: DefaultWorkerGracePeriodSeconds,
	})
	w.program = w.program.withDefaults()
	w.probes = w.probes.withDefaults(probes{startup: NoProbe{}, liveness: NoProbe{}, readiness: NoProbe{}})
	return w
}

// PersistentVolumeClaim returns the claim, or nil without Storage.
func (w *workerTier) PersistentVolumeClaim() cdk8s.ApiObject { return w.node.Handle(w.claim) }
