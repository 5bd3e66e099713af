// Package chart makes a Helm chart of Kubernetes objects: it renders them with probes in place of the values, and with every
// outcome of what the values decide on, and finds by comparison where the objects depend on them. So a chart says nothing that
// the objects do not, and a value that they do not show is an error.
package chart

import (
	"fmt"
	"slices"
	"strings"
)

// Chart is what a chart is made of.
type Chart struct {
	Name        string
	Version     string
	Description string
	KubeVersion string // The versions of Kubernetes that it is for.

	Values   []Value        // In the order of values.yaml.
	Choices  []Choice       // What else depends on the values.
	Checks   []string       // Template expressions that give a sentence for values that a schema cannot refuse, and nothing for others.
	Accepted map[string]any // The schemas of what values.yaml may also contain.

	// Render gives the objects for settings of all values, each as YAML.
	Render func(Settings) ([]string, error)

	Helpers string // Named templates, in a file. Their names begin with "CHART.", in place of the chart's name.
	Notes   string // What Helm prints after an installation, as a template.
	Readme  string // What README.md says before its table of values.
}

// helperPrefix begins the names of named templates, until they are written.
const helperPrefix = "CHART."

// Files are the chart's files by name.
func (c Chart) Files() (map[string][]byte, error) {
	files, err := c.valuesFiles()
	if err != nil {
		return nil, err
	}
	templates, err := c.templates()
	if err != nil {
		return nil, err
	}
	files["Chart.yaml"] = fmt.Appendf(nil, "apiVersion: v2\nname: %s\ndescription: %q\ntype: application\nversion: %s\nkubeVersion: %q\n",
		c.Name, c.Description, c.Version, c.KubeVersion)
	// A folder for charts that this one depends on belongs to every chart, and Git keeps none that is empty.
	files["charts/.gitkeep"] = nil
	for name, text := range templates {
		files["templates/"+name] = []byte(strings.ReplaceAll(text, helperPrefix, c.Name+"."))
	}
	return files, nil
}

// generated begins every template, so that synthesis tells them from those that somebody puts beside them.
const generated = "{{- /* Generated from the constructs by \"make synth\". DO NOT EDIT. */}}\n"

// IsGenerated says whether a file in a chart's folder is one that Files has made, now or before.
func IsGenerated(name string, content []byte) bool {
	always := []string{"Chart.yaml", "values.yaml", "values.schema.json", "README.md", "charts/.gitkeep", "templates/NOTES.txt"}
	return slices.Contains(always, name) || strings.HasPrefix(name, "templates/") && strings.HasPrefix(string(content), generated)
}

func (c Chart) templates() (map[string]string, error) {
	choices, err := c.sorted()
	if err != nil {
		return nil, err
	}
	shared, err := share(choices)
	if err != nil {
		return nil, err
	}
	by, err := probesOf(c.Values)
	if err != nil {
		return nil, err
	}
	var all []*rendering
	for i, outcomes := range append(shared, mix(choices)...) {
		settings, described := probed(c.Values), "the probes"
		if i >= len(shared) {
			settings, described = defaults(c.Values), "the defaults"
		}
		r, err := c.render(settings, outcomes, described, by)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	m := &merger{choices: choices, renderings: all[:len(shared)]}
	templates, err := m.templates(c.Values)
	if err != nil {
		return nil, err
	}
	templates["_helpers.tpl"] = generated + "\n" + c.Helpers
	if err := verify(c.Values, all, templates); err != nil {
		return nil, err
	}
	templates["checks.yaml"] = c.checks()
	templates["NOTES.txt"] = c.Notes
	return templates, nil
}

// checks fails once, with all that is wrong.
func (c Chart) checks() string {
	return generated + "{{- /* What a schema cannot refuse. There is no object here. */ -}}\n{{- $problems := list\n" +
		indent + "(" + strings.Join(c.Checks, ")\n"+indent+"(") + ")\n-}}\n{{- with compact $problems -}}\n" +
		`{{- fail (printf "values are refused:\n- %s" (join "\n- " .)) -}}` + "\n{{- end -}}\n"
}
