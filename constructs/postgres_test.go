package constructs

import (
	"strings"
	"testing"
	"time"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// shopDatabase is where the props of these tests stand.
var shopDatabase = manifest.Component{App: "shop", ID: "database", Namespace: "shop"}

func validPostgres() PostgresProps {
	return PostgresProps{Credentials: PostgresCredentials{Secret: "secrets"}}
}

func TestPostgresAccepts(t *testing.T) {
	for name, change := range map[string]func(*PostgresProps){
		"only what is required":      func(*PostgresProps) {},
		"the image's own mount path": func(p *PostgresProps) { p.Storage.MountPath = postgresFolder },
		"any claim": func(p *PostgresProps) {
			p.Storage = Storage{ClaimName: "postgres-data-pvc", Size: "100Gi", StorageClassName: "fast"}
		},
		"another variant's user": func(p *PostgresProps) { p.Pod.RunAsUser, p.Pod.RunAsGroup = 999, 999 },
		"a long script":          func(p *PostgresProps) { p.InitSQL = strings.Repeat("-", 1024*1024-253) },
		"backups":                func(p *PostgresProps) { p.Backup = &PostgresBackup{} },
		"the longest deadline":   func(p *PostgresProps) { p.Backup = &PostgresBackup{Deadline: 24*time.Hour - time.Second} },
		"a dump every minute":    func(p *PostgresProps) { p.Backup = &PostgresBackup{Schedule: "* * * * *"} },
	} {
		t.Run(name, func(t *testing.T) {
			props := validPostgres()
			change(&props)
			require.Empty(t, checktest.Messages(props.withDefaults(shopDatabase).validate(field.NewPath("postgres"), shopDatabase)))
		})
	}
}

func TestPostgresRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*PostgresProps)
		want   string
	}{
		"no secret":          {func(p *PostgresProps) { p.Credentials.Secret = "" }, `postgres.credentials.secret: Required value`},
		"bad secret":         {func(p *PostgresProps) { p.Credentials.Secret = "A" }, `postgres.credentials.secret: Invalid value: "A"`},
		"bad key":            {func(p *PostgresProps) { p.Credentials.URLKey = "a b" }, `postgres.credentials.urlKey: Invalid value: "a b"`},
		"image without tag":  {func(p *PostgresProps) { p.Image = "postgres" }, `postgres.image: Invalid value: "postgres": must include a tag or digest`},
		"two replicas":       {func(p *PostgresProps) { p.Replicas = new(2) }, `postgres.replicas: Invalid value: 2: must be 0 or 1: two servers must not write to one volume`},
		"port":               {func(p *PostgresProps) { p.Port = 65536 }, `postgres.port: Invalid value: 65536`},
		"another mount path": {func(p *PostgresProps) { p.Storage.MountPath = "/var/lib/postgres" }, `postgres.storage.mountPath: Invalid value: "/var/lib/postgres": must be omitted or /var/lib/postgresql/data`},
		"size":               {func(p *PostgresProps) { p.Storage.Size = "10" }, `postgres.storage.size: Invalid value: "10": must be at least 1Mi and at most 1Pi`},
		"claim":              {func(p *PostgresProps) { p.Storage.ClaimName = "a_b" }, `postgres.storage.claimName: Invalid value: "a_b"`},
		"script":             {func(p *PostgresProps) { p.InitSQL = "SELECT '\xff'" }, `postgres.initSQL: Invalid value: "SELECT '` + "\ufffd" + `'": must be valid UTF-8`},
		"too long a script":  {func(p *PostgresProps) { p.InitSQL = strings.Repeat("-", 1024*1024) }, `postgres.initSQL: Too long`},
		"no room for both scripts": {func(p *PostgresProps) {
			p.InitSQL, p.Exporter = strings.Repeat("-", 1024*1024-253), &Exporter{}
		}, `postgres.initSQL: Too long`},
		"probe":               {func(p *PostgresProps) { p.Liveness.PeriodSeconds = -1 }, `postgres.liveness.periodSeconds: Invalid value: -1`},
		"request above limit": {func(p *PostgresProps) { p.Resources.Requests.Memory = "3Gi" }, `postgres.resources.requests.memory: Invalid value: "3Gi": must not exceed the limit 2Gi, which is the default: set postgres.resources.limits.memory too`},
		"too little memory":   {func(p *PostgresProps) { p.Resources.Requests.Memory, p.Resources.Limits.Memory = "128Mi", "255Mi" }, `postgres.resources.limits.memory: Invalid value: "255Mi": must be at least 256Mi: PostgreSQL's buffers take 128Mi, and its shared memory (/dev/shm) up to 64Mi`},
		"memory of no size":   {func(p *PostgresProps) { p.Resources.Limits.Memory = "2Gg" }, `postgres.resources.limits.memory: Invalid value: "2Gg"`},
		"a slip of memory":    {func(p *PostgresProps) { p.Resources.Requests.Memory, p.Resources.Limits.Memory = "4Mi", "512" }, `postgres.resources.limits.memory: Invalid value: "512": must be at least 4Mi`},
		"root":                {func(p *PostgresProps) { p.Pod.RunAsUser = -1 }, `postgres.pod.runAsUser: Invalid value: -1`},
		"schedule":            {func(p *PostgresProps) { p.Backup = &PostgresBackup{Schedule: "daily"} }, `postgres.backup.schedule: Invalid value: "daily"`},
		"never":               {func(p *PostgresProps) { p.Backup = &PostgresBackup{Schedule: "0 3 31 2 *"} }, `postgres.backup.schedule: Invalid value: "0 3 31 2 *": never runs: none of these months has such a day`},
		"deadline":            {func(p *PostgresProps) { p.Backup = &PostgresBackup{Deadline: 24 * time.Hour} }, `postgres.backup.deadline: Invalid value: "24h0m0s": must be below the shortest time between two dumps (24h, for the schedule 0 3 * * *, the default): a running dump keeps the next one from starting`},
		"uneven deadline":     {func(p *PostgresProps) { p.Backup = &PostgresBackup{Schedule: "0 */5 * * *", Deadline: 4 * time.Hour} }, `postgres.backup.deadline: Invalid value: "4h0m0s": must be below the shortest time between two dumps (4h, `},
		"negative deadline":   {func(p *PostgresProps) { p.Backup = &PostgresBackup{Deadline: -time.Hour} }, `postgres.backup.deadline: Invalid value: "-1h0m0s": must be in whole seconds, at least 1s`},
		"part of a second":    {func(p *PostgresProps) { p.Backup = &PostgresBackup{Deadline: 1500 * time.Millisecond} }, `postgres.backup.deadline: Invalid value: "1.5s": must be in whole seconds, at least 1s`},
		"no dump kept":        {func(p *PostgresProps) { p.Backup = &PostgresBackup{Keep: -1} }, `postgres.backup.keep: Invalid value: -1`},
		"one claim for both":  {func(p *PostgresProps) { p.Backup = &PostgresBackup{Storage: Storage{ClaimName: "shop-database-data"}} }, `postgres.backup.storage.claimName: Invalid value: "shop-database-data": must differ from the database's claim`},
		"dumps not kept":      {func(p *PostgresProps) { p.Backup = &PostgresBackup{Storage: Storage{MountPath: "/tmp"}} }, `postgres.backup.storage.mountPath: Invalid value: "/tmp": must not be /tmp: it is not kept`},
	} {
		t.Run(name, func(t *testing.T) {
			props := validPostgres()
			test.change(&props)
			errs := checktest.Messages(props.withDefaults(shopDatabase).validate(field.NewPath("postgres"), shopDatabase))
			require.Len(t, errs, 1)
			require.Contains(t, errs[0], test.want)
		})
	}
}

