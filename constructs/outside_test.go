package constructs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// A module outside of the repository imports the package, and composes an application of other names. It begins with the
// repository's requirements, so that versions are the same.
func TestOutsideModule(t *testing.T) {
	needNode(t)
	repository, err := filepath.Abs("..")
	require.NoError(t, err)
	folder := t.TempDir()
	copyFile(t, filepath.Join("testdata", "outside", "main.go"), filepath.Join(folder, "main.go"))
	copyFile(t, filepath.Join(repository, "go.sum"), filepath.Join(folder, "go.sum"))
	gomod, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	require.NoError(t, err)
	gomod = regexp.MustCompile(`(?m)^module .*$`).ReplaceAll(gomod, []byte("module example.com/blog"))
	gomod = append(gomod, "\nrequire github.com/ai-platform/manifests v0.0.0\n\nreplace github.com/ai-platform/manifests => "+repository+"\n"...)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go.mod"), gomod, 0o666))
	require.NoError(t, os.Symlink(filepath.Join(repository, "node_modules"), filepath.Join(folder, "node_modules")))

	goIn(t, folder, "mod", "tidy")
	tidied, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	require.NoError(t, err)
	require.Contains(t, string(tidied), "k8s.io/apimachinery ")
	for _, heavy := range []string{"prometheus", "k8s.io/client-go", "k8s.io/apiserver"} {
		require.NotContains(t, string(tidied), heavy, "whoever imports constructs alone needs no more than it does")
	}
	require.Empty(t, goIn(t, folder, "run", "."))

	files := readFolder(t, filepath.Join(folder, "manifests"))
	require.Len(t, files, 2)
	manifests := manifestsOf(t, files["blog.k8s.yaml"])
	requireApart(t, map[string][]manifest{"blog": manifests, "forum": manifestsOf(t, files["forum.k8s.yaml"])})
	var names []string
	for _, m := range manifests {
		names = append(names, m.String())
		if m.kind() != "Namespace" {
			require.Equal(t, "weblog", m.text("metadata", "namespace"))
		}
	}
	require.ElementsMatch(t, []string{
		"Namespace weblog", "NetworkPolicy default-deny",
		"Deployment blog-posts", "Service blog-posts", "PodDisruptionBudget blog-posts", "NetworkPolicy blog-posts",
		"Deployment blog-reader", "Service blog-reader", "PodDisruptionBudget blog-reader", "NetworkPolicy blog-reader",
		"NetworkPolicy blog-posts-from-reader", "ConfigMap blog-settings",
	}, names)

	posts := find(t, manifests, "Deployment", "blog-posts")
	require.Equal(t, map[string]any{"app": "blog", "component": "posts"}, posts.at("spec", "selector", "matchLabels"))
	require.Equal(t, 10.0, posts.at("spec", "minReadySeconds"))
	reader := find(t, manifests, "Deployment", "blog-reader")
	require.Equal(t, "http://blog-posts:3000", reader.at("spec", "template", "spec", "containers", 0, "env", 0, "value"))
}

// goIn runs a go command in a folder. To tidy a module, Go fetches also what the tests of its dependencies import.
func goIn(t *testing.T, folder string, args ...string) string {
	t.Helper()
	program := exec.Command("go", args...)
	program.Dir = folder
	program.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := program.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// requireApart wants that no object of one application selects, names or lets in pods of another. Two objects of one name
// synthesis refuses itself.
func requireApart(t *testing.T, applications map[string][]manifest) {
	t.Helper()
	for app, manifests := range applications {
		for _, m := range manifests {
			for _, selector := range selectorsIn(map[string]any(m)) {
				if component, ours := selector["component"]; ours {
					require.Equal(t, app, selector["app"], "%s selects %s", m, component)
				}
			}
		}
	}
}

// selectorsIn finds the labels that an object selects pods by, wherever they are.
func selectorsIn(value any) []map[string]any {
	var found []map[string]any
	switch value := value.(type) {
	case map[string]any:
		for key, element := range value {
			labels, ok := element.(map[string]any)
			if ok && (key == "matchLabels" || key == "selector" && labels["matchLabels"] == nil) {
				found = append(found, labels)
			}
			found = append(found, selectorsIn(element)...)
		}
	case []any:
		for _, element := range value {
			found = append(found, selectorsIn(element)...)
		}
	}
	return found
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, content, 0o666))
}
