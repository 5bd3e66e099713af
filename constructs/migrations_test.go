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

var managedPostgres = ExternalPostgres{
	Server: ExternalServer{Host: "db.example.com", Port: 5432, CIDRs: []string{"10.0.0.0/8"}},
	URL:    SecretKeyRef{Secret: "shop-secrets", Key: "url"},
}

func migrated(change func(p *BackendProps, m *Migrations)) BackendProps {
	props := BackendProps{Image: "api:1", Database: managedPostgres, Migrations: &Migrations{Command: []string{"migrate"}}}
	change(&props, props.Migrations)
	return props
}

func TestMigrationsValidate(t *testing.T) {
	validate := func(change func(p *BackendProps, m *Migrations)) field.ErrorList {
		path := field.NewPath("backend")
		return migrated(change).server(path, testComponent).validate(path)
	}
	digest := "@sha256:" + strings.Repeat("0", 64)
	runChecks(t, map[string]expectation{
		"least":                 {errs: validate(func(*BackendProps, *Migrations) {})},
		"a digest":              {errs: validate(func(p *BackendProps, _ *Migrations) { p.Image = "api" + digest })},
		"latest, with a digest": {errs: validate(func(p *BackendProps, _ *Migrations) { p.Image = "api:latest" + digest })},
		"a commit":              {errs: validate(func(p *BackendProps, _ *Migrations) { p.Image = "localhost:5000/api:main-3f71cd1" })},
		"a variable of the tier": {errs: validate(func(p *BackendProps, m *Migrations) {
			p.Env = map[string]string{"A": "1"}
			m.Command = []string{"a", "$(A)", "$(DATABASE_URL)"}
		})},
		"a tag that moves": {
			validate(func(p *BackendProps, _ *Migrations) { p.Image = "localhost:5000/api:latest" }),
			[]string{`backend.image: Invalid value: "localhost:5000/api:latest": must have a digest, or a tag with a digit, such as a version or a build number: migrations run once for each image, and "latest" can name another one tomorrow`},
		},
		"nothing to migrate": {
			validate(func(p *BackendProps, _ *Migrations) { p.Database = nil }),
			[]string{"backend.database: Required value: migrations need the database that they change: set it, or remove migrations"},
		},
		"what the tier has wrong is said once": {
			validate(func(p *BackendProps, _ *Migrations) {
				p.Image, p.Resources.Limits.Memory, p.Env, p.Files = "api", "1", map[string]string{"A": "$(B)"}, map[string]string{"a": ""}
				p.WorkingDir, p.Connections = "app", []Server{ExternalServer{Host: "10.0.0.2"}}
			}),
			[]string{
				`backend.image: Invalid value: "api": must include a tag or digest`,
				`backend.workingDir: Invalid value: "app": must be absolute`,
				`backend.resources.limits.memory: Invalid value: "1": must be at least 4Mi and at most 1Pi`,
				`backend.env[A]: Invalid value: "$(B)": refers to $(B), which the container does not have: add it to env or secretEnv, or write $$(B) for the text itself`,
				`backend.files[a]: Invalid value: "a": must be absolute`,
				"backend.connections[0].port: Invalid value: 0: " + checktest.PortRule,
			},
		},
		"all wrong": {
			validate(func(p *BackendProps, m *Migrations) {
				p.Image, p.Database = "api:main", nil
				*m = Migrations{Deadline: time.Millisecond, BackoffLimit: new(-1), Resources: Resources{Limits: ResourceList{CPU: "1m"}}, ClientImage: "postgres"}
			}),
			[]string{
				"backend.migrations.command: Required value: the program that migrates: a shell runs it, which does not know the image's entrypoint",
				`backend.migrations.deadline: Invalid value: "1ms": must be in whole seconds between 1s and 8760h`,
				"backend.migrations.backoffLimit: Invalid value: -1: " + checktest.NotBelow0Rule,
				`backend.migrations.clientImage: Invalid value: "postgres": must include a tag or digest`,
				`backend.image: Invalid value: "api:main": must have a digest, or a tag with a digit, such as a version or a build number: migrations run once for each image, and "main" can name another one tomorrow`,
				`backend.migrations.resources.requests.cpu: Invalid value: "250m": is the default, and exceeds the limit 1m: set it too`,
				"backend.database: Required value: migrations need the database that they change: set it, or remove migrations",
			},
		},
		"references": {
			validate(func(_ *BackendProps, m *Migrations) { m.Command = []string{"", "$(NONE)"} }),
			[]string{
				"backend.migrations.command[0]: Required value: the program to run",
				`backend.migrations.command[1]: Invalid value: "$(NONE)": refers to $(NONE), which the container does not have: add it to env or secretEnv, or write $$(NONE) for the text itself`,
			},
		},
	})
}

