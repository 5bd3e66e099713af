package rollout

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/ai-platform/manifests/constructs/monitoring"
	"github.com/ai-platform/manifests/test/fields"
)

// TestCustomResources applies files with custom resources to a cluster that knows their kinds, as many at once as have no object in common.
// What acts on them is not here.
func TestCustomResources(t *testing.T) {
	manifests := customManifests(t)
	createNamespaces(t, manifests)
	type batch struct {
		paths   []string
		objects []unstructured.Unstructured
		taken   sets.Set[string] // By objects, by their paths.
	}
	var batches []*batch
	for _, name := range slices.Sorted(maps.Keys(manifests)) {
		free := func(b *batch) bool {
			return !slices.ContainsFunc(manifests[name], func(object unstructured.Unstructured) bool { return b.taken.Has(pathOf(object)) })
		}
		at := slices.IndexFunc(batches, free)
		if at == -1 {
			at, batches = len(batches), append(batches, &batch{taken: sets.New[string]()})
		}
		b := batches[at]
		b.paths, b.objects = append(b.paths, filepath.Join(root, name)), append(b.objects, manifests[name]...)
		for _, object := range manifests[name] {
			b.taken.Insert(pathOf(object))
		}
	}
	for i, b := range batches {
		for _, m := range []mode{clientSide, serverSide} {
			t.Run(fmt.Sprintf("%d %s", i, m.name), func(t *testing.T) {
				kubectlAtEnd(t, slices.Concat([]string{"delete"}, files(b.paths...))...)
				// Their controllers are not here to remove finalizers.
				kubectlAtEnd(t, slices.Concat([]string{"patch", "--type=merge", `--patch={"metadata":{"finalizers":null}}`}, files(b.paths...))...)
				m.apply(t, b.paths...)
				if slices.ContainsFunc(b.objects, hasDefaultStatus) {
					m.apply(t, b.paths...)
				}
				requireNoDifference(t, m, b.objects, b.paths...)
			})
		}
	}
}

// hasDefaultStatus reports whether the definition of an object's kind has a default for its status. The API server stores it with the first update,
// unless a controller has written a status, as there is one in every cluster but this.
// https://github.com/kubernetes-sigs/gateway-api/blob/v1.6.3/config/crd/standard/gateway.networking.k8s.io_gateways.yaml
func hasDefaultStatus(object unstructured.Unstructured) bool {
	return slices.Contains([]string{"Gateway", "ListenerSet"}, object.GetKind())
}

// TestCounts compares docs/argocd.md with the objects that are applied here.
func TestCounts(t *testing.T) {
	inEnvironments := environmentObjects(t)
	builtIn := slices.DeleteFunc(slices.Clone(inEnvironments), isCustom)
	custom := slices.Concat(inEnvironments, objectsOf(t, render(t, composeForOperator)))
	for _, objects := range customManifests(t) {
		custom = append(custom, objects...)
	}
	custom = slices.DeleteFunc(custom, isBuiltIn)

	document, err := os.ReadFile(filepath.Join(root, "docs", "argocd.md"))
	require.NoError(t, err)
	sentence := fmt.Sprintf("The API server changes none of the %d fields in the environments' %d objects of Kubernetes's own kinds, "+
		"and adds none to the %d custom resources with %d fields in `deploy/` and in the tests",
		countFields(t, builtIn), len(builtIn), len(custom), countFields(t, custom))
	if !strings.Contains(strings.Join(strings.Fields(string(document)), " "), sentence) {
		t.Errorf("docs/argocd.md must say: %s", sentence)
	}
}

// requireNoDifference requires that what was applied is in the cluster as it was written, that kubectl diff is empty, and that a
// second apply changes nothing. Otherwise GitOps tools would show a difference that no sync ends.
func requireNoDifference(t *testing.T, m mode, objects []unstructured.Unstructured, paths ...string) {
	t.Helper()
	before := versions(stored(t, objects))
	requireAsWritten(t, objects)
	// It ends with 1 where there is a difference.
	require.Empty(t, kubectl(t, slices.Concat([]string{"diff", "--concurrency=8"}, files(paths...), m.flags)...))
	m.apply(t, paths...)
	require.Equal(t, before, versions(stored(t, objects)))
}

