package constructs

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// PostgresBackup dumps a Postgres on a schedule to a volume of its own. One command restores the newest dump:
//
//	kubectl create job restore --from=cronjob/<app>-<component>-restore
//
// A dump holds the database as it was when the dump began, and the roles of the server. It can be restored to an empty
// server and to one of a later major version. Changes since the dump are lost with the server: for point-in-time
// recovery use a managed server or an operator.
type PostgresBackup struct {
	// Schedule is a cron expression with five fields, in UTC. Defaults to "0 3 * * *".
	// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
	Schedule string

	// Deadline is the time limit of a dump, including its retries, in whole seconds. A dump that exceeds it is stopped
	// and counts as failed. It must be below the shortest time between two dumps, because a running dump keeps the next
	// one from starting. Defaults to 6 h, or to half of that shortest time if it is less.
	Deadline time.Duration

	// Keep is the number of dumps to keep. After a successful dump the oldest ones are removed. Defaults to 7.
	Keep int

	// Storage is the volume of the dumps. The mount path defaults to /backups, the size to 10Gi, and the claim name to
	// <app>-<component>-backup-data.
	Storage Storage

	// Resources of the container that dumps or restores. Requests default to 100m of CPU and 256Mi of memory, limits to
	// 500m and 512Mi.
	Resources Resources
}

// The defaults of a PostgresBackup.
const (
	DefaultBackupSchedule = "0 3 * * *"

	// DefaultBackupDeadline is several times the duration of a dump of some hundred gigabytes.
	DefaultBackupDeadline = 6 * time.Hour

	DefaultBackupKeep      = 7
	DefaultBackupMountPath = "/backups"
)

// startingDeadline is how late a dump may begin.
const startingDeadline = time.Hour

// backupResources hold the descriptions of the database's objects: pg_dump and pg_restore pass the rows on as they come, and the
// server builds the indexes.
var backupResources = Resources{
	Requests: ResourceList{CPU: "100m", Memory: "256Mi"},
	Limits:   ResourceList{CPU: "500m", Memory: "512Mi"},
}

func (b *PostgresBackup) withDefaults(of manifest.Component) *PostgresBackup {
	if b == nil {
		return nil
	}
	schedule := cmp.Or(b.Schedule, DefaultBackupSchedule)
	return &PostgresBackup{
		Schedule:  schedule,
		Deadline:  cmp.Or(b.Deadline, defaultDeadline(schedule)),
		Keep:      cmp.Or(b.Keep, DefaultBackupKeep),
		Storage:   b.Storage.WithDefaults(Storage{MountPath: DefaultBackupMountPath, Size: "10Gi", ClaimName: backupOf(of).Suffixed("data")}),
		Resources: b.Resources.WithDefaults(backupResources),
	}
}

// defaultDeadline is also that of a schedule that is refused.
func defaultDeadline(schedule string) time.Duration {
	shortest, _, comes := check.Intervals(schedule)
	if !comes {
		return DefaultBackupDeadline
	}
	return min(DefaultBackupDeadline, (shortest / 2).Truncate(time.Second))
}

func (b *PostgresBackup) validate(path *field.Path, of manifest.Component, databaseClaim string) field.ErrorList {
	if b == nil {
		return nil
	}
	errs := slices.Concat(
		check.Schedule(path.Child("schedule"), b.Schedule),
		b.validateDeadline(path.Child("deadline")),
		check.AtLeast(path.Child("keep"), b.Keep, 1),
		b.Storage.Validate(path.Child("storage")),
		b.Resources.Validate(path.Child("resources")),
	)
	if b.Storage.ClaimName == databaseClaim {
		errs = append(errs, field.Invalid(path.Child("storage", "claimName"), b.Storage.ClaimName, "must differ from the database's claim"))
	}
	if b.Storage.MountPath == temporaryFolder {
		errs = append(errs, field.Invalid(path.Child("storage", "mountPath"), b.Storage.MountPath, "must not be "+temporaryFolder+": it is not kept"))
	}
	if name := restoreName(of); len(name) > manifest.MaxCronJobName {
		errs = append(errs, field.TooLong(path, name, manifest.MaxCronJobName))
	}
	return errs
}

func (b *PostgresBackup) validateDeadline(path *field.Path) field.ErrorList {
	shortest, _, comes := check.Intervals(b.Schedule)
	switch {
	case b.Deadline < time.Second || b.Deadline%time.Second != 0:
		return field.ErrorList{field.Invalid(path, b.Deadline.String(), "must be in whole seconds, at least 1s")}
	case comes && b.Deadline >= shortest:
		return field.ErrorList{field.Invalid(path, b.Deadline.String(),
			"must be below the shortest time between two dumps ("+check.Duration(shortest)+", for the schedule "+check.OrDefault(b.Schedule, DefaultBackupSchedule)+
				"): a running dump keeps the next one from starting")}
	}
	return nil
}

