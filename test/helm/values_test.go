package helm

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func TestEveryValueIsChanged(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(chartFolder, "values.yaml"))
	require.NoError(t, err)
	var values map[string]any
	require.NoError(t, yaml.Unmarshal(content, &values))
	require.Equal(t, slices.Sorted(maps.Keys(changed)), slices.Sorted(slices.Values(leaves(values, ""))))
}

func leaves(values map[string]any, prefix string) []string {
	var paths []string
	for key, value := range values {
		if inner, ok := value.(map[string]any); ok && len(inner) > 0 {
			paths = append(paths, leaves(inner, prefix+key+".")...)
		} else {
			paths = append(paths, prefix+key)
		}
	}
	return paths
}

// placesFile lists where each value shows. It is to be reviewed: a value that changes too much, or the wrong thing, does so here.
const placesFile = "testdata/places.txt"

// Each value, changed, changes in the chart what it does in the constructs, and that is what the file says.
func TestEachValueChangesItsPlaces(t *testing.T) {
	all := allChanges()
	var cases []releaseCase
	for _, c := range all {
		cases = append(cases, c.after())
	}
	constructed := construct(t, cases)
	var places strings.Builder
	for i, c := range all {
		require.Empty(t, constructed[i].refusal, "%s = %v", c.path, c.value)
		before, err := template(t, c.before().namespace, nested(c.before().values))
		require.NoError(t, err)
		after, err := template(t, defaultNamespace, nested(c.after().values))
		require.NoError(t, err, "%s = %v", c.path, c.value)
		require.Empty(t, difference(constructed[i].objects, after), "%s = %v", c.path, c.value)

		found := changes(before, after)
		require.NotEmpty(t, found, "%s = %v changes nothing", c.path, c.value)
		fmt.Fprintf(&places, "%s: %s\n", c.path, inline(t, c.value))
		for _, place := range found {
			fmt.Fprintf(&places, "    %s\n", place)
		}
	}
	requireGolden(t, placesFile, places.String())
}

func inline(t *testing.T, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	require.NoError(t, err)
	return string(encoded)
}

func requireGolden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "if that is well: UPDATE_GOLDEN=1 go test .")
}

// requireSame wants the chart to give what the constructs do, and to refuse what they refuse.
func requireSame(t *testing.T, cases []releaseCase) {
	t.Helper()
	refused := 0
	for i, want := range construct(t, cases) {
		got, err := template(t, cases[i].namespace, nested(cases[i].values))
		if want.refusal != "" {
			require.Error(t, err, "%v: the constructs say: %s", cases[i], want.refusal)
			refused++
			continue
		}
		require.NoError(t, err, "%v", cases[i])
		require.Empty(t, difference(want.objects, got), "%v", cases[i])
	}
	t.Logf("%d cases, of which %d are refused by both", len(cases), refused)
	require.Less(t, refused, len(cases)*2/3, "too few cases say anything")
}

// deciding are the values that decide on the shape of the objects, and one for each.
var deciding = []change{
	{"frontend.replicaCount", 1},
	{"frontend.image", "web:v1"},
	{"frontend.env", map[string]any{"A": "b"}},
	{autoscaledFrontend, true},
	{"frontend.autoscaling.minReplicas", 1},
	{"backend.replicaCount", 1},
	{"backend.image", "api:v1"},
	{"backend.env", map[string]any{"A": "b"}},
	{autoscaledBackend, true},
	{"backend.autoscaling.minReplicas", 1},
	{"backend.storage.accessMode", "ReadWriteOnce"},
	{"backend.storage.storageClassName", "a"},
	{"database.image", "postgres:latest"},
	{"database.storage.storageClassName", "a"},
	{"redis.image", "redis:latest"},
	{"ingress.tls.clusterIssuer", ""},
	{"monitoring.enabled", false},
	{"monitoring.images.prometheus", "prometheus:latest"},
	{"monitoring.images.redisExporter", "exporter:latest"},
	{"monitoring.storage.storageClassName", "a"},
	{"namespace.create", false},
}

func TestPairsOfDecisions(t *testing.T) {
	var cases []releaseCase
	for i, a := range deciding {
		for _, b := range deciding[:i] {
			cases = append(cases, releaseCase{defaultNamespace, map[string]any{a.path: a.value, b.path: b.value}})
		}
	}
	requireSame(t, cases)
}

// Many values at once, in namespaces of which some are longer than the address of a dashboard may be. The seed is fixed: a test
// that fails must fail again.
func TestManyValuesAtOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	namespaces := []string{
		defaultNamespace, "a", "team-7", "true-north", "a-namespace-of-thirty-one-letters",
		"a-namespace-whose-name-has-as-many-characters-as-a-label-may-ha", "x-------------------------------------x",
	}
	paths := slices.Sorted(maps.Keys(changed))
	var cases []releaseCase
	for range 150 {
		c := releaseCase{namespaces[random.IntN(len(namespaces))], map[string]any{}}
		for _, path := range paths {
			// Fewer than half, so that monitoring is mostly there and limits mostly hold.
			if random.IntN(5) == 0 {
				c.values[path] = changed[path][random.IntN(len(changed[path]))]
			}
		}
		cases = append(cases, c)
	}
	requireSame(t, cases)
}
