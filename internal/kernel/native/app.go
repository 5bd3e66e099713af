package native

import "os"

// app is what an App has in addition to a construct.
// https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/app.ts
type app struct {
	outdir              string
	outputFileExtension string
}

func newApp(args arguments) *construct {
	args.atMost(1)
	props := args.fields(0, "cdk8s.AppProps", "outdir", "outputFileExtension", "recordConstructMetadata")
	a := &app{outdir: "dist", outputFileExtension: ".k8s.yaml"}
	if outdir, set := os.LookupEnv("CDK8S_OUTDIR"); set {
		a.outdir = outdir
	}
	if outdir, set := optionalString(props, "outdir"); set {
		a.outdir = outdir
	}
	if extension, set := optionalString(props, "outputFileExtension"); set {
		a.outputFileExtension = extension
	}
	optionalBool(props, "recordConstructMetadata", false) // For synth, which is left to Node.js.
	c := newConstruct(classApp, nil, "")
	c.app = a
	return c
}

func (k *kernel) getApp(c *construct, property string) any {
	switch property {
	case "charts":
		return charts(c)
	case "outdir":
		return c.app.outdir
	case "outputFileExtension":
		return c.app.outputFileExtension
	}
	return k.getConstruct(c, property)
}

func (k *kernel) invokeApp(c *construct, method string, args arguments) any {
	if method == "synthYaml" {
		args.atMost(0)
		var documents []any
		k.synthYAML(c, func(objects []any, _ string) { documents = append(documents, objects...) })
		return stringify(documents)
	}
	return k.invokeConstruct(c, method, args)
}

// charts lists the charts of an application, those that others depend on first.
func charts(app *construct) []*construct {
	list := []*construct{}
	for _, c := range topology(app.node) {
		if c.chart != nil {
			list = append(list, c)
		}
	}
	return list
}
