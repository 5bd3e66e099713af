package constructs

import (
	"cmp"
	"net"
	"slices"
	"strconv"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// PostgresServer is the database of a Backend: a Postgres or an ExternalPostgres.
type PostgresServer interface {
	Server

	// databaseEnv are the variables with which a client logs in.
	databaseEnv() []*k8s.EnvVar

	// psql are the variables with which psql logs in from a client's pods, and an image that has it.
	psql(client manifest.Component) (env []*k8s.EnvVar, image string)
}

// PostgresProps are the properties of a Postgres. It has at most one replica, because two servers must not write to one
// volume.
type PostgresProps struct {
	// Credentials identify the keys that hold database, user and password. Required.
	Credentials PostgresCredentials

	// Image is the container image: the alpine variant of the official image, or a compatible one. Defaults to
	// "postgres:15-alpine".
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy PullPolicy

	// Port is the port of the container and of the Service. Defaults to 5432.
	Port int

	// Replicas is the number of pods: 1, or 0 to stop the server. Defaults to 1.
	Replicas *int

	// Resources of the container. Requests default to 500m of CPU and 1Gi of memory, limits to 1 and 2Gi. An eighth of
	// the memory limit, and at least 64Mi, is available as shared memory (/dev/shm). The memory limit must be at least
	// 256Mi. With PostgreSQL's default settings, 2Gi are enough for all of its 100 connections.
	Resources Resources

	// Storage is the volume of the database. Defaults to 10Gi, mounted at /var/lib/postgresql/data, which cannot be
	// changed.
	Storage Storage

	// Settings are parameters of the server, such as "max_connections": "200". They override postgresql.conf on the volume,
	// and a change restarts the server. The alert and the panel on connections follow max_connections. Defaults to none.
	// https://www.postgresql.org/docs/current/runtime-config.html
	Settings map[string]string

	// Extensions are created in the database when the server first starts with an empty volume, before InitSQL runs. The
	// image must contain them; the official one contains only PostgreSQL's own. docs/upgrades.md shows how to create one in
	// an existing database. Defaults to none.
	Extensions []string

	// InitSQL runs once, when the server first starts with an empty volume. A change has no effect on an existing
	// database. Defaults to none.
	InitSQL string

	// Startup is the timing of the pg_isready probe that holds back the other two until the server has recovered. PeriodSeconds
	// defaults to 5 and FailureThreshold to 120, which are 10 minutes.
	Startup ProbeTiming

	// Liveness is the timing of the pg_isready probe that restarts the server.
	Liveness ProbeTiming

	// Readiness is the timing of the pg_isready probe that decides whether the server receives connections.
	Readiness ProbeTiming

	// Backup dumps the database on a schedule. Defaults to none.
	Backup *PostgresBackup

	// Sources are clients that no construct of this library adds, and that may connect to the server. Defaults to none.
	Sources Sources

	// Exporter has Prometheus scrape the server. It logs in as the role PostgresExporterRole, which the server creates
	// when it first starts with an empty volume; docs/upgrades.md shows how to create it in an existing database.
	// Defaults to none.
	Exporter *Exporter

	// Pod holds further settings of the pods. User and group default to those of the alpine image, 70, and the grace
	// period to 90 seconds.
	Pod PodProps
}

// PostgresCredentials name a Secret and its keys. The Secret must exist in the namespace of every client.
type PostgresCredentials struct {
	// Secret is the name of the Secret. Required.
	Secret string

	// DatabaseKey is the key of the database name. Defaults to "database-name".
	DatabaseKey string

	// UserKey is the key of the user name. Defaults to "database-user".
	UserKey string

	// PasswordKey is the key of the password. Defaults to "database-password".
	PasswordKey string

	// URLKey is the key of the URL that clients connect to: postgres://user:password@host:port/database. Defaults to
	// "database-url".
	URLKey string
}

// DefaultPostgresImage is the default image of a Postgres.
//
//renovate:image
const DefaultPostgresImage = "postgres:15-alpine"

// DefaultPostgresExporterImage is the default image of a Postgres's Exporter.
//
//renovate:image
const DefaultPostgresExporterImage = "quay.io/prometheuscommunity/postgres-exporter:v0.17.1"

// The defaults of a Postgres.
const (
	DefaultPostgresPort = 5432

	// PostgresExporterRole is the role of an Exporter, a member of pg_monitor. It has no password, so it can log in
	// only over the pod's loopback interface. The user of the database must have another name.
	PostgresExporterRole = "postgres_exporter"

	// DefaultPostgresGracePeriodSeconds leaves time to end the clients' transactions and to write a checkpoint: a
	// server that is killed before that must recover before it answers again.
	DefaultPostgresGracePeriodSeconds = 90
)

const (
	// postgresUser is the user and the group of the alpine image; Debian's image has another (999).
	postgresUser = 70

	postgresPortName = "postgresql"

	postgresFolder = "/var/lib/postgresql/data"

	// postgresData is below the volume's root, which may hold a lost+found that initdb refuses.
	postgresData = postgresFolder + "/pgdata"

	// initScript is where the image's entrypoint looks for what to run on an empty volume.
	initScript = "/docker-entrypoint-initdb.d/init.sql"

	// exporterFile is sourced by the entrypoint, before init.sql runs.
	exporterFile = "/docker-entrypoint-initdb.d/exporter.sh"

	// exporterScript makes the exporter's role. initdb trusts whoever comes from the loopback interface, which all containers
	// of a pod share: the exporter could still log in as superuser. After the script everyone else needs a password there. The
	// socket, where nobody does, is the server's container's own.
	exporterScript = `(
set -eu
if [ "$POSTGRES_USER" = ` + PostgresExporterRole + ` ]; then
  echo "no metrics: ` + PostgresExporterRole + ` is the exporter's role: give the database's user another name" >&2
  exit
fi
sql() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres; }
sql <<'END'
SELECT 'CREATE ROLE ` + PostgresExporterRole + ` LOGIN' WHERE to_regrole('` + PostgresExporterRole + `') IS NULL \gexec
GRANT pg_monitor TO ` + PostgresExporterRole + `;
GRANT CONNECT ON DATABASE postgres TO ` + PostgresExporterRole + `;
END
grep -q '^host postgres ` + PostgresExporterRole + ` ' "$PGDATA/pg_hba.conf" || sed -i -E \
  -e 's/^(host +(all|replication) +all +(127\.0\.0\.1\/32|::1\/128) +)trust$/\1scram-sha-256/' \
  -e '1i host postgres ` + PostgresExporterRole + ` 127.0.0.1/32 trust' "$PGDATA/pg_hba.conf"
echo 'SELECT pg_reload_conf()' | sql > /dev/null
)
`
)

// postgresResources cover the measured peak of PostgreSQL 15 with its default settings, 1.6Gi: 128Mi of buffers and
// 15Mi of other shared memory, 100 connections of 10.4Mi each (a hash join and a sort, within work_mem; 1.1Mi when
// idle), three autovacuum workers with 64Mi each, and a full /dev/shm (256Mi). Queries with more nodes use more.
var postgresResources = Resources{
	Requests: ResourceList{CPU: "500m", Memory: "1Gi"},
	Limits:   ResourceList{CPU: "1", Memory: "2Gi"},
}

const (
	// postgresLeastMemory is the least that the server can run with: 128Mi of buffers, 64Mi of shared memory for
	// queries, and as much for one autovacuum worker.
	postgresLeastMemory = "256Mi"

	// postgresSharedMemoryPart of the limit is 256Mi of 2Gi. It holds what the workers of a parallel query share, which
	// work_mem bounds (8Mi for the hash table of each process that takes part); a query that finds no room fails alone.
	postgresSharedMemoryPart = 8
)

// postgresFolders are the directories that the server writes to in addition to its volume, in the order of their paths:
// shared memory, of which a container has 64 MiB otherwise, files of large sorts, and its socket.
func postgresFolders(memoryLimit string) []EmptyDir {
	limit := resource.MustParse(memoryLimit)
	shared := resource.NewQuantity(limit.Value()/postgresSharedMemoryPart, resource.BinarySI)
	if least := resource.MustParse(DefaultMemorySizeLimit); shared.Cmp(least) < 0 {
		shared = &least
	}
	return []EmptyDir{{Path: "/dev/shm", SizeLimit: shared.String(), Memory: true}, {Path: temporaryFolder}, {Path: "/var/run/postgresql"}}
}

// Postgres is a PostgreSQL server with its data on a volume.
type Postgres struct {
	dataStore
	credentials PostgresCredentials
	image       string

	backupClaim cdk8s.ApiObject
	backupJob   cdk8s.ApiObject
	restoreJob  cdk8s.ApiObject
}

var _ PostgresServer = (*Postgres)(nil)

// NewPostgres adds a Postgres: a Deployment, a Service, a PersistentVolumeClaim and network policies; with InitSQL,
// Extensions or an Exporter a ConfigMap, and with Backup two CronJobs and a PersistentVolumeClaim for the dumps.
func NewPostgres(scope awsconstructs.Construct, id string, props PostgresProps) *Postgres {
	node := manifest.NewNode(scope, id, "postgres")
	at := node.Component
	props = props.withDefaults(at)
	p := &Postgres{dataStore: dataStore{construct: construct{node}, at: at, port: props.Port}, credentials: props.Credentials, image: props.Image}
	if !node.Accept(props.validate(node.Path, at)) {
		return p
	}
	p.configMap = node.Add(manifest.FileConfigMap(at, props.files()))
	p.claim = node.Add(props.Storage.Claim())
	p.deployment = node.Add(props.workload(at).Deployment())
	p.service = node.Add(manifest.Service(at, postgresPortName, props.Port))
	if props.Exporter != nil {
		p.metricsService = node.Add(manifest.MetricsService(at, manifest.MetricsPort, props.Exporter.Port))
	}
	p.policy = node.Add(manifest.ServerPolicy(at)) // Clients let themselves in: see manifest.Openings.
	node.Add(props.Sources.Policy(at, props.Port))
	if props.Backup != nil {
		backup := backupJob{PostgresBackup: *props.Backup, Component: backupOf(at), server: at, props: props}
		p.backupClaim = node.Add(backup.claim())
		p.backupJob = node.Add(backup.dumpJob())
		p.restoreJob = node.Add(backup.restoreJob())
		node.AddAll(backup.policies())
		node.AddCronJob(node.Path.Child("backup"), backup.watched())
	}
	if props.Exporter != nil {
		node.AddTarget(node.Path.Child("exporter"), manifest.Target{
			Component: at, Path: DefaultMetricsPath, Port: props.Exporter.Port,
			Kind: manifest.PostgresTarget{VolumeSize: props.Storage.Size, ClaimName: props.Storage.ClaimName},
		})
	}
	return p
}

func (p PostgresProps) withDefaults(at manifest.Component) PostgresProps {
	p.Credentials = p.Credentials.withDefaults()
	p.Image = cmp.Or(p.Image, DefaultPostgresImage)
	p.ImagePullPolicy = p.ImagePullPolicy.WithDefault(p.Image)
	p.Port = cmp.Or(p.Port, DefaultPostgresPort)
	p.Replicas = cmp.Or(p.Replicas, new(1))
	p.Resources = p.Resources.WithDefaults(postgresResources)
	p.Storage = p.Storage.WithDefaults(Storage{MountPath: postgresFolder, Size: "10Gi", ClaimName: at.Suffixed("data")})
	p.Startup = p.Startup.withDefaults(startupTiming)
	p.Liveness = p.Liveness.withDefaults(livenessTiming)
	p.Readiness = p.Readiness.withDefaults(readinessTiming)
	p.Backup = p.Backup.withDefaults(at)
	p.Exporter = p.Exporter.withDefaults(DefaultPostgresExporterImage, 9187)
	p.Pod = p.Pod.WithDefaults(at, PodProps{
		RunAsUser: postgresUser, RunAsGroup: postgresUser, TerminationGracePeriodSeconds: DefaultPostgresGracePeriodSeconds,
	})
	return p
}

// Validate checks the props, except for what depends on the chart.
func (p PostgresProps) Validate(path *field.Path) field.ErrorList {
	return p.withDefaults(manifest.Anywhere).validate(path, manifest.Anywhere)
}

func (p PostgresProps) validate(path *field.Path, at manifest.Component) field.ErrorList {
	return slices.Concat(
		check.Image(path.Child("image"), p.Image),
		p.ImagePullPolicy.Validate(path.Child("imagePullPolicy")),
		check.Port(path.Child("port"), p.Port),
		checkSingle(path.Child("replicas"), *p.Replicas),
		p.Resources.Validate(path.Child("resources")),
		p.validateMemory(path.Child("resources", "limits", "memory")),
		p.Storage.validateIn(path.Child("storage"), postgresFolder),
		p.validateSettings(path.Child("settings")),
		p.validateExtensions(path.Child("extensions")),
		p.Startup.validate(path.Child("startup")),
		p.Liveness.validate(path.Child("liveness")),
		p.Readiness.validate(path.Child("readiness")),
		p.Pod.ValidateAt(path.Child("pod"), at),
		p.Sources.ValidateAt(path.Child("sources"), at),
		p.Exporter.validate(path.Child("exporter"), at, p.Port),
		p.Credentials.validate(path.Child("credentials")),
		p.validateInitSQL(path.Child("initSQL")),
		p.Backup.validate(path.Child("backup"), at, p.Storage.ClaimName),
	)
}

func (p PostgresProps) validateMemory(path *field.Path) field.ErrorList {
	// An invalid limit is reported elsewhere.
	limit, errs := check.Quantity(path, p.Resources.Limits.Memory)
	if len(errs) > 0 || limit.Cmp(resource.MustParse(check.MinMemory)) < 0 || limit.Cmp(resource.MustParse(postgresLeastMemory)) >= 0 {
		return nil
	}
	return field.ErrorList{field.Invalid(path, p.Resources.Limits.Memory, "must be at least "+postgresLeastMemory+
		": PostgreSQL's buffers take 128Mi, and its shared memory (/dev/shm) up to "+DefaultMemorySizeLimit)}
}

// validateInitSQL leaves room in the ConfigMap for the exporter's script.
func (p PostgresProps) validateInitSQL(path *field.Path) field.ErrorList {
	if errs := check.File(path, p.InitSQL); len(errs) > 0 {
		return errs
	}
	return check.Files(path, p.files())
}

func (p PostgresProps) workload(at manifest.Component) manifest.Workload {
	// Over TCP, because while init.sql runs a server without TCP listens on the socket. A shell expands the variables: the
	// kubelet leaves one that comes from a Secret empty. An option would take a name such as a=b for a connection string.
	isReady := k8s.Probe{Exec: &k8s.ExecAction{
		Command: jsii.Strings("sh", "-c", `export PGDATABASE="$POSTGRES_DB"; exec pg_isready -h 127.0.0.1 -U "$POSTGRES_USER"`),
	}}
	w := manifest.Workload{
		Component: at,
		Replicas:  p.Replicas,
		Containers: []*k8s.Container{{
			Name:            jsii.String(at.ID),
			Image:           jsii.String(p.Image),
			ImagePullPolicy: jsii.String(string(p.ImagePullPolicy)),
			Ports:           &[]*k8s.ContainerPort{manifest.ContainerPort(postgresPortName, p.Port)},
			Env:             p.env(),
			Resources:       p.Resources.Requirements(),
			StartupProbe:    p.Startup.probe(isReady),
			LivenessProbe:   p.Liveness.probe(isReady),
			ReadinessProbe:  p.Readiness.probe(isReady),
		}},
		Pod: p.Pod.Settings(at),
	}
	if args := p.settingsArgs(); len(args) > 0 {
		w.Containers[0].Args = jsii.Strings(args...)
	}
	w.Mounts.AddClaim(p.Storage.ClaimName, p.Storage.MountPath)
	w.Mounts.AddFiles(at, p.files())
	for _, dir := range postgresFolders(p.Resources.Limits.Memory) {
		w.Mounts.AddEmptyDir(dir.Path, dir.WithDefaults().Source())
	}
	if p.Exporter != nil {
		w.Containers = append(w.Containers, p.exporterContainer())
	}
	return w
}

// env is what the image's entrypoint and the server read.
// https://github.com/docker-library/docs/blob/master/postgres/README.md
func (p PostgresProps) env() *[]*k8s.EnvVar {
	c := p.Credentials
	return &[]*k8s.EnvVar{
		c.key(c.DatabaseKey).Variable("POSTGRES_DB"),
		c.key(c.UserKey).Variable("POSTGRES_USER"),
		c.key(c.PasswordKey).Variable("POSTGRES_PASSWORD"),
		// A damaged page is then an error, not a wrong answer.
		manifest.Variable("POSTGRES_INITDB_ARGS", "--data-checksums"),
		manifest.Variable("PGDATA", postgresData),
		manifest.Variable("PGPORT", strconv.Itoa(p.Port)),
	}
}

func (p PostgresProps) files() map[string]string {
	files := map[string]string{}
	if p.InitSQL != "" {
		files[initScript] = p.InitSQL
	}
	if len(p.Extensions) > 0 {
		files[extensionsScript] = p.createExtensions()
	}
	if p.Exporter != nil {
		files[exporterFile] = exporterScript
	}
	return files
}

// exporterContainer connects to the database "postgres", which every server has: it asks for all databases from there.
// https://github.com/prometheus-community/postgres_exporter/blob/master/README.md
func (p PostgresProps) exporterContainer() *k8s.Container {
	return p.Exporter.container("/",
		manifest.Variable("DATA_SOURCE_NAME", "postgresql://"+PostgresExporterRole+"@127.0.0.1:"+strconv.Itoa(p.Port)+"/postgres?sslmode=disable"))
}

func (c PostgresCredentials) withDefaults() PostgresCredentials {
	c.DatabaseKey = cmp.Or(c.DatabaseKey, "database-name")
	c.UserKey = cmp.Or(c.UserKey, "database-user")
	c.PasswordKey = cmp.Or(c.PasswordKey, "database-password")
	c.URLKey = cmp.Or(c.URLKey, "database-url")
	return c
}

// validate checks credentials whose defaults are filled in.
func (c PostgresCredentials) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		check.ObjectName(path.Child("secret"), c.Secret),
		check.Key(path.Child("databaseKey"), c.DatabaseKey),
		check.Key(path.Child("userKey"), c.UserKey),
		check.Key(path.Child("passwordKey"), c.PasswordKey),
		check.Key(path.Child("urlKey"), c.URLKey),
	)
}

