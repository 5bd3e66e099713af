package constructs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// RedisServer is what a Backend takes as its Redis: a Redis, or an ExternalRedis.
type RedisServer interface {
	Server

	// redisEnv are the variables with which a client logs in.
	redisEnv(client place) environment
}

// RedisProps are the properties of a Redis. There is one replica at the most: two servers must not write to one
// volume.
type RedisProps struct {
	// Password says where the password is that every client must give. Required.
	Password SecretKey

	// Image is the container image: the official one, in its alpine variant, or one like it. Defaults to
	// DefaultRedisImage.
	Image string

	// ImagePullPolicy says when the image is pulled. Defaults to PullAlways for the tag "latest", else to PullIfNotPresent.
	ImagePullPolicy PullPolicy

	// Port is the port of the container and of the Service. Defaults to DefaultRedisPort.
	Port int

	// Replicas is the number of pods: 1, or 0 to stop the server. Defaults to 1.
	Replicas *int

	// Resources of the container. Default to 100m of CPU and 256Mi of memory, limited to 250m and 512Mi.
	Resources Resources

	// MaxMemory is a quantity of bytes that the data may use. Defaults to three quarters of the memory limit: rewriting the
	// append-only file needs the rest.
	MaxMemory string

	// MaxMemoryPolicy says what to do when the data has reached MaxMemory. Defaults to NoEviction, which refuses writes; a
	// pure cache wants AllKeysLRU.
	MaxMemoryPolicy MaxMemoryPolicy

	// Storage is the volume of the append-only file. It is mounted where the image expects it; the size defaults to 5Gi.
	Storage Storage

	// Liveness says when and how often a PING decides whether to restart the server.
	Liveness ProbeTiming

	// Readiness says when and how often a PING decides whether the server gets connections.
	Readiness ProbeTiming

	// Exporter has Prometheus scrape the server. It connects over the pod's loopback interface; the image defaults to
	// DefaultRedisExporterImage and the port to 9121. Defaults to none.
	Exporter *Exporter

	// Pod holds further settings. User and group default to those of the alpine image (999 and 1000), and the grace period
	// to DefaultRedisGracePeriodSeconds.
	Pod PodProps
}

// MaxMemoryPolicy says which keys make room for new ones.
// https://redis.io/docs/latest/develop/reference/eviction/
type MaxMemoryPolicy string

// The policies of Redis 7.
const (
	NoEviction     MaxMemoryPolicy = "noeviction"
	AllKeysLRU     MaxMemoryPolicy = "allkeys-lru"
	AllKeysLFU     MaxMemoryPolicy = "allkeys-lfu"
	AllKeysRandom  MaxMemoryPolicy = "allkeys-random"
	VolatileLRU    MaxMemoryPolicy = "volatile-lru"
	VolatileLFU    MaxMemoryPolicy = "volatile-lfu"
	VolatileRandom MaxMemoryPolicy = "volatile-random"
	VolatileTTL    MaxMemoryPolicy = "volatile-ttl"
)

// The defaults of a Redis.
const (
	// renovate: image
	DefaultRedisImage = "redis:7-alpine"

	// renovate: image
	DefaultRedisExporterImage = "oliver006/redis_exporter:v1.74.0"

	DefaultRedisPort = 6379

	// DefaultRedisGracePeriodSeconds leaves time to write what is not on disk yet.
	DefaultRedisGracePeriodSeconds = 60
)

const (
	// redisUser and redisGroup are those of the alpine image; Debian's group is another (999).
	redisUser  = 999
	redisGroup = 1000

	redisFolder = "/data"

	// redisStart starts the server in the shell's place, so that it is the process that is told to stop. It reads its
	// password, as a hash, from standard input: on the command line everyone who can list processes would see it, and a
	// hash needs no quoting, whatever the password consists of.
	redisStart = `set -eu
: "${REDIS_PASSWORD:?is empty}"
hash=$(printf %%s "$REDIS_PASSWORD" | sha256sum | cut -d ' ' -f 1)
exec redis-server --port %d --dir %s --appendonly yes --maxmemory %d --maxmemory-policy %s - <<END
user default on #$hash ~* &* +@all
END
`
)

var redisResources = Resources{
	Requests: ResourceList{CPU: "100m", Memory: "256Mi"},
	Limits:   ResourceList{CPU: "250m", Memory: "512Mi"},
}

// Redis is a Redis server that keeps its data in an append-only file.
type Redis struct {
	storeTier
	password SecretKey
}

var _ RedisServer = (*Redis)(nil)

// NewRedis adds a Redis: a Deployment, a Service, a PersistentVolumeClaim and a network policy. Problems of the props
// are reported by synthesis.
func NewRedis(scope awsconstructs.Construct, id string, props RedisProps) *Redis {
	t := newTier(scope, id, "redis")
	store := props.store(t.place)
	if t.accept(props.validate(t.path, t.place)) {
		store.command = []string{"sh", "-c", props.start(store)}
		t.addObjects(store.objects())
		if store.exporter != nil {
			t.addTarget(t.path.Child("exporter"), store.redisTarget(props.policy()))
		}
	}
	return &Redis{storeTier: storeTier{tier: t, store: store}, password: props.Password}
}

