package constructs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Migrations bring the schema of a Backend's Database up to date before pods of a new image serve. They are a Job, which
// kubectl, Helm and Argo CD apply like any other object, and which runs once for each image and command:
//
//   - The Job runs Command in the backend's image, with the backend's environment, files, ServiceAccount and connections,
//     but without its Storage, claims and further containers. If it succeeds, it records image and command in the table deployment.migrations of the database.
//   - Pods of the backend have an init container that waits for this record. Until it is there, and if the migrations fail,
//     the former pods serve, except for as many as a Rollout sets in MaxUnavailable. Pods of a Worker or a Scheduler wait, too, if its MigrationsOf is the backend.
//   - A Job that finds the record does nothing. So a rollback to an earlier image starts at once, with the schema of the
//     later one: as usual, a migration must leave the schema usable for the previous image.
//
// The record is part of the database, and of its dumps. If a dump of an earlier image is restored, or the database is
// replaced by an empty one, the pods wait for the migrations again, which run when their Job is deleted and the manifests
// are applied again. The same repeats migrations that failed. Command may be run again after it succeeded, if its pod is
// lost before the record is written: the tools for migrations allow that.
//
// A backend with a volume that only one node can mount is stopped before its next pod starts, and so does not serve during
// the migrations, or if they fail. psql reads and writes the record with the URL alone: it has neither the backend's files
// nor its variables, such as PGSSLROOTCERT.
//
// The image must contain a shell, sh. The role of the database must be allowed to create schemas in it, or own a schema
// named deployment, which an administrator creates with CREATE SCHEMA deployment AUTHORIZATION <role>.
type Migrations struct {
	// Command is the program, with its arguments. No shell reads it. It can refer to variables like a value of Env.
	// Required.
	Command []string

	// Deadline is the time limit of the migrations, including their retries, in whole seconds. Defaults to 1 h.
	Deadline time.Duration

	// BackoffLimit is the number of retries. Defaults to 2.
	BackoffLimit *int

	// Resources of the container that runs Command. Each field defaults to the backend's, except for Extended, which
	// defaults to none.
	Resources Resources

	// ClientImage is an image with psql and sh, for the containers that read and write the record.
	// Defaults to the image of the Postgres, or to DefaultPostgresImage for an ExternalPostgres.
	ClientImage string
}

const (
	// migrationsContainer is the init container that waits, and migrationsJobVariable what it waits for. The command verify knows them.
	migrationsContainer   = "migrations"
	migrationsJobVariable = "MIGRATIONS_JOB"
)

// migrationsClientResources are those of psql, which takes some 10Mi.
var migrationsClientResources = Resources{
	Requests: ResourceList{CPU: "10m", Memory: "32Mi"},
	Limits:   ResourceList{CPU: "100m", Memory: "64Mi"},
}

// migrationsJob is the Job of the Migrations of a tier. Its fields are those of the props, with the defaults filled in.
type migrationsJob struct {
	jobProgram
	tier         string // Its id.
	ownResources bool
	clientImage  string
	client       []*k8s.EnvVar // Of psql.
	database     PostgresServer
}

// migrationsOf is a component of its own, or the tier's Service would select its pods.
func migrationsOf(tier manifest.Component) manifest.Component {
	tier.ID += "-migrations"
	return tier
}

// of returns the Job for a tier whose defaults are filled in; nil without Migrations.
func (m *Migrations) of(tier program, database PostgresServer) *migrationsJob {
	if m == nil {
		return nil
	}
	job := &migrationsJob{tier: tier.ID, ownResources: !m.Resources.isZero(), clientImage: DefaultPostgresImage, database: database}
	if !manifest.IsNil(database) {
		job.client, job.clientImage = database.psql(migrationsOf(tier.Component))
	}
	job.clientImage = cmp.Or(m.ClientImage, job.clientImage)
	resources := tier.resources
	resources.Extended = nil // The pods that serve may hold all devices.
	job.jobProgram = jobProgram{
		program: program{
			Component:   migrationsOf(tier.Component),
			image:       tier.image,
			pullPolicy:  tier.pullPolicy,
			command:     command{m.Command, nil, tier.command.workingDir},
			resources:   m.Resources.WithDefaults(resources),
			connected:   tier.connected,
			env:         tier.env,
			secretEnv:   tier.secretEnv,
			fieldEnv:    tier.fieldEnv,
			envFrom:     tier.envFrom,
			files:       tier.files,
			emptyDirs:   tier.emptyDirs,
			volumes:     slices.DeleteFunc(slices.Clone(tier.volumes), isClaim),
			account:     tier.account,
			labels:      tier.labels,
			annotations: tier.annotations,
			pod:         tier.pod,
			connections: tier.connections,
		},
		deadline:     m.Deadline,
		backoffLimit: m.BackoffLimit,
	}.withDefaults()
	return job
}

// isClaim reports whether a volume is one that a pod on another node could not mount meanwhile.
func isClaim(volume Volume) bool {
	_, is := volume.(ClaimVolume)
	return is
}