// The init container that waits has a name that the tier's own cannot have.
func TestMigrationsOfATierOfTheSameName(t *testing.T) {
	path, at := field.NewPath("backend"), manifest.Component{App: "shop", ID: "migrations", Namespace: "shop"}
	errs := migrated(func(*BackendProps, *Migrations) {}).server(path, at).validate(path)
	require.Equal(t, []string{`backend.id: Invalid value: "migrations": is the name of the init container that waits for migrations: choose another id`}, checktest.Messages(errs))
}

func TestMigrationsRefuseANameTooLong(t *testing.T) {
	path, at := field.NewPath("backend"), manifest.Component{App: "shop", ID: strings.Repeat("a", 47-len("-migrations")), Namespace: "shop"}
	props := migrated(func(*BackendProps, *Migrations) {})
	require.Empty(t, props.server(path, at).validate(path))
	at.ID += "a"
	require.Contains(t, checktest.Messages(props.server(path, at).validate(path))[0], "must be at most 52 characters long")
}

// The record is for image and command. What else changes runs a new Job, which finds the record and does nothing.
func TestWhatTheRecordIsFor(t *testing.T) {
	of := func(change func(p *BackendProps, m *Migrations)) (key, job string) {
		m := migrated(change).server(field.NewPath("backend"), testComponent).migrations
		return m.key(), m.object().Name
	}
	key, job := of(func(*BackendProps, *Migrations) {})
	for what, change := range map[string]func(p *BackendProps, m *Migrations){
		"image":   func(p *BackendProps, _ *Migrations) { p.Image = "api:2" },
		"command": func(_ *BackendProps, m *Migrations) { m.Command = []string{"migrate", "all"} },
	} {
		otherKey, otherJob := of(change)
		require.NotEqual(t, key, otherKey, what)
		require.NotEqual(t, job, otherJob, what)
	}
	for what, change := range map[string]func(p *BackendProps, m *Migrations){
		"environment": func(p *BackendProps, _ *Migrations) { p.Env = map[string]string{"A": "1"} },
		"resources":   func(p *BackendProps, _ *Migrations) { p.Resources.Limits.Memory = "2Gi" },
	} {
		otherKey, otherJob := of(change)
		require.Equal(t, key, otherKey, what)
		require.NotEqual(t, job, otherJob, what)
	}
	for what, change := range map[string]func(p *BackendProps, m *Migrations){
		"deadline":       func(_ *BackendProps, m *Migrations) { m.Deadline = time.Minute },
		"replicas":       func(p *BackendProps, _ *Migrations) { p.Replicas = new(5) },
		"probe":          func(p *BackendProps, _ *Migrations) { p.Liveness = NoProbe{} },
		"tier's command": func(p *BackendProps, _ *Migrations) { p.Command = []string{"serve"} },
	} {
		_, otherJob := of(change)
		require.Equal(t, job, otherJob, what)
	}
}

// Migrations may take long, and fail: no pod should be missing meanwhile.
func TestRolloutWithMigrations(t *testing.T) {
	rollout := func(change func(p *BackendProps, m *Migrations)) Rollout {
		return migrated(change).server(field.NewPath("backend"), testComponent).rollout
	}
	require.Equal(t, Rollout{MaxUnavailable: new(0), MaxSurge: new(1)}, rollout(func(*BackendProps, *Migrations) {}))
	require.Equal(t, oneAtATime, rollout(func(p *BackendProps, _ *Migrations) { p.Rollout.MaxUnavailable = new(1) }))
	require.Equal(t, Rollout{MaxUnavailable: new(1), MaxSurge: new(0)}, rollout(func(p *BackendProps, _ *Migrations) { p.Rollout.MaxSurge = new(0) }))
	require.Equal(t, oneAtATime, rollout(func(p *BackendProps, _ *Migrations) { p.Migrations = nil }))

	waiting := WorkerProps{Image: "worker:1", MigrationsOf: &Backend{}}.worker(field.NewPath("worker"), testComponent)
	require.Equal(t, Rollout{MaxUnavailable: new(0), MaxSurge: new(1)}, waiting.rollout)
}

// The Job has what the program has, except for volumes that only one node can mount.
func TestPodsOfMigrations(t *testing.T) {
	m := migrated(func(p *BackendProps, _ *Migrations) {
		p.ServiceAccount = &ServiceAccount{}
		p.Volumes = []Volume{ClaimVolume{MountPath: "/data", ClaimName: "data"}, SecretVolume{MountPath: "/certificates", Secret: "ca"}}
		p.Sidecars = []Sidecar{{Name: "proxy", Image: "proxy:1"}}
	}).server(field.NewPath("backend"), testComponent).migrations
	pod := m.object().Fields["spec"].(k8s.JobSpec).Template.Spec
	require.Equal(t, testComponent.Name(), *pod.ServiceAccountName)
	require.Len(t, *pod.InitContainers, 2)
	var mounted []string
	for _, mount := range *(*pod.InitContainers)[1].VolumeMounts {
		mounted = append(mounted, *mount.MountPath)
	}
	require.ElementsMatch(t, []string{"/tmp", "/certificates"}, mounted)
}
