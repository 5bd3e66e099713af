package rollout

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestUpgrade changes a platform that runs, again and again. What is applied is accepted without a warning, replaces no object and
// no pod that it need not, keeps the promised number of pods available, and leaves what a new platform would be.
func TestUpgrade(t *testing.T) {
	all := upgrades()
	releases := renderReleases(t, all)
	for _, m := range []mode{clientSide, serverSide} {
		t.Run(m.name, func(t *testing.T) {
			begin(t, production)
			r := newRunning(t, m, releases[0])
			m.apply(t, r.path())
			production.createSecret(t)
			settle(t)
			for i, u := range all {
				if !t.Run(u.name, func(t *testing.T) { r.upgrade(t, u, releases[i], releases[i+1]) }) {
					return
				}
			}
		})
	}
}

// renderReleases gives the manifests that the platform begins with, and those after each upgrade.
func renderReleases(t *testing.T, all []upgrade) []map[string][]byte {
	t.Helper()
	tiers := newPlatform()
	releases := []map[string][]byte{renderTiers(t, tiers)}
	for _, u := range all {
		u.change(&tiers)
		releases = append(releases, renderTiers(t, tiers))
	}
	return releases
}

// running is a platform in the cluster, and a folder with a folder dist, as the documents' commands expect it.
type running struct {
	mode   mode
	folder string
}

func newRunning(t *testing.T, m mode, files map[string][]byte) running {
	t.Helper()
	r := running{m, t.TempDir()}
	r.write(t, files)
	return r
}

func (r running) path() string { return filepath.Join(r.folder, "dist") }

func (r running) write(t *testing.T, files map[string][]byte) {
	t.Helper()
	require.NoError(t, os.RemoveAll(r.path()))
	require.NoError(t, os.MkdirAll(r.path(), 0o700))
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(r.path(), name), content, 0o600))
	}
}

func (r running) upgrade(t *testing.T, u upgrade, from, to map[string][]byte) {
	t.Helper()
	declared := objectsOf(t, to)
	former, deployed, watch := stored(t, objectsOf(t, from)), deployments(t), watchPods(t)
	r.write(t, to)
	switch {
	case u.heading == "":
		r.mode.apply(t, r.path())
	case r.mode.name == clientSide.name:
		runScript(t, r.folder, scripts(t, "upgrades.md", u.heading)[0])
	default:
		runScript(t, r.folder, scripts(t, "upgrades.md", u.heading)[1])
	}
	r.removeRemains(t, objectsOf(t, from), declared)
	settle(t)
	after := stored(t, declared)
	for path, now := range after { // Objects with changed immutable fields would have been replaced.
		if former, was := former[path]; was {
			require.Equal(t, former.GetUID(), now.GetUID(), path)
		}
	}
	requireReplaced(t, u.replaced, deployed)
	requireAvailable(t, watch.fewest(t), deployed)
	requireAsNew(t, declared, after)
}

// removeRemains deletes what is declared no longer, as docs/upgrades.md says.
func (r running) removeRemains(t *testing.T, from, to []unstructured.Unstructured) {
	t.Helper()
	declared := namesOf(to)
	remains := slices.DeleteFunc(namesOf(without(from, "PersistentVolumeClaim")), func(name string) bool {
		return slices.Contains(declared, name)
	})
	if len(remains) == 0 {
		return
	}
	names := slices.Concat(remains, []string{"--namespace=" + production.Namespace, "--ignore-not-found"})
	runScript(t, r.folder, scripts(t, "upgrades.md", "Removing")[0])
	require.Empty(t, kubectl(t, append([]string{"get", "--output=name"}, names...)...))
}

// requireReplaced wants new pods in these tiers and in no others. A tier that is gone has none.
func requireReplaced(t *testing.T, tiers []string, before []appsv1.Deployment) {
	t.Helper()
	after := revisions(t)
	replaced := []string{}
	for _, d := range before {
		if now, exists := after[nameOf(&d)]; exists && now != revision(d) {
			replaced = append(replaced, d.Labels["component"])
		}
	}
	require.ElementsMatch(t, tiers, replaced)
}

// requireAvailable wants the pods that were promised to have been there all the time.
func requireAvailable(t *testing.T, fewest map[string]int, before []appsv1.Deployment) {
	t.Helper()
	after := map[string]appsv1.Deployment{}
	for _, d := range deployments(t) {
		after[nameOf(&d)] = d
	}
	for _, d := range before {
		name := nameOf(&d)
		if now, exists := after[name]; exists {
			require.GreaterOrEqual(t, fewest[name], promised(d, now), "pods of %s", name)
		}
	}
}

// promised is how many pods there are at least while a Deployment is changed.
func promised(before, after appsv1.Deployment) int {
	had, wants := int(*before.Spec.Replicas), int(*after.Spec.Replicas)
	switch {
	case revision(before) == revision(after):
		return min(had, wants)
	case after.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType:
		return 0
	}
	return min(had, wants-after.Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue())
}

// requireAsNew wants what was upgraded to be what it would be without its past: nothing is left of former lists and maps, whose
// elements kubectl merges, and their order is the new one (a variable may refer to those before it).
func requireAsNew(t *testing.T, declared []unstructured.Unstructured, upgraded map[string]unstructured.Unstructured) {
	t.Helper()
	// A claim that is bound cannot be replaced. That it has its size was waited for.
	for _, object := range without(declared, "PersistentVolumeClaim") {
		path := pathOf(object)
		replaced := replace(t, object, upgraded[path])
		require.Empty(t, cmp.Diff(decided(replaced, object), decided(upgraded[path], object), cmpopts.EquateEmpty()), path)
	}
}

// replace asks what an object would become if another were put in its place.
func replace(t *testing.T, by, object unstructured.Unstructured) unstructured.Unstructured {
	t.Helper()
	by = *by.DeepCopy()
	by.SetResourceVersion(object.GetResourceVersion()) // Some kinds want to know what is replaced.
	encoded, err := by.MarshalJSON()
	require.NoError(t, err)
	return decode[unstructured.Unstructured](t, request(t.Context(), t, http.MethodPut, pathOf(by)+"?dryRun=All", encoded))
}

// decided is the part of an object that its manifest decides.
func decided(object, manifest unstructured.Unstructured) map[string]any {
	annotations := object.GetAnnotations()
	delete(annotations, revisionAnnotation)
	delete(annotations, "kubectl.kubernetes.io/last-applied-configuration")
	if _, declared, _ := unstructured.NestedFieldNoCopy(manifest.Object, "spec", "replicas"); !declared {
		unstructured.RemoveNestedField(object.Object, "spec", "replicas") // The autoscaler's.
	}
	return map[string]any{
		"annotations": annotations, "labels": object.GetLabels(), "spec": object.Object["spec"], "data": object.Object["data"],
	}
}
