package chart

import (
	"fmt"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/chart"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Case is what Helm would be told: where to install, and values beside the defaults, nested as in values.yaml and of the types that
// encoding/json gives them.
type Case struct {
	Namespace string         `json:"namespace"`
	Values    map[string]any `json:"values"`
}

// Result are the objects, or why the constructs refuse the values.
type Result struct {
	Objects []map[string]any `json:"objects,omitempty"`
	Error   string           `json:"error,omitempty"`
}

// Render gives for each case what the constructs make of its values, which is what a chart with them must give. A value of another
// type than the default's is a bug of the caller, and panics.
func Render(cases []Case) ([]Result, error) {
	all := settings()
	results := make([]Result, len(cases))
	for i, c := range cases {
		values, err := settingsOf(all, c)
		if err != nil {
			return nil, fmt.Errorf("case %d: %w", i, err)
		}
		documents, err := renderWith(all, values)
		if err != nil {
			results[i].Error = err.Error()
			continue
		}
		for _, document := range documents {
			object := map[string]any{}
			if err := yaml.Unmarshal([]byte(document+"\n"), &object); err != nil {
				return nil, fmt.Errorf("case %d: %w", i, err)
			}
			results[i].Objects = append(results[i].Objects, object)
		}
	}
	return results, nil
}

// settingsOf fills in the defaults.
func settingsOf(all []setting, c Case) (chart.Settings, error) {
	values := chart.Settings{releaseNamespace: c.Namespace}
	given := runtime.DeepCopyJSON(c.Values)
	for _, v := range valuesOf(all) {
		values[v.Path] = v.Default
		if value, is := take(given, v.Path); is {
			values[v.Path] = likeDefault(value, v.Default)
		}
	}
	if len(given) > 0 {
		return nil, fmt.Errorf("no values: %s", strings.Join(paths(given), ", "))
	}
	return values, nil
}

// paths are those of all values, sorted.
func paths(nested map[string]any) []string {
	var all []string
	for _, key := range sortedNames(nested) {
		inner, isMap := nested[key].(map[string]any)
		if !isMap || len(inner) == 0 {
			all = append(all, key)
		}
		for _, path := range paths(inner) {
			all = append(all, key+"."+path)
		}
	}
	return all
}

// take removes a value, and the maps that it leaves empty.
func take(nested map[string]any, path string) (value any, is bool) {
	key, rest, below := strings.Cut(path, ".")
	value, is = nested[key]
	if !below {
		delete(nested, key)
		return value, is
	}
	inner, isMap := value.(map[string]any)
	if !isMap {
		return nil, false
	}
	value, is = take(inner, rest)
	if len(inner) == 0 {
		delete(nested, key)
	}
	return value, is
}

// likeDefault gives a value of JSON the type that the default has.
func likeDefault(value, model any) any {
	switch model.(type) {
	case int:
		return int(value.(float64))
	case map[string]string:
		texts := map[string]string{}
		for key, text := range value.(map[string]any) {
			texts[key] = fmt.Sprint(text)
		}
		return texts
	}
	return value
}

// renderWith gives the objects of production with other values, as the chart has them, each as YAML.
func renderWith(all []setting, values chart.Settings) ([]string, error) {
	e := platform.Production()
	e.Namespace.Name = values[releaseNamespace].(string)
	// Whoever installs the chart creates one Secret, as NOTES.txt says: it asks for no operator.
	e.Secrets = platform.SecretSource{}
	for i := range e.Monitoring.Receivers {
		e.Monitoring.Receivers[i].Secret = constructs.SecretKeyRef{}
	}
	for _, s := range all {
		if s.set != nil {
			s.set(&e, values[s.Path])
		}
	}
	files, err := constructs.Render(func(app cdk8s.App) {
		// Without what Argo CD reads: Helm has an order of its own.
		e.Tiers().Compose(app)
		manifest.AtSynthesis(app, "keep", keep)
		addPatches(app, all, values)
	})
	if err != nil {
		return nil, err
	}
	var documents []string
	for _, name := range sortedNames(files) { // In the order in which they are applied.
		documents = append(documents, strings.Split(strings.TrimSuffix(string(files[name]), "\n"), "\n---\n")...)
	}
	return documents, nil
}

// keep has Helm leave data where it is when the release goes, and the namespace that it is in.
func keep(_ awsconstructs.IConstruct, nodes []*manifest.Node) {
	for _, node := range nodes {
		for _, object := range node.Objects() {
			if kind := *object.Kind(); kind == "Namespace" || kind == "PersistentVolumeClaim" {
				object.Metadata().AddAnnotation(jsii.String("helm.sh/resource-policy"), jsii.String("keep"))
			}
		}
	}
}
