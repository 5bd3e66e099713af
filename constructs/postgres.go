package constructs

import (
	"cmp"
	"slices"
	"strconv"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// PostgresServer is what a Backend takes as its database: a Postgres, or an ExternalPostgres.
type PostgresServer interface {
	Server

	// databaseEnv are the variables with which a client logs in.
	databaseEnv() environment
}

// PostgresProps are the properties of a Postgres. There is one replica at the most: two servers must not write to one
// volume.
type PostgresProps struct {
	// Credentials say where database, user and password are. Required.
	Credentials PostgresCredentials

	// Image is the container image: the official one, in its alpine variant, or one like it. Defaults to
	// DefaultPostgresImage.
	Image string

	// ImagePullPolicy says when the image is pulled. Defaults to PullAlways for the tag "latest", else to PullIfNotPresent.
	ImagePullPolicy PullPolicy

	// Port is the port of the container and of the Service. Defaults to DefaultPostgresPort.
	Port int

	// Replicas is the number of pods: 1, or 0 to stop the server. Defaults to 1.
	Replicas *int

	// Resources of the container. Default to 500m of CPU and 1Gi of memory, limited to 1 and 2Gi.
	Resources Resources

	// Storage is the volume of the database. It is mounted where the image expects it; the size defaults to 10Gi.
	Storage Storage

	// InitSQL is run once, on the first start with an empty volume. A change of it does nothing to a database that exists.
	// Defaults to none.
	InitSQL string

	// Liveness says when and how often pg_isready decides whether to restart the server.
	Liveness ProbeTiming

	// Readiness says when and how often pg_isready decides whether the server gets connections.
	Readiness ProbeTiming

	// Backup dumps the database regularly. Defaults to none.
	Backup *PostgresBackup

	// Exporter has Prometheus scrape the server. It logs in as the server's own user, over the pod's loopback interface; the
	// image defaults to DefaultPostgresExporterImage and the port to 9187. Defaults to none.
	Exporter *Exporter

	// Pod holds further settings. User and group default to those of the alpine image (70), and the grace period to
	// DefaultPostgresGracePeriodSeconds.
	Pod PodProps
}

// PostgresCredentials name a Secret and its keys. The Secret must exist in the namespace of every client.
type PostgresCredentials struct {
	// Secret is the Secret's name. Required.
	Secret string

	// DatabaseKey is the key of the database's name. Defaults to "database-name".
	DatabaseKey string

	// UserKey is the key of the user's name. Defaults to "database-user".
	UserKey string

	// PasswordKey is the key of the password. Defaults to "database-password".
	PasswordKey string

	// URLKey is the key of the URL that clients connect with: postgres://user:password@host:port/database. Defaults to
	// "database-url".
	URLKey string
}

// The defaults of a Postgres.
const (
	// renovate: image
	DefaultPostgresImage = "postgres:15-alpine"

	// renovate: image
	DefaultPostgresExporterImage = "quay.io/prometheuscommunity/postgres-exporter:v0.17.1"

	DefaultPostgresPort = 5432

	// DefaultPostgresGracePeriodSeconds leaves time to end the clients' transactions and to write a checkpoint: a server
	// that is killed instead must recover before it answers again.
	DefaultPostgresGracePeriodSeconds = 90
)

const (
	// postgresUser is the user, and the group, of the alpine image; Debian's has another (999).
	postgresUser = 70

	postgresFolder = "/var/lib/postgresql/data"

	// postgresData is below the volume's root, which may hold a lost+found that initdb refuses.
	postgresData = postgresFolder + "/pgdata"

	// initScript is where the image's entrypoint looks for what to run on an empty volume.
	initScript = "/docker-entrypoint-initdb.d/init.sql"
)

var (
	postgresResources = Resources{
		Requests: ResourceList{CPU: "500m", Memory: "1Gi"},
		Limits:   ResourceList{CPU: "1", Memory: "2Gi"},
	}

	// postgresFolders are what the server writes to beside its volume: its socket, files of large sorts, and shared memory,
	// of which a container has 64 MiB otherwise.
	postgresFolders = []EmptyDir{{Path: "/var/run/postgresql"}, {Path: "/tmp"}, {Path: "/dev/shm", SizeLimit: "256Mi", Memory: true}}

	// postgresAlive asks over TCP, because while init.sql runs a server without TCP listens on the socket. A shell expands the
	// variable: the kubelet leaves one that comes from a Secret empty.
	postgresAlive = []string{"sh", "-c", `exec pg_isready -h 127.0.0.1 -U "$POSTGRES_USER" -d "$POSTGRES_DB"`}
)

// Postgres is a PostgreSQL server with its data on a volume.
type Postgres struct {
	storeTier
	credentials PostgresCredentials
}

var _ PostgresServer = (*Postgres)(nil)

// NewPostgres adds a Postgres: a Deployment, a Service, a PersistentVolumeClaim and a network policy, a ConfigMap if
// there is a script for the first start, and what its Backup says. Problems of the props are reported by synthesis.
func NewPostgres(scope awsconstructs.Construct, id string, props PostgresProps) *Postgres {
	t := newTier(scope, id, "postgres")
	props.Credentials = props.Credentials.withDefaults()
	store := props.store(t.place)
	if t.accept(props.validate(t.path, t.place)) {
		t.addObjects(store.objects())
		t.addObjects(props.Backup.job(store, props.Credentials).objects())
		if store.exporter != nil {
			t.addTarget(t.path.Child("exporter"), store.postgresTarget())
		}
	}
	return &Postgres{storeTier: storeTier{tier: t, store: store}, credentials: props.Credentials}
}

func (p PostgresProps) validate(path *field.Path, at place) field.ErrorList {
	store, credentials := p.store(at), p.Credentials.withDefaults()
	return slices.Concat(
		store.validate(path),
		credentials.validate(path.Child("credentials")),
		checkFile(path.Child("initSQL"), p.InitSQL),
		p.Backup.job(store, credentials).validate(path.Child("backup")),
	)
}

// store fills in the defaults.
func (p PostgresProps) store(at place) dataStore {
	port := cmp.Or(p.Port, DefaultPostgresPort)
	image := cmp.Or(p.Image, DefaultPostgresImage)
	return dataStore{
		place:      at,
		image:      image,
		pullPolicy: cmp.Or(p.ImagePullPolicy, defaultPullPolicy(image)),
		replicas:   cmp.Or(p.Replicas, ptr(1)),
		portName:   "postgresql",
		port:       port,
		resources:  p.Resources.or(postgresResources),
		folder:     postgresFolder,
		storage:    p.Storage.or(at.storageDefaults()).or(Storage{MountPath: postgresFolder, Size: "10Gi"}),
		emptyDirs:  mergeEmptyDirs(postgresFolders, nil),
		files:      p.files(),
		env:        p.Credentials.withDefaults().serverEnv(port),
		alive:      postgresAlive,
		liveness:   p.Liveness.or(livenessTiming),
		readiness:  p.Readiness.or(readinessTiming),
		pod:        p.Pod.or(PodProps{RunAsUser: postgresUser, RunAsGroup: postgresUser, TerminationGracePeriodSeconds: DefaultPostgresGracePeriodSeconds}),
		exporter:   p.exporter(port),
	}
}

// exporter connects to the database "postgres", which every server has: it asks for all databases from there. User and
// password are the variables of PostgreSQL's own clients: in the exporter's URL, one with a space is taken apart, and printed.
// https://github.com/prometheus-community/postgres_exporter/blob/master/README.md
func (p PostgresProps) exporter(serverPort int) *exporter {
	if p.Exporter == nil {
		return nil
	}
	credentials := p.Credentials.withDefaults()
	e := p.Exporter.or(DefaultPostgresExporterImage, 9187)
	e.args = []string{"--web.listen-address=:" + strconv.Itoa(e.port)}
	e.env = environment{
		plainVariable("DATA_SOURCE_NAME", "postgresql://127.0.0.1:"+strconv.Itoa(serverPort)+"/postgres?sslmode=disable"),
		secretVariable("PGUSER", credentials.key(credentials.UserKey)),
		secretVariable("PGPASSWORD", credentials.key(credentials.PasswordKey)),
	}
	e.healthyPath = "/"
	return &e
}

func (p PostgresProps) files() map[string]string {
	if p.InitSQL == "" {
		return nil
	}
	return map[string]string{initScript: p.InitSQL}
}

func (c PostgresCredentials) withDefaults() PostgresCredentials {
	c.DatabaseKey = cmp.Or(c.DatabaseKey, "database-name")
	c.UserKey = cmp.Or(c.UserKey, "database-user")
	c.PasswordKey = cmp.Or(c.PasswordKey, "database-password")
	c.URLKey = cmp.Or(c.URLKey, "database-url")
	return c
}

func (c PostgresCredentials) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		checkObjectName(path.Child("secret"), c.Secret),
		checkSecretKey(path.Child("databaseKey"), c.DatabaseKey),
		checkSecretKey(path.Child("userKey"), c.UserKey),
		checkSecretKey(path.Child("passwordKey"), c.PasswordKey),
		checkSecretKey(path.Child("urlKey"), c.URLKey),
	)
}

