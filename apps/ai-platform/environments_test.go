package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// kubectl applies an environment into its own namespace, and nothing elsewhere.
func TestEveryObjectIsInItsEnvironmentsNamespace(t *testing.T) {
	for _, e := range environments {
		for _, o := range objectsOf(t, e) {
			metadata := at(t, o, "metadata").(map[string]any)
			if o["kind"] == "Namespace" {
				require.Equal(t, e.namespace.name, metadata["name"])
				require.NotContains(t, metadata, "namespace", "a cluster-scoped object has none")
				continue
			}
			require.Equal(t, e.namespace.name, metadata["namespace"], "%s %s", o["kind"], metadata["name"])
		}
	}
}

func TestEnvironmentsShareNoNamespaceAndNoHost(t *testing.T) {
	namespaces, hosts := map[string]bool{}, map[string]bool{}
	for _, e := range environments {
		require.False(t, namespaces[e.namespace.name], e.namespace)
		require.False(t, hosts[e.host], e.host)
		namespaces[e.namespace.name], hosts[e.host] = true, true
	}
}

func TestNoSecretIsSynthesized(t *testing.T) {
	for _, e := range environments {
		for _, o := range objectsOf(t, e) {
			require.NotEqual(t, "Secret", o["kind"], e.name)
		}
	}
}
