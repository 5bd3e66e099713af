package constructs

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// RedisServer is the Redis of a Backend: a Redis or an ExternalRedis.
type RedisServer interface {
	Server

	// redisEnv are the variables with which a client logs in.
	redisEnv(client manifest.Component) []*k8s.EnvVar
}

// RedisProps are the properties of a Redis. It has at most one replica, because two servers must not write to one
// volume.
type RedisProps struct {
	// Password is the key that holds the password of the server. Required.
	Password SecretKeyRef

	// Image is the container image: the alpine variant of the official image, or a compatible one, version 7 or newer.
	// Defaults to "redis:7-alpine".
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy PullPolicy

	// Port is the port of the container and of the Service. Defaults to 6379.
	Port int

	// Replicas is the number of pods: 1, or 0 to stop the server. Defaults to 1.
	Replicas *int

	// Resources of the container. Requests default to 100m of CPU and 256Mi of memory, limits to 250m and 512Mi.
	Resources Resources

	// MaxMemory is the limit of the data, as a quantity of bytes. It must not exceed two thirds of the memory limit.
	// Defaults to a third of the memory limit: the server uses more memory than its data, because fragmentation is not
	// counted, and because values that clients overwrite while a snapshot or the append-only file is written are in
	// memory twice. In tests it used up to 2.1 times MaxMemory with values of one size, and 2.7 times with changing sizes.
	// Raise MaxMemory for data that is mostly read.
	MaxMemory string

	// EvictionPolicy selects the keys to evict when the data has reached MaxMemory. Defaults to "noeviction", which
	// refuses writes; for a cache use RedisAllKeysLRU.
	EvictionPolicy RedisEvictionPolicy

	// Storage is the volume of the append-only file. If it holds a snapshot (dump.rdb) and no append-only file, the
	// snapshot is loaded; the server refuses to start with other files that it does not know. Defaults to 5Gi, mounted
	// at /data, which cannot be changed.
	Storage Storage

	// Settings are directives of redis.conf, such as "notify-keyspace-events": "Ex". A value can have several words, and a
	// change restarts the server. Defaults to none.
	// https://redis.io/docs/latest/operate/oss_and_stack/management/config/
	Settings map[string]string

	// Startup is the timing of the PING probe that holds back the other two until the data is loaded. PeriodSeconds
	// defaults to 5 and FailureThreshold to 120, which are 10 minutes.
	Startup ProbeTiming

	// Liveness is the timing of the PING probe that restarts the server.
	Liveness ProbeTiming

	// Readiness is the timing of the PING probe that decides whether the server receives connections.
	Readiness ProbeTiming

	// Sources are clients that no construct of this library adds, and that may connect to the server. Defaults to none.
	Sources Sources

	// Exporter has Prometheus scrape the server. It connects over the pod's loopback interface. Defaults to none.
	Exporter *Exporter

	// Pod holds further settings of the pods. User and group default to those of the alpine image, 999 and 1000, and
	// the grace period to 60 seconds.
	Pod PodProps
}

// RedisEvictionPolicy selects the keys that are evicted for new ones.
// https://redis.io/docs/latest/develop/reference/eviction/
type RedisEvictionPolicy string

// The policies of Redis 7.
const (
	RedisNoEviction     RedisEvictionPolicy = "noeviction"
	RedisAllKeysLRU     RedisEvictionPolicy = "allkeys-lru"
	RedisAllKeysLFU     RedisEvictionPolicy = "allkeys-lfu"
	RedisAllKeysRandom  RedisEvictionPolicy = "allkeys-random"
	RedisVolatileLRU    RedisEvictionPolicy = "volatile-lru"
	RedisVolatileLFU    RedisEvictionPolicy = "volatile-lfu"
	RedisVolatileRandom RedisEvictionPolicy = "volatile-random"
	RedisVolatileTTL    RedisEvictionPolicy = "volatile-ttl"
)

// DefaultRedisImage is the default image of a Redis.
//
//renovate:image
const DefaultRedisImage = "redis:7-alpine"

// DefaultRedisExporterImage is the default image of a Redis's Exporter.
//
//renovate:image
const DefaultRedisExporterImage = "oliver006/redis_exporter:v1.74.0"

