//go:build linux

package servers

import (
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// ownNetwork is the variable that says to this program that it runs in a network of its own.
const ownNetwork = "SERVERS_OWN_NETWORK"

// inOwnNetwork runs a test of the package in a network that has nothing but a loopback: there servers listen on the ports
// of the manifests, whatever else listens on this machine. The program runs this one test of itself once more in there.
func inOwnNetwork(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	if os.Getenv(ownNetwork) != "" {
		test(t)
		return
	}
	self, err := os.Executable()
	require.NoError(t, err)

	arguments := slices.Concat(networkArguments(), []string{"--", self, "-test.run=^" + t.Name() + "$", "-test.v"})
	command := exec.CommandContext(t.Context(), "bwrap", arguments...)
	command.Env = append(os.Environ(), ownNetwork+"=1")
	// With the option below, bwrap hands it on.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	printed, err := command.CombinedOutput()
	require.NoError(t, err, "in a network of its own:\n%s", printed)
	t.Logf("in a network of its own:\n%s", printed)
}

// networkArguments are those of bwrap for a network of its own, in which all else is as outside.
func networkArguments() []string {
	arguments := []string{"--unshare-net", "--die-with-parent", "--dev-bind", "/", "/"}
	if os.Geteuid() != 0 {
		// The name server and the frontend listen below 1024, as root may.
		arguments = append(arguments, "--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "ALL")
	}
	return arguments
}
