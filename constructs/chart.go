package constructs

import (
	"errors"
	"fmt"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// chart is what constructs need to know of the chart around them. Each answer costs a call into the kernel, so they
// are kept.
type chart struct {
	app       string
	namespace string
	labels    map[string]string // cdk8s gives them to every object of the chart.
	tree      *tree
}

// tree is what the constructs below one root know of each other.
type tree struct {
	declared map[objectKey]awsconstructs.Construct // The construct that declared each object.
	targets  []target                              // In the order in which they were added.
	scraped  map[application]string                // The path of the Prometheus that has taken an application's targets.
}

// application is what the tiers of one application in one namespace have in common.
type application struct{ app, namespace string }

var (
	charts = map[cdk8s.Chart]*chart{}
	trees  = map[awsconstructs.IConstruct]*tree{}
)

// forgetCharts is for the end of the kernel, which takes all trees with it.
func forgetCharts() {
	clear(charts)
	clear(trees)
}

// chartOf finds the chart that a scope is or lies in.
func chartOf(scope awsconstructs.Construct) (*chart, error) {
	if scope == nil {
		panic(errors.New("the scope of a construct is nil"))
	}
	c, err := findChart(scope)
	if err != nil {
		return nil, err
	}
	if known, ok := charts[c]; ok {
		return known, nil
	}
	found := describe(c)
	charts[c] = found
	if errs := found.validate(field.NewPath("chart")); len(errs) > 0 {
		report(c, errs)
	}
	return found, nil
}

func describe(c cdk8s.Chart) *chart {
	described := &chart{labels: map[string]string{}, tree: treeOf(c.Node().Root())}
	for key, value := range *c.Labels() {
		described.labels[key] = *value
	}
	if namespace := c.Namespace(); namespace != nil {
		described.namespace = *namespace
	}
	// The application is the one that a label names, or else it is the chart's.
	if label, ok := described.labels["app"]; ok {
		described.app = label
	} else {
		described.app = *c.Node().Id()
	}
	return described
}

func (c *chart) validate(path *field.Path) field.ErrorList {
	errs := checkLabels(path.Child("labels"), c.labels)
	if c.namespace != "" {
		errs = append(errs, invalid(path.Child("namespace"), c.namespace, validation.IsDNS1123Label(c.namespace))...)
	}
	return errs
}

func findChart(scope awsconstructs.Construct) (found cdk8s.Chart, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("must be created in a chart: %w", panicError(problem))
		}
	}()
	return cdk8s.Chart_Of(scope), nil
}

func treeOf(root awsconstructs.IConstruct) *tree {
	if trees[root] == nil {
		trees[root] = &tree{declared: map[objectKey]awsconstructs.Construct{}, scraped: map[application]string{}}
	}
	return trees[root]
}