// The defaults of a Redis.
const (
	DefaultRedisPort = 6379

	// DefaultRedisGracePeriodSeconds leaves time to write pending data and a last snapshot, as Redis does when it
	// stops. A server that is killed during the snapshot has lost nothing.
	DefaultRedisGracePeriodSeconds = 60
)

const (
	// redisUser and redisGroup are those of the alpine image; Debian's image has another group (999).
	redisUser  = 999
	redisGroup = 1000

	redisFolder = "/data"

	redisPortName = "redis"

	// redisStart starts the server in the shell's place, so that it receives the signal to stop. It reads its
	// password, as a hash, from standard input: on the command line everyone who can list processes would see it, and a
	// hash needs no quoting, whatever the password consists of.
	//
	// A server with an append-only file ignores everything else: next to a snapshot (dump.rdb), or to append-only files
	// that no manifest names, it starts empty and then writes over them. So a snapshot without append-only files becomes the
	// base of the first ones, as Redis 7 does with the file of an older Redis, and other data is refused. Until the manifest
	// has its name nothing counts: a start that was killed is repeated. The server does not change a base, so a link will do
	// where the volume has links. On its own start in an empty directory it writes an empty base (some 90 bytes) and an empty
	// file before the manifest: those are no data. Redis 6 does not know appenddirname, and refuses it before it starts empty.
	redisStart = `set -eu
: "${REDIS_PASSWORD:?is empty}"
hash=$(printf %%s "$REDIS_PASSWORD" | sha256sum | cut -d ' ' -f 1)
cd %[2]s
refuse() { echo "refusing to start on the files in %[2]s: $*" >&2; exit 1; }
manifest=appendonlydir/appendonly.aof.manifest
if [ ! -e $manifest ]; then
  mkdir -p appendonlydir
  lost=$(find appendonlydir -name '*.base.*' -size +128c -o -name '*.incr.*' -size +0c)
  [ -z "$lost" ] || refuse "$manifest is missing: restore it, or rename the folder to appendonlydir.damaged"
  if [ ! -e appendonly.aof ] && [ -e dump.rdb ]; then
    redis-check-rdb dump.rdb || refuse "dump.rdb does not load: replace it, or rename it to dump.rdb.damaged"
    ln -f dump.rdb appendonlydir/dump.rdb || cp dump.rdb appendonlydir/dump.rdb
    echo "file dump.rdb seq 1 type b" >$manifest.new
    sync
    mv $manifest.new $manifest
  elif [ ! -e appendonly.aof ]; then
    others=$(ls | grep -vxE 'appendonlydir|lost\+found|temp-.*|.*\.damaged' || true)
    [ -z "$others" ] || refuse "neither append-only files nor dump.rdb, but" $others
  fi
fi
exec redis-server --port %[1]d --appendonly yes --appenddirname appendonlydir --maxmemory %[3]d --maxmemory-policy %[4]s%[5]s - <<END
user default on #$hash ~* &* +@all
END
`
)

// redisResources leave 170Mi for data: see MaxMemory.
var redisResources = Resources{
	Requests: ResourceList{CPU: "100m", Memory: "256Mi"},
	Limits:   ResourceList{CPU: "250m", Memory: "512Mi"},
}

// Redis is a Redis server that keeps its data in an append-only file.
type Redis struct {
	dataStore
	password SecretKeyRef
}

var _ RedisServer = (*Redis)(nil)

