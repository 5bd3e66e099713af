package constructs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

func TestExtraContainersValidate(t *testing.T) {
	validate := func(change func(p *BackendProps)) field.ErrorList {
		props := BackendProps{
			Image: "api:1", Env: map[string]string{"LEVEL": "info"}, Redis: ExternalRedis{Server: ExternalServer{Host: "10.0.0.2", Port: 6379}},
			Files: map[string]string{"/etc/app.conf": "a"},
		}
		change(&props)
		path := field.NewPath("backend")
		return props.server(path, testComponent).validate(path)
	}
	runChecks(t, map[string]expectation{
		"least": {errs: validate(func(p *BackendProps) {
			p.InitContainers, p.Sidecars = []InitContainer{{Name: "prepare"}}, []Sidecar{{Name: "proxy", Image: "proxy:1"}}
		})},
		"variables of the tier": {errs: validate(func(p *BackendProps) {
			p.InitContainers = []InitContainer{{Name: "prepare", TierEnv: true, Args: []string{"$(REDIS_URL)", "$(LEVEL)"}, SecretEnv: map[string]SecretKeyRef{"LEVEL": {Secret: "a", Key: "b"}}}}
		})},
		"variables of the tier that the container does not have": {
			validate(func(p *BackendProps) {
				p.Sidecars = []Sidecar{{Name: "proxy", Image: "proxy:1", Args: []string{"$(REDIS_URL)"}}}
			}),
			[]string{`backend.sidecars[0].args[0]: Invalid value: "$(REDIS_URL)": refers to $(REDIS_URL), which the container does not have: add it to env or secretEnv, or write $$(REDIS_URL) for the text itself`},
		},
		"a variable of a connection is not replaced": {
			validate(func(p *BackendProps) {
				p.InitContainers = []InitContainer{{Name: "prepare", TierEnv: true, Env: map[string]string{"REDIS_URL": "x"}}}
			}),
			[]string{`backend.initContainers[0].env[REDIS_URL]: Duplicate value: "REDIS_URL": already set by a connection`},
		},
		"names": {
			validate(func(p *BackendProps) {
				p.InitContainers = []InitContainer{{}, {Name: "A"}, {Name: "api"}, {Name: "prepare"}}
				p.Sidecars = []Sidecar{{Name: "prepare", Image: "a:1"}, {Name: "late", Image: "a:1", AfterInitContainers: true}, {Name: "late", Image: "a:1"}}
			}),
			[]string{
				"backend.initContainers[0].name: Required value",
				`backend.initContainers[1].name: Invalid value: "A": ` + checktest.LabelRule,
				`backend.initContainers[2].name: Duplicate value: "api": the tier's own container has this name`,
				`backend.initContainers[3].name: Duplicate value: "prepare": the same as backend.sidecars[0].name`,
				`backend.sidecars[1].name: Duplicate value: "late": the same as backend.sidecars[2].name`,
			},
		},
		"mounts": {errs: validate(func(p *BackendProps) {
			p.Storage, p.Replicas = &Storage{MountPath: "/data", Size: "1Gi"}, new(1)
			p.Sidecars = []Sidecar{{
				Name: "a", Image: "a:1", Liveness: HeartbeatProbe{Path: "/scratch/alive", MaxAge: time.Minute},
				Mounts: []Mount{{Path: "/data", ReadOnly: true}, {Path: "/tmp", MountPath: "/scratch"}, {Path: "/tmp"}, {Path: "/etc/app.conf"}},
			}}
		})},
		"bad mounts": {
			validate(func(p *BackendProps) {
				p.Sidecars = []Sidecar{{
					Name: "a", Image: "a:1", Liveness: HeartbeatProbe{Path: "/tmp/alive", MaxAge: time.Minute},
					Mounts: []Mount{{}, {Path: "/data"}, {Path: "/tmp", ReadOnly: true}, {Path: "/etc/app.conf", MountPath: "/tmp"}, {Path: "/etc/app.conf", MountPath: "a"}},
				}}
			}),
			[]string{
				"backend.sidecars[0].mounts[0].path: Required value: a path of the tier's storage, volumes, emptyDirs or files",
				`backend.sidecars[0].mounts[1].path: Invalid value: "/data": must be a path of the tier's storage, volumes, emptyDirs or files (/tmp, /etc/app.conf)`,
				`backend.sidecars[0].mounts[4].mountPath: Invalid value: "a": must be absolute`,
				`backend.sidecars[0].mounts[3].mountPath: Invalid value: "/tmp": already mounted by backend.sidecars[0].mounts[2].mountPath`,
				`backend.sidecars[0].liveness.path: Invalid value: "/tmp/alive": must be in one of emptyDirs (), where each pod can write a file of its own: for example /tmp/alive`,
			},
		},
		"what is wrong with the tier is said once": {
			validate(func(p *BackendProps) {
				p.Image, p.Resources.Limits.Memory, p.Env = "", "1Gg", map[string]string{"A B": "x"}
				p.InitContainers = []InitContainer{{Name: "prepare", TierEnv: true}}
			}),
			[]string{
				"backend.image: Required value",
				`backend.resources.limits.memory: Invalid value: "1Gg": ` + checktest.QuantityRule,
				`backend.env[A B]: Invalid value: "A B": ` + checktest.VariableRule,
			},
		},
		"all wrong": {
			validate(func(p *BackendProps) {
				p.InitContainers = []InitContainer{{
					Name: "a", Image: "a", ImagePullPolicy: "Sometimes", Command: []string{""}, WorkingDir: "x", Env: map[string]string{"1": ""},
					EnvFrom: []EnvFrom{{}}, Resources: Resources{Limits: ResourceList{Memory: "1Gg"}},
				}}
				p.Sidecars = []Sidecar{{Name: "b", Startup: HTTPProbe{}, Liveness: TCPProbe{Port: -1}, Readiness: (*nilProbe)(nil)}}
			}),
			[]string{
				"backend.sidecars[0].image: Required value",
				"backend.sidecars[0].startup.port: Required value: the container has no port of its own",
				"backend.sidecars[0].liveness.port: Invalid value: -1: " + checktest.PortRule,
				"backend.sidecars[0].readiness: Invalid value: null: must not be a nil *constructs.nilProbe: omit it for the default, or set NoProbe{}",
				`backend.initContainers[0].image: Invalid value: "a": must include a tag or digest`,
				`backend.initContainers[0].resources.limits.memory: Invalid value: "1Gg": ` + checktest.QuantityRule,
				`backend.initContainers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`,
				"backend.initContainers[0].command[0]: Required value: the program to run",
				`backend.initContainers[0].workingDir: Invalid value: "x": must be absolute`,
				`backend.initContainers[0].env[1]: Invalid value: "1": ` + checktest.VariableRule,
				"backend.initContainers[0].envFrom[0]: Required value: set secret or configMap",
			},
		},
	})
}

