package constructs

import (
	"cmp"
	"strconv"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// PostgresBackup dumps a Postgres regularly to a volume of its own, and makes a restore one command:
//
//	kubectl create job restore --from=cronjob/<app>-<component>-restore
//
// A dump holds what the database held when it began; what was written since is lost with the server. For point-in-time
// recovery take a managed server or an operator.
type PostgresBackup struct {
	// Schedule says when to dump, in UTC and in the five fields of cron. Defaults to DefaultBackupSchedule.
	Schedule string

	// Keep is how many dumps are kept. An older one is removed after a new one succeeded. Defaults to
	// DefaultBackupsKept.
	Keep int

	// Storage is the volume of the dumps. The mount path defaults to DefaultBackupFolder, the size to 10Gi, and the claim's
	// name to <app>-<component>-backup-data.
	Storage Storage

	// Resources of the container that dumps or restores. Default to 100m of CPU and 256Mi of memory, limited to 500m
	// and 512Mi.
	Resources Resources
}

// The defaults of a PostgresBackup.
const (
	DefaultBackupSchedule = "0 3 * * *"
	DefaultBackupsKept    = 7
	DefaultBackupFolder   = "/backups"
)

const (
	// startingDeadlineSeconds is how late a dump may begin.
	startingDeadlineSeconds = 3600

	// maxCronJobName leaves room for what is appended to the names of Jobs.
	maxCronJobName = 52

	// dumpFiles matches the dumps of this database. It spells out the time, so that those of a database shop-eu are not
	// shop's too.
	dumpFiles = `"$PGDATABASE"-????????T??????Z.dump`

	// dump writes beside the other dumps, so that half a dump never has the name of a whole one. The name of a database
	// may begin with a dash.
	dump = `set -eu
cd "$BACKUP_FOLDER"
rm -f ./*.partial
file="$PGDATABASE-$(date -u +%Y%m%dT%H%M%SZ).dump"
pg_dump --format=custom --file="$file.partial"
pg_restore --list -- "$file.partial" > /dev/null
mv -- "$file.partial" "$file"
echo "wrote $file, $(wc -c < "$file") bytes"
ls -1 -- ` + dumpFiles + ` | sort -r | tail -n "+$((BACKUPS_KEPT + 1))" | while IFS= read -r old; do
  rm -- "$old"
  echo "removed $old"
done
`

	// restore fills a new database and then gives it the old one's name, all or nothing: emptying the old one instead fails
	// where something newer depends on what the dump holds, as after the migration that one wants to get rid of.
	restore = `set -eu
cd "$BACKUP_FOLDER"
file="${BACKUP_FILE:-$(ls -1 -- ` + dumpFiles + ` | sort | tail -n 1)}"
: "${file:?no dump of $PGDATABASE in $BACKUP_FOLDER}"
echo "restoring $file"
new="restore-$(date -u +%Y%m%dT%H%M%SZ)"
trap 'dropdb --if-exists --force -- "$new"' EXIT
createdb --template=template0 -- "$new"
pg_restore --no-owner --exit-on-error --dbname="$new" -- "$file"
psql --no-psqlrc --quiet --dbname=postgres --set=ON_ERROR_STOP=1 --set=db="$PGDATABASE" --set=new="$new" > /dev/null <<'END'
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :'db';
BEGIN;
ALTER DATABASE :"db" RENAME TO "replaced";
ALTER DATABASE :"new" RENAME TO :"db";
ALTER DATABASE "replaced" RENAME TO :"new";
COMMIT;
END
echo "restored $file"
`
)

var backupResources = Resources{
	Requests: ResourceList{CPU: "100m", Memory: "256Mi"},
	Limits:   ResourceList{CPU: "500m", Memory: "512Mi"},
}

// backupJob is a PostgresBackup with the defaults filled in, and the server that it is for. Its pods are a component of
// their own, or the server's Service would select them.
type backupJob struct {
	place
	on          bool
	schedule    string
	keep        int
	storage     Storage
	resources   Resources
	server      dataStore
	credentials PostgresCredentials
}

func (b *PostgresBackup) job(server dataStore, credentials PostgresCredentials) backupJob {
	if b == nil {
		return backupJob{}
	}
	at := server.place
	at.component += "-backup"
	return backupJob{
		place:       at,
		on:          true,
		schedule:    cmp.Or(b.Schedule, DefaultBackupSchedule),
		keep:        cmp.Or(b.Keep, DefaultBackupsKept),
		storage:     b.Storage.or(at.storageDefaults()).or(Storage{MountPath: DefaultBackupFolder, Size: "10Gi"}),
		resources:   b.Resources.or(backupResources),
		server:      server,
		credentials: credentials,
	}
}

func (b backupJob) validate(path *field.Path) field.ErrorList {
	if !b.on {
		return nil
	}
	errs := checkSchedule(path.Child("schedule"), b.schedule)
	errs = append(errs, checkAtLeast(path.Child("keep"), b.keep, 1)...)
	errs = append(errs, b.storage.validate(path.Child("storage"))...)
	errs = append(errs, b.resources.validate(path.Child("resources"))...)
	if b.storage.ClaimName == b.server.storage.ClaimName {
		errs = append(errs, field.Invalid(path.Child("storage", "claimName"), b.storage.ClaimName, "is the claim of the database itself"))
	}
	if b.storage.MountPath == temporaryFolder {
		errs = append(errs, field.Invalid(path.Child("storage", "mountPath"), b.storage.MountPath, "is not kept"))
	}
	if len(b.restoreName()) > maxCronJobName {
		errs = append(errs, field.TooLong(path, b.restoreName(), maxCronJobName))
	}
	return errs
}

// temporaryFolder is writable in every tier.
const temporaryFolder = "/tmp"

func (b backupJob) restoreName() string { return b.server.suffixed("restore") }

func (b backupJob) objects() []object {
	if !b.on {
		return nil
	}
	claim := b.storage.claim()
	claim.id = "backup-claim"
	toServer := []connection{{server: &storeTier{store: b.server}}}
	policies := b.policies(toServer)
	for i := range policies {
		policies[i].id = "backup-" + policies[i].id
	}
	return append([]object{claim, b.dumpJob(), b.restoreJob()}, policies...)
}

func (b backupJob) dumpJob() object {
	return b.cronJob("backup", b.name(), dump, false)
}

// restoreJob is never started by the clock: it is what "kubectl create job --from" copies.
func (b backupJob) restoreJob() object {
	return b.cronJob("restore", b.restoreName(), restore, true)
}

func (b backupJob) cronJob(id, name, script string, suspended bool) object {
	spec := k8s.CronJobSpec{
		Schedule: jsii.String(b.schedule),
		TimeZone: jsii.String("Etc/UTC"),
		// Two at a time would remove each other's files.
		ConcurrencyPolicy: jsii.String("Forbid"),
		// A dump that cannot start in time waits for the next. Without a limit, a CronJob that has missed a hundred times is
		// never started again.
		StartingDeadlineSeconds: jsii.Number(startingDeadlineSeconds),
		Suspend:                 jsii.Bool(suspended),
		JobTemplate: &k8s.JobTemplateSpec{
			Metadata: &k8s.ObjectMeta{Labels: stringMap(b.labels())},
			Spec: &k8s.JobSpec{
				BackoffLimit: jsii.Number(2),
				Template:     b.template(script),
			},
		},
	}
	return object{id: id, apiVersion: "batch/v1", kind: "CronJob", name: name, fields: map[string]any{"spec": spec}}
}

func (b backupJob) template(script string) *k8s.PodTemplateSpec {
	w := workload{place: b.place, container: b.container(script), port: b.server.port, pod: b.server.pod}
	w.mounts.addStorage(b.storage)
	w.mounts.addEmptyDirs(mergeEmptyDirs([]EmptyDir{{Path: temporaryFolder}}, nil))
	template := w.template()
	template.Spec.RestartPolicy = jsii.String("Never")
	return template
}

func (b backupJob) container(script string) *k8s.Container {
	env := b.env()
	return &k8s.Container{
		Name:            jsii.String(b.component),
		Image:           jsii.String(b.server.image),
		ImagePullPolicy: jsii.String(string(b.server.pullPolicy)),
		Command:         jsii.Strings("sh", "-c", script),
		Env:             (*[]*k8s.EnvVar)(&env),
		Resources:       b.resources.requirements(),
	}
}

// env is what PostgreSQL's own programs read. https://www.postgresql.org/docs/15/libpq-envars.html
func (b backupJob) env() environment {
	return environment{
		secretVariable("PGDATABASE", b.credentials.key(b.credentials.DatabaseKey)),
		secretVariable("PGUSER", b.credentials.key(b.credentials.UserKey)),
		secretVariable("PGPASSWORD", b.credentials.key(b.credentials.PasswordKey)),
		plainVariable("PGHOST", b.server.name()),
		plainVariable("PGPORT", strconv.Itoa(b.server.port)),
		plainVariable("BACKUP_FOLDER", b.storage.MountPath),
		plainVariable("BACKUPS_KEPT", strconv.Itoa(b.keep)),
	}
}
