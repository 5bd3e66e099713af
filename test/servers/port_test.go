//go:build linux

package servers

import (
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// loopback is where the servers listen, and only there.
const loopback = "127.0.0.1"

// freePort returns a port that nothing on this machine listens to.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}
