package constructs_test

import (
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// search is a server that no construct adds: a type of an importer's own.
type search struct{ *constructs.Pods }

func newSearch(chart cdk8s.Chart, props constructs.PodsProps) search {
	pods := constructs.NewPods(chart, "search", props)
	set := cdk8s.NewApiObject(chart, jsii.String("search-set"), &cdk8s.ApiObjectProps{
		ApiVersion: jsii.String("apps/v1"), Kind: jsii.String("StatefulSet"), Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String("search")},
	})
	set.AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/spec"), map[string]any{
		"serviceName": pods.Service().Name(),
		"selector":    map[string]any{"matchLabels": pods.Labels()},
		"template": map[string]any{
			"metadata": map[string]any{"labels": pods.Labels()},
			"spec":     map[string]any{"containers": []any{map[string]any{"name": "search", "image": "search:1", "env": pods.Env()}}},
		},
	}))
	return search{pods}
}

// Clients, an Ingress and Prometheus treat pods of the program's own as they treat a tier.
func TestPodsJoinAnApplication(t *testing.T) {
	files, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		index := newSearch(chart, constructs.PodsProps{
			Port: 9200, Metrics: &constructs.MetricsEndpoint{},
			Database: constructs.NewPostgres(chart, "database", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"}}),
		})
		constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Connections: []constructs.Server{index}})
		constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "search.example.com", Tier: index})
		monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{})
	}))
	require.NoError(t, err)
	manifests := manifestsOf(t, string(files["shop.k8s.yaml"]))

	set := find(t, manifests, "StatefulSet", "search")
	labels := set.at("spec", "template", "metadata", "labels").(map[string]any)
	selectsThem := func(selector any) {
		t.Helper()
		require.Subset(t, labels, selector)
		require.NotEmpty(t, selector)
	}
	env := set.at("spec", "template", "spec", "containers").([]any)[0].(map[string]any)["env"].([]any)
	require.Equal(t, "DATABASE_URL", env[len(env)-1].(map[string]any)["name"])

	service := find(t, manifests, "Service", "shop-search")
	selectsThem(service.at("spec", "selector"))
	require.EqualValues(t, 9200, service.at("spec", "ports").([]any)[0].(map[string]any)["targetPort"], "the containers' ports have no known names")
	selectsThem(find(t, manifests, "Service", "shop-search-metrics").at("spec", "selector"))
	for _, policy := range []string{"shop-search", "shop-search-from-api", "shop-search-from-web", "shop-search-from-prometheus"} {
		selectsThem(find(t, manifests, "NetworkPolicy", policy).at("spec", "podSelector", "matchLabels"))
	}
	find(t, manifests, "NetworkPolicy", "shop-database-from-search")
	require.Equal(t, []string{"shop-search", "shop-prometheus"}, jobs(t, manifests, "shop-prometheus"))
}

func TestProblemsOfPods(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		silent := constructs.NewPods(chart, "silent", constructs.PodsProps{})
		constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Connections: []constructs.Server{silent}})
		constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "search.example.com", Tier: silent})
		constructs.NewPods(chart, "open", constructs.PodsProps{Sources: constructs.Sources{{Anywhere: true}}})
		constructs.NewPods(chart, "wrong", constructs.PodsProps{Port: -1, Metrics: &constructs.MetricsEndpoint{Port: -2}, Connections: []constructs.Server{(*constructs.Pods)(nil)}})
		public := constructs.NewPods(chart, "public", constructs.PodsProps{Port: 9000, Metrics: &constructs.MetricsEndpoint{Port: 9000}})
		constructs.NewIngress(chart, "open-web", constructs.IngressProps{Host: "open.example.com", Tier: public})
	}))
	require.EqualError(t, err, validationFailed+`
  [shop/api] backend.connections[0]: Invalid value: "shop-silent": listens on no port: set Port in its PodsProps
  [shop/web] ingress.tier: Invalid value: "shop-silent": listens on no port: set Port in its PodsProps
  [shop/open] pods.port: Required value: sources is set, which connects to it: set both or neither
  [shop/wrong] pods.port: Invalid value: -1: must be between 1 and 65535, inclusive
  [shop/wrong] pods.metrics.port: Invalid value: -2: must be between 1 and 65535, inclusive
  [shop/wrong] pods.connections[0]: Invalid value: null: must not be a nil *constructs.Pods: omit it, or create the construct first
  [shop/open-web] ingress.tier: Invalid value: "shop-public": serves its metrics at /metrics on the port that requests are routed to, which would make them public: set another metrics port`)
}

func TestPodsPropsValidateNeedsNoChart(t *testing.T) {
	require.Empty(t, constructs.PodsProps{Port: 9200, Sources: constructs.Sources{{Anywhere: true}}}.Validate(field.NewPath("pods")))
	require.Len(t, constructs.PodsProps{Port: 70000}.Validate(field.NewPath("pods")), 1)
}
