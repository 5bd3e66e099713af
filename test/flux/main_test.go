package flux

import (
	"context"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/clustertest"
	"github.com/ai-platform/manifests/test/crds"
	"github.com/ai-platform/manifests/test/gomodule"
)

var (
	// control is the cluster of all tests. Its default storage class waits for a pod that mounts the claim.
	control *cluster.Cluster
	// api is that cluster's API server, for Flux's libraries.
	api client.Client
)

func TestMain(m *testing.M) {
	clustertest.Main(m, cluster.Options{}, func(started *cluster.Cluster) error {
		control = started
		if err := installDefinitions(); err != nil {
			return err
		}
		var err error
		api, err = newClient()
		return err
	})
}

// installDefinitions makes the cluster know Flux's kinds, and those of External Secrets.
func installDefinitions() error {
	var folders []string
	for module, below := range map[string]string{
		gomodule.FluxSource: "config/crd/bases", gomodule.FluxKustomize: "config/crd/bases", gomodule.ExternalSecrets: "config/crds/bases",
	} {
		folder, err := gomodule.Folder(module, below)
		if err != nil {
			return err
		}
		folders = append(folders, folder)
	}
	return crds.InstallFrom(context.Background(), control, folders...)
}

// kubectl wants no error.
var kubectl = clustertest.Kubectl
