package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// A client writes the shortest host that resolves in its namespace.
func TestAddressFor(t *testing.T) {
	pods := manifest.Component{App: "shop", ID: "api", Namespace: "shop"}
	inCluster := pods.Destination(8000)
	near, far := manifest.Component{Namespace: "shop"}, manifest.Component{Namespace: "blog"}
	require.Equal(t, "shop-api:8000", inCluster.AddressFor(near))
	require.Equal(t, "shop-api.shop.svc:8000", inCluster.AddressFor(far))
	require.Equal(t, "db.example.com:5432", ExternalServer{Host: "db.example.com", Port: 5432}.Destination().AddressFor(far))
	require.Equal(t, "[2001:db8::5]:5432", ExternalServer{Host: "2001:db8::5", Port: 5432}.Destination().AddressFor(far))
}

// backendAt is a tier to be connected to.
func backendAt(namespace string) *Backend {
	at := manifest.Component{App: "shop", ID: "api", Namespace: namespace}
	return &Backend{httpTier: httpTier{server: httpServer{program: program{Component: at, port: DefaultBackendPort}}}}
}

func TestCheckConnections(t *testing.T) {
	client := manifest.Component{App: "shop", ID: "pages", Namespace: "shop"}
	to := func(servers ...Server) []manifest.Connection {
		var connections []manifest.Connection
		for i, server := range servers {
			connections = append(connections, manifest.Connect(checktest.Prop.Index(i), server)...)
		}
		return connections
	}
	var missing *Backend
	runChecks(t, map[string]expectation{
		"none":    {errs: manifest.CheckConnections(client, nil)},
		"nothing": {errs: manifest.CheckConnections(client, to(nil))},
		"nil": {
			manifest.CheckConnections(client, to(nil, missing)),
			[]string{"prop[1]: Invalid value: null: must not be a nil *constructs.Backend: omit it, or create the construct first"},
		},
		"same namespace":         {errs: manifest.CheckConnections(client, to(backendAt("shop")))},
		"other namespace":        {errs: manifest.CheckConnections(client, to(backendAt("shop"), backendAt("blog")))},
		"no namespaces":          {errs: manifest.CheckConnections(manifest.Component{App: "a", ID: "b"}, to(backendAt("")))},
		"server in no namespace": {manifest.CheckConnections(client, to(backendAt(""))), []string{`prop[0]: Invalid value: "shop-api": belongs to another chart: set Namespace in the ChartProps of both charts`}},
		"client in no namespace": {
			manifest.CheckConnections(manifest.Component{App: "a", ID: "b"}, to(backendAt("shop"))),
			[]string{`prop[0]: Invalid value: "shop-api": belongs to another chart: set Namespace in the ChartProps of both charts`},
		},
		"twice":    {manifest.CheckConnections(client, to(backendAt("shop"), backendAt("shop"))), []string{`prop[1]: Invalid value: "shop-api": already connected by prop[0]`}},
		"external": {manifest.CheckConnections(client, to(ExternalServer{Host: "10.0.0.1"})), []string{"prop[0].port: Invalid value: 0: " + checktest.PortRule}},
	})
}
