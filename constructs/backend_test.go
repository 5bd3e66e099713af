package constructs

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

// validateBackend checks the props of a backend that is valid but for a change.
func validateBackend(change func(p *BackendProps)) field.ErrorList {
	props := BackendProps{Image: "api:1"}
	change(&props)
	path := field.NewPath("backend")
	return props.server(path, testComponent).validate(path)
}

func TestBackendPropsValidate(t *testing.T) {
	none := func(*BackendProps) {}
	shared := &Storage{MountPath: "/data", Size: "1Gi", AccessMode: ReadWriteMany}
	onOneNode := &Storage{MountPath: "/data", Size: "1Gi"}
	const oneNodeRule = `backend.storage.accessMode: Invalid value: "ReadWriteOnce": must be ReadWriteMany for several replicas (2, the default), or set one replica`
	runChecks(t, map[string]expectation{
		"least": {errs: validateBackend(none)},
		"all": {errs: validateBackend(func(p *BackendProps) {
			p.ImagePullPolicy = PullNever
			p.Port = 65535
			p.Replicas = new(0)
			p.Rollout = Rollout{MaxUnavailable: new(0), MaxSurge: new(2)}
			p.Resources = Resources{Requests: ResourceList{CPU: "1m", Memory: "4Mi"}}
			p.Liveness, p.Readiness = HTTPProbe{Path: "/livez"}, HTTPProbe{Path: "/readyz"}
			p.Database = ExternalPostgres{Server: ExternalServer{Host: "10.0.0.1", Port: 5432}, URL: SecretKeyRef{Secret: "a", Key: "b"}}
			p.Redis = ExternalRedis{Server: ExternalServer{Host: "10.0.0.2", Port: 6379}, Password: SecretKeyRef{Secret: "a", Key: "b"}}
			p.Connections = []Server{backendAt("shop-2"), ExternalServer{Host: "10.0.0.3", Port: 443}}
			p.Env = map[string]string{"LEVEL": "debug"}
			p.SecretEnv = map[string]SecretKeyRef{"TOKEN": {Secret: "a", Key: "b"}}
			p.Files = map[string]string{"/etc/app.conf": "x"}
			p.Storage = shared
			p.EmptyDirs = []EmptyDir{{Path: "/cache"}}
			p.PreStopSeconds = new(0)
			p.Pod = PodProps{ServiceAccountName: "api"}
		})},

		"no image":          {validateBackend(func(p *BackendProps) { p.Image = "" }), []string{"backend.image: Required value"}},
		"bad image":         {validateBackend(func(p *BackendProps) { p.Image = "api" }), []string{`backend.image: Invalid value: "api": must include a tag or digest`}},
		"bad pull policy":   {validateBackend(func(p *BackendProps) { p.ImagePullPolicy = "Once" }), []string{`backend.imagePullPolicy: Unsupported value: "Once": supported values: "Always", "IfNotPresent", "Never"`}},
		"bad port":          {validateBackend(func(p *BackendProps) { p.Port = -1 }), []string{"backend.port: Invalid value: -1: " + checktest.PortRule}},
		"negative replicas": {validateBackend(func(p *BackendProps) { p.Replicas = new(-1) }), []string{"backend.replicas: Invalid value: -1: " + checktest.NotBelow0Rule}},
		"limit below the default request": {
			validateBackend(func(p *BackendProps) { p.Resources.Limits.Memory = "256Mi" }),
			[]string{`backend.resources.requests.memory: Invalid value: "512Mi": is the default, and exceeds the limit 256Mi: set it too`},
		},
		"wrong suffix":        {validateBackend(func(p *BackendProps) { p.Resources.Limits.Memory = "1Gg" }), []string{`backend.resources.limits.memory: Invalid value: "1Gg": ` + checktest.QuantityRule}},
		"bad liveness":        {validateBackend(func(p *BackendProps) { p.Liveness = HTTPProbe{Path: "live"} }), []string{`backend.liveness.path: Invalid value: "live": must begin with /`}},
		"bad readiness":       {validateBackend(func(p *BackendProps) { p.Readiness = HTTPProbe{Timing: ProbeTiming{PeriodSeconds: -1}} }), []string{"backend.readiness.timing.periodSeconds: Invalid value: -1: " + checktest.NotBelow1Rule}},
		"bad variable":        {validateBackend(func(p *BackendProps) { p.Env = map[string]string{"A B": ""} }), []string{`backend.env[A B]: Invalid value: "A B": ` + checktest.VariableRule}},
		"bad secret":          {validateBackend(func(p *BackendProps) { p.SecretEnv = map[string]SecretKeyRef{"A": {Key: "k"}} }), []string{"backend.secretEnv[A].secret: Required value"}},
		"bad file":            {validateBackend(func(p *BackendProps) { p.Files = map[string]string{"a": ""} }), []string{`backend.files[a]: Invalid value: "a": must be absolute`}},
		"bad storage":         {validateBackend(func(p *BackendProps) { p.Storage = &Storage{AccessMode: ReadWriteMany, Size: "1Gi"} }), []string{"backend.storage.mountPath: Required value"}},
		"bad pod":             {validateBackend(func(p *BackendProps) { p.Pod.RunAsUser = -1 }), []string{"backend.pod.runAsUser: Invalid value: -1: " + checktest.NotBelow1Rule}},
		"bad folder":          {validateBackend(func(p *BackendProps) { p.EmptyDirs = []EmptyDir{{Path: "/a"}, {Path: "/b", SizeLimit: "1"}} }), []string{`backend.emptyDirs[/b].sizeLimit: Invalid value: "1": must be at least 1Mi and at most 1Pi`}},
		"folder without path": {validateBackend(func(p *BackendProps) { p.EmptyDirs = []EmptyDir{{}} }), []string{"backend.emptyDirs[].path: Required value"}},
		"half in memory": {errs: validateBackend(func(p *BackendProps) {
			p.EmptyDirs = []EmptyDir{{Path: "/a", SizeLimit: "256Mi", Memory: true}, {Path: "/b", SizeLimit: "0.25Gi", Memory: true}, {Path: "/c"}}
		})},
		"too much in memory": {
			validateBackend(func(p *BackendProps) {
				p.EmptyDirs = []EmptyDir{{Path: "/a", SizeLimit: "256Mi", Memory: true}, {Path: "/b", SizeLimit: "257Mi", Memory: true}}
			}),
			[]string{`backend.emptyDirs: Invalid value: "513Mi": all directories in memory together must not exceed half of resources.limits.memory (1Gi, the default): they count against it`},
		},
		"too little memory for the default": {
			validateBackend(func(p *BackendProps) {
				p.EmptyDirs = []EmptyDir{{Path: "/a", Memory: true}}
				p.Resources.Requests.Memory, p.Resources.Limits.Memory = "64Mi", "100Mi"
			}),
			[]string{`backend.emptyDirs: Invalid value: "64Mi": all directories in memory together must not exceed half of resources.limits.memory (100Mi): they count against it`},
		},
		"no size in memory": {validateBackend(func(p *BackendProps) { p.EmptyDirs = []EmptyDir{{Path: "/a", SizeLimit: "big", Memory: true}} }), []string{`backend.emptyDirs[/a].sizeLimit: Invalid value: "big": ` + checktest.QuantityRule}},
		"own folder again":  {errs: validateBackend(func(p *BackendProps) { p.EmptyDirs = []EmptyDir{{Path: "/tmp", Memory: true}} })},

		"autoscaling":     {errs: validateBackend(func(p *BackendProps) { p.Autoscaling = &Autoscaling{MaxReplicas: 2} })},
		"bad autoscaling": {validateBackend(func(p *BackendProps) { p.Autoscaling = &Autoscaling{} }), []string{"backend.autoscaling.maxReplicas: Required value"}},
		"autoscaling and replicas": {
			validateBackend(func(p *BackendProps) { p.Autoscaling, p.Replicas = &Autoscaling{MaxReplicas: 9}, new(3) }),
			[]string{"backend.replicas: Forbidden: autoscaling sets the number of replicas: remove one of them"},
		},
		"bad rollout": {
			validateBackend(func(p *BackendProps) { p.Rollout = Rollout{MaxUnavailable: new(0), MaxSurge: new(0)} }),
			[]string{"backend.rollout.maxUnavailable: Invalid value: 0: must not be 0 if maxSurge is 0: no pod could be replaced"},
		},

		"shared volume":                        {errs: validateBackend(func(p *BackendProps) { p.Storage, p.Replicas = shared, new(9) })},
		"volume of one node":                   {errs: validateBackend(func(p *BackendProps) { p.Storage, p.Replicas = onOneNode, new(1) })},
		"volume of one node, stopped":          {errs: validateBackend(func(p *BackendProps) { p.Storage, p.Replicas = onOneNode, new(0) })},
		"volume of one node, default replicas": {validateBackend(func(p *BackendProps) { p.Storage = onOneNode }), []string{oneNodeRule}},
		"volume of one node, autoscaled": {
			validateBackend(func(p *BackendProps) {
				p.Storage, p.Autoscaling = onOneNode, &Autoscaling{MinReplicas: 1, MaxReplicas: 2}
			}),
			[]string{`backend.storage.accessMode: Invalid value: "ReadWriteOnce": must be ReadWriteMany for several replicas (up to 2), or set one replica`},
		},
		"volume of one node, autoscaled to one": {errs: validateBackend(func(p *BackendProps) {
			p.Storage, p.Autoscaling = onOneNode, &Autoscaling{MinReplicas: 1, MaxReplicas: 1}
		})},
		"volume of one node, rollout": {
			validateBackend(func(p *BackendProps) { p.Storage, p.Replicas, p.Rollout = onOneNode, new(1), Rollout{MaxSurge: new(1)} }),
			[]string{"backend.rollout: Forbidden: the old pod is stopped before the new one starts, because only one node can mount the storage: remove rollout, or use ReadWriteMany"},
		},
		"volume of one pod": {
			validateBackend(func(p *BackendProps) {
				p.Storage = &Storage{MountPath: "/data", Size: "1Gi", AccessMode: ReadWriteOncePod}
			}),
			[]string{`backend.storage.accessMode: Invalid value: "ReadWriteOncePod": must be ReadWriteMany for several replicas (2, the default), or set one replica`},
		},

		"one path for all": {
			validateBackend(func(p *BackendProps) {
				p.Storage = shared
				p.EmptyDirs = []EmptyDir{{Path: "/data"}}
				p.Files = map[string]string{"/data": "", "/tmp": ""}
			}),
			[]string{
				`backend.emptyDirs[/data].path: Invalid value: "/data": already mounted by backend.storage.mountPath`,
				`backend.files[/data]: Invalid value: "/data": already mounted by backend.storage.mountPath`,
				`backend.files[/data]: Invalid value: "/data": already mounted by backend.emptyDirs[/data].path`,
				`backend.files[/tmp]: Invalid value: "/tmp": already mounted by backend.emptyDirs[/tmp].path`,
			},
		},
		"folder twice": {
			validateBackend(func(p *BackendProps) { p.EmptyDirs = []EmptyDir{{Path: "/a"}, {Path: "/a"}} }),
			[]string{`backend.emptyDirs[/a].path: Invalid value: "/a": already mounted by backend.emptyDirs[/a].path`},
		},
		"folder below a file": {
			validateBackend(func(p *BackendProps) {
				p.EmptyDirs = []EmptyDir{{Path: "/etc/app/cache"}}
				p.Files = map[string]string{"/etc/app": ""}
			}),
			[]string{`backend.files[/etc/app]: Invalid value: "/etc/app": is a file, and a parent of the path of backend.emptyDirs[/etc/app/cache].path`},
		},

		"longest preStop": {errs: validateBackend(func(p *BackendProps) { p.PreStopSeconds = new(29) })},
		"preStop as long as the grace period": {
			validateBackend(func(p *BackendProps) { p.PreStopSeconds = new(30) }),
			[]string{"backend.preStopSeconds: Invalid value: 30: must be below pod.terminationGracePeriodSeconds (30, the default), so that the server has time to stop"},
		},
		"grace period as short as preStop": {
			validateBackend(func(p *BackendProps) { p.Pod.TerminationGracePeriodSeconds = 5 }),
			[]string{"backend.preStopSeconds: Invalid value: 5: the default must be below pod.terminationGracePeriodSeconds (5), so that the server has time to stop: set it too"},
		},
		"negative preStop": {
			validateBackend(func(p *BackendProps) { p.PreStopSeconds = new(-1) }),
			[]string{"backend.preStopSeconds: Invalid value: -1: must not be negative, and must be below pod.terminationGracePeriodSeconds (30, the default), so that the server has time to stop"},
		},

		"bad database": {
			validateBackend(func(p *BackendProps) { p.Database = ExternalPostgres{Server: ExternalServer{Host: "10.0.0.1"}} }),
			[]string{"backend.database.server.port: Invalid value: 0: " + checktest.PortRule, "backend.database.url.secret: Required value", "backend.database.url.key: Required value"},
		},
		"bad connection": {
			validateBackend(func(p *BackendProps) { p.Connections = []Server{nil, ExternalServer{Host: "db", Port: 1}} }),
			[]string{"backend.connections[1].cidrs: Required value: network policies cannot name hosts: list the addresses, or use AllAddresses()"},
		},
		"variable of the database": {
			validateBackend(func(p *BackendProps) {
				p.Database = ExternalPostgres{Server: ExternalServer{Host: "10.0.0.1", Port: 5432}, URL: SecretKeyRef{Secret: "a", Key: "b"}}
				p.Env = map[string]string{"DATABASE_URL": "x"}
			}),
			[]string{`backend.env[DATABASE_URL]: Duplicate value: "DATABASE_URL": already set by a connection`},
		},
	})
}

