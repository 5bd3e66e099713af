package native

import (
	"strings"

	"github.com/ai-platform/manifests/internal/kernel/js"
	"github.com/ai-platform/manifests/internal/kernel/yaml"
)

// synthYAML passes the objects of each chart of an application, and their text.
// https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/app.ts
func (k *kernel) synthYAML(app *construct, each func(objects []any, text string)) {
	k.resolveDependencies(app)
	k.validate(app)
	for _, chart := range charts(app) {
		objects := k.chartToJSON(chart)
		each(objects, stringify(objects))
	}
}

// betweenDocuments separates documents, each of which ends with a line break.
const betweenDocuments = "---\n"

func stringify(documents []any) string {
	texts := make([]string, len(documents))
	for i, document := range documents {
		texts[i] = yaml.Stringify(document)
	}
	return strings.Join(texts, betweenDocuments)
}

// chartToJSON is the objects of a chart. Like cdk8s, it prepares and validates the whole application each time: validations of the program see
// each of these calls.
func (k *kernel) chartToJSON(chart *construct) []any {
	app := chart.node.root()
	k.resolveDependencies(app)
	k.validate(app)
	documents := []any{}
	for _, c := range topology(chart.node) {
		if c.apiObject != nil && chartOf(c) == chart {
			documents = append(documents, c.apiObject.toJSON(c))
		}
	}
	return documents
}

// dependency is one that a program declared, or that follows from one.
type dependency struct{ source, target *construct }

func dependencies(constructs []*construct) []dependency {
	var list []dependency
	for _, source := range constructs {
		for _, target := range source.node.dependencies.list {
			list = append(list, dependency{source, target})
		}
	}
	return list
}

// resolveDependencies declares the dependencies between charts and between objects that follow from those of the program. Each chart has it done once more, which
// is needed only if there was something to declare the last time, or if a validation of the program has made requests since.
func (k *kernel) resolveDependencies(app *construct) {
	state := resolved{app, k.requests}
	if k.resolved == state {
		return
	}
	before := k.dependencies
	constructs := app.node.findAll(false)
	for _, parent := range constructs {
		if parent.chart == nil {
			continue
		}
		for _, child := range parent.node.children.All {
			if child := child.(*construct); child.chart != nil {
				k.declare(parent, child)
			}
		}
	}
	for _, d := range dependencies(constructs) {
		if source, target := chartOf(d.source), chartOf(d.target); source != target {
			k.declare(source, target)
		}
	}
	for _, d := range dependencies(constructs) {
		targets := objectsOf(d.target)
		for _, target := range targets {
			for _, source := range objectsOf(d.source) {
				k.declare(source, target)
			}
		}
	}
	if k.dependencies == before {
		k.resolved = state
	}
}

// declare adds a dependency that follows from others, and counts it if it is new.
func (k *kernel) declare(source, target *construct) {
	if source != target && source.node.dependencies.add(target) {
		k.dependencies++
	}
}

// resolved says of which application nothing is left to declare, as long as there are no more requests than these.
type resolved struct {
	app      *construct
	requests int
}

// objectsOf lists the objects below a construct that are in its own chart.
func objectsOf(c *construct) []*construct {
	chart := chartOf(c)
	var objects []*construct
	for _, below := range c.node.findAll(false) {
		if below.apiObject != nil && chartOf(below) == chart {
			objects = append(objects, below)
		}
	}
	return objects
}

// yamlMember is a member of the class Yaml without side effects.
func yamlMember(method string, args arguments) any {
	switch method {
	case "stringify":
		documents := make([]any, len(args.values))
		for i, value := range args.values {
			documents[i] = document(value)
		}
		return stringify(documents)
	case "formatObjects":
		args.atMost(1)
		list, ok := args.at(0).([]any)
		if !ok {
			handOver("objects that are not a list")
		}
		return yamlMember("stringify", arguments{args.kernel, list})
	}
	handOver("the method " + method + " of Yaml")
	return nil
}

// document is an argument of any type. None is undefined.
func document(value any) any {
	if value == nil {
		return js.Undefined{}
	}
	return plain(value)
}
