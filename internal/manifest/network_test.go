package manifest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOpeningsOfDifferentClientsHaveDifferentNames(t *testing.T) {
	server := Component{App: "data", ID: "database", Namespace: "data"}
	names := map[string]Component{}
	for _, client := range []Component{
		{App: "data", ID: "api", Namespace: "data"},
		{App: "data", ID: "b-c", Namespace: "data"},
		{App: "b", ID: "c", Namespace: "data"},
		{App: "b-c", ID: "api", Namespace: "a"},
		{App: "c", ID: "api", Namespace: "a-b"},
		{App: "data", ID: "api", Namespace: "a"},
		{App: "b", ID: "c-api", Namespace: "a"},
	} {
		openings := Openings(client, []Connection{{Destination: server.Destination(5432)}})
		require.Len(t, openings, 1)
		opening := openings[0]
		require.NotContains(t, names, opening.Name, "%v and %v", client, names[opening.Name])
		names[opening.Name] = client
	}
	require.Contains(t, names, "data-database-from-api")
	require.Contains(t, names, "data-database-from-b.c")
	require.Contains(t, names, "data-database-from-a.b-c.api")
}

// The name of a policy tells its client from all others that may open the same server.
func TestSeenFrom(t *testing.T) {
	server := Component{App: "shop", ID: "api", Namespace: "store"}
	for want, client := range map[string]Component{
		"pages":          {App: "shop", ID: "pages", Namespace: "store"},
		"blog.pages":     {App: "blog", ID: "pages", Namespace: "store"},
		"cms.shop.pages": {App: "shop", ID: "pages", Namespace: "cms"},
		"cms.blog.pages": {App: "blog", ID: "pages", Namespace: "cms"},
	} {
		require.Equal(t, want, client.SeenFrom(server))
	}
}
