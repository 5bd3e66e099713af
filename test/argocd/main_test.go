package argocd

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/clustertest"
	"github.com/ai-platform/manifests/test/crds"
	"github.com/ai-platform/manifests/test/gomodule"
)

var (
	// control is the cluster of all tests. Each has namespaces of its own.
	control *cluster.Cluster
	// engine is what Argo CD's controller would be for that cluster.
	engine *controller
)

func TestMain(m *testing.M) {
	clustertest.Main(m, cluster.Options{}, func(started *cluster.Cluster) error {
		control = started
		definitions, err := gomodule.Folder(gomodule.ExternalSecrets, "config/crds/bases")
		if err != nil {
			return err
		}
		if err := crds.InstallFrom(context.Background(), control, definitions); err != nil {
			return err
		}
		config, err := restConfig()
		if err != nil {
			return err
		}
		engine, err = newController(config)
		return err
	})
}

// kubectl wants no error.
var kubectl = clustertest.Kubectl

// restConfig makes its user an administrator of the cluster.
func restConfig() (*rest.Config, error) {
	// The engine applies with kubectl's code, which caches what the API server offers: not in the user's home.
	if err := os.Setenv("KUBECACHEDIR", filepath.Join(filepath.Dir(control.Kubeconfig()), ".kube", "cache")); err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", control.Kubeconfig())
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // no limit: tests wait for it
	return config, nil
}
