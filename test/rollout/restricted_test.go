package rollout

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// podOf is a pod that the Pod Security Standard "restricted" has nothing against but, perhaps, its user.
const podOf = `
apiVersion: v1
kind: Pod
metadata: {name: user}
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
		require.NoError(t, admit(t, e, 1000))
		require.ErrorContains(t, admit(t, e, 0), `violates PodSecurity "restricted:latest": runAsUser=0`)
	}
}

// admit asks whether a pod of the user would be accepted.
func admit(t *testing.T, e environment, user int) error {
	t.Helper()
	_, _, err := control.Kubectl(t.Context(), fmt.Sprintf(podOf, user),
		"create", "--namespace="+e.namespace, "--dry-run=server", "--filename=-")
	return err
}
