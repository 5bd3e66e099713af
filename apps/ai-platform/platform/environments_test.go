package platform

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
)

// kubectl applies an environment into its own namespace, and nothing elsewhere.
func TestEveryObjectIsInItsEnvironmentsNamespace(t *testing.T) {
	for _, e := range Environments() {
		for _, o := range objectsOf(t, e) {
			metadata := inspect.At(t, o, "metadata").(map[string]any)
			if o["kind"] == "Namespace" {
				require.Equal(t, e.Namespace.Name, metadata["name"])
				require.NotContains(t, metadata, "namespace", "a cluster-scoped object has none")
				continue
			}
			require.Equal(t, e.Namespace.Name, metadata["namespace"], "%s %s", o["kind"], metadata["name"])
		}
	}
}

func TestEnvironmentsShareNoNamespaceAndNoHost(t *testing.T) {
	namespaces, hosts := map[string]bool{}, map[string]bool{}
	for _, e := range Environments() {
		require.False(t, namespaces[e.Namespace.Name], e.Namespace)
		require.False(t, hosts[e.Host], e.Host)
		namespaces[e.Namespace.Name], hosts[e.Host] = true, true
	}
}

func TestNoSecretIsSynthesized(t *testing.T) {
	for _, e := range Environments() {
		for _, o := range objectsOf(t, e) {
			require.NotEqual(t, "Secret", o["kind"], e.Name)
		}
	}
}

func TestEnvironmentsShareNothing(t *testing.T) {
	want := Staging()
	Staging().Backup.Keep = 99
	Environments()[1].Backup.Keep = 99
	require.Equal(t, want, Staging())
}
