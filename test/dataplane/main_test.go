//go:build linux

package dataplane

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/crds"
	"github.com/ai-platform/manifests/test/gomodule"
	"github.com/ai-platform/manifests/test/tool"
)

// control is the API server that Traefik reads from.
var control *cluster.Cluster

// traefik is the path of the program.
var traefik string

// ownNetwork is the variable that says to this program that it runs in a network of its own.
const ownNetwork = "DATAPLANE_OWN_NETWORK"

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if traefik, err = tool.BuildOnce("traefik", "traefik")(); err != nil {
		return 0, err
	}
	if os.Getenv(ownNetwork) == "" {
		return runInOwnNetwork()
	}
	defer constructs.Close()
	// EndpointSlices refuse loopback addresses.
	if output, err := exec.Command("busybox", "sh", "-c", "ip link set lo up && for a in "+pages.address+" "+api.address+"; do ip addr add $a/32 dev lo; done").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("addresses of the stand-ins: %w\n%s", err, output)
	}
	if control, err = cluster.Start(context.Background(), cluster.Options{}); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, control.Stop()) }()
	definitions, err := gomodule.Folder(gomodule.GatewayAPI, "config/crd/standard")
	if err != nil {
		return 0, err
	}
	if err := crds.InstallFrom(context.Background(), control, definitions); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// runInOwnNetwork runs this program once more in a network that has only a loopback interface: there Traefik listens on the ports of
// the manifests, whatever else listens on this machine. What must be downloaded has been built before.
func runInOwnNetwork() (code int, err error) {
	if err := cluster.Build(context.Background(), os.Stderr); err != nil {
		return 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	arguments := []string{"--unshare-net", "--die-with-parent", "--dev-bind", "/", "/"}
	if os.Geteuid() != 0 {
		arguments = append(arguments, "--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "ALL")
	}
	command := exec.Command("bwrap", append(append(arguments, "--", self), os.Args[1:]...)...)
	command.Env = append(os.Environ(), ownNetwork+"=1")
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	// With --die-with-parent, bwrap ends what it has started.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var failed *exec.ExitError
	if err := command.Run(); errors.As(err, &failed) {
		return failed.ExitCode(), nil
	} else if err != nil {
		return 0, err
	}
	return 0, nil
}
