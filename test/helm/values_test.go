package helm

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/test/golden"
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
const placesFile = "places.txt"

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
	golden.Require(t, placesFile, places.String())
}

func inline(t *testing.T, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	require.NoError(t, err)
	return string(encoded)
}

// requireSame wants the chart to give what the constructs do, and to refuse what they refuse.
func requireSame(t *testing.T, cases []releaseCase) []constructed {
	t.Helper()
	refused := 0
	all := construct(t, cases)
	for i, want := range all {
		got, err := template(t, cases[i].namespace, nested(cases[i].values))
		if want.refusal != "" {
			require.Error(t, err, "%v: the constructs say: %s", cases[i], want.refusal)
			require.Regexp(t, "values (are refused|don't meet the specifications)", err.Error(), "%v", cases[i])
			refused++
			continue
		}
		require.NoError(t, err, "%v", cases[i])
		require.Empty(t, difference(want.objects, got), "%v", cases[i])
	}
	t.Logf("%d cases, of which %d are refused by both", len(cases), refused)
	require.Less(t, refused, len(cases)/3, "too few cases say anything")
	return all
}

// deciding are the values that decide on the shape of the objects, and one for each.
var deciding = []change{
	{"frontend.replicaCount", 1},
	{"frontend.env", map[string]any{"A": "b"}},
	{autoscaledFrontend, true},
	{"frontend.autoscaling.minReplicas", 1},
	{"backend.replicaCount", 1},
	{"backend.image", "api:v1"},
	{"backend.env", map[string]any{"A": "b", "EMPTY": ""}},
	{autoscaledBackend, true},
	{"backend.autoscaling.minReplicas", 1},
	{"backend.storage.accessMode", "ReadWriteOnce"},
	{"backend.storage.accessMode", "ReadWriteOncePod"},
	{"backend.storage.storageClassName", "a"},
	{"database.replicaCount", 0},
	{"database.image", "postgres:latest"},
	{"database.backup.enabled", false},
	{"database.backup.storage.storageClassName", "a"},
	{"redis.replicaCount", 0},
	{"backend.imagePullSecrets", []any{map[string]any{"name": "a"}}},
	{"backend.nodeSelector", map[string]any{"a": "b"}},
	{"backend.tolerations", []any{map[string]any{"operator": "Exists"}}},
	{"backend.priorityClassName", "a"},
	{"backend.runtimeClassName", "a"},
	{"backend.podAnnotations", map[string]any{"a": "b"}},
	{"backend.affinity", someAffinity},
	{"backend.annotations", map[string]any{"a": "b"}},
	{"backend.serviceAccountName", "a"},
	{"monitoring.serviceAccountName", "a"},
	{"backend.secretEnv", map[string]any{"S": map[string]any{"secret": "a", "key": "b"}}},
	{"ingress.enabled", false},
	{"ingress.host", ""},
	{"ingress.tls.enabled", false},
	{"commonLabels", map[string]any{"team": "web"}},
	{"monitoring.enabled", false},
	{"monitoring.publicProbe.enabled", false},
	{"monitoring.images.prometheus", "prometheus:latest"},
	{"monitoring.storage.storageClassName", "a"},
	{"namespace.create", false},
	{"cluster.assignsUsers", true},
	{"cluster.dns", "openshift"},
	{"cluster.networkPlugin", "Cilium"},
	{"cluster.ipFamilies", []any{"IPv6"}},
	{"cluster.ipFamilies", []any{"IPv4"}},
	{"cluster.ipFamilies", []any{"IPv4", "IPv6"}},
	{"backend.resources.limits.cpu", "none"},
}

