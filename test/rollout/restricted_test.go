package rollout

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// podOf is a pod that the Pod Security Standard "restricted" has nothing against but, perhaps, its user.
const podOf = `
---
apiVersion: v1
kind: Pod
metadata: {name: user, namespace: %s}
spec:
  containers:
    - name: user
      image: busybox:1.37
      securityContext:
        runAsNonRoot: true
        runAsUser: %d
        allowPrivilegeEscalation: false
        capabilities: {drop: [ALL]}
        seccompProfile: {type: RuntimeDefault}
`

func testRestricted(t *testing.T, _ mode) {
	for _, e := range environments {
		namespace := read[corev1.Namespace](t, "/api/v1/namespaces/"+e.namespace)
		for _, does := range []string{"enforce", "warn", "audit"} {
			require.Equal(t, "restricted", namespace.Labels["pod-security.kubernetes.io/"+does], e.namespace)
		}
	}
	require.NoError(t, admitEverywhere(t, 1000))
	refusal := admitEverywhere(t, 0)
	require.Error(t, refusal)
	refused := strings.Count(refusal.Error(), `violates PodSecurity "restricted:latest": runAsUser=0`)
	require.Equal(t, len(environments), refused, refusal)
}

// admitEverywhere asks whether a pod of the user would be accepted in each environment.
func admitEverywhere(t *testing.T, user int) error {
	t.Helper()
	var all strings.Builder
	for _, e := range environments {
		_, err := fmt.Fprintf(&all, podOf, e.namespace, user)
		require.NoError(t, err)
	}
	_, _, err := control.Kubectl(t.Context(), all.String(), "create", "--dry-run=server", "--filename=-")
	return err
}