// Shared memory is part of what the container may use: it follows the limit, but not below what every container has.
func TestPostgresSharedMemoryFollowsTheLimit(t *testing.T) {
	for limit, want := range map[string]string{
		"256Mi": "64Mi", "512Mi": "64Mi", "1Gi": "128Mi", "2048Mi": "256Mi", "3G": "375000000", "16Gi": "2Gi",
	} {
		require.Equal(t, want, postgresFolders(limit)[0].SizeLimit, limit)
	}
}

// Names of CronJobs are shorter than others, because their Jobs' names are longer.
func TestPostgresRefusesANameTooLongForBackups(t *testing.T) {
	props, at := validPostgres(), manifest.Component{App: "shop", ID: strings.Repeat("a", 40), Namespace: "shop"}
	require.Empty(t, props.withDefaults(at).validate(field.NewPath("postgres"), at))
	props.Backup = &PostgresBackup{}
	require.Contains(t, checktest.Messages(props.withDefaults(at).validate(field.NewPath("postgres"), at))[0], "postgres.backup: Too long")
}

// What hangs is ended before the next dump; a restore never is, however long it takes.
func TestDumpsHaveADeadlineAndRestoresHaveNone(t *testing.T) {
	props := validPostgres()
	props.Backup = &PostgresBackup{}
	props = props.withDefaults(shopDatabase)
	backup := backupJob{PostgresBackup: *props.Backup, Component: backupOf(shopDatabase), server: shopDatabase, props: props}
	jobOf := func(o *manifest.Object) *k8s.JobSpec { return o.Fields["spec"].(k8s.CronJobSpec).JobTemplate.Spec }
	require.Equal(t, 6*3600.0, *jobOf(backup.dumpJob()).ActiveDeadlineSeconds)
	require.Nil(t, jobOf(backup.restoreJob()).ActiveDeadlineSeconds)
	require.False(t, *backup.dumpJob().Fields["spec"].(k8s.CronJobSpec).Suspend)
	backup.props.Replicas = new(0)
	require.True(t, *backup.dumpJob().Fields["spec"].(k8s.CronJobSpec).Suspend, "there is nothing to dump")
	require.Equal(t, manifest.WatchedCronJob{Component: backup.Component, Server: shopDatabase, Overdue: 31 * time.Hour}, backup.watched())
}