func (c PostgresCredentials) key(key string) SecretKeyRef {
	return SecretKeyRef{Secret: c.Secret, Key: key}
}

func (p *Postgres) databaseEnv() []*k8s.EnvVar {
	return []*k8s.EnvVar{p.credentials.key(p.credentials.URLKey).Variable(databaseURLVariable)}
}

// psql needs no URL, which may be written for another driver.
func (p *Postgres) psql(client manifest.Component) (env []*k8s.EnvVar, image string) {
	c := p.credentials
	host, port, _ := net.SplitHostPort(p.Destination().AddressFor(client))
	return []*k8s.EnvVar{
		c.key(c.DatabaseKey).Variable("PGDATABASE"),
		c.key(c.UserKey).Variable("PGUSER"),
		c.key(c.PasswordKey).Variable("PGPASSWORD"),
		manifest.Variable("PGHOST", host),
		manifest.Variable("PGPORT", port),
	}, p.image
}

// databaseURLVariable is the conventional name for the address of the database in most frameworks.
const databaseURLVariable = "DATABASE_URL"

// ConfigMap returns the ConfigMap with the scripts of the first start, or nil without InitSQL, Extensions and
// Exporter.
func (p *Postgres) ConfigMap() cdk8s.ApiObject { return p.node.Handle(p.configMap) }

// BackupCronJob returns the CronJob that dumps the database, or nil without Backup.
func (p *Postgres) BackupCronJob() cdk8s.ApiObject { return p.node.Handle(p.backupJob) }

// RestoreCronJob returns the suspended CronJob that restores are created from, or nil without Backup.
func (p *Postgres) RestoreCronJob() cdk8s.ApiObject { return p.node.Handle(p.restoreJob) }

// BackupPersistentVolumeClaim returns the claim of the dumps, or nil without Backup.
func (p *Postgres) BackupPersistentVolumeClaim() cdk8s.ApiObject { return p.node.Handle(p.backupClaim) }
