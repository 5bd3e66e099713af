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
	control, err = cluster.Start(context.Background(), cluster.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, control.Stop()) }()
	if err := provisionAtOnce(); err != nil {
		return 0, err
	}
	if err := crds.InstallPrometheusOperator(context.Background(), control); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// provisionAtOnce makes "immediate" the default storage class, because classes with ReadWriteMany are file servers, which need not
// wait for a node. In one that waits for the first consumer the scheduler puts all pods that share an unbound claim on one node: the
// README tells people, and pods could not be spread here.
func provisionAtOnce() error {
	for class, isDefault := range map[string]string{"standard": "false", "immediate": "true"} {
		_, _, err := control.Kubectl(context.Background(), "", "annotate", "--overwrite", "storageclass", class,
			"storageclass.kubernetes.io/is-default-class="+isDefault)
		if err != nil {
			return err
		}
	}
	return nil
}