// store fills in the defaults.
func (p RedisProps) store(at place) dataStore {
	port := cmp.Or(p.Port, DefaultRedisPort)
	image := cmp.Or(p.Image, DefaultRedisImage)
	return dataStore{
		place:      at,
		image:      image,
		pullPolicy: cmp.Or(p.ImagePullPolicy, defaultPullPolicy(image)),
		replicas:   cmp.Or(p.Replicas, ptr(1)),
		portName:   "redis",
		port:       port,
		resources:  p.Resources.or(redisResources),
		folder:     redisFolder,
		storage:    p.Storage.or(at.storageDefaults()).or(Storage{MountPath: redisFolder, Size: "5Gi"}),
		env: environment{
			secretVariable(redisPasswordVariable, p.Password),
			// The probes' redis-cli reads it; an argument would be in the process list.
			secretVariable("REDISCLI_AUTH", p.Password),
		},
		// Without -e redis-cli exits with 0 also when the server answers with an error: not logged in, still loading.
		alive:     []string{"redis-cli", "-e", "-p", strconv.Itoa(port), "ping"},
		liveness:  p.Liveness.or(livenessTiming),
		readiness: p.Readiness.or(readinessTiming),
		pod:       p.Pod.or(PodProps{RunAsUser: redisUser, RunAsGroup: redisGroup, TerminationGracePeriodSeconds: DefaultRedisGracePeriodSeconds}),
		exporter:  p.exporter(port),
	}
}

// https://github.com/oliver006/redis_exporter/blob/master/README.md
func (p RedisProps) exporter(serverPort int) *exporter {
	if p.Exporter == nil {
		return nil
	}
	e := p.Exporter.or(DefaultRedisExporterImage, 9121)
	e.args = []string{"--web.listen-address=:" + strconv.Itoa(e.port)}
	e.env = environment{
		plainVariable("REDIS_ADDR", "redis://127.0.0.1:"+strconv.Itoa(serverPort)),
		secretVariable(redisPasswordVariable, p.Password),
	}
	e.healthyPath = "/health"
	return &e
}

func (p RedisProps) policy() MaxMemoryPolicy { return cmp.Or(p.MaxMemoryPolicy, NoEviction) }

func (p RedisProps) validate(path *field.Path, at place) field.ErrorList {
	store := p.store(at)
	return slices.Concat(
		store.validate(path),
		p.Password.validate(path.Child("password")),
		checkOneOf(path.Child("maxMemoryPolicy"), p.policy(), NoEviction, AllKeysLRU, AllKeysLFU, AllKeysRandom,
			VolatileLRU, VolatileLFU, VolatileRandom, VolatileTTL),
		p.checkMaxMemory(path.Child("maxMemory"), store.resources.Limits.Memory),
	)
}

func (p RedisProps) checkMaxMemory(path *field.Path, limit string) field.ErrorList {
	if p.MaxMemory == "" {
		return nil
	}
	if errs := checkMemory(path, p.MaxMemory); len(errs) > 0 {
		return errs
	}
	// A limit that is no quantity is reported as such.
	if most, errs := parseQuantity(path, limit); len(errs) == 0 && ptr(resource.MustParse(p.MaxMemory)).Cmp(most) >= 0 {
		return field.ErrorList{field.Invalid(path, p.MaxMemory, "must be below the memory limit "+most.String())}
	}
	return nil
}

// start expects props that are valid.
func (p RedisProps) start(store dataStore) string {
	return fmt.Sprintf(redisStart, store.port, redisFolder, p.maxMemory(store.resources), p.policy())
}

// maxMemory is in bytes.
func (p RedisProps) maxMemory(resources Resources) int64 {
	if p.MaxMemory != "" {
		return ptr(resource.MustParse(p.MaxMemory)).Value()
	}
	return ptr(resource.MustParse(resources.Limits.Memory)).Value() / 4 * 3
}

// What clients call the address and the password of their Redis.
const (
	redisURLVariable      = "REDIS_URL"
	redisPasswordVariable = "REDIS_PASSWORD"
)

func (r *Redis) redisEnv(client place) environment {
	return redisClientEnv("redis", r.destination().addressFor(client), r.password)
}

// redisClientEnv serves a client that takes the password from the URL, and one that is given it beside. The user is the
// one that Redis has without being told of others: redis-cli takes a URL without a name for a nameless user. Kubernetes
// puts the variable's value into the URL as it is, so the password must not have characters that a URL gives a meaning.
func redisClientEnv(scheme, address string, password SecretKey) environment {
	if password == (SecretKey{}) {
		return environment{plainVariable(redisURLVariable, scheme+"://"+address)}
	}
	return environment{
		secretVariable(redisPasswordVariable, password),
		plainVariable(redisURLVariable, scheme+"://default:$("+redisPasswordVariable+")@"+address),
	}
}

// ExternalRedis is a Redis server outside the cluster, to be used in place of a Redis.
type ExternalRedis struct {
	// Server is where it listens. Required.
	Server External

	// Password says where the password is. Defaults to none.
	Password SecretKey

	// TLS makes clients connect with TLS: rediss://. Defaults to plain TCP.
	TLS bool
}

var _ RedisServer = ExternalRedis{}

// Endpoint implements Server.
func (e ExternalRedis) Endpoint() Endpoint { return e.Server.Endpoint() }

func (e ExternalRedis) destination() destination { return e.Server.destination() }

func (e ExternalRedis) redisEnv(client place) environment {
	scheme := "redis"
	if e.TLS {
		scheme = "rediss"
	}
	return redisClientEnv(scheme, e.destination().addressFor(client), e.Password)
}

func (e ExternalRedis) validate(path *field.Path) field.ErrorList {
	errs := e.Server.validate(path.Child("server"))
	if e.Password != (SecretKey{}) {
		errs = append(errs, e.Password.validate(path.Child("password"))...)
	}
	return errs
}
