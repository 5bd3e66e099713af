package chart

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
)

func casesOf(t *testing.T, text string) []Case {
	t.Helper()
	var cases []Case
	require.NoError(t, json.Unmarshal([]byte(text), &cases))
	return cases
}

func answersTo(t *testing.T, cases string) []Result {
	t.Helper()
	results, err := Render(casesOf(t, cases))
	require.NoError(t, err)
	return results
}

func TestRenderAnswersEachCase(t *testing.T) {
	results := answersTo(t, `[
		{"namespace": "ai-platform", "values": {}},
		{"namespace": "team", "values": {"frontend": {"replicaCount": 7, "env": {"A": "b"}}, "monitoring": {"enabled": false}, "namespace": {"create": false}}},
		{"namespace": "team", "values": {"backend": {"image": "API"}}}
	]`)
	require.Len(t, results[0].Objects, len(production(t)))

	for _, o := range results[1].Objects {
		require.NotEqual(t, "Namespace", o["kind"])
		require.Equal(t, "team", inspect.At(t, o, "metadata", "namespace"))
		if o["kind"] == "Deployment" && inspect.At(t, o, "metadata", "name") == "ai-platform-frontend" {
			require.Equal(t, 7.0, inspect.At(t, o, "spec", "replicas"))
		}
	}
	require.Contains(t, results[2].Error, `backend.image: Invalid value: "API"`)
}

// In a namespace that is there already, the chart closes its own pods, and nobody else's.
func TestGivenNamespaceIsLeftAsItIs(t *testing.T) {
	result := answersTo(t, `[{"namespace": "team", "values": {"namespace": {"create": false}}}]`)[0]
	closed := map[any]bool{}
	for _, o := range result.Objects {
		require.NotEqual(t, "Namespace", o["kind"])
		if o["kind"] != "NetworkPolicy" {
			continue
		}
		pods := inspect.At(t, o, "spec", "podSelector", "matchLabels").(map[string]any)
		if pods["acme.cert-manager.io/http01-solver"] == nil { // Those of cert-manager have no label of an application.
			require.Equal(t, platform.AppName, pods["app"])
		}
		if len(inspect.At(t, o, "spec", "policyTypes").([]any)) == 2 {
			closed[pods["component"]] = true
		}
	}
	for _, o := range result.Objects {
		if o["kind"] == "Deployment" {
			component := inspect.At(t, o, "spec", "template", "metadata", "labels", "component")
			require.True(t, closed[component], "the pods of %s are open", component)
		}
	}
}

func TestRenderRefusesUnknownValues(t *testing.T) {
	_, err := Render(casesOf(t, `[{"namespace": "a", "values": {"frontend": {"replicas": 1}}}]`))
	require.EqualError(t, err, "case 0: no values: frontend.replicas")
}

// Nothing of one rendering stays for the next.
func TestRenderingsDoNotMeet(t *testing.T) {
	alone := answersTo(t, `[{"namespace": "team"}]`)
	after := answersTo(t, `[
		{"namespace": "other", "values": {
			"frontend": {"replicaCount": 7, "env": {"A": "b"}, "autoscaling": {"enabled": true}}, "backend": {"env": {"A": "b"}, "storage": {"size": "1Ti"}},
			"database": {"replicaCount": 0}, "monitoring": {"images": {"grafana": "grafana:v1"}}, "environment": "test", "namespace": {"create": false}
		}},
		{"namespace": "team"}
	]`)
	require.NotEqual(t, len(alone[0].Objects), len(after[0].Objects))
	require.Equal(t, alone[0], after[1])
}
