package constructs

import (
	"errors"
	"fmt"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
)

// chart is what constructs need to know of the chart around them. Each answer costs a call into the kernel, so they
// are kept.
type chart struct {
	app       string
	namespace string
	declared  declared
}

// declared holds the objects of one tree, and the construct that declared each.
type declared map[objectKey]awsconstructs.Construct

var (
	charts = map[cdk8s.Chart]*chart{}
	trees  = map[awsconstructs.IConstruct]declared{}
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
	found := &chart{app: appLabel(c), declared: declaredIn(c.Node().Root())}
	if namespace := c.Namespace(); namespace != nil {
		found.namespace = *namespace
	}
	charts[c] = found
	return found, nil
}

func findChart(scope awsconstructs.Construct) (found cdk8s.Chart, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("must be created in a chart: %v", problem)
		}
	}()
	return cdk8s.Chart_Of(scope), nil
}

// appLabel is the name of the application that a chart belongs to.
func appLabel(c cdk8s.Chart) string {
	if label := (*c.Labels())["app"]; label != nil {
		return *label
	}
	return *c.Node().Id()
}

func declaredIn(root awsconstructs.IConstruct) declared {
	if trees[root] == nil {
		trees[root] = declared{}
	}
	return trees[root]
}
