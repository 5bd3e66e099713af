package native

import "github.com/ai-platform/manifests/internal/kernel/js"

// chart is what a Chart has in addition to a construct.
// https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/chart.ts
type chart struct {
	namespace     any // A string, or nil.
	labels        *js.Object
	withoutHashes bool
}

func newChart(args arguments) *construct {
	args.atMost(3)
	scope, id := args.construct(0), args.string(1)
	props := args.fields(2, "cdk8s.ChartProps", "namespace", "labels", "disableResourceNameHashes")
	labels := optionalStrings(props, "labels")
	namespace := optionalText(props, "namespace")
	withoutHashes := optionalBool(props, "disableResourceNameHashes", false)
	c := newConstruct(classChart, scope, id)
	c.chart = &chart{namespace, labels, withoutHashes}
	return c
}

func (k *kernel) getChart(c *construct, property string) any {
	switch property {
	case "namespace":
		return c.chart.namespace
	case "labels":
		return stringMap{c.chart.labels}
	case "apiObjects":
		list := []*construct{}
		for _, child := range c.node.children.All {
			if child := child.(*construct); child.apiObject != nil {
				list = append(list, child)
			}
		}
		return list
	}
	return k.getConstruct(c, property)
}

func (k *kernel) invokeChart(c *construct, method string, args arguments) any {
	switch method {
	case "addDependency":
		c.node.addDependencies(args.constructs())
		return nil
	case "toJson":
		args.atMost(0)
		return k.chartToJSON(c)
	}
	return k.invokeConstruct(c, method, args)
}

// chartOf is the nearest chart that a construct is in.
func chartOf(c *construct) *construct {
	for c.chart == nil {
		if c.node.scope == nil {
			throw("cannot find a parent chart (directly or indirectly)")
		}
		c = c.node.scope
	}
	return c
}

// longestCronJob leaves room for what Kubernetes adds to the names of a CronJob's Jobs.
const longestCronJob = 52

func (c *chart) generateObjectName(object *construct, kind string) string {
	options := nameOptions{delimiter: "-", maxLen: longestName, includeHash: !c.withoutHashes}
	if kind == "CronJob" {
		options.maxLen = longestCronJob
	}
	return dnsLabel(object.node, options)
}