// NewRedis adds a Redis: a Deployment, a Service, a PersistentVolumeClaim and a network policy.
func NewRedis(scope awsconstructs.Construct, id string, props RedisProps) *Redis {
	node := manifest.NewNode(scope, id, "redis")
	at := node.Component
	props = props.withDefaults(at)
	r := &Redis{dataStore: dataStore{construct: construct{node}, at: at, port: props.Port}, password: props.Password}
	if !node.Accept(props.validate(node.Path, at)) {
		return r
	}
	r.claim = node.Add(props.Storage.Claim())
	r.deployment = node.Add(props.workload(at).Deployment())
	r.service = node.Add(manifest.Service(at, redisPortName, props.Port))
	if props.Exporter != nil {
		r.metricsService = node.Add(manifest.MetricsService(at, manifest.MetricsPort, props.Exporter.Port))
	}
	r.policy = node.Add(manifest.ServerPolicy(at)) // Clients let themselves in: see manifest.Openings.
	node.Add(props.Sources.Policy(at, props.Port))
	if props.Exporter != nil {
		node.AddTarget(node.Path.Child("exporter"), manifest.Target{
			Component: at, Path: DefaultMetricsPath, Port: props.Exporter.Port,
			Kind: manifest.RedisTarget{Evicts: props.EvictionPolicy != RedisNoEviction},
		})
	}
	return r
}

func (p RedisProps) withDefaults(at manifest.Component) RedisProps {
	p.Image = cmp.Or(p.Image, DefaultRedisImage)
	p.ImagePullPolicy = p.ImagePullPolicy.WithDefault(p.Image)
	p.Port = cmp.Or(p.Port, DefaultRedisPort)
	p.Replicas = cmp.Or(p.Replicas, new(1))
	p.Resources = p.Resources.WithDefaults(redisResources)
	p.EvictionPolicy = cmp.Or(p.EvictionPolicy, RedisNoEviction)
	p.Storage = p.Storage.WithDefaults(Storage{MountPath: redisFolder, Size: "5Gi", ClaimName: at.Suffixed("data")})
	p.Startup = p.Startup.withDefaults(startupTiming)
	p.Liveness = p.Liveness.withDefaults(livenessTiming)
	p.Readiness = p.Readiness.withDefaults(readinessTiming)
	p.Exporter = p.Exporter.withDefaults(DefaultRedisExporterImage, 9121)
	p.Pod = p.Pod.WithDefaults(at, PodProps{
		RunAsUser: redisUser, RunAsGroup: redisGroup, TerminationGracePeriodSeconds: DefaultRedisGracePeriodSeconds,
	})
	return p
}

// Validate checks the props, except for what depends on the chart.
func (p RedisProps) Validate(path *field.Path) field.ErrorList {
	return p.withDefaults(manifest.Anywhere).validate(path, manifest.Anywhere)
}

func (p RedisProps) validate(path *field.Path, at manifest.Component) field.ErrorList {
	return slices.Concat(
		check.Image(path.Child("image"), p.Image),
		p.ImagePullPolicy.Validate(path.Child("imagePullPolicy")),
		check.Port(path.Child("port"), p.Port),
		checkSingle(path.Child("replicas"), *p.Replicas),
		p.Resources.Validate(path.Child("resources")),
		p.Storage.validateIn(path.Child("storage"), redisFolder),
		p.validateSettings(path.Child("settings")),
		p.Startup.validate(path.Child("startup")),
		p.Liveness.validate(path.Child("liveness")),
		p.Readiness.validate(path.Child("readiness")),
		p.Pod.ValidateAt(path.Child("pod"), at),
		p.Sources.ValidateAt(path.Child("sources"), at),
		p.Exporter.validate(path.Child("exporter"), at, p.Port),
		p.Password.Validate(path.Child("password")),
		check.OneOf(path.Child("evictionPolicy"), p.EvictionPolicy, RedisNoEviction, RedisAllKeysLRU, RedisAllKeysLFU, RedisAllKeysRandom,
			RedisVolatileLRU, RedisVolatileLFU, RedisVolatileRandom, RedisVolatileTTL),
		p.validateMaxMemory(path.Child("maxMemory")),
	)
}

func (p RedisProps) validateMaxMemory(path *field.Path) field.ErrorList {
	if p.MaxMemory == "" {
		return nil
	}
	if errs := check.Bytes(path, p.MaxMemory, check.MinMemory); len(errs) > 0 {
		return errs
	}
	// An invalid limit is reported elsewhere. How much is overwritten while the server writes its files depends on the clients;
	// fragmentation alone was measured at up to 1.4 times the data.
	limit, errs := check.Quantity(path, p.Resources.Limits.Memory)
	if len(errs) > 0 {
		return nil
	}
	if data := resource.MustParse(p.MaxMemory); data.Value() > limit.Value()/3*2 {
		return field.ErrorList{field.Invalid(path, p.MaxMemory, "must not exceed two thirds of resources.limits.memory ("+p.Resources.memoryLimit()+
			"): the server uses more memory than its data")}
	}
	return nil
}

