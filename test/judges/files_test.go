package judges

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/repository"
)

// library is the directory of the library's packages, whose YAML files are all golden files.
const library = "constructs"

// goldens and monitoringGoldens have the golden files of two packages.
const (
	goldens           = library + "/testdata"
	monitoringGoldens = library + "/monitoring/testdata"
)

// renderedFiles returns the manifests that the repository renders, as seen from its root.
func renderedFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, directory := range []string{"dist", "deploy", library} {
		before := len(files)
		require.NoError(t, fs.WalkDir(os.DirFS(repository.Path()), directory, func(name string, _ fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case name == "deploy/helm": // Templates of a chart.
				return fs.SkipDir
			case slices.Contains([]string{".yaml", ".yml"}, path.Ext(name)):
				files = append(files, name)
			}
			return nil
		}))
		require.Greater(t, len(files), before, "%s has no manifests", directory)
	}
	return files
}

func TestRenderedFiles(t *testing.T) {
	require.Subset(t, renderedFiles(t), []string{
		"dist/00-namespace.k8s.yaml",
		"deploy/argocd/applicationset/00-project.k8s.yaml",
		"deploy/staging/00-namespace.k8s.yaml",
		"constructs/testdata/redis-full.yaml",
		"constructs/monitoring/testdata/grafana-full.yaml",
	})
}

// acceptedFile is a manifest that every judge accepts. What a judge must refuse is made from it by one edit.
const acceptedFile = "testdata/accepted.yaml"

// edit replaces a text that the accepted manifest holds once.
type edit struct{ old, new string }

func (e edit) apply(t *testing.T) []byte {
	t.Helper()
	accepted, err := os.ReadFile(acceptedFile)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(accepted), e.old), "%q must be once in %s", e.old, acceptedFile)
	return []byte(strings.Replace(string(accepted), e.old, e.new, 1))
}

// readVerdict runs a judge and decodes the JSON that it prints. Judges exit with 1 when they refuse something.
func readVerdict(t *testing.T, judge *exec.Cmd, verdict any) {
	t.Helper()
	var stderr bytes.Buffer
	judge.Stderr = &stderr
	output, err := judge.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		require.NoError(t, err, "%s: %s", judge, &stderr)
	}
	require.NoError(t, json.Unmarshal(output, verdict), "%s gave no verdict: %s", judge, &stderr)
}
