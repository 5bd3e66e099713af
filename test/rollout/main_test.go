package rollout

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/clustertest"
	"github.com/ai-platform/manifests/test/crds"
)

// control is the cluster of all tests. Each begins without a namespace of the platform: see begin.
var control *cluster.Cluster

// program is the built command ai-platform.
var program string

func TestMain(m *testing.M) {
	defer constructs.Close()
	clustertest.Main(m, cluster.Options{DefaultStorageClass: "immediate"}, func(started *cluster.Cluster) error {
		control, program = started, filepath.Join(started.Bin(), "ai-platform")
		if output, err := exec.Command("go", "build", "-C", root, "-o", program, "./apps/ai-platform").CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, output)
		}
		return crds.Install(context.Background(), control)
	})
}
