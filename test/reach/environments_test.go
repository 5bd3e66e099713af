package reach

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ai-platform/manifests/test/repository"
)

// environment is a directory of manifests, for a namespace of its own.
type environment struct{ name, directory string }

var environments = []environment{
	{"production", "dist"},
	{"staging", "deploy/staging"},
	{"development", "deploy/development"},
}

func (e environment) read(t *testing.T) manifests {
	t.Helper()
	return readFiles(t, repository.Path(e.directory, "*.yaml"), "default")
}

func TestEnvironments(t *testing.T) {
	for _, e := range environments {
		t.Run(e.name, func(t *testing.T) {
			requireReport(t, e.name, e.read(t))
		})
	}
}

// Nothing gets into an environment from another, though all have the same labels: its own policies deny it, whatever the other's allow.
func TestEnvironmentsInOneCluster(t *testing.T) {
	var each []manifests
	for _, e := range environments {
		each = append(each, e.read(t))
	}
	crossing := 0
	for between, ports := range connectionsOf(t, inCluster(t, join(each...)).opened(networkingv1.PolicyTypeEgress)) {
		for i, from := range each {
			for j, to := range each {
				if i != j && from.own(between.from) && to.own(between.to) {
					require.Equal(t, nothing, ports, "%s => %s", between.from, between.to)
					crossing++
				}
			}
		}
	}
	require.NotZero(t, crossing)
}

// Templates of a chart and objects of Argo CD's own kinds deploy the environments that are here already.
func TestEveryEnvironmentIsAnalyzed(t *testing.T) {
	known := []string{repository.Path("deploy/argocd"), repository.Path("deploy/helm")}
	for _, e := range environments {
		known = append(known, repository.Path(e.directory))
	}
	found, err := filepath.Glob(repository.Path("deploy/*"))
	require.NoError(t, err)
	require.Subset(t, known, found)
}
