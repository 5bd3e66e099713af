// Package sealedsecrets tries what docs/secrets.md says of Sealed Secrets, with their own command kubeseal.
package sealedsecrets

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/util/cert"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/test/document"
	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/tool"
)

// prelude goes before the document's commands: there is no controller to ask for its certificate, and what is written does not go into the
// repository.
const prelude = `
set -euo pipefail
go() { command go -C "$REPOSITORY" "$@"; }
kubeseal() { if [ "$1" = --fetch-cert ]; then cat certificate.pem; else "$KUBESEAL" "$@"; fi; }
`

// TestSealed seals production's Secret, and opens it as the controller would.
func TestSealed(t *testing.T) {
	kubeseal, err := tool.BuildOnce("kubeseal", "kubeseal")()
	require.NoError(t, err)
	folder := t.TempDir()
	writeKeys(t, folder)
	run := func(script string) []byte {
		command := exec.CommandContext(t.Context(), "bash", "-c", prelude+script)
		command.Dir = folder
		command.Env = append(os.Environ(), "REPOSITORY="+repository.Path(), "KUBESEAL="+kubeseal, "GOWORK=off", "KUBECONFIG="+filepath.Join(folder, "none"))
		command.Stderr = t.Output()
		printed, err := command.Output()
		require.NoError(t, err, script)
		return printed
	}
	scripts := document.Scripts(t, "secrets.md", "Sealed")
	for _, script := range scripts {
		require.Empty(t, run(script))
	}

	sealed, err := os.ReadFile(filepath.Join(folder, "sealed-secret.yaml"))
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "postgresql://")
	var secret corev1.Secret
	require.NoError(t, yaml.Unmarshal(run("kubeseal --recovery-unseal --recovery-private-key key.pem < sealed-secret.yaml"), &secret))
	require.Equal(t, "ai-platform/ai-platform-secrets", secret.Namespace+"/"+secret.Name)
	require.Contains(t, string(secret.Data["database-url"]), string(secret.Data["database-password"]))
	require.Len(t, secret.Data, 6)
}

// writeKeys writes a key like the controller's, and its certificate.
func writeKeys(t *testing.T, folder string) {
	t.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey("sealed-secrets", nil, nil)
	require.NoError(t, err)
	for name, content := range map[string][]byte{"key.pem": key, "certificate.pem": certificate} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
}
