package monitoring

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// goldens are the golden files of the library's package monitoring.
const goldens = "constructs/monitoring/testdata"

// everyAlert is the golden file that has all alerts of the library. Its application is shop, in the namespace shop.
const everyAlert = goldens + "/prometheus-full.yaml"

// ruleManifests have the rules of files of cases whose alerts are not those of everyAlert: of another kind of tier.
var ruleManifests = map[string]string{"workers.yaml": goldens + "/prometheus-workers.yaml"}

// The files of servers by name, or by pattern: only dashboards are JSON.
const (
	prometheusFile   = "prometheus.yml"
	rulesFile        = "rules.yml"
	alertmanagerFile = "alertmanager.yml"
	dashboardFiles   = "*.json"
)

// file is a file that a server reads, out of a manifest.
type file struct {
	manifest string // As seen from the repository's root.
	name     string
	content  string
}

func (f file) String() string { return f.manifest + " " + f.name }

// replaced replaces a text that the file must hold.
func (f file) replaced(t *testing.T, old, replacement string) file {
	t.Helper()
	require.NotZero(t, strings.Count(f.content, old), "%s does not hold %s", f, old)
	f.content = strings.ReplaceAll(f.content, old, replacement)
	return f
}

// filesNamed returns the files of a name, or pattern, of all manifests.
func filesNamed(t *testing.T, pattern string) []file {
	t.Helper()
	all, err := files()
	require.NoError(t, err)
	var found []file
	for _, f := range all {
		matches, err := filepath.Match(pattern, f.name)
		require.NoError(t, err)
		if matches {
			found = append(found, f)
		}
	}
	require.NotEmpty(t, found, "no manifest holds %s", pattern)
	return found
}

// fileIn returns the file of a name that a manifest has.
func fileIn(t *testing.T, manifest, name string) file {
	t.Helper()
	found := filesNamed(t, name)
	i := slices.IndexFunc(found, func(f file) bool { return f.manifest == manifest })
	require.GreaterOrEqual(t, i, 0, "%s has no %s", manifest, name)
	return found[i]
}

// files returns the files of all ConfigMaps and PrometheusRules of dist/, of each environment below deploy/, and of the golden files.
var files = sync.OnceValues(func() ([]file, error) {
	var found []file
	for _, pattern := range []string{"dist/*.yaml", "deploy/staging/*.yaml", "deploy/development/*.yaml", goldens + "/*.yaml"} {
		manifests, err := filepath.Glob(repository.Path(pattern))
		if err != nil || len(manifests) == 0 {
			return nil, fmt.Errorf("no files match %s: %w", pattern, err)
		}
		for _, manifest := range manifests {
			documents, err := yamldoc.Read(manifest)
			if err != nil {
				return nil, err
			}
			for _, document := range documents {
				contents, err := filesOf(document)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", manifest, err)
				}
				for name, content := range contents {
					found = append(found, file{filepath.Join(filepath.Dir(pattern), filepath.Base(manifest)), name, content})
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b file) int { return strings.Compare(a.String(), b.String()) })
	return found, nil
})

// filesOf returns the files of a ConfigMap, or the one that an operator makes of a PrometheusRule: its spec.
func filesOf(document []byte) (map[string]string, error) {
	var is metav1.TypeMeta
	if err := yaml.Unmarshal(document, &is); err != nil {
		return nil, err
	}
	switch is.Kind {
	case "ConfigMap":
		var configMap corev1.ConfigMap
		err := yaml.UnmarshalStrict(document, &configMap)
		return configMap.Data, err
	case "PrometheusRule":
		var rule struct{ Spec map[string]any }
		if err := yaml.Unmarshal(document, &rule); err != nil {
			return nil, err
		}
		content, err := yaml.Marshal(rule.Spec)
		return map[string]string{rulesFile: string(content)}, err
	}
	return nil, nil
}

// A file that is not found is not checked.
func TestFiles(t *testing.T) {
	for _, f := range []struct{ manifest, name string }{
		{goldens + "/alertmanager-webhook.yaml", alertmanagerFile},
		{goldens + "/grafana-operator.yaml", "overview.json"},
		{goldens + "/prometheus-operator.yaml", rulesFile},
		{"deploy/staging/80-prometheus.k8s.yaml", rulesFile},
		{"dist/70-alertmanager.k8s.yaml", alertmanagerFile},
		{"dist/80-prometheus.k8s.yaml", prometheusFile},
		{"dist/80-prometheus.k8s.yaml", rulesFile},
		{"dist/90-grafana.k8s.yaml", "overview.json"},
	} {
		require.NotEmpty(t, fileIn(t, f.manifest, f.name).content)
	}
}