func (p RedisProps) workload(at manifest.Component) manifest.Workload {
	maxMemory := new(resource.MustParse(cmp.Or(p.MaxMemory, p.Resources.Limits.Memory))).Value()
	if p.MaxMemory == "" {
		maxMemory /= 3
	}
	// Without -e redis-cli exits with 0 also when the server answers with an error: not logged in, still loading.
	ping := k8s.Probe{Exec: &k8s.ExecAction{Command: jsii.Strings("redis-cli", "-e", "-p", strconv.Itoa(p.Port), "ping")}}
	w := manifest.Workload{
		Component: at,
		Replicas:  p.Replicas,
		Containers: []*k8s.Container{{
			Name:            jsii.String(at.ID),
			Image:           jsii.String(p.Image),
			ImagePullPolicy: jsii.String(string(p.ImagePullPolicy)),
			Command:         jsii.Strings("sh", "-c", fmt.Sprintf(redisStart, p.Port, redisFolder, maxMemory, p.EvictionPolicy, p.settingsFlags())),
			Ports:           &[]*k8s.ContainerPort{manifest.ContainerPort(redisPortName, p.Port)},
			Env: &[]*k8s.EnvVar{
				p.Password.Variable(redisPasswordVariable),
				// The probes' redis-cli reads it; an argument would be in the process list.
				p.Password.Variable("REDISCLI_AUTH"),
			},
			Resources:      p.Resources.Requirements(),
			StartupProbe:   p.Startup.probe(ping),
			LivenessProbe:  p.Liveness.probe(ping),
			ReadinessProbe: p.Readiness.probe(ping),
		}},
		Pod: p.Pod.Settings(at),
	}
	w.Mounts.AddClaim(p.Storage.ClaimName, p.Storage.MountPath)
	if p.Exporter != nil {
		// https://github.com/oliver006/redis_exporter/blob/master/README.md
		w.Containers = append(w.Containers, p.Exporter.container("/health",
			manifest.Variable("REDIS_ADDR", "redis://127.0.0.1:"+strconv.Itoa(p.Port)),
			p.Password.Variable(redisPasswordVariable),
		))
	}
	return w
}

// What clients call the address and the password of their Redis.
const (
	redisURLVariable      = "REDIS_URL"
	redisPasswordVariable = "REDIS_PASSWORD"
)

func (r *Redis) redisEnv(client manifest.Component) []*k8s.EnvVar {
	login := redisLogin{scheme: "redis", username: redisDefaultUser, password: r.password, address: r.Destination().AddressFor(client)}
	return login.env()
}

// redisDefaultUser is the one that Redis has without being told of others: redis-cli takes a URL without a name for a nameless user.
const redisDefaultUser = "default"

// redisLogin is what a client needs.
type redisLogin struct {
	scheme   string
	username string
	password SecretKeyRef // Empty for a server that asks for none.
	address  string
	database int
}

// env serves a client that takes the password from the URL, and one that receives it separately. Kubernetes puts the variable's value into
// the URL as it is, so the password must not have characters that a URL gives a meaning. Database 0 is a client's default.
func (l redisLogin) env() []*k8s.EnvVar {
	target := l.address
	if l.database > 0 {
		target += "/" + strconv.Itoa(l.database)
	}
	if l.password == (SecretKeyRef{}) {
		return []*k8s.EnvVar{manifest.Variable(redisURLVariable, l.scheme+"://"+target)}
	}
	// Kubernetes takes $$ in a value for one dollar sign.
	user := strings.ReplaceAll(url.User(l.username).String(), "$", "%24")
	return []*k8s.EnvVar{
		l.password.Variable(redisPasswordVariable),
		manifest.Variable(redisURLVariable, l.scheme+"://"+user+":$("+redisPasswordVariable+")@"+target),
	}
}
