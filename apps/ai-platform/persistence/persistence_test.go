package persistence

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
)

// Every environment has the Deployment and the container; a real PostgreSQL runs the scripts in test/servers.
func TestDatabaseIsInEveryEnvironment(t *testing.T) {
	database := Database()
	for _, e := range platform.Environments() {
		found := 0
		for _, o := range inspect.Objects(t, filepath.Join("../../..", e.Directory())) {
			if o["kind"] != "Deployment" || inspect.At(t, o, "metadata", "name") != database.Deployment {
				continue
			}
			found++
			require.Equal(t, database.Container, inspect.At(t, o, "spec", "template", "spec", "containers", 0, "name"))
		}
		require.Equal(t, 1, found, e.Name)
	}
}
