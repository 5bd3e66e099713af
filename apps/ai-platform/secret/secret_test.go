package secret

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/operate"
)

const repository = "../../.."

// A rotation restarts every Deployment that reads the key, or one that follows from it, and no other; servers first.
func TestRotationsRestartWhatReadsTheKey(t *testing.T) {
	for _, e := range platform.Environments() {
		described := Of(e)
		readers := readersOf(t, e.Directory(), described.Name)
		for key, rotation := range described.Rotations {
			var want []string
			for _, read := range append([]string{key}, rotation.Derived...) {
				want = append(want, readers[read]...)
			}
			if len(readers[key]) == 0 {
				continue // Nothing is monitored: the command does not know the key.
			}
			slices.Sort(want)
			var restarted []string
			for _, step := range rotation.Steps {
				if step.Script == "" {
					restarted = append(restarted, step.Deployment)
				}
			}
			require.NotEqual(t, "ai-platform-backend", restarted[0], "a client is restarted once its server has the password")
			slices.Sort(restarted)
			require.Equal(t, slices.Compact(want), restarted, "%s: %s", e.Name, key)
		}
	}
}

// readersOf are the Deployments of a folder that read each key.
func readersOf(t *testing.T, directory, secret string) map[string][]string {
	t.Helper()
	readers := map[string][]string{}
	key := regexp.MustCompile(`secretKeyRef:\s+key: (\S+)\s+name: ` + secret + `\n`)
	for _, o := range inspect.Objects(t, filepath.Join(repository, directory)) {
		if o["kind"] != "Deployment" {
			continue
		}
		text, err := yaml.Marshal(o)
		require.NoError(t, err)
		for _, found := range key.FindAllStringSubmatch(string(text), -1) {
			readers[found[1]] = append(readers[found[1]], inspect.At(t, o, "metadata", "name").(string))
		}
	}
	require.NotEmpty(t, readers)
	return readers
}

// The script is tried on a real PostgreSQL as it is in the document.
func TestScriptIsTheDocuments(t *testing.T) {
	document, err := os.ReadFile(filepath.Join(repository, "docs", "secrets.md"))
	require.NoError(t, err)
	steps := Of(platform.Production()).Rotations[platform.DatabasePasswordKey].Steps
	script := slices.IndexFunc(steps, func(s operate.Step) bool { return s.Script != "" })
	require.Contains(t, string(document), "exec deployment/"+steps[script].Deployment+" -c "+steps[script].Container+" -- sh -c \\\n      '"+steps[script].Script+"'")
}

func TestOf(t *testing.T) {
	e := platform.Development()
	e.Names.Secret = "another"
	described := Of(e)
	require.Equal(t, "another", described.Name)
	require.Equal(t, "ai-platform-development", described.Namespace)
}
