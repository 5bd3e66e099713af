package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOpeningsOfDifferentClientsHaveDifferentNames(t *testing.T) {
	server := place{app: "data", component: "database", namespace: "data"}
	names := map[string]place{}
	for _, client := range []place{
		{app: "data", component: "api", namespace: "data"},
		{app: "data", component: "b-c", namespace: "data"},
		{app: "b", component: "c", namespace: "data"},
		{app: "b-c", component: "api", namespace: "a"},
		{app: "c", component: "api", namespace: "a-b"},
		{app: "data", component: "api", namespace: "a"},
		{app: "b", component: "c-api", namespace: "a"},
	} {
		opening, needed := client.opening(destination{pods: &server})
		require.True(t, needed)
		require.NotContains(t, names, opening.name, "%v and %v", client, names[opening.name])
		names[opening.name] = client
	}
	require.Contains(t, names, "data-database-from-api")
	require.Contains(t, names, "data-database-from-b.c")
	require.Contains(t, names, "data-database-from-a.b-c.api")
}
