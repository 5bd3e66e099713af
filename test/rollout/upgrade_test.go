package rollout

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
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
			r := running{mode: m, folder: t.TempDir()}
			r.write(t, releases[0])
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

// release is a state of the manifests.
type release struct {
	files   map[string][]byte
	objects []unstructured.Unstructured
}

// renderReleases gives the state that the platform begins in, and the one after each upgrade.
func renderReleases(t *testing.T, all []upgrade) []release {
	t.Helper()
	tiers := newPlatform()
	files := renderTiers(t, tiers)
	releases := []release{{files, objectsOf(t, files)}}
	for _, u := range all {
		u.change(&tiers)
		files := renderTiers(t, tiers)
		releases = append(releases, release{files, objectsOf(t, files)})
	}
	return releases
}

// running is a platform in the cluster, and a folder with a folder dist, as the documents' commands expect it.
type running struct {
	mode   mode
	folder string
}

func (r running) path() string { return filepath.Join(r.folder, "dist") }

func (r running) write(t *testing.T, to release) {
	t.Helper()
	require.NoError(t, os.RemoveAll(r.path()))
	require.NoError(t, os.MkdirAll(r.path(), 0o700))
	for name, content := range to.files {
		require.NoError(t, os.WriteFile(filepath.Join(r.path(), name), content, 0o600))
	}
}

func (r running) upgrade(t *testing.T, u upgrade, from, to release) {
	t.Helper()
	former, deployed, watch := stored(t, from.objects), deployments(t), watchPods(t)
	r.write(t, to)
	r.carryOut(t, u)
	r.removeRemains(t, from, to)
	settle(t)
	requireSameObjects(t, former, stored(t, to.objects))
	requireReplaced(t, u.replaced, deployed)
	requireAvailable(t, watch.fewest(t), deployed)
	requireAsNew(t, to.objects)
}

func (r running) carryOut(t *testing.T, u upgrade) {
	t.Helper()
	switch {
	case u.heading == "":
		r.mode.apply(t, r.path())
	case r.mode.name == clientSide.name:
		runScript(t, r.folder, scripts(t, "upgrades.md", u.heading)[0])
	default:
		runScript(t, r.folder, scripts(t, "upgrades.md", u.heading)[1])
	}
}

// removeRemains deletes what is declared no longer, as docs/upgrades.md says.
func (r running) removeRemains(t *testing.T, from, to release) {
	t.Helper()
	declared := namesOf(to.objects)
	remains := slices.DeleteFunc(namesOf(without(from.objects, "PersistentVolumeClaim")), func(name string) bool {
		return slices.Contains(declared, name)
	})
	if len(remains) == 0 {
		return
	}
	names := slices.Concat(remains, []string{"--namespace=" + production.namespace, "--ignore-not-found"})
	runScript(t, r.folder, scripts(t, "upgrades.md", "Removing")[0])
	require.Empty(t, kubectl(t, append([]string{"get", "--output=name"}, names...)...))
}
