package helm

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

var chartFolder = repository.Path("deploy", "helm", "ai-platform")

const defaultNamespace = "ai-platform"

type object = map[string]any

func load(t *testing.T) *chart.Chart {
	t.Helper()
	loaded, err := loader.Load(chartFolder)
	require.NoError(t, err)
	return loaded
}

// loaded is the chart, read once: no test that renders it changes it.
var loaded = sync.OnceValue(func() *chart.Chart {
	read, err := loader.Load(chartFolder)
	if err != nil {
		panic(err)
	}
	return read
})

// template is what "helm template" does: the objects by kind and name, or why there are none.
func template(t *testing.T, namespace string, values map[string]any) (map[string]object, error) {
	t.Helper()
	return render(t, loaded(), namespace, values)
}

func render(t *testing.T, of *chart.Chart, namespace string, values map[string]any) (map[string]object, error) {
	t.Helper()
	encoded, err := json.Marshal(values)
	require.NoError(t, err)
	// As from a file of values, where numbers are floats.
	read := map[string]any{}
	require.NoError(t, json.Unmarshal(encoded, &read))
	options := common.ReleaseOptions{Name: "ai-platform", Namespace: namespace, Revision: 1, IsInstall: true}
	rendering, err := util.ToRenderValues(of, read, options, common.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(of, rendering)
	if err != nil {
		return nil, err
	}
	objects := map[string]object{}
	for name, content := range files {
		if strings.HasSuffix(name, ".yaml") {
			addObjects(t, objects, content)
		}
	}
	return objects, nil
}

func addObjects(t *testing.T, objects map[string]object, content string) {
	t.Helper()
	documents, err := yamldoc.Split([]byte(content))
	require.NoError(t, err)
	for _, document := range documents {
		o := object{}
		require.NoError(t, yaml.UnmarshalStrict(document, &o))
		if len(o) == 0 {
			continue
		}
		require.NotContains(t, objects, nameOf(o), "twice")
		objects[nameOf(o)] = o
	}
}

func nameOf(o object) string {
	metadata, _ := o["metadata"].(object)
	return fmt.Sprintf("%v %v", o["kind"], metadata["name"])
}

// nested puts values by path where values.yaml has them.
func nested(flat map[string]any) map[string]any {
	root := map[string]any{}
	for path, value := range flat {
		parent := root
		keys := strings.Split(path, ".")
		for _, key := range keys[:len(keys)-1] {
			if _, exists := parent[key]; !exists {
				parent[key] = map[string]any{}
			}
			parent = parent[key].(map[string]any)
		}
		parent[keys[len(keys)-1]] = value
	}
	return root
}
