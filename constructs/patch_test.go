package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// Each handle leads to an object of its own, which is written as it is patched; the others are found by Objects.
func TestEveryObjectCanBePatched(t *testing.T) {
	leading := map[string]bool{}
	for _, c := range goldenCases {
		t.Run(c.name, func(t *testing.T) {
			handles := map[string]bool{}
			patched := goldenCase{name: c.name, add: func(chart cdk8s.Chart) any {
				construct := c.add(chart)
				for method, result := range resultsOf(construct) {
					leading[fmt.Sprintf("%T.%s", construct, method)] = leading[fmt.Sprintf("%T.%s", construct, method)] || result != nil
					patchEach(method, result, handles)
				}
				return construct
			}}
			shown, _ := patched.synthesize(t)
			for _, m := range manifestsOf(t, shown) {
				require.Equal(t, "yes", m.text("metadata", "labels", "listed"), m)
				method := m.text("metadata", "annotations", "patched-by")
				if method == "" {
					// Of these there may be any number: what opens another tier's side, has it scraped, or shows it.
					require.Contains(t, []string{"NetworkPolicy", "CiliumNetworkPolicy", "ServiceMonitor", "ConfigMap"}, m.kind())
					continue
				}
				require.False(t, handles[method], "%s patched several objects", method)
				handles[method] = true
			}
			for method, found := range handles {
				require.True(t, found, "%s is not in the YAML", method)
			}
		})
	}
	delete(leading, "*monitoring.Grafana.DashboardConfigMap api")
	delete(leading, "*monitoring.OperatorDashboards.DashboardConfigMap api")
	delete(leading, "*monitoring.OperatorDashboards.DashboardConfigMap pages")
	delete(leading, "*monitoring.OperatorMonitoring.ServiceMonitor overview")
	delete(leading, "*monitoring.OperatorMonitoring.ServiceMonitor pages")
	for _, unprobed := range []string{"overview", "api"} {
		delete(leading, "*monitoring.OperatorMonitoring.ServiceProbe "+unprobed)
		delete(leading, "*monitoring.OperatorMonitoring.PublicProbe "+unprobed)
	}
	for method, leads := range leading {
		require.True(t, leads, "%s leads to an object in no case", method)
	}
}

// patchEach patches what a method returns, and notes the method, with a number if it returns several objects.
func patchEach(method string, result any, handles map[string]bool) {
	patch := func(object cdk8s.ApiObject, by string) {
		handles[by] = false
		object.AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/metadata/annotations"), map[string]string{"patched-by": by}))
	}
	switch result := result.(type) {
	case []cdk8s.ApiObject:
		for i, object := range result {
			if method == "Objects" {
				object.AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/metadata/labels/listed"), "yes"))
				continue
			}
			patch(object, fmt.Sprintf("%s %d", method, i))
		}
	case cdk8s.ApiObject:
		patch(result, method)
	}
}

