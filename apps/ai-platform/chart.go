package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/chart"
	"github.com/ai-platform/manifests/internal/directory"
)

// chartFolder is where the command synth writes the chart.
var chartFolder = filepath.Join("deploy", "helm", appName)

// chartVersion is to be raised with every release.
const chartVersion = "0.1.0"

// releaseNamespace is what Helm knows itself.
const releaseNamespace = ".Release.Namespace"

var (
	//go:embed chart/helpers.tpl
	chartHelpers string

	//go:embed chart/NOTES.txt
	chartNotes string

	//go:embed chart/README.md
	chartReadme string
)

func writeChart() error {
	files, err := chartFiles()
	if err != nil {
		return fmt.Errorf("chart: %w", err)
	}
	if err := directory.ReplaceTree(chartFolder, files, chart.IsGenerated); err != nil {
		return fmt.Errorf("write chart: %w", err)
	}
	return nil
}

// chartFiles makes a chart of production: its values are what the chart begins with.
func chartFiles() (map[string][]byte, error) {
	all := settings()
	dashboards, err := dashboardNames()
	if err != nil {
		return nil, err
	}
	made := chart.Chart{
		Name:        appName,
		Version:     chartVersion,
		Description: "A web application with its database, its cache and its monitoring",
		KubeVersion: ">=1.28.0-0",
		Values:      append(valuesOf(all), namespaceValue(dashboards)),
		Choices:     choices(all),
		Render:      func(s chart.Settings) ([]chart.Object, error) { return renderWith(all, s) },
		Helpers:     chartHelpers,
		Checks:      checks(all),
		Notes:       chartNotes,
		Readme:      chartReadme,
	}
	return made.Files()
}

func valuesOf(all []setting) []chart.Value {
	values := make([]chart.Value, len(all))
	for i := range all {
		values[i] = all[i].Value
	}
	return values
}

// namespaceValue is where the release goes. It is a part of the addresses of the dashboards, too.
func namespaceValue(dashboards []string) chart.Value {
	v := chart.Value{
		Expression: releaseNamespace, Default: production.namespace.name, Probe: "probe-0",
		Forms: []chart.Form{{Write: func(value any) string { return value.(string) }, Template: "%s"}},
	}
	for _, name := range dashboards {
		v.Forms = append(v.Forms, chart.Form{
			Write:    func(value any) string { return value.(string) + "-" + name },
			Template: fmt.Sprintf("include `CHART.dashboardUID` (list %%s `%s`)", name),
		})
	}
	return v
}

// dashboardNames are found in the addresses of production's dashboards.
func dashboardNames() ([]string, error) {
	objects, err := renderWith(nil, chart.Settings{releaseNamespace: production.namespace.name})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, o := range objects {
		data, _ := o["data"].(map[string]any)
		for key, text := range data {
			if filepath.Ext(key) != ".json" {
				continue
			}
			var dashboard struct{ UID string }
			if err := json.Unmarshal([]byte(text.(string)), &dashboard); err != nil {
				return nil, fmt.Errorf("read the dashboard %s: %w", key, err)
			}
			names = append(names, strings.TrimPrefix(dashboard.UID, production.namespace.name+"-"))
		}
	}
	slices.Sort(names)
	return names, nil
}

// renderWith gives the objects of production with other values, as the chart has them.
func renderWith(all []setting, values chart.Settings) ([]chart.Object, error) {
	e := production
	e.namespace.name = values[releaseNamespace].(string)
	for _, s := range all {
		s.set(&e, values[s.Path])
	}
	objects, err := render(e.platform)
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		keep(o)
	}
	return objects, nil
}

// render gives the objects of a program in the order in which they are applied.
func render(program func(cdk8s.App)) ([]chart.Object, error) {
	files, err := constructs.Render(program)
	if err != nil {
		return nil, err
	}
	var objects []chart.Object
	for _, name := range sortedNames(files) {
		for _, document := range strings.Split(string(files[name]), "\n---\n") {
			object := chart.Object{}
			if err := yaml.Unmarshal([]byte(document+"\n"), &object); err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			objects = append(objects, object)
		}
	}
	return objects, nil
}

// keep has Helm leave data where it is when the release goes, and the namespace that it is in.
func keep(o chart.Object) {
	if o["kind"] != "Namespace" && o["kind"] != "PersistentVolumeClaim" {
		return
	}
	metadata := o["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	if annotations == nil {
		annotations = map[string]any{}
		metadata["annotations"] = annotations
	}
	annotations["helm.sh/resource-policy"] = "keep"
}