// alike decide on the same of other tiers.
var alike = []change{
	{"frontend.image", "web:v1"},
	{"database.storage.storageClassName", "a"},
	{"redis.image", "redis:latest"},
	{"redis.storage.storageClassName", "a"},
	{"frontend.imagePullSecrets", []any{map[string]any{"name": "a"}}},
	{"frontend.nodeSelector", map[string]any{"a": "b"}},
	{"frontend.tolerations", []any{map[string]any{"operator": "Exists"}}},
	{"frontend.priorityClassName", "a"},
	{"frontend.runtimeClassName", "a"},
	{"frontend.podAnnotations", map[string]any{"a": "b"}},
	{"frontend.serviceAccountName", "a"},
	{"frontend.secretEnv", map[string]any{"S": map[string]any{"secret": "a", "key": "b"}}},
	{"database.imagePullSecrets", []any{map[string]any{"name": "a"}}},
	{"database.nodeSelector", map[string]any{"a": "b"}},
	{"database.tolerations", []any{map[string]any{"operator": "Exists"}}},
	{"database.priorityClassName", "a"},
	{"database.runtimeClassName", "a"},
	{"database.podAnnotations", map[string]any{"a": "b"}},
	{"database.serviceAccountName", "a"},
	{"redis.imagePullSecrets", []any{map[string]any{"name": "a"}}},
	{"redis.nodeSelector", map[string]any{"a": "b"}},
	{"redis.tolerations", []any{map[string]any{"operator": "Exists"}}},
	{"redis.priorityClassName", "a"},
	{"redis.runtimeClassName", "a"},
	{"redis.podAnnotations", map[string]any{"a": "b"}},
	{"redis.serviceAccountName", "a"},
	{"monitoring.imagePullSecrets", []any{map[string]any{"name": "a"}}},
	{"monitoring.nodeSelector", map[string]any{"a": "b"}},
	{"monitoring.tolerations", []any{map[string]any{"operator": "Exists"}}},
	{"monitoring.priorityClassName", "a"},
	{"monitoring.runtimeClassName", "a"},
	{"monitoring.podAnnotations", map[string]any{"a": "b"}},
	{"monitoring.images.blackboxExporter", "exporter:latest"},
	{"monitoring.images.alertmanager", "alertmanager:latest"},
	{"monitoring.images.grafana", "grafana:latest"},
	{"monitoring.images.kubeStateMetrics", "ksm:latest"},
	{"monitoring.images.postgresExporter", "exporter:latest"},
	{"monitoring.images.redisExporter", "exporter:latest"},
	{"frontend.healthPath", "/"},
	{"frontend.affinity", someAffinity},
	{"frontend.annotations", map[string]any{"a": "b"}},
	{"database.affinity", someAffinity},
	{"database.annotations", map[string]any{"a": "b"}},
	{"redis.affinity", someAffinity},
	{"redis.annotations", map[string]any{"a": "b"}},
	{"monitoring.affinity", someAffinity},
	{"monitoring.annotations", map[string]any{"a": "b"}},
	{"frontend.resources.limits.cpu", "none"},
	{"database.resources.limits.cpu", "none"},
	{"redis.resources.limits.cpu", "none"},
	{"monitoring.resources.prometheus.limits.cpu", "none"},
	{"monitoring.resources.alertmanager.limits.cpu", "none"},
	{"monitoring.resources.grafana.limits.cpu", "none"},
	{"monitoring.resources.blackboxExporter.limits.cpu", "none"},
	{"monitoring.resources.kubeStateMetrics.limits.cpu", "none"},
	{"monitoring.resources.postgresExporter.limits.cpu", "none"},
	{"monitoring.resources.redisExporter.limits.cpu", "none"},
}

var (
	condition = regexp.MustCompile(`{{-? (?:else if|if|range|with) [^}]*}}`)
	valuePath = regexp.MustCompile(`\.Values\.([A-Za-z.]+)`)
)

// The templates of objects ask for no other value.
func TestEveryDecisionIsKnown(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(chartFolder, "templates", "*"))
	require.NoError(t, err)
	asked, known := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		if slices.Contains([]string{"checks.yaml", "NOTES.txt", "_helpers.tpl"}, filepath.Base(file)) {
			continue
		}
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, found := range condition.FindAllString(string(content), -1) {
			for _, path := range valuePath.FindAllStringSubmatch(found, -1) {
				asked[path[1]] = true
			}
		}
	}
	for _, decision := range slices.Concat(deciding, alike) {
		known[decision.path] = true
	}
	require.Equal(t, slices.Sorted(maps.Keys(asked)), slices.Sorted(maps.Keys(known)))
}

func TestPairsOfDecisions(t *testing.T) {
	var cases []releaseCase
	for i, a := range deciding {
		for _, b := range deciding[:i] {
			own := map[string]any{a.path: a.value, b.path: b.value}
			cases = append(cases, releaseCase{defaultNamespace, union(a.before().values, b.before().values, own)})
		}
	}
	for _, a := range deciding {
		values := a.before().values
		for _, b := range alike {
			values[b.path] = b.value
		}
		values[a.path] = a.value
		cases = append(cases, releaseCase{defaultNamespace, values})
	}
	requireSame(t, cases)
}

// Names of namespaces that YAML takes for something else, if they are not quoted: each stands in configurations too.
func TestNamespacesThatLookLikeSomethingElse(t *testing.T) {
	var cases []releaseCase
	for _, namespace := range []string{"123", "true", "null", "1e3", "0x1", "2024-01-01"} {
		cases = append(cases, releaseCase{namespace, nil})
	}
	for i, want := range requireSame(t, cases) {
		require.Empty(t, want.refusal, cases[i].namespace)
	}
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
		namespace, needed, values := namespaces[random.IntN(len(namespaces))], map[string]any{}, map[string]any{}
		for _, path := range paths {
			// Fewer than half, so that monitoring is mostly there and limits mostly hold.
			if random.IntN(5) == 0 {
				c := change{path, changed[path][random.IntN(len(changed[path]))]}
				maps.Copy(needed, c.before().values)
				values[path] = c.value
			}
		}
		cases = append(cases, releaseCase{namespace, union(needed, values)})
	}
	requireSame(t, cases)
}