func (c PostgresCredentials) key(key string) SecretKey { return SecretKey{Secret: c.Secret, Key: key} }

// serverEnv is what the image's entrypoint and the server read.
// https://github.com/docker-library/docs/blob/master/postgres/README.md
func (c PostgresCredentials) serverEnv(port int) environment {
	return environment{
		secretVariable("POSTGRES_DB", c.key(c.DatabaseKey)),
		secretVariable("POSTGRES_USER", c.key(c.UserKey)),
		secretVariable("POSTGRES_PASSWORD", c.key(c.PasswordKey)),
		// A damaged page is then an error, not a wrong answer.
		plainVariable("POSTGRES_INITDB_ARGS", "--data-checksums"),
		plainVariable("PGDATA", postgresData),
		plainVariable("PGPORT", strconv.Itoa(port)),
	}
}

func (p *Postgres) databaseEnv() environment {
	return environment{secretVariable(databaseURLVariable, p.credentials.key(p.credentials.URLKey))}
}

// databaseURLVariable is what most frameworks call the address of their database.
const databaseURLVariable = "DATABASE_URL"

// ConfigMap returns the object that holds the script for the first start, for patches; nil without one.
func (p *Postgres) ConfigMap() cdk8s.ApiObject { return p.handle("config-map") }

// BackupCronJob returns the object that dumps the database, for patches; nil without Backup.
func (p *Postgres) BackupCronJob() cdk8s.ApiObject { return p.handle("backup") }

// RestoreCronJob returns the object from which a restore is started, for patches; nil without Backup.
func (p *Postgres) RestoreCronJob() cdk8s.ApiObject { return p.handle("restore") }

// BackupPersistentVolumeClaim returns the claim that holds the dumps, for patches; nil without Backup.
func (p *Postgres) BackupPersistentVolumeClaim() cdk8s.ApiObject { return p.handle("backup-claim") }

// ExternalPostgres is a PostgreSQL server outside the cluster, to be used in place of a Postgres.
type ExternalPostgres struct {
	// Server is where it listens. Required.
	Server External

	// URL is the key with the URL that clients connect with. Required.
	URL SecretKey
}

var _ PostgresServer = ExternalPostgres{}

// Endpoint implements Server.
func (e ExternalPostgres) Endpoint() Endpoint { return e.Server.Endpoint() }

func (e ExternalPostgres) destination() destination { return e.Server.destination() }

func (e ExternalPostgres) databaseEnv() environment {
	return environment{secretVariable(databaseURLVariable, e.URL)}
}

func (e ExternalPostgres) validate(path *field.Path) field.ErrorList {
	return append(e.Server.validate(path.Child("server")), e.URL.validate(path.Child("url"))...)
}