func restoreName(database manifest.Component) string { return database.Suffixed("restore") }

// backupOf is a component of its own, or the server's Service would select the pods that dump.
func backupOf(database manifest.Component) manifest.Component {
	database.ID += "-backup"
	return database
}

// backupJob is a PostgresBackup with the defaults filled in, and the server that it is for.
type backupJob struct {
	PostgresBackup
	manifest.Component
	server manifest.Component
	props  PostgresProps
}

func (b backupJob) claim() *manifest.Object {
	claim := b.Storage.Claim()
	claim.ID = "backup-claim"
	return claim
}

func (b backupJob) dumpJob() *manifest.Object {
	spec := b.spec(dump)
	spec.JobTemplate.Spec.ActiveDeadlineSeconds = jsii.Number(b.Deadline.Seconds())
	spec.Suspend = jsii.Bool(*b.props.Replicas == 0)
	return manifest.CronJob("backup", b.Name(), spec)
}

// watched describes the CronJob for monitoring. A dump may start late, and then take all of its time.
func (b backupJob) watched() manifest.WatchedCronJob {
	_, longest, _ := check.Intervals(b.Schedule)
	return manifest.WatchedCronJob{Component: b.Component, Server: b.server, Overdue: longest + startingDeadline + b.Deadline}
}

// restoreJob is suspended: "kubectl create job --from" copies it. It has no deadline, because someone waits for it.
func (b backupJob) restoreJob() *manifest.Object {
	spec := b.spec(restore)
	spec.Suspend = jsii.Bool(true)
	return manifest.CronJob("restore", restoreName(b.server), spec)
}

func (b backupJob) spec(script string) k8s.CronJobSpec {
	template := b.workload(script).Template()
	template.Spec.RestartPolicy = jsii.String("Never")
	return k8s.CronJobSpec{
		Schedule: jsii.String(b.Schedule),
		TimeZone: jsii.String("Etc/UTC"),
		// Two at a time would remove each other's files.
		ConcurrencyPolicy: jsii.String("Forbid"),
		// A dump that cannot start in time waits for the next. Without a limit, a CronJob that has missed a hundred times is
		// never started again.
		StartingDeadlineSeconds: jsii.Number(startingDeadline.Seconds()),
		Suspend:                 jsii.Bool(false),
		JobTemplate: &k8s.JobTemplateSpec{
			Metadata: &k8s.ObjectMeta{Labels: manifest.StringMap(b.Labels())},
			Spec:     &k8s.JobSpec{BackoffLimit: jsii.Number(2), Template: template},
		},
	}
}

func (b backupJob) workload(script string) manifest.Workload {
	w := manifest.Workload{
		Component: b.Component,
		Containers: []*k8s.Container{{
			Name:            jsii.String(b.ID),
			Image:           jsii.String(b.props.Image),
			ImagePullPolicy: jsii.String(string(b.props.ImagePullPolicy)),
			Command:         jsii.Strings("sh", "-c", script),
			Env:             b.env(),
			Resources:       b.Resources.Requirements(),
		}},
		Pod: b.props.Pod.Settings(b.Component),
	}
	w.Mounts.AddClaim(b.Storage.ClaimName, b.Storage.MountPath)
	w.Mounts.AddEmptyDir(temporaryFolder, EmptyDir{}.WithDefaults().Source())
	return w
}

// env is what PostgreSQL's own programs read. https://www.postgresql.org/docs/15/libpq-envars.html
func (b backupJob) env() *[]*k8s.EnvVar {
	c := b.props.Credentials
	return &[]*k8s.EnvVar{
		c.key(c.DatabaseKey).Variable("PGDATABASE"),
		c.key(c.UserKey).Variable("PGUSER"),
		c.key(c.PasswordKey).Variable("PGPASSWORD"),
		manifest.Variable("PGHOST", b.server.Name()),
		manifest.Variable("PGPORT", strconv.Itoa(b.props.Port)),
		// What the user or the database is set to would hinder a dump or a restore.
		manifest.Variable("PGOPTIONS", "-c role=none -c default_transaction_read_only=off -c statement_timeout=0"),
		manifest.Variable("BACKUP_FOLDER", b.Storage.MountPath),
		manifest.Variable("BACKUPS_KEPT", strconv.Itoa(b.Keep)),
	}
}

// policies let the pods that dump reach the server, and nothing else.
func (b backupJob) policies() []*manifest.Object {
	toServer := []manifest.Connection{{Destination: b.server.Destination(b.props.Port)}}
	// policies let the pods that dump and restore reach the server, and nothing else.
	policies := append([]*manifest.Object{manifest.ClientPolicy(b.Component, toServer)}, manifest.Openings(b.Component, toServer)...)
	for _, policy := range policies {
		policy.ID = "backup-" + policy.ID
	}
	return policies
}
