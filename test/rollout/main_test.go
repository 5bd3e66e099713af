package rollout

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/crds"
)

// control is the cluster of all tests. Each begins without a namespace of the platform: see begin.
var control *cluster.Cluster

// program is the built command ai-platform.
var program string

// programs is the folder of what can be executed in containers: see cluster.Options.
var programs string

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
	defer constructs.Close()
	folder, err := os.MkdirTemp("", "ai-platform-program-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	program = filepath.Join(folder, "ai-platform")
	if output, err := exec.Command("go", "build", "-C", root, "-o", program, "./apps/ai-platform").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, output)
	}
	programs = filepath.Join(folder, "containers")
	control, err = cluster.Start(context.Background(), cluster.Options{DefaultStorageClass: "immediate", Programs: programs})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, control.Stop()) }()
	if err := crds.Install(context.Background(), control); err != nil {
		return 0, err
	}
	return m.Run(), nil
}
