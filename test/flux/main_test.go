package flux

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ai-platform/manifests/test/cluster"
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
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	control, err = cluster.Start(context.Background(), cluster.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, control.Stop()) }()
	if err := installDefinitions(); err != nil {
		return 0, err
	}
	api, err = newClient()
	if err != nil {
		return 0, err
	}
	return m.Run(), nil
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

// kubectl requires that there is no error.
func kubectl(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	stdout, _, err := control.Kubectl(t.Context(), "", args...)
	require.NoError(t, err)
	return stdout
}
