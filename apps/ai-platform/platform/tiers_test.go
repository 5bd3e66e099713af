package platform

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Who changes the props of one composition changes no other.
func TestTiersShareNothing(t *testing.T) {
	e := Staging() // The environment with backups has most.
	e.Backend.Env = map[string]string{"A": "a"}
	want := e.Tiers()

	changed := e.Tiers()
	changed.Namespace.Labels["name"] = "changed"
	*changed.Database.Replicas = 0
	changed.Database.Backup.Keep = 99
	*changed.Backend.Replicas = 99
	changed.Backend.Env["A"] = "changed"
	changed.Backend.Storage.Size = "99Gi"
	changed.Backend.EmptyDirs[0].Path = "/changed"
	changed.Prometheus.Image = "changed"

	require.Equal(t, want, e.Tiers())
	e.Backend.Env = nil
	require.Equal(t, Staging(), e)
}
