package constructs_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/kernel"
)

// needNode skips a test of what only Node.js can do, where there is none. The test gets a kernel of its own: Node.js repeats all that its kernel was asked before, and
// is the kernel of what comes after.
func needNode(t *testing.T) {
	t.Helper()
	if _, err := kernel.FindNode(); err != nil {
		t.Skip(err)
	}
	constructs.Close()
	t.Cleanup(constructs.Close)
}

// newChart adds a chart of the name, in the namespace of the name.
func newChart(app cdk8s.App, name string) cdk8s.Chart {
	return cdk8s.NewChart(app, jsii.String(name), &cdk8s.ChartProps{Namespace: jsii.String(name)})
}

// inShop is a program with one chart, shop.
func inShop(add func(chart cdk8s.Chart)) func(app cdk8s.App) {
	return func(app cdk8s.App) { add(newChart(app, "shop")) }
}

// synthesize returns the YAML of one chart.
func synthesize(t *testing.T, add func(chart cdk8s.Chart)) string {
	t.Helper()
	files, err := constructs.Render(inShop(add))
	require.NoError(t, err)
	require.Len(t, files, 1)
	return string(files["shop.k8s.yaml"])
}

// manifest is an object as it is read back from YAML.
type manifest map[string]any

// manifestsOf reads YAML as kubectl does.
func manifestsOf(t *testing.T, text string) []manifest {
	t.Helper()
	var manifests []manifest
	documents := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return manifests
		}
		require.NoError(t, err)
		var m manifest
		require.NoError(t, yaml.UnmarshalStrict(document, &m), string(document))
		manifests = append(manifests, m)
	}
}

// at is the value at a path of keys, and of indices of lists; nil if there is none.
func (m manifest) at(path ...any) any { return valueAt(map[string]any(m), path...) }

func (m manifest) text(path ...any) string {
	text, _ := m.at(path...).(string)
	return text
}

func (m manifest) kind() string { return m.text("kind") }

func (m manifest) name() string { return m.text("metadata", "name") }

// String tells the object in the messages of failed tests.
func (m manifest) String() string { return m.kind() + " " + m.name() }

func valueAt(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			fields, _ := value.(map[string]any)
			value = fields[step]
		case int:
			elements, _ := value.([]any)
			if step >= len(elements) {
				return nil
			}
			value = elements[step]
		}
	}
	return value
}

func find(t *testing.T, manifests []manifest, kind, name string) manifest {
	t.Helper()
	for _, m := range manifests {
		if m.kind() == kind && m.name() == name {
			return m
		}
	}
	require.Failf(t, "not found", "%s %s is not among %v", kind, name, manifests)
	return nil
}

// readFolder returns the files of a folder by name; there are none where there is no folder.
func readFolder(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(folder)
	if os.IsNotExist(err) {
		return files
	}
	require.NoError(t, err)
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		require.NoError(t, err)
		files[entry.Name()] = string(content)
	}
	return files
}

func textOf(files map[string][]byte) map[string]string {
	texts := map[string]string{}
	for name, content := range files {
		texts[name] = string(content)
	}
	return texts
}