// What cdk8s-plus's own classes lose: https://github.com/cdk8s-team/cdk8s-plus maps their fields once more after patches.
func TestPatchesAreWrittenAsTheyAre(t *testing.T) {
	manifests := manifestsOf(t, synthesize(t, func(chart cdk8s.Chart) {
		backend := api(chart)
		backend.Deployment().AddJsonPatch(
			cdk8s.JsonPatch_Replace(jsii.String("/spec/template/spec/containers/0/resources/limits/cpu"), "2"),
			cdk8s.JsonPatch_Replace(jsii.String("/spec/strategy/rollingUpdate/maxSurge"), "25%"),
			cdk8s.JsonPatch_Remove(jsii.String("/spec/template/spec/containers/0/lifecycle")),
			cdk8s.JsonPatch_Add(jsii.String("/spec/template/spec/newerThan128"), map[string]any{"kept": []any{}}),
		)
		constructs.AllowFields(backend.Deployment(), "spec.template.spec.newerThan128")
		pages := constructs.NewFrontend(chart, "pages", constructs.FrontendProps{Image: "pages:1", Backend: backend})
		pages.NetworkPolicy().AddJsonPatch(
			cdk8s.JsonPatch_Replace(jsii.String("/spec/egress/1/ports/0/port"), 9000),
			cdk8s.JsonPatch_Add(jsii.String("/spec/egress/1/ports/0/endPort"), 9010),
		)
		pages.Service().AddJsonPatch(cdk8s.JsonPatch_Replace(jsii.String("/spec/ports/0/targetPort"), 8080))
		pages.Deployment().Metadata().AddLabel(jsii.String("team"), jsii.String("shop"))
	}))

	deployment := find(t, manifests, "Deployment", "shop-api")
	container := listOf(deployment.at("spec", "template", "spec", "containers"))[0]
	require.Equal(t, map[string]any{"cpu": "2", "memory": "1Gi"}, container.at("resources", "limits"))
	require.Equal(t, map[string]any{"cpu": "250m", "memory": "512Mi"}, container.at("resources", "requests"))
	require.Equal(t, "25%", deployment.at("spec", "strategy", "rollingUpdate", "maxSurge"))
	require.Nil(t, container.at("lifecycle"))
	require.Equal(t, map[string]any{"kept": []any{}}, deployment.at("spec", "template", "spec", "newerThan128"))

	policy := find(t, manifests, "NetworkPolicy", "shop-pages")
	require.Equal(t, map[string]any{"port": 9000.0, "endPort": 9010.0, "protocol": "TCP"}, policy.at("spec", "egress", 1, "ports", 0))
	require.Equal(t, 8080.0, find(t, manifests, "Service", "shop-pages").at("spec", "ports", 0, "targetPort"))
	require.Equal(t, "shop", find(t, manifests, "Deployment", "shop-pages").text("metadata", "labels", "team"))
}

// A consumer's own objects and cdk8s-plus's classes stand beside ours.
func TestConsumersObjectsStandBesideOurs(t *testing.T) {
	needNode(t)
	manifests := manifestsOf(t, synthesize(t, func(chart cdk8s.Chart) {
		api(chart)
		configMap(chart, "settings")
	}))
	require.Equal(t, map[string]any{"a": "1", "b": "---\nb: yes\n---\n"}, find(t, manifests, "ConfigMap", "settings").at("data"))
	find(t, manifests, "Deployment", "shop-api")
}

func TestPatchesThatFail(t *testing.T) {
	requirePatchFails := func(t *testing.T, want string, patch func() cdk8s.JsonPatch) {
		t.Helper()
		_, err := constructs.Render(func(app cdk8s.App) {
			chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
			redis := constructs.NewRedis(chart, "redis", constructs.RedisProps{Password: constructs.SecretKeyRef{Secret: "passwords", Key: "redis"}})
			redis.Deployment().AddJsonPatch(patch())
		})
		require.EqualError(t, err, "cannot patch shop-redis of construct shop/redis/deployment: "+want)
	}
	for _, test := range []struct {
		name  string
		patch func() cdk8s.JsonPatch
		want  string
	}{
		{
			name:  "add below nothing",
			patch: func() cdk8s.JsonPatch { return cdk8s.JsonPatch_Add(jsii.String("/spec/nothing/x"), jsii.String("a")) },
			want:  `a patch sets "x" in a field that the object does not have: add that field first`,
		},
		{
			name:  "remove below nothing",
			patch: func() cdk8s.JsonPatch { return cdk8s.JsonPatch_Remove(jsii.String("/spec/nothing/below/x")) },
			want:  `a patch sets "below" in a field that the object does not have: add that field first`,
		},
		{
			name:  "another value than tested",
			patch: func() cdk8s.JsonPatch { return cdk8s.JsonPatch_Test(jsii.String(`/spec/"x"`), jsii.Number(17)) },
			want:  `the test of a patch failed: the object has another value at "/spec/\"x\""`,
		},
	} {
		t.Run(test.name, func(t *testing.T) { requirePatchFails(t, test.want, test.patch) })
	}
	t.Run("made before the program ran", func(t *testing.T) {
		needNode(t) // The runtime of jsii starts it outside of Render.
		before := cdk8s.JsonPatch_Remove(jsii.String("/spec/replicas"))
		constructs.Close()
		requirePatchFails(t, "a patch was created before Synth or Render ran the program: create it in the program", func() cdk8s.JsonPatch { return before })
	})
}