// validate expects the path of the tier's props. What the tier has too is reported there.
func (m *migrationsJob) validate(path *field.Path) field.ErrorList {
	if m == nil {
		return nil
	}
	prop := path.Child("migrations")
	errs := slices.Concat(
		m.validateCommand(prop),
		check.WholeSeconds(prop.Child("deadline"), m.deadline, time.Second, mostJobDeadline),
		check.AtLeast(prop.Child("backoffLimit"), *m.backoffLimit, 0),
		check.Image(prop.Child("clientImage"), m.clientImage),
		checkImageStays(path.Child("image"), m.image),
		checkJobName(prop, m.Component, manifest.MaxJobName),
	)
	if m.ownResources {
		resources := prop.Child("resources")
		errs = append(errs, m.resources.Validate(resources)...)
		errs = append(errs, checkMemoryDirs(resources.Child("limits", "memory"), m.emptyDirs, m.resources)...)
	}
	if m.tier == migrationsContainer {
		errs = append(errs, nameOfWaitContainer(path, m.tier))
	}
	if manifest.IsNil(m.database) {
		errs = append(errs, field.Required(path.Child("database"), "migrations need the database that they change: set it, or remove migrations"))
	}
	return errs
}

// nameOfWaitContainer is the error of a tier whose own container would have the name.
func nameOfWaitContainer(path *field.Path, id string) *field.Error {
	return field.Invalid(path.Child("id"), id, "is the name of the init container that waits for migrations: choose another id")
}

func (m *migrationsJob) validateCommand(path *field.Path) field.ErrorList {
	if len(m.command.command) == 0 {
		return field.ErrorList{field.Required(path.Child("command"), "the program that migrates: a shell runs it, which does not know the image's entrypoint")}
	}
	return command{command: m.command.command}.validate(path, m.variables().ordered())
}

// checkImageStays refuses a tag that is moved from image to image. Whether one with a digit in it is, nobody can tell.
func checkImageStays(path *field.Path, image string) field.ErrorList {
	if len(check.Image(path, image)) > 0 || strings.Contains(image, "@") {
		return nil // What is wrong with it is reported elsewhere.
	}
	tag := image[strings.LastIndex(image, ":")+1:]
	if strings.ContainsFunc(tag, unicode.IsDigit) {
		return nil
	}
	return field.ErrorList{field.Invalid(path, image, fmt.Sprintf(
		"must have a digest, or a tag with a digit, such as a version or a build number: migrations run once for each image, and %q can name another one tomorrow", tag))}
}

// key stands for image and command in the database.
func (m *migrationsJob) key() string {
	return manifest.Digest(map[string]any{"image": m.image, "command": m.command.command})
}

// object is the Job. Its containers run one after the other.
func (m *migrationsJob) object() *manifest.Object {
	w := m.workload()
	migrate := w.Containers[0]
	migrate.Name = jsii.String("migrate")
	migrate.Command = jsii.Strings(append([]string{"sh", "-c", migrateUnlessRecorded, "sh"}, m.command.command...)...)
	checked := m.clientContainer("check", checkRecord)
	checked.VolumeMounts = &[]*k8s.VolumeMount{w.Mounts.Again(temporaryFolder, temporaryFolder, false)}
	record := m.clientContainer("record", writeRecord)
	w.InitContainers = []*k8s.Container{checked, record}

	spec := m.specOf(w)
	spec.Template.Spec.InitContainers = &[]*k8s.Container{checked, migrate}
	spec.Template.Spec.Containers = &[]*k8s.Container{record}
	return manifest.Job(m.Component, w, spec)
}

// waitContainer holds the tier's program back until the record is there.
func (m *migrationsJob) waitContainer() *k8s.Container {
	container := m.clientContainer(migrationsContainer, waitForRecord)
	env := append(*container.Env, manifest.Variable(migrationsJobVariable, m.object().Name))
	container.Env = &env
	return container
}

// clientContainer runs a script with psql.
func (m *migrationsJob) clientContainer(name, script string) *k8s.Container {
	env := append(slices.Clone(m.client),
		manifest.Variable("PGCONNECT_TIMEOUT", "10"),
		manifest.Variable("MIGRATIONS_IMAGE", m.image),
		manifest.Variable("MIGRATIONS_KEY", m.key()),
	)
	return &k8s.Container{
		Name:            jsii.String(name),
		Image:           jsii.String(m.clientImage),
		ImagePullPolicy: jsii.String(string(PullPolicy("").WithDefault(m.clientImage))),
		Command:         jsii.Strings("sh", "-c", script),
		Env:             &env,
		Resources:       migrationsClientResources.Requirements(),
	}
}

// addTo adds the Job as a construct of its own below the tier's, so that Argo CD applies it in a wave before. It returns nil without
// Migrations.
func (m *migrationsJob) addTo(tier *manifest.Node) *migrationsTier {
	if m == nil {
		return nil
	}
	node := manifest.NewNode(tier.Construct(), m.ID, "migrations")
	node.Path = tier.Path // Its props are those of the tier.
	node.Labels, node.Annotations = m.labels, m.annotations
	t := &migrationsTier{jobTier: jobTier{construct: construct{node}}}
	if !node.Accept(nil) {
		return t
	}
	object := m.object()
	t.object = t.addObjects(m.jobProgram, object)
	tier.AddJob(tier.Path.Child("migrations"), manifest.WatchedJob{Component: m.Component, Name: object.Name})
	return t
}

// awaited is what the tier's pods wait for.
func (m *migrationsJob) awaited() []manifest.Component {
	if m == nil {
		return nil
	}
	return []manifest.Component{m.Component}
}

// migrationsTier holds the objects of Migrations.
type migrationsTier struct {
	jobTier // With the tier's ServiceAccount, which the Job needs first.
	object  cdk8s.ApiObject
}