// nilProbe is a probe whose pointer may be nil.
type nilProbe struct{ TCPProbe }

// Sidecars start before the init containers, which can use them, unless they need what those prepare.
func TestOrderOfExtraContainers(t *testing.T) {
	tier := BackendProps{
		Image: "api:1", InitContainers: []InitContainer{{Name: "first"}, {Name: "second"}},
		Sidecars: []Sidecar{{Name: "late", Image: "a:1", AfterInitContainers: true}, {Name: "proxy", Image: "a:1"}, {Name: "log", Image: "a:1"}},
	}
	var names []string
	for _, container := range tier.server(field.NewPath("backend"), testComponent).workload().InitContainers {
		names = append(names, *container.Name)
		require.Equal(t, *container.Image == "a:1", container.RestartPolicy != nil, "a sidecar restarts always")
	}
	require.Equal(t, []string{"proxy", "log", "first", "second", "late"}, names)
}

func TestNamesAsHost(t *testing.T) {
	database, elsewhere := manifest.Component{App: "shop", ID: "database", Namespace: "shop"}, manifest.Component{App: "shop", ID: "database", Namespace: "data"}
	for name, test := range map[string]struct {
		container       InitContainer
		near, elsewhere bool
	}{
		"nothing":               {InitContainer{}, false, false},
		"port in the same word": {InitContainer{Command: []string{"wait", "shop-database:5432"}}, true, false},
		"port in the next word": {InitContainer{Command: []string{"nc", "-z"}, Args: []string{"shop-database", "5432"}}, true, false},
		"script":                {InitContainer{Command: []string{"sh", "-c", "until nc -z shop-database 5432; do sleep 1; done"}}, true, false},
		"URL":                   {InitContainer{Args: []string{"postgres://u:p@shop-database/shop"}}, true, false},
		"variable":              {InitContainer{Env: map[string]string{"URL": "postgres://u:p@shop-database:5432/shop"}}, true, false},
		"origin of a browser":   {InitContainer{Env: map[string]string{"ALLOWED_ORIGIN": "http://shop-database"}}, false, false},
		"option":                {InitContainer{Command: []string{"pg_isready", "-h", "shop-database"}}, true, false},
		"long option, quoted":   {InitContainer{Args: []string{"sh", "-c", `until pg_isready --host="shop-database"; do sleep 1; done`}}, true, false},
		"quoted":                {InitContainer{Args: []string{"sh", "-c", `nc -z "shop-database" 5432`}}, true, false},
		"qualified":             {InitContainer{Args: []string{"http://shop-database.data.svc.cluster.local/"}}, false, true},
		"qualified, at home":    {InitContainer{Args: []string{"shop-database.shop:5432"}}, true, false},
		"a longer name":         {InitContainer{Args: []string{"shop-database-2:5432", "my-shop-database:5432", "shop-database.org:5432"}}, false, false},
		"no address":            {InitContainer{Args: []string{"--name=shop-database", "shop-database"}}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.near, test.container.names(database, testComponent))
			require.Equal(t, test.elsewhere, test.container.names(elsewhere, testComponent))
		})
	}
}
