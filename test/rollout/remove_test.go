package rollout

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// TestRemove removes production as docs/remove.md says, and brings it back with its data and its passwords.
func TestRemove(t *testing.T) {
	begin(t, production)
	clientSide.apply(t, production.Path())
	production.createSecret(t)
	settle(t)
	volumes, passwords := volumesByClaim(t), secretOf(t, production, "ai-platform-secrets")
	requireKept := func(t *testing.T) {
		t.Helper()
		settle(t)
		require.Equal(t, volumes, volumesByClaim(t))
		require.Equal(t, passwords, secretOf(t, production, "ai-platform-secrets"))
	}

	const stop, keep, everything = "Stop it, and keep its data", "Delete it, and keep its volumes", "Delete it with its data"
	t.Run(stop, func(t *testing.T) {
		for _, script := range scripts(t, "remove.md", stop) {
			runScript(t, root, script)
		}
		require.Equal(t, []string{"namespace", "persistentvolumeclaim"}, kindsThatExist(t, production))
		eventually(t, func() error {
			if left := pods(t); len(left) > 0 {
				return fmt.Errorf("%s is still there", nameOf(&left[0]))
			}
			return nil
		})
		clientSide.apply(t, production.Path())
		requireKept(t)
	})
	t.Run(keep, func(t *testing.T) {
		commands := scripts(t, "remove.md", keep)
		require.Len(t, commands, 2)
		folder := t.TempDir() // Where the Secret is kept.
		require.NoError(t, os.CopyFS(filepath.Join(folder, production.Folder), os.DirFS(production.Path())))
		runScript(t, folder, commands[0])
		require.Empty(t, namespaces(t))
		for claim, volume := range volumes {
			require.Equal(t, corev1.VolumeReleased, read[corev1.PersistentVolume](t, volumePath(volume)).Status.Phase, claim)
		}
		runScript(t, folder, commands[1])
		requireKept(t)
	})
	t.Run(everything, func(t *testing.T) {
		for _, volume := range volumes {
			kubectl(t, "patch", "persistentvolume", volume, `--patch={"spec":{"persistentVolumeReclaimPolicy":"Delete"}}`)
		}
		for _, script := range scripts(t, "remove.md", everything) {
			runScript(t, root, script)
		}
		require.Empty(t, namespaces(t))
		eventually(t, func() error {
			for _, volume := range read[corev1.PersistentVolumeList](t, "/api/v1/persistentvolumes").Items {
				if slices.Contains(slices.Collect(maps.Values(volumes)), volume.Name) {
					return fmt.Errorf("volume %s is still there", volume.Name)
				}
			}
			return nil
		})
	})
}

func volumePath(name string) string { return "/api/v1/persistentvolumes/" + name }

// volumesByClaim are the names of the volumes that hold the platform's data.
func volumesByClaim(t *testing.T) map[string]string {
	t.Helper()
	volumes := map[string]string{}
	for _, claim := range claims(t) {
		volumes[nameOf(&claim)] = claim.Spec.VolumeName
	}
	require.NotEmpty(t, volumes)
	return volumes
}

// kindsThatExist are those of the objects of an environment that are in the cluster.
func kindsThatExist(t *testing.T, e environment) []string {
	t.Helper()
	var kinds []string
	for name := range strings.FieldsSeq(kubectl(t, "get", "--filename="+e.Path(), "--ignore-not-found", "--output=name")) {
		kind, _, _ := strings.Cut(name, "/")
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
