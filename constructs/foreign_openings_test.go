package constructs_test

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// aDatabase is one that an operator runs, in the namespace data.
var aDatabase = constructs.ClusterServer{Service: "main-rw", Namespace: "data", Port: 5432, PodLabels: map[string]string{"cnpg.io/cluster": "main"}}

func connected(chart cdk8s.Chart, id string) {
	constructs.NewBackend(chart, id, constructs.BackendProps{Image: "api:1", Connections: []constructs.Server{aDatabase}})
}

// A policy for pods that no other policy selects would close them to everyone else, such as their operator.
func TestForeignPodsAreOpenedOnlyWhereTheyAreClosed(t *testing.T) {
	openings := func(program func(app cdk8s.App)) []string {
		files, err := constructs.Render(program)
		require.NoError(t, err)
		var names []string
		for _, file := range files {
			for _, m := range manifestsOf(t, string(file)) {
				if m.at("spec", "podSelector", "matchLabels", "cnpg.io/cluster") != nil {
					names = append(names, m.text("metadata", "namespace")+"/"+m.name())
					require.Equal(t, []any{"Ingress"}, m.at("spec", "policyTypes"))
				}
			}
		}
		return names
	}
	require.Empty(t, openings(func(app cdk8s.App) { connected(newChart(app, "shop"), "api") }))
	require.Equal(t, []string{"data/shop.shop.api-to-main-rw-5432"}, openings(func(app cdk8s.App) {
		constructs.NewNamespace(newChart(app, "data"), "namespace", constructs.NamespaceProps{})
		connected(newChart(app, "shop"), "api")
	}))
	require.Equal(t, []string{"data/data-api-to-main-rw-5432", "data/data-worker-to-main-rw-5432"}, openings(func(app cdk8s.App) {
		data := newChart(app, "data")
		constructs.NewNamespace(data, "namespace", constructs.NamespaceProps{})
		connected(data, "api")
		connected(data, "worker")
	}))
}

// What would be closed afterwards, the client has not opened.
func TestNamespaceComesBeforeTheClientsOfItsForeignPods(t *testing.T) {
	_, err := constructs.Render(func(app cdk8s.App) {
		connected(newChart(app, "shop"), "api")
		constructs.NewNamespace(newChart(app, "data"), "namespace", constructs.NamespaceProps{})
		constructs.NewNamespace(newChart(app, "other"), "namespace", constructs.NamespaceProps{})
	})
	require.EqualError(t, err, "Validation failed with the following errors:\n"+
		"  [data/namespace] namespace: Forbidden: declared after shop-api, which connects to main-rw.data:5432 and has added no policy that admits it there: create the Namespace first")
}

func TestOneNodePortIsForOneService(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		for _, id := range []string{"one", "two"} {
			constructs.NewBackend(chart, id, constructs.BackendProps{
				Image: "api:1", Service: constructs.ServiceProps{Type: constructs.ServiceNodePort, NodePort: 30080},
			})
		}
	}))
	require.EqualError(t, err, "Validation failed with the following errors:\n"+
		`  [shop/two] backend.service.nodePort: Duplicate value: "node port 30080": already declared by shop/one: choose another port`)
}
