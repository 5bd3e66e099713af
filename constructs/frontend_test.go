package constructs

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

// validateFrontend checks the props of a frontend that is valid but for a change.
func validateFrontend(change func(p *FrontendProps)) field.ErrorList {
	props := FrontendProps{Image: "pages:1"}
	change(&props)
	path, at := field.NewPath("frontend"), testComponent
	at.ID = "pages"
	return props.server(path, at).validate(path)
}

// What a frontend shares with a backend is checked there.
func TestFrontendPropsValidate(t *testing.T) {
	runChecks(t, map[string]expectation{
		"least": {errs: validateFrontend(func(*FrontendProps) {})},
		"all": {errs: validateFrontend(func(p *FrontendProps) {
			p.ImagePullPolicy = PullAlways
			p.Port = 1
			p.Autoscaling = &Autoscaling{MaxReplicas: 4}
			p.Rollout = Rollout{MaxUnavailable: new(0)}
			p.Resources = Resources{Limits: ResourceList{CPU: "1", Memory: "1Gi"}}
			p.Liveness, p.Readiness = HTTPProbe{Path: "/"}, HTTPProbe{Path: "/"}
			p.Backend = backendAt("shop")
			p.APIBaseURL = "https://api.example.com"
			p.Env = map[string]string{"VITE_TITLE": "Shop"}
			p.SecretEnv = map[string]SecretKeyRef{"TOKEN": {Secret: "a", Key: "b"}}
			p.Files = map[string]string{"/etc/nginx/conf.d/default.conf": "server {}"}
			p.EmptyDirs = []EmptyDir{{Path: "/cache"}}
			p.PreStopSeconds = new(0)
			p.Pod = PodProps{PriorityClassName: "high"}
		})},
		"no image": {validateFrontend(func(p *FrontendProps) { p.Image = "" }), []string{"frontend.image: Required value"}},
		"variable of the backend": {
			validateFrontend(func(p *FrontendProps) {
				p.Backend, p.Env = backendAt("shop"), map[string]string{"VITE_API_BASE_URL": "x"}
			}),
			[]string{`frontend.env[VITE_API_BASE_URL]: Duplicate value: "VITE_API_BASE_URL": already set by a connection`},
		},
		"variable without a backend": {errs: validateFrontend(func(p *FrontendProps) { p.Env = map[string]string{"VITE_API_BASE_URL": "x"} })},
		"bad backend": {
			validateFrontend(func(p *FrontendProps) { p.Backend = ExternalServer{Host: "api", Port: 80} }),
			[]string{"frontend.backend.cidrs: Required value: network policies cannot name hosts: list the addresses, or use AllAddresses()"},
		},
		"backend in no namespace": {
			validateFrontend(func(p *FrontendProps) { p.Backend = backendAt("") }),
			[]string{`frontend.backend: Invalid value: "shop-api": belongs to another chart: set Namespace in the ChartProps of both charts`},
		},
		"file over nginx's folder": {
			validateFrontend(func(p *FrontendProps) { p.Files = map[string]string{"/run": ""} }),
			[]string{`frontend.files[/run]: Invalid value: "/run": already mounted by frontend.emptyDirs[/run].path`},
		},
		"all wrong": {
			validateFrontend(func(p *FrontendProps) {
				p.Image = "pages"
				p.Port = 65536
				p.Replicas = new(2)
				p.Autoscaling = &Autoscaling{MinReplicas: 3, MaxReplicas: 2}
				p.Resources.Requests.Memory = "1Ti"
				p.Backend = ExternalServer{Host: "a b", Port: -1}
				p.Env = map[string]string{"VITE_API_BASE_URL": "\x00"}
				p.EmptyDirs = []EmptyDir{{Path: "/cache", SizeLimit: "big"}}
				p.Pod.Tolerations = []Toleration{{}}
			}),
			[]string{
				`frontend.image: Invalid value: "pages": must include a tag or digest`,
				"frontend.port: Invalid value: 65536: " + checktest.PortRule,
				"frontend.autoscaling.maxReplicas: Invalid value: 2: must not be below minReplicas (3)",
				"frontend.replicas: Forbidden: autoscaling sets the number of replicas: remove one of them",
				`frontend.resources.requests.memory: Invalid value: "1Ti": must not exceed the limit 512Mi, which is the default: set frontend.resources.limits.memory too`,
				`frontend.env[VITE_API_BASE_URL]: Duplicate value: "VITE_API_BASE_URL": already set by a connection`,
				`frontend.env[VITE_API_BASE_URL]: Invalid value: "\x00": must not contain NUL: the container would not start`,
				`frontend.emptyDirs[/cache].sizeLimit: Invalid value: "big": ` + checktest.QuantityRule,
				"frontend.pod.tolerations[0].key: Required value: required unless operator is Exists",
				`frontend.backend.host: Invalid value: "a b": ` + checktest.SubdomainRule,
				"frontend.backend.port: Invalid value: -1: " + checktest.PortRule,
				"frontend.backend.cidrs: Required value: network policies cannot name hosts: list the addresses, or use AllAddresses()",
			},
		},
	})
}