// requireAsWritten requires that the API server has changed no field. It may add fields to Kubernetes's own kinds, whose defaults
// every tool knows; to a custom resource it must add nothing.
func requireAsWritten(t *testing.T, objects []unstructured.Unstructured) {
	t.Helper()
	found := stored(t, objects)
	for _, object := range objects {
		path := pathOf(object)
		var compared any = withoutServerFields(found[path]).Object
		if isBuiltIn(object) {
			compared = fields.Common(object.Object, compared)
		}
		require.Empty(t, cmp.Diff(any(object.Object), compared), path)
	}
}

// customManifests are the objects of the files and folders in which there are custom resources, by name. Environments have tests of
// their own.
func customManifests(t *testing.T) map[string][]unstructured.Unstructured {
	t.Helper()
	found := map[string][]unstructured.Unstructured{}
	for _, pattern := range []string{"deploy/argocd/*", "constructs/testdata/*.yaml", "constructs/*/testdata/*.yaml"} {
		names, err := fs.Glob(os.DirFS(root), pattern)
		require.NoError(t, err)
		for _, name := range names {
			if objects := objectsOf(t, readFiles(t, filepath.Join(root, name))); slices.ContainsFunc(objects, isCustom) {
				found[name] = objects
			}
		}
	}
	return found
}

func isBuiltIn(object unstructured.Unstructured) bool {
	return scheme.Scheme.Recognizes(object.GroupVersionKind())
}

func isCustom(object unstructured.Unstructured) bool { return !isBuiltIn(object) }

// createNamespaces creates the namespaces that the objects are in, for the test.
func createNamespaces(t *testing.T, manifests map[string][]unstructured.Unstructured) {
	t.Helper()
	names := sets.New[string]()
	for _, objects := range manifests {
		for _, object := range objects {
			names.Insert(object.GetNamespace())
		}
	}
	names.Delete("") // Of objects that are in none.
	for name := range names {
		kubectl(t, "create", "namespace", name)
	}
	kubectlAtEnd(t, append([]string{"delete", "namespace"}, sets.List(names)...)...)
}

// countFields returns the number of fields that have a single value.
func countFields(t *testing.T, objects []unstructured.Unstructured) int {
	t.Helper()
	count := 0
	for _, object := range objects {
		count += fields.Count(object.Object)
	}
	return count
}

// withoutServerFields leaves out what the API server, kubectl and an operator note of every object.
func withoutServerFields(object unstructured.Unstructured) unstructured.Unstructured {
	unstructured.RemoveNestedField(object.Object, "status")
	for _, name := range []string{"creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"} {
		unstructured.RemoveNestedField(object.Object, "metadata", name)
	}
	unstructured.RemoveNestedField(object.Object, "metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
	if len(object.GetAnnotations()) == 0 {
		unstructured.RemoveNestedField(object.Object, "metadata", "annotations")
	}
	return object
}

// TestOperator brings a platform that leaves Prometheus and Grafana to an operator into a cluster that knows its kinds.
func TestOperator(t *testing.T) {
	files := render(t, composeForOperator)
	objects := objectsOf(t, files)
	count := map[string]int{}
	for _, object := range objects {
		count[object.GetKind()]++
	}
	require.Equal(t, 6, count["Deployment"], "four tiers, kube-state-metrics and the blackbox exporter")
	require.Equal(t, 5, count["ServiceMonitor"], "one for each of them but the frontend")
	require.Equal(t, 2, count["Probe"], "of the frontend's Service and its public host")
	require.Equal(t, 1, count["PrometheusRule"])

	begin(t, production)
	r := newRunning(t, clientSide, files)
	r.mode.apply(t, r.path())
	production.createSecret(t)
	settle(t)
	requireNoDifference(t, r.mode, objects, r.path())
}

// composeForOperator adds what the operator reads after all that its Prometheus scrapes. It has an Alertmanager of its own.
func composeForOperator(app cdk8s.App) {
	tiers := newPlatform()
	tiers.Alertmanager, tiers.Prometheus, tiers.Grafana = nil, nil, nil
	tiers.Compose(app)
	operated := monitoring.NewOperatorMonitoring(tiers.Chart(app, "80-prometheus"), "prometheus", monitoring.OperatorMonitoringProps{})
	monitoring.NewOperatorDashboards(tiers.Chart(app, "90-grafana"), "grafana", monitoring.OperatorDashboardsProps{Monitoring: operated})
}
