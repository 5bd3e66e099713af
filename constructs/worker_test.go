package constructs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestWorkerPropsValidate(t *testing.T) {
	validate := func(change func(p *WorkerProps)) field.ErrorList {
		props := WorkerProps{Image: "api:1"}
		change(&props)
		path := field.NewPath("worker")
		return props.worker(path, testComponent).validate(path)
	}
	runChecks(t, map[string]expectation{
		"least": {errs: validate(func(*WorkerProps) {})},
		"probes that need no port": {errs: validate(func(p *WorkerProps) {
			p.Startup, p.Liveness = ExecProbe{Command: []string{"check"}}, HeartbeatProbe{Path: "/tmp/alive", MaxAge: time.Minute}
		})},
		"a probe without a port": {
			validate(func(p *WorkerProps) { p.Liveness = HTTPProbe{} }),
			[]string{"worker.liveness.port: Required value: the container has no port of its own"},
		},
		"a probe of the metrics": {errs: validate(func(p *WorkerProps) {
			p.Metrics, p.Liveness = &MetricsEndpoint{}, HTTPProbe{Path: "/metrics", Port: DefaultMetricsPort}
		})},
		"heartbeat on the volume of all replicas": {
			validate(func(p *WorkerProps) {
				p.Storage = &Storage{MountPath: "/data", Size: "1Gi", AccessMode: ReadWriteMany}
				p.Liveness = HeartbeatProbe{Path: "/data/alive", MaxAge: time.Minute}
			}),
			[]string{`worker.liveness.path: Invalid value: "/data/alive": must be in one of emptyDirs (/tmp), where each pod can write a file of its own: for example /tmp/alive`},
		},
		"volume of one node": {
			validate(func(p *WorkerProps) { p.Storage = &Storage{MountPath: "/data", Size: "1Gi"} }),
			[]string{`worker.storage.accessMode: Invalid value: "ReadWriteOnce": must be ReadWriteMany for several replicas (2, the default), or set one replica`},
		},
		"autoscaling and replicas": {
			validate(func(p *WorkerProps) { p.Autoscaling, p.Replicas = &Autoscaling{MaxReplicas: 9}, new(3) }),
			[]string{"worker.replicas: Forbidden: autoscaling sets the number of replicas: remove one of them"},
		},
		"variable of the connection": {
			validate(func(p *WorkerProps) {
				p.Redis = ExternalRedis{Server: ExternalServer{Host: "10.0.0.2", Port: 6379}}
				p.Command, p.Env = []string{"work", "$(REDIS_URL)"}, map[string]string{"REDIS_URL": "x"}
			}),
			[]string{`worker.env[REDIS_URL]: Duplicate value: "REDIS_URL": already set by a connection`},
		},
		"all wrong": {
			validate(func(p *WorkerProps) {
				p.Image, p.Command, p.Replicas = "api", []string{""}, new(-1)
				p.Startup, p.Liveness = TCPProbe{}, GRPCProbe{Port: -1}
				p.Database = ExternalPostgres{Server: ExternalServer{Host: "10.0.0.1", Port: 5432}}
				p.Connections = []Server{ExternalServer{Host: "10.0.0.2"}}
				p.Metrics = &MetricsEndpoint{Path: "a?b", Port: 70000}
				p.Pod.TerminationGracePeriodSeconds = -1
			}),
			[]string{
				`worker.image: Invalid value: "api": must include a tag or digest`,
				"worker.command[0]: Required value: the program to run",
				"worker.replicas: Invalid value: -1: " + checktest.NotBelow0Rule,
				"worker.startup.port: Required value: the container has no port of its own",
				"worker.liveness.port: Invalid value: -1: " + checktest.PortRule,
				"worker.pod.terminationGracePeriodSeconds: Invalid value: -1: " + checktest.NotBelow1Rule,
				"worker.database.url.secret: Required value",
				"worker.database.url.key: Required value",
				"worker.connections[0].port: Invalid value: 0: " + checktest.PortRule,
				`worker.metrics.path: Invalid value: "a?b": must begin with /`,
				"worker.metrics.port: Invalid value: 70000: " + checktest.PortRule,
			},
		},
	})
}

// A Scheduler is one pod, also on a volume that several could mount.
func TestSchedulerIsOnePod(t *testing.T) {
	for name, storage := range map[string]*Storage{
		"no volume": nil, "a volume of one node": {MountPath: "/data", Size: "1Gi"}, "a shared volume": {MountPath: "/data", Size: "1Gi", AccessMode: ReadWriteMany},
	} {
		t.Run(name, func(t *testing.T) {
			path := field.NewPath("scheduler")
			scheduler := SchedulerProps{Image: "api:1", Storage: storage}.worker(path, testComponent)
			require.Empty(t, scheduler.validate(path))
			workload := scheduler.workload()
			require.Equal(t, 1, *workload.Replicas)
			require.Nil(t, workload.Strategy, "the old pod is stopped first")
		})
	}
}
