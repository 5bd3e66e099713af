package monitoring

import (
	"cmp"
	"fmt"
	"regexp"
)

// The matchers by which a panel follows a dashboard's variable.
const (
	// chosenInstance is for what a tier itself exports. Prometheus finds pods by DNS, so that a sample's label "instance" has the
	// pod's address, and no label its name.
	chosenInstance = `instance=~"$instance"`

	// chosenPod is for what kubelet and kube-state-metrics say of a pod.
	chosenPod = `pod=~"$pod"`
)

// variableKind is a variable that a dashboard has if its queries name it.
type variableKind struct {
	name, label, description string
	named                    *regexp.Regexp
	of                       string // Whose values are offered, where a dashboard does not say it: a metric, and matchers.
}

var variableKinds = []variableKind{
	newVariableKind("instance", "Instance", `Pods by address, which "kubectl get pods -o wide" shows`, "up{namespace=%q}"),
	newVariableKind("pod", "Pod", "Pods by name", `{namespace=%q,pod!=""}`),
}

func newVariableKind(name, label, description, of string) variableKind {
	return variableKind{name, label, description, regexp.MustCompile(`\$` + name + `\b|\$\{` + name + `\b`), of}
}

// variables are those of the data source, and of the pods if a query names one.
func (d Dashboard) variables(namespace string) []grafanaVariable {
	all := []grafanaVariable{{Name: datasourceVariable, Label: "Data source", Type: "datasource", Query: "prometheus"}}
	for _, kind := range variableKinds {
		if d.names(kind) {
			all = append(all, kind.variable(cmp.Or(d.choices, fmt.Sprintf(kind.of, namespace))))
		}
	}
	return all
}

func (d Dashboard) names(kind variableKind) bool {
	for _, row := range d.Rows {
		for _, panel := range row.Panels {
			for _, query := range panel.Queries {
				if kind.named.MatchString(query.Expr) {
					return true
				}
			}
		}
	}
	return false
}

// variable offers all pods that there were in the time that the dashboard shows, and begins with all of them.
func (k variableKind) variable(of string) grafanaVariable {
	return grafanaVariable{
		Name: k.name, Label: k.label, Description: k.description, Type: "query",
		Datasource: prometheusDatasource(),
		Query:      fmt.Sprintf("label_values(%s, %s)", of, k.name),
		// All of them are whatever has the label: with a list of them, the query would grow with every pod there was.
		IncludeAll: true, AllValue: ".+", Current: &grafanaChoice{Text: []string{"All"}, Value: []string{"$__all"}},
		Multi:   true,
		Refresh: 2, // When the time range changes.
		Sort:    1, // Alphabetically.
	}
}
