//go:build linux

package servers

import (
	"net"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// backendURL returns the value of a variable of the backend that holds a server's URL, with the server's port here.
func backendURL(t *testing.T, variable string, secret corev1.Secret, service string, server container, port string) *url.URL {
	t.Helper()
	deployment := object[appsv1.Deployment](t, production, "30-backend.k8s.yaml", "Deployment", "ai-platform-backend")
	backend := newContainer(t, deployment.Spec.Template.Spec.Containers[0], secret, busybox)
	address, err := url.Parse(backend.env[variable])
	require.NoError(t, err)
	require.Equal(t, net.JoinHostPort(service, server.clusterPort()), address.Host)
	address.Host = net.JoinHostPort(loopback, port)
	return address
}
