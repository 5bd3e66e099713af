package platform

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
)

// kubectl applies an environment into its own namespace, and nothing elsewhere.
func TestEveryObjectIsInItsEnvironmentsNamespace(t *testing.T) {
	for _, e := range Environments() {
		for _, o := range objectsOf(t, e) {
			metadata := inspect.At(t, o, "metadata").(map[string]any)
			if o["kind"] == "Namespace" {
				require.Equal(t, e.Namespace.Name, metadata["name"])
				require.NotContains(t, metadata, "namespace", "a cluster-scoped object has none")
				continue
			}
			require.Equal(t, e.Namespace.Name, metadata["namespace"], "%s %s", o["kind"], metadata["name"])
		}
	}
}

func TestEnvironmentsShareNoNamespaceAndNoHost(t *testing.T) {
	namespaces, hosts := map[string]bool{}, map[string]bool{}
	for _, e := range Environments() {
		require.False(t, namespaces[e.Namespace.Name], e.Namespace)
		require.False(t, hosts[e.Host], e.Host)
		namespaces[e.Namespace.Name], hosts[e.Host] = true, true
	}
}

// Names of Secrets and keys are all that is committed: no Secret, no URL with a password, no key of an ExternalSecret that is a constant and
// no name.
func TestNoSecretIsCommitted(t *testing.T) {
	urlWithPassword := regexp.MustCompile(`://[^\s/@:]*:[^\s/@${][^\s/@]*@`)
	require.Regexp(t, urlWithPassword, databaseURL(databaseUser, "password", databaseName))
	seen := 0
	for _, folder := range []string{"dist", "deploy"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(repository, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NotRegexp(t, `(?m)^\s*(- )?"?kind"?: "?Secret\b`, string(content), path)
			require.NotRegexp(t, urlWithPassword, string(content), path)
			seen++
			return nil
		}))
	}
	require.Greater(t, seen, 40)
	constants := map[string]bool{}
	for _, e := range Environments() {
		for _, o := range objectsOf(t, e) {
			if o["kind"] != "ExternalSecret" {
				continue
			}
			for key, text := range inspect.At(t, o, "spec", "target", "template", "data").(map[string]any) {
				if !strings.Contains(text.(string), "{{") {
					constants[key] = true
				}
			}
		}
	}
	require.Equal(t, map[string]bool{DatabaseNameKey: true, DatabaseUserKey: true}, constants)
}

func TestEnvironmentsShareNothing(t *testing.T) {
	want := Staging()
	Staging().Monitoring.Receivers[0].Kind = "changed"
	Environments()[1].Monitoring.Receivers[0].Kind = "changed"
	require.Equal(t, want, Staging())
}
