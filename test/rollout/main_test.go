package rollout

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/crds"
)

// control is the cluster of all tests. Each begins without a namespace of the platform: see begin.
var control *cluster.Cluster

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
	control, err = cluster.Start(context.Background(), cluster.Options{DefaultStorageClass: "immediate"})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, control.Stop()) }()
	if err := crds.Install(context.Background(), control); err != nil {
		return 0, err
	}
	return m.Run(), nil
}
