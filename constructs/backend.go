package constructs

import (
	"cmp"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

// BackendProps are the properties of a Backend.
type BackendProps struct {
	// Image is the container image, with a tag or a digest. Required.
	Image string

	// ImagePullPolicy says when the image is pulled. Defaults to PullAlways for the tag "latest", else to PullIfNotPresent.
	ImagePullPolicy PullPolicy

	// Port is the port of the container and of the Service. Defaults to DefaultBackendPort.
	Port int

	// Replicas is the number of pods. Defaults to DefaultReplicas. It must not be set beside Autoscaling.
	Replicas *int

	// Autoscaling lets the number of pods follow the load. Defaults to none.
	Autoscaling *Autoscaling

	// Rollout says how pods are replaced. Defaults to one at a time. It must not be set beside a volume that one node only
	// can mount: then the old pod is stopped before the new one starts.
	Rollout Rollout

	// Resources of the container. Default to 250m of CPU and 512Mi of memory, limited to 500m and 1Gi.
	Resources Resources

	// Liveness restarts a container that fails it.
	Liveness HTTPProbe

	// Readiness keeps requests from a container that fails it.
	Readiness HTTPProbe

	// Database is the PostgreSQL server. The backend may then connect to it, and has its URL in DATABASE_URL. Defaults to
	// none.
	Database PostgresServer

	// Redis is the Redis server. The backend may then connect to it, and has its URL, with the password, in REDIS_URL and
	// the password alone in REDIS_PASSWORD. Defaults to none.
	Redis RedisServer

	// Connections are further servers that the backend may connect to. No environment variables follow from them. Defaults
	// to none.
	Connections []Server

	// Env holds environment variables. A value may refer to another of them, to one of SecretEnv, or to one that a connection
	// sets, as $(NAME); $$(NAME) is that text itself. Defaults to none.
	Env map[string]string

	// SecretEnv holds environment variables whose values are in Secrets. Defaults to none.
	SecretEnv map[string]SecretKeyRef

	// Files holds text files by absolute path, mounted read-only from a ConfigMap. The pods are replaced when they change.
	// Defaults to none.
	Files map[string]string

	// Storage is a volume that all replicas share. More than one needs the access mode ReadWriteMany. Defaults to none.
	Storage *Storage

	// EmptyDirs are folders that the container may write to, beside /tmp. Defaults to none.
	EmptyDirs []EmptyDir

	// PreStopSeconds is how long the server goes on after its pod was told to stop, until no more requests arrive. 0 stops
	// it at once. Kubernetes waits itself, so that the image needs no program for it. Defaults to DefaultPreStopSeconds.
	PreStopSeconds *int

	// Metrics has Prometheus scrape the backend. Defaults to none.
	Metrics *Metrics

	// Pod holds further settings. User and group default to DefaultBackendUser, and the grace period to
	// DefaultGracePeriodSeconds.
	Pod PodProps
}

// The defaults of a Backend.
const (
	DefaultBackendPort = 8000

	// DefaultBackendUser is above the users that images and nodes define themselves.
	DefaultBackendUser = 10001
)

var backendResources = Resources{
	Requests: ResourceList{CPU: "250m", Memory: "512Mi"},
	Limits:   ResourceList{CPU: "500m", Memory: "1Gi"},
}

// Backend is an HTTP server with an application's logic: replicas, with a volume if they share files.
type Backend struct{ httpTier }

// NewBackend adds a Backend: a Deployment, a Service, a PodDisruptionBudget and network policies; a ConfigMap if there
// are files, a PersistentVolumeClaim if there is storage, and a HorizontalPodAutoscaler if there is autoscaling. Problems
// of the props are reported by synthesis.
func NewBackend(scope awsconstructs.Construct, id string, props BackendProps) *Backend {
	node := manifest.NewNode(scope, id, "backend")
	b := &Backend{newHTTPTier(node, props.server(node.Path, node.Component))}
	if node.Accept(b.server.validate(node.Path)) {
		b.addObjects()
	}
	return b
}

// Validate checks the props, but for what depends on the chart that the Backend is in.
func (p BackendProps) Validate(path *field.Path) field.ErrorList {
	return p.server(path, manifest.Anywhere).validate(path)
}

func (p BackendProps) server(path *field.Path, at manifest.Component) httpServer {
	return httpServer{
		Component:      at,
		image:          p.Image,
		pullPolicy:     p.ImagePullPolicy.WithDefault(p.Image),
		port:           cmp.Or(p.Port, DefaultBackendPort),
		replicas:       p.Replicas,
		autoscaling:    p.Autoscaling,
		rollout:        p.Rollout,
		resources:      p.Resources.WithDefaults(backendResources),
		liveness:       p.Liveness,
		readiness:      p.Readiness,
		connected:      p.connected(at),
		env:            p.Env,
		secretEnv:      p.SecretEnv,
		files:          p.Files,
		emptyDirs:      mergeEmptyDirs([]EmptyDir{{Path: temporaryFolder}}, p.EmptyDirs),
		storage:        p.Storage,
		preStopSeconds: p.PreStopSeconds,
		pod:            p.Pod.WithDefaults(PodProps{RunAsUser: DefaultBackendUser, RunAsGroup: DefaultBackendUser}),
		connections:    p.connections(path),
		metrics:        p.Metrics,
	}.withDefaults()
}

func (p BackendProps) connections(path *field.Path) []manifest.Connection {
	connections := slices.Concat(
		manifest.Connect(path.Child("database"), p.Database),
		manifest.Connect(path.Child("redis"), p.Redis),
	)
	for i, server := range p.Connections {
		connections = append(connections, manifest.Connect(path.Child("connections").Index(i), server)...)
	}
	return connections
}

// connected are the variables that connections set.
func (p BackendProps) connected(client manifest.Component) []*k8s.EnvVar {
	var env []*k8s.EnvVar
	if !manifest.IsNil(p.Database) {
		env = append(env, p.Database.databaseEnv()...)
	}
	if !manifest.IsNil(p.Redis) {
		env = append(env, p.Redis.redisEnv(client)...)
	}
	return env
}

// PersistentVolumeClaim returns the object for patches; nil without storage.
func (b *Backend) PersistentVolumeClaim() cdk8s.ApiObject { return b.node.Handle(b.claim) }
