package operate

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// A pod that names no user gets one that is not root; otherwise an image whose user is root would not start.
func TestDebugContainerHasThePodsUser(t *testing.T) {
	of := func(user int64) *int64 { return &user }
	for _, test := range []struct {
		pod, container *int64
		want           int64
	}{
		{nil, nil, 65534}, {of(101), nil, 101}, {nil, of(70), 70}, {of(101), of(70), 70},
	} {
		pod := &corev1.Pod{Spec: corev1.PodSpec{
			SecurityContext: &corev1.PodSecurityContext{RunAsUser: test.pod},
			Containers:      []corev1.Container{{SecurityContext: &corev1.SecurityContext{RunAsUser: test.container}}},
		}}
		added := (&verifier{debugImage: "curl"}).newDebugContainer(t.Context(), pod, "debug-1")
		require.Equal(t, test.want, *added.SecurityContext.RunAsUser)
		require.Equal(t, []string{"sleep", "3601"}, added.Command)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	added := (&verifier{}).newDebugContainer(ctx, &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{}}}}, "debug-1")
	require.Equal(t, []string{"sleep", "120"}, added.Command)
}
