package constructs

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestPortsValidate(t *testing.T) {
	validate := func(change func(p *BackendProps)) field.ErrorList {
		props := BackendProps{Image: "api:1", Metrics: &Metrics{}, Sidecars: []Sidecar{{Name: "proxy", Image: "proxy:1"}, {Name: "log", Image: "log:1"}}}
		change(&props)
		path := field.NewPath("backend")
		return props.server(path, testComponent).validate(path)
	}
	runChecks(t, map[string]expectation{
		"least": {errs: validate(func(p *BackendProps) { p.Ports = []Port{{Name: "grpc", Number: 9000}} })},
		"one number in two protocols": {errs: validate(func(p *BackendProps) {
			p.Ports = []Port{{Name: "dns", Number: 53}, {Name: "dns-udp", Number: 53, Protocol: ProtocolUDP}, {Name: "quic", Number: 8000, Protocol: ProtocolUDP}}
		})},
		"probes of a sidecar's own ports": {errs: validate(func(p *BackendProps) {
			p.Ports = []Port{{Name: "admin", Number: 9901, Sidecar: "proxy"}}
			p.Sidecars[0].Startup, p.Sidecars[0].Liveness, p.Sidecars[0].Readiness = HTTPProbe{Port: 9901}, TCPProbe{Port: 9902}, ExecProbe{Command: []string{"check"}}
		})},
		"clashes": {
			validate(func(p *BackendProps) {
				p.Ports = []Port{
					{Name: "a", Number: 8000},
					{Name: "b", Number: 9464, Sidecar: "proxy"},
					{Name: "c", Number: 9000, Sidecar: "proxy"},
					{Name: "c", Number: 9001},
					{Name: "d", Number: 9000, Sidecar: "log"},
				}
			}),
			[]string{
				`backend.ports[0].number: Duplicate value: 8000: also the port of container "api": see backend.port`,
				`backend.ports[1].number: Duplicate value: 9464: also the port of container "api": see backend.metrics.port`,
				`backend.ports[3].name: Duplicate value: "c": the same as backend.ports[2].name`,
				`backend.ports[4].number: Duplicate value: 9000: also the port of container "proxy": see backend.ports[2].number`,
			},
		},
		"a sidecar's probe of another container's port": {
			validate(func(p *BackendProps) {
				p.Ports = []Port{{Name: "grpc", Number: 9000}}
				p.Sidecars[0].Startup, p.Sidecars[0].Liveness, p.Sidecars[1].Readiness = HTTPProbe{Port: 8000}, TCPProbe{Port: 9464}, GRPCProbe{Port: 9000}
			}),
			[]string{
				`backend.sidecars[0].startup.port: Invalid value: 8000: also the port of container "api": see backend.port`,
				`backend.sidecars[0].liveness.port: Invalid value: 9464: also the port of container "api": see backend.metrics.port`,
				`backend.sidecars[1].readiness.port: Invalid value: 9000: also the port of container "api": see backend.ports[0].number`,
			},
		},
		"all wrong": {
			validate(func(p *BackendProps) {
				p.Ports = []Port{
					{},
					{Name: "http", Number: 1},
					{Name: "metrics", Number: 2},
					{Name: "a-name-that-is-too-long", Number: 3},
					{Name: "b", Number: 70000, Protocol: "tcp", AppProtocol: "a b", Sidecar: "none", Sources: Sources{{}}},
				}
			}),
			[]string{
				"backend.ports[0].name: Required value",
				"backend.ports[0].number: Invalid value: 0: " + checktest.PortRule,
				`backend.ports[1].name: Invalid value: "http": is the name of a port of the tier's own`,
				`backend.ports[2].name: Invalid value: "metrics": is the name of a port of the tier's own`,
				`backend.ports[3].name: Invalid value: "a-name-that-is-too-long": ` + validation.IsValidPortName("a-name-that-is-too-long")[0],
				"backend.ports[4].number: Invalid value: 70000: " + checktest.PortRule,
				`backend.ports[4].protocol: Unsupported value: "tcp": supported values: "TCP", "UDP", "SCTP"`,
				`backend.ports[4].appProtocol: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`backend.ports[4].sidecar: Invalid value: "none": must be the name of one of the sidecars`,
				"backend.ports[4].sources[0]: Required value: set namespace, cidrs or anywhere",
			},
		},
	})
}
