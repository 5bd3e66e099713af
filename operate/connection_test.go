package operate

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKubeconfigWithoutCurrentContext(t *testing.T) {
	beginRepository(t)
	file := filepath.Join(t.TempDir(), "config")
	write(t, file, `
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://localhost:1"}}]
contexts: [{name: staging, context: {cluster: c}}, {name: production, context: {cluster: c}}]
`)
	_, err := runDiff(t, "--kubeconfig", file)
	require.EqualError(t, err, "kubeconfig: no current context in "+file+": set --context to one of production, staging")
	require.Equal(t, ExitKubeconfig, ExitCode(err))

	write(t, file, "apiVersion: v1\nkind: Config\n")
	_, err = runDiff(t, "--kubeconfig", file)
	require.EqualError(t, err, "kubeconfig: no cluster is configured in "+file+": set --kubeconfig or $KUBECONFIG")

	// Of several files, kubectl ignores those that are missing.
	missing := filepath.Join(t.TempDir(), "config")
	t.Setenv("KUBECONFIG", missing+string(filepath.ListSeparator)+file)
	_, err = runDiff(t)
	require.ErrorContains(t, err, "no cluster is configured in "+missing+", "+file)
	t.Setenv("KUBECONFIG", missing)
	_, err = runDiff(t)
	require.EqualError(t, err, "kubeconfig: "+missing+" does not exist: set --kubeconfig or $KUBECONFIG")
}
