// Package chart makes the Helm chart of the ai-platform application: its values, each of which sets something in an environment of
// package platform, what they decide on, and what is said about them. The generator is another package chart, which knows no
// application.
package chart

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/internal/chart"
	"github.com/ai-platform/manifests/internal/directory"
)

// Directory is where the chart is written, seen from the repository.
const Directory = "deploy/helm/" + platform.AppName

// version is to be raised with every release.
const version = "0.1.0"

// overridden are the names of values with which other charts override names, and why this one does not.
func overridden() map[string]string {
	reason := "objects have the same names in every release, which dashboards, alerts and hosts in configurations refer to: install the chart in another namespace"
	return map[string]string{"fullnameOverride": reason, "nameOverride": reason}
}

// accepted are schemas of what the chart accepts besides its values.
func accepted() map[string]any {
	all := map[string]any{
		// A chart that depends on this one passes the values that are global there, and by habit the condition on which it depends.
		"global": map[string]any{"type": "object"},
		"enabled": map[string]any{
			"type": "boolean", "description": "For the condition of a chart that depends on this one. Without effect otherwise.",
		},
	}
	for name, reason := range overridden() { // The checks refuse them, and say why.
		all[name] = map[string]any{"description": "Refused: " + reason}
	}
	return all
}

// releaseNamespace is what Helm knows itself.
const releaseNamespace = ".Release.Namespace"

var (
	//go:embed quantities.tpl
	quantities string

	//go:embed helpers.tpl
	helpers string

	//go:embed controllers.tpl
	controllers string

	//go:embed NOTES.txt
	notes string

	//go:embed README.md
	readme string
)

// Write makes Directory hold the chart.
func Write() error {
	files, err := Files()
	if err != nil {
		return fmt.Errorf("chart: %w", err)
	}
	if err := directory.ReplaceTree(Directory, files, chart.IsGenerated); err != nil {
		return fmt.Errorf("write chart: %w", err)
	}
	return nil
}

// Files are the chart's files by name. It is made of production: its values are what the chart begins with.
func Files() (map[string][]byte, error) {
	all := settings()
	rendered := map[string][]string{} // The defaults are asked for twice.
	render := func(s chart.Settings) (documents []string, err error) {
		key := fmt.Sprintf("%#v", s)
		documents, known := rendered[key]
		if !known {
			documents, err = renderMarked(all, s)
			rendered[key] = documents
		}
		return documents, err
	}
	dashboards, err := dashboardNames(all, render)
	if err != nil {
		return nil, err
	}
	known, err := controllersHelper()
	if err != nil {
		return nil, err
	}
	made := chart.Chart{
		Name:        platform.AppName,
		Version:     version,
		Description: "A web application with its database, its cache and its monitoring",
		KubeVersion: ">=1.30.0-0",
		Values:      append(valuesOf(all), namespaceValue(dashboards)),
		Choices:     choices(all),
		Render:      render,
		Helpers:     quantities + "\n" + helpers + "\n" + known + "\n" + controllers,
		Checks:      checks(all),
		Accepted:    accepted(),
		Notes:       notes,
		Readme:      readme,
	}
	files, err := made.Files()
	withHelpers(files)
	return files, err
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
		Path: releaseNamespace, Default: platform.Production().Namespace.Name, Probe: "probe-0",
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
func dashboardNames(all []setting, render func(chart.Settings) ([]string, error)) ([]string, error) {
	namespace := platform.Production().Namespace.Name
	values, err := settingsOf(all, Case{Namespace: namespace})
	if err != nil {
		return nil, err
	}
	documents, err := render(values)
	if err != nil {
		return nil, err
	}
	address := regexp.MustCompile(`(?m)^ +"uid": "` + regexp.QuoteMeta(namespace) + `-(.+)",$`)
	var names []string
	for _, document := range documents {
		for _, found := range address.FindAllStringSubmatch(document, -1) {
			names = append(names, found[1])
		}
	}
	slices.Sort(names)
	return names, nil
}
