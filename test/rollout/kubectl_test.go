package rollout

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// mode is one of the two ways to apply.
type mode struct {
	name  string
	flags []string // Of kubectl apply and kubectl diff.
}

var (
	clientSide = mode{name: "client-side"}
	serverSide = mode{name: "server-side", flags: []string{"--server-side"}}
)

// apply wants no error and no word on the error stream, which is where warnings are.
func (m mode) apply(t *testing.T, folders ...string) {
	t.Helper()
	_, stderr, err := control.Kubectl(t.Context(), "", slices.Concat([]string{"apply"}, files(folders...), m.flags)...)
	require.NoError(t, err)
	require.Empty(t, stderr)
}

// kubectl wants no error.
func kubectl(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	stdout, _, err := control.Kubectl(t.Context(), "", args...)
	require.NoError(t, err)
	return stdout
}

// kubectlAfterwards is kubectl for cleanups, which run when the test's context has ended.
func kubectlAfterwards(t *testing.T, args ...string) {
	t.Helper()
	_, _, err := control.Kubectl(context.WithoutCancel(t.Context()), "", args...)
	require.NoError(t, err)
}

// files are flags that name folders.
func files(folders ...string) []string {
	flags := make([]string, 0, len(folders))
	for _, folder := range folders {
		flags = append(flags, "--filename="+folder)
	}
	return flags
}