// However much is wrong, all of it is told at once.
func TestBackendPropsAllWrong(t *testing.T) {
	runChecks(t, map[string]expectation{"all wrong": {
		validateBackend(func(p *BackendProps) {
			p.Image = "API"
			p.ImagePullPolicy = "Once"
			p.Port = 70000
			p.Replicas = new(-1)
			p.Rollout = Rollout{MaxUnavailable: new(-1), MaxSurge: new(-1)}
			p.Resources = Resources{Requests: ResourceList{CPU: "x", Memory: "y"}, Limits: ResourceList{CPU: "-1", Memory: "1"}}
			p.Liveness = HTTPProbe{Path: "a", Timing: ProbeTiming{PeriodSeconds: -1}}
			p.Readiness = HTTPProbe{Path: "b", Timing: ProbeTiming{TimeoutSeconds: -1}}
			p.Connections = []Server{ExternalServer{}}
			p.Env = map[string]string{"A B": ""}
			p.SecretEnv = map[string]SecretKeyRef{"C": {}}
			p.Files = map[string]string{"d": ""}
			p.Storage = &Storage{MountPath: "/tmp", AccessMode: "All"}
			p.EmptyDirs = []EmptyDir{{Path: "e"}}
			p.PreStopSeconds = new(-1)
			p.Pod = PodProps{RunAsUser: -1, RunAsGroup: -1, TerminationGracePeriodSeconds: -1}
		}),
		[]string{
			`backend.image: Invalid value: "API": must be [registry/]path:tag or [registry/]path@digest, with the path in lower case`,
			`backend.imagePullPolicy: Unsupported value: "Once": supported values: "Always", "IfNotPresent", "Never"`,
			"backend.port: Invalid value: 70000: " + checktest.PortRule,
			"backend.replicas: Invalid value: -1: " + checktest.NotBelow0Rule,
			"backend.rollout: Forbidden: the old pod is stopped before the new one starts, because only one node can mount the storage: remove rollout, or use ReadWriteMany",
			`backend.resources.requests.cpu: Invalid value: "x": ` + checktest.CoresRule,
			`backend.resources.limits.cpu: Invalid value: "-1": ` + checktest.CPURule,
			`backend.resources.requests.memory: Invalid value: "y": ` + checktest.QuantityRule,
			`backend.resources.limits.memory: Invalid value: "1": ` + checktest.LeastRule,
			`backend.liveness.path: Invalid value: "a": must begin with /`,
			"backend.liveness.timing.periodSeconds: Invalid value: -1: " + checktest.NotBelow1Rule,
			`backend.readiness.path: Invalid value: "b": must begin with /`,
			"backend.readiness.timing.timeoutSeconds: Invalid value: -1: " + checktest.NotBelow1Rule,
			"backend.secretEnv[C].secret: Required value",
			"backend.secretEnv[C].key: Required value",
			`backend.env[A B]: Invalid value: "A B": ` + checktest.VariableRule,
			`backend.files[d]: Invalid value: "d": must be absolute`,
			`backend.storage.size: Required value: a quantity such as "512Mi" or "1Gi"`,
			`backend.storage.accessMode: Unsupported value: "All": supported values: "ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"`,
			`backend.emptyDirs[e].path: Invalid value: "e": must be absolute`,
			`backend.emptyDirs[/tmp].path: Invalid value: "/tmp": already mounted by backend.storage.mountPath`,
			"backend.pod.runAsUser: Invalid value: -1: " + checktest.NotBelow1Rule,
			"backend.pod.runAsGroup: Invalid value: -1: " + checktest.NotBelow0Rule,
			"backend.pod.terminationGracePeriodSeconds: Invalid value: -1: " + checktest.NotBelow1Rule,
			"backend.connections[0].host: Required value",
			"backend.connections[0].port: Invalid value: 0: " + checktest.PortRule,
			"backend.connections[0].cidrs: Required value: network policies cannot name hosts: list the addresses, or use AllAddresses()",
			"backend.preStopSeconds: Invalid value: -1: must not be negative, and must be below pod.terminationGracePeriodSeconds (-1), so that the server has time to stop",
		},
	}})
}
