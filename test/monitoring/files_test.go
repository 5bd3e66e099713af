package monitoring

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/test/yamldoc"
)

// repository is the root of the repository, seen from this package's folder, which go test makes the working directory.
const repository = "../.."

// goldens is the folder of the golden files of what watches an application.
const goldens = "constructs/monitoring/testdata"

// everyAlert is the golden file that has all alerts of the library. Its application is shop, in the namespace shop.
const everyAlert = goldens + "/prometheus-full.yaml"

// file is a file that a server reads, out of a manifest.
type file struct {
	manifest string // Below the repository's root.
	name     string
	content  string
}

func (f file) String() string { return f.manifest + " " + f.name }

// filesNamed returns the files of a name, or of an ending as in "*.json", of all manifests.
func filesNamed(t *testing.T, pattern string) []file {
	t.Helper()
	var found []file
	for _, file := range files(t) {
		matches, err := filepath.Match(pattern, file.name)
		require.NoError(t, err)
		if matches {
			found = append(found, file)
		}
	}
	require.NotEmpty(t, found, "no manifest holds %s", pattern)
	return found
}

// fileIn returns the file of a name that a manifest has.
func fileIn(t *testing.T, manifest, name string) file {
	t.Helper()
	for _, file := range filesNamed(t, name) {
		if file.manifest == manifest {
			return file
		}
	}
	require.FailNow(t, "no such file", "%s has no %s", manifest, name)
	return file{}
}

// files returns the files of all ConfigMaps, and the rules of all PrometheusRules as if they were files too.
func files(t *testing.T) []file {
	t.Helper()
	var found []file
	for _, manifest := range manifests(t) {
		for _, document := range documents(t, manifest) {
			for name, content := range filesOf(t, document) {
				found = append(found, file{manifest, name, content})
			}
		}
	}
	slices.SortFunc(found, func(a, b file) int { return strings.Compare(a.String(), b.String()) })
	return found
}

func filesOf(t *testing.T, document []byte) map[string]string {
	t.Helper()
	var is metav1.PartialObjectMetadata
	require.NoError(t, yaml.Unmarshal(document, &is))
	switch is.Kind {
	case "ConfigMap":
		var configMap corev1.ConfigMap
		require.NoError(t, yaml.UnmarshalStrict(document, &configMap))
		return configMap.Data
	case "PrometheusRule":
		return map[string]string{rulesFile: rulesOf(t, document)}
	default:
		return nil
	}
}

// rulesOf returns what an operator writes into the file that its Prometheus reads: a PrometheusRule's spec.
func rulesOf(t *testing.T, document []byte) string {
	t.Helper()
	var rule struct {
		Spec map[string]any `json:"spec"`
	}
	require.NoError(t, yaml.Unmarshal(document, &rule))
	content, err := sigsyaml.Marshal(rule.Spec)
	require.NoError(t, err)
	return string(content)
}

// manifests returns the files of dist/, of each environment below deploy/, and of the library's golden files.
func manifests(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"dist/*.yaml", "deploy/staging/*.yaml", "deploy/development/*.yaml", goldens + "/*.yaml"} {
		matches, err := filepath.Glob(filepath.Join(repository, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, matches, pattern)
		for _, match := range matches {
			below, err := filepath.Rel(repository, match)
			require.NoError(t, err)
			found = append(found, below)
		}
	}
	return found
}

// documents returns the YAML documents of a manifest.
func documents(t *testing.T, manifest string) [][]byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, manifest))
	require.NoError(t, err)
	found, err := yamldoc.Split(content)
	require.NoError(t, err, manifest)
	return found
}

// spoil replaces a piece of text that a file holds at least once, everywhere.
func spoil(t *testing.T, f file, old, replacement string) file {
	t.Helper()
	require.Contains(t, f.content, old, f)
	f.content = strings.ReplaceAll(f.content, old, replacement)
	return f
}

// A file that is not found is not judged.
func TestFiles(t *testing.T) {
	found := map[string]bool{}
	for _, file := range files(t) {
		found[file.String()] = true
	}
	for _, file := range []string{
		"constructs/monitoring/testdata/alertmanager-webhook.yaml alertmanager.yml",
		"constructs/monitoring/testdata/grafana-operator.yaml overview.json",
		"constructs/monitoring/testdata/prometheus-operator.yaml rules.yml",
		"deploy/staging/80-prometheus.k8s.yaml rules.yml",
		"dist/70-alertmanager.k8s.yaml alertmanager.yml",
		"dist/80-prometheus.k8s.yaml prometheus.yml",
		"dist/80-prometheus.k8s.yaml rules.yml",
		"dist/90-grafana.k8s.yaml overview.json",
	} {
		require.True(t, found[file], "%s is not among %v", file, slices.Sorted(maps.Keys(found)))
	}
}
