package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/chart"
)

func TestCommittedChartIsCurrent(t *testing.T) {
	files, err := chartFiles()
	require.NoError(t, err)
	committed := map[string]string{}
	root := os.DirFS(filepath.Join(repository, chartFolder))
	require.NoError(t, fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(root, name)
		committed[name] = string(content)
		return err
	}))
	require.Empty(t, cmp.Diff(committed, asText(files)), "run `make synth` and review the difference")
	for name, content := range files {
		require.True(t, chart.IsGenerated(name, content), "%s: synthesis would refuse to replace it", name)
	}
}

func TestChartBeginsWithTheTiers(t *testing.T) {
	var paths []string
	for _, s := range settings() {
		if s.Path != "frontend.env" && !strings.Contains(s.Path, "autoscaling") {
			paths = append(paths, s.Path)
		}
	}
	tier := []string{
		"replicaCount", "image", "resources.requests.cpu", "resources.requests.memory", "resources.limits.cpu", "resources.limits.memory",
	}
	for i, path := range tier {
		require.Equal(t, "frontend."+path, paths[i])
		require.Equal(t, "backend."+path, paths[len(tier)+i])
	}
}

// The chart refuses variables that connections set, as the constructs do.
func TestVariablesOfConnectionsAreTaken(t *testing.T) {
	for _, tier := range []string{"frontend", "backend"} {
		var want []string
		for name := range environmentOf(t, container(t, "ai-platform-"+tier)) {
			want = append(want, name)
		}
		all := settings()
		at := slices.IndexFunc(all, func(s setting) bool { return s.Path == tier+".env" })
		slices.Sort(want)
		require.Contains(t, all[at].checks[0], strings.Join(append([]string{valueAt(tier + ".env")}, quoted(want)...), " ")+")")
	}
}

// The notes tell how to make a Secret with every key that the command secret gives one.
func TestNotesMakeTheSecret(t *testing.T) {
	for key, value := range secretValues("$database_password", "$(openssl rand -hex 24)", "$(openssl rand -hex 24)") {
		value = strings.ReplaceAll(value, "%24database_password", "$database_password")
		require.Contains(t, chartNotes, "\n"+key+"="+value+"\n")
	}
	require.Contains(t, chartNotes, slackURLKey)
}

func answersTo(t *testing.T, cases string) []renderResult {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run([]string{"render"}, strings.NewReader(cases), &out))
	var results []renderResult
	require.NoError(t, json.Unmarshal(out.Bytes(), &results))
	return results
}

func TestRenderAnswersEachCase(t *testing.T) {
	results := answersTo(t, `[
		{"namespace": "ai-platform", "values": {}},
		{"namespace": "team", "values": {"frontend": {"replicaCount": 7, "env": {"A": "b"}}, "monitoring": {"enabled": false}, "namespace": {"create": false}}},
		{"namespace": "team", "values": {"backend": {"image": "API"}}}
	]`)
	require.Len(t, results[0].Objects, len(objectsOf(t, production)))

	for _, o := range results[1].Objects {
		require.NotEqual(t, "Namespace", o["kind"])
		require.Equal(t, "team", at(t, o, "metadata", "namespace"))
		if o["kind"] == "Deployment" && at(t, o, "metadata", "name") == "ai-platform-frontend" {
			require.Equal(t, 7.0, at(t, o, "spec", "replicas"))
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
		pods := at(t, o, "spec", "podSelector", "matchLabels").(map[string]any)
		if pods["acme.cert-manager.io/http01-solver"] == nil { // Those of cert-manager have no label of an application.
			require.Equal(t, appName, pods["app"])
		}
		if len(at(t, o, "spec", "policyTypes").([]any)) == 2 {
			closed[pods["component"]] = true
		}
	}
	for _, o := range result.Objects {
		if o["kind"] == "Deployment" {
			component := at(t, o, "spec", "template", "metadata", "labels", "component")
			require.True(t, closed[component], "the pods of %s are open", component)
		}
	}
}

func TestRenderRefusesUnknownValues(t *testing.T) {
	err := run([]string{"render"}, strings.NewReader(`[{"namespace": "a", "values": {"frontend": {"replicas": 1}}}]`), &bytes.Buffer{})
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
