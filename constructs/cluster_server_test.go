package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

var collector = ClusterServer{
	Service: "collector", Namespace: "telemetry", Port: 80, PodPort: 4318, PodLabels: map[string]string{"app": "collector"},
}

func TestClusterServerValidate(t *testing.T) {
	const labelsMissing = "prop.podLabels: Required value: without labels, clients could connect to all pods of the namespace: set labels that only the server's pods have"
	runChecks(t, map[string]expectation{
		"good": {errs: collector.Validate(checktest.Prop)},
		"missing": {ClusterServer{}.Validate(checktest.Prop), []string{
			"prop.service: Required value", "prop.namespace: Required value", "prop.port: Invalid value: 0: " + checktest.PortRule, labelsMissing,
		}},
		"all wrong": {
			ClusterServer{Service: "db.data", Namespace: "Data", Port: 70000, PodPort: -1, PodLabels: map[string]string{"a b": ""}}.Validate(checktest.Prop),
			[]string{
				`prop.service: Invalid value: "db.data": ` + checktest.ServiceNameRule, `prop.namespace: Invalid value: "Data": ` + checktest.LabelRule,
				"prop.port: Invalid value: 70000: " + checktest.PortRule, `prop.podLabels[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				"prop.podPort: Invalid value: -1: " + checktest.PortRule,
			},
		},
	})
}

// Clients connect to the Service, and policies allow the port of the pods.
func TestClusterServerPorts(t *testing.T) {
	there, here := manifest.Component{Namespace: "telemetry"}, manifest.Component{Namespace: "shop"}
	require.Equal(t, Endpoint{Host: "collector", Port: 80}, collector.Endpoint())
	require.Equal(t, "collector:80", collector.Destination().AddressFor(there))
	require.Equal(t, "collector.telemetry.svc:80", collector.Destination().AddressFor(here))
	require.Equal(t, 4318, collector.Destination().PodPort)
}

// One server may be connected once by each client: its policy is named after the Service and the port.
func TestClusterServerTwice(t *testing.T) {
	client := manifest.Component{App: "shop", ID: "api", Namespace: "shop"}
	other := collector
	other.Port, other.PodPort = 4317, 4317
	connect := func(servers ...Server) []manifest.Connection {
		return serversUsed{connections: servers}.all(checktest.Prop)
	}
	runChecks(t, map[string]expectation{
		"two ports": {errs: manifest.CheckConnections(client, connect(collector, other))},
		"twice": {manifest.CheckConnections(client, connect(collector, collector)), []string{
			`prop.connections[1]: Duplicate value: "collector.telemetry:4318": already connected by prop.connections[0]`,
		}},
		"invalid": {manifest.CheckConnections(client, connect(ClusterServer{Service: "a", Namespace: "b", PodLabels: map[string]string{"a": "b"}})), []string{
			"prop.connections[0].port: Invalid value: 0: " + checktest.PortRule,
		}},
	})
}
