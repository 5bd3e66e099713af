package rollout

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
)

// newPlatform returns production with what the tests change in it: images that are not pulled anew, fixed numbers of pods, volumes that
// have room to grow, and no backups yet.
func newPlatform() platform.Tiers {
	tiers := platform.Production().Tiers()
	tiers.Frontend.Image, tiers.Backend.Image = "ai-platform-frontend:1", "ai-platform-backend:1"
	tiers.Frontend.Replicas, tiers.Backend.Replicas = number(2), number(3)
	tiers.Backend.Storage.Size = "10Gi"
	tiers.Database.Backup = nil
	tiers.Database.Storage.Size, tiers.Redis.Storage.Size, tiers.Prometheus.Storage.Size = "10Gi", "5Gi", "10Gi"
	return tiers
}

// renderTiers returns the files of a platform.
func renderTiers(t *testing.T, tiers platform.Tiers) map[string][]byte {
	t.Helper()
	return render(t, func(app cdk8s.App) { tiers.Compose(app) })
}

func render(t *testing.T, program func(cdk8s.App)) map[string][]byte {
	t.Helper()
	files, err := constructs.Render(program)
	require.NoError(t, err)
	return files
}

func number(n int) *int { return &n }
