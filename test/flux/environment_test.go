package flux

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/environments"
)

// environment is one that has a Kustomization.
type environment struct {
	environments.Environment
	kustomization string
}

var (
	production  = environment{environments.Production, "ai-platform-production"}
	staging     = environment{environments.Staging, "ai-platform-staging"}
	development = environment{environments.Development, "ai-platform-development"}
)

func (e environment) createSecret(t *testing.T) {
	t.Helper()
	require.NoError(t, e.CreateSecret(t.Context(), control))
}
