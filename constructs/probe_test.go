package constructs

import (
	"testing"
	"time"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// ofServer is a container with a port, and ofWorker one without.
var (
	ofServer = probed{
		port: 8000,
		environment: variables{
			connected: []*k8s.EnvVar{manifest.Variable("REDIS_URL", "redis://:$(REDIS_PASSWORD)@redis")},
			secretEnv: map[string]SecretKeyRef{"REDIS_PASSWORD": {Secret: "a", Key: "b"}},
			env:       map[string]string{"LEVEL": "info", "EMPTY": ""},
		}.ordered(),
		emptyDirs: []EmptyDir{{Path: "/tmp"}, {Path: "/run/app"}},
	}
	ofWorker = probed{environment: variables{}.ordered(), emptyDirs: []EmptyDir{{Path: "/tmp"}}}
)

func TestProbesValidate(t *testing.T) {
	least := ProbeTiming{InitialDelaySeconds: new(0), PeriodSeconds: 1, TimeoutSeconds: 1, FailureThreshold: 1}
	wrong := ProbeTiming{InitialDelaySeconds: new(-1), PeriodSeconds: -1, TimeoutSeconds: -2, FailureThreshold: -3}
	wrongTiming := []string{
		"prop.timing.initialDelaySeconds: Invalid value: -1: " + checktest.NotBelow0Rule,
		"prop.timing.periodSeconds: Invalid value: -1: " + checktest.NotBelow1Rule,
		"prop.timing.timeoutSeconds: Invalid value: -2: " + checktest.NotBelow1Rule,
		"prop.timing.failureThreshold: Invalid value: -3: " + checktest.NotBelow1Rule,
	}
	noPort := []string{"prop.port: Required value: the container has no port of its own"}
	const static = "which Kubernetes resolves in a probe only if it is in env and refers to no other variable: have sh -c read "
	check := func(p Probe, of probed, want ...string) expectation {
		return expectation{p.withDefaults(livenessTiming).validate(checktest.Prop, of), want}
	}
	runChecks(t, map[string]expectation{
		"no probe": check(NoProbe{}, ofWorker),

		"HTTP, defaults":         check(HTTPProbe{}, ofServer),
		"HTTP, least":            check(HTTPProbe{Path: "/", Timing: least}, ofServer),
		"HTTP, all set":          check(HTTPProbe{Path: "/a?b", Port: 65535, TLS: true, Headers: map[string]string{"Host": "a", "X-Empty": ""}, Timing: least}, ofWorker),
		"HTTP without a port":    check(HTTPProbe{}, ofWorker, noPort...),
		"HTTP, timing all wrong": check(HTTPProbe{Timing: wrong}, ofServer, wrongTiming...),
		"HTTP, all wrong": check(
			HTTPProbe{Path: "health", Port: -1, Headers: map[string]string{"a b": "", "X-A": "1\r\nX-B: 2", "x-a": "\xff"}}, ofServer,
			`prop.path: Invalid value: "health": must begin with /`,
			"prop.port: Invalid value: -1: "+checktest.PortRule,
			`prop.headers[X-A]: Invalid value: "1\r\nX-B: 2": must not contain line breaks, tabs or other control characters`,
			`prop.headers[a b]: Invalid value: "a b": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`,
			"prop.headers[x-a]: Invalid value: \"\ufffd\": must be valid UTF-8",
			`prop.headers[x-a]: Duplicate value: "x-a": the same header as X-A`,
		),

		"TCP":                   check(TCPProbe{}, ofServer),
		"TCP of a worker":       check(TCPProbe{Port: 9000}, ofWorker),
		"TCP without a port":    check(TCPProbe{}, ofWorker, noPort...),
		"TCP, bad port":         check(TCPProbe{Port: 65536}, ofServer, "prop.port: Invalid value: 65536: "+checktest.PortRule),
		"TCP, timing all wrong": check(TCPProbe{Timing: wrong}, ofServer, wrongTiming...),

		"gRPC":                   check(GRPCProbe{}, ofServer),
		"gRPC of a worker":       check(GRPCProbe{Port: 9000, Service: "shop.Health"}, ofWorker),
		"gRPC without a port":    check(GRPCProbe{}, ofWorker, noPort...),
		"gRPC, bad service":      check(GRPCProbe{Service: "\xff"}, ofServer, "prop.service: Invalid value: \"\ufffd\": must be valid UTF-8"),
		"gRPC, timing all wrong": check(GRPCProbe{Timing: wrong}, ofServer, wrongTiming...),

		"exec":                   check(ExecProbe{Command: []string{"check", "", "$(LEVEL)$(EMPTY)", "$$(NO)", "$(date -u)"}}, ofServer),
		"exec without a command": check(ExecProbe{}, ofServer, "prop.command: Required value: the program to run"),
		"exec, no program":       check(ExecProbe{Command: []string{"", "a"}}, ofServer, "prop.command[0]: Required value: the program to run"),
		"exec, NUL":              check(ExecProbe{Command: []string{"a\x00"}}, ofServer, `prop.command[0]: Invalid value: "a\x00": must not contain NUL: the container would not start`),
		"exec, what kubelet does not resolve": check(
			ExecProbe{Command: []string{"a", "$(REDIS_PASSWORD)", "$(REDIS_URL)", "$(NO)", "$(KUBERNETES_SERVICE_HOST)"}}, ofServer,
			`prop.command[1]: Invalid value: "$(REDIS_PASSWORD)": refers to $(REDIS_PASSWORD), `+static+`"$REDIS_PASSWORD", or write $$(REDIS_PASSWORD) for the text itself`,
			`prop.command[2]: Invalid value: "$(REDIS_URL)": refers to $(REDIS_URL), `+static+`"$REDIS_URL", or write $$(REDIS_URL) for the text itself`,
			`prop.command[3]: Invalid value: "$(NO)": refers to $(NO), `+static+`"$NO", or write $$(NO) for the text itself`,
			`prop.command[4]: Invalid value: "$(KUBERNETES_SERVICE_HOST)": refers to $(KUBERNETES_SERVICE_HOST), `+static+`"$KUBERNETES_SERVICE_HOST", or write $$(KUBERNETES_SERVICE_HOST) for the text itself`,
		),
		"exec, timing all wrong": check(ExecProbe{Command: []string{"a"}, Timing: wrong}, ofServer, wrongTiming...),

		"heartbeat":         check(HeartbeatProbe{Path: "/run/app/alive", MaxAge: time.Second}, ofServer),
		"heartbeat, oldest": check(HeartbeatProbe{Path: "/tmp/a/b", MaxAge: 24 * time.Hour}, ofWorker),
		"heartbeat of nothing": check(HeartbeatProbe{}, ofWorker,
			"prop.path: Required value", "prop.maxAge: Required value"),
		"heartbeat, bad age": check(HeartbeatProbe{Path: "/tmp/a", MaxAge: 1500 * time.Millisecond}, ofWorker,
			`prop.maxAge: Invalid value: "1.5s": must be in whole seconds between 1s and 24h`),
		"heartbeat on the image's file system": check(HeartbeatProbe{Path: "/tmpfile", MaxAge: time.Second}, ofServer,
			`prop.path: Invalid value: "/tmpfile": must be in one of emptyDirs (/tmp, /run/app), where each pod can write a file of its own: for example /tmp/tmpfile`),
		"heartbeat is a directory": check(HeartbeatProbe{Path: "/run/app", MaxAge: time.Second}, ofServer,
			`prop.path: Invalid value: "/run/app": must be in one of emptyDirs (/tmp, /run/app), where each pod can write a file of its own: for example /tmp/app`),
		"heartbeat, timing all wrong": check(HeartbeatProbe{Path: "/tmp/a", MaxAge: time.Second, Timing: wrong}, ofWorker, wrongTiming...),
	})
}

// A nil pointer to a probe is neither a probe nor the default.
func TestNilProbes(t *testing.T) {
	runChecks(t, map[string]expectation{
		"nil pointer": {
			validateBackend(func(p *BackendProps) {
				p.Startup, p.Liveness, p.Readiness = (*TCPProbe)(nil), (*NoProbe)(nil), &HTTPProbe{}
			}),
			[]string{
				"backend.startup: Invalid value: null: must not be a nil *constructs.TCPProbe: omit it for the default, or set NoProbe{}",
				"backend.liveness: Invalid value: null: must not be a nil *constructs.NoProbe: omit it for the default, or set NoProbe{}",
			},
		},
	})
}
