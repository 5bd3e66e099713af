package reach

import (
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository is the root of the repository, seen from this package's folder, which go test makes the working directory.
var repository = os.DirFS("../..")

// together puts environments into one cluster.
func together(t *testing.T, several ...environment) trial {
	t.Helper()
	var all trial
	var namespaces []string
	for _, e := range several {
		all.manifests = join(all.manifests, e.read(t))
		all.declared = all.declared.with(e.declared.in(e.namespace))
		namespaces = append(namespaces, e.namespace)
	}
	all.cluster = clusterWith(t, namespaces...)
	return all
}

func (e environment) read(t *testing.T) manifests {
	t.Helper()
	files, err := fs.Glob(repository, e.folder+"/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files, e.folder)
	var all manifests
	for _, file := range files {
		all = join(all, parseFile(t, repository, file, "default"))
	}
	return all
}

// clusterWith returns what is in a cluster beside an application, also in the application's namespaces.
func clusterWith(t *testing.T, namespaces ...string) manifests {
	t.Helper()
	testdata := os.DirFS("testdata")
	cluster := parseFile(t, testdata, "cluster.yaml", "default")
	for _, namespace := range namespaces {
		cluster = join(cluster, parseFile(t, testdata, "namespace.yaml", namespace))
	}
	return cluster
}

func parseFile(t *testing.T, root fs.FS, name, namespace string) manifests {
	t.Helper()
	file, err := fs.ReadFile(root, name)
	require.NoError(t, err)
	m, err := parse(file, namespace)
	require.NoError(t, err, name)
	return m
}
