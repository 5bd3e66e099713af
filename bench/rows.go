package main

import (
	"path/filepath"
	"slices"
	"strconv"
)

// The keys of the rows that are compared with others.
const (
	application = "application"
	stock       = "stock"
	javaScript  = "javascript"
	kustomize   = "kustomize"
	helm        = "helm"
	noKernel    = "secret"
	one         = "1 platform"
	ten         = "10 platforms"
	hundred     = "100 platforms"
	everything  = "synth"
	tests       = "tests"
	cold        = "cold"
	baseSynth   = "base synth"
	baseTests   = "base tests"
)

// row is a measured program, with its figures once they are there.
type row struct {
	key, name string
	command   []string
	dir       string
	env       []string // In addition to the process's own.
	output    string   // The directory that the program fills. Empty for standard output.

	jsii     bool   // Whether its requests to jsii's kernel can be counted.
	slow     bool   // Whether it takes longer than a few seconds.
	compiles bool   // Whether it runs Go's compiler: then its memory says nothing about synthesis.
	empty    string // A directory to remove before each run.

	objects  int
	requests int // To jsii's kernel. 0 for none.
	runs     []sample
	memory   []float64 // The peaks of all processes together, in bytes.
}

// rows are the programs in the order of the table.
func (b *build) rows(o options) []*row {
	nodePath := "JSII_NODE=" + b.node()
	project := b.path("project")
	rows := []*row{
		{key: application, name: "the application, production", command: []string{b.path("ai-platform")}, dir: project, output: filepath.Join(project, "dist"), jsii: true},
		{key: stock, name: "an empty program on stock jsii, one object", command: []string{b.path("stock"), b.path("stock-out")}, env: []string{nodePath}, output: b.path("stock-out"), jsii: true},
		{
			key: javaScript, name: "the same objects from JavaScript, npm's cdk8s",
			command: []string{b.node(), "javascript.js", "objects.json", b.path("javascript-out")}, dir: project, output: b.path("javascript-out"),
		},
		{key: kustomize, name: "`kubectl kustomize` of the same objects", command: []string{b.path("kubectl"), "kustomize", b.path("kustomize")}},
		{
			key: helm, name: "`helm template` of the chart",
			command: []string{b.path("helm"), "template", "ai-platform", filepath.Join(b.root, "deploy", "helm", "ai-platform"), "--namespace", "ai-platform"},
			env:     []string{"HELM_CACHE_HOME=" + b.path("helm-home"), "HELM_CONFIG_HOME=" + b.path("helm-home"), "HELM_DATA_HOME=" + b.path("helm-home")},
		},
		{key: noKernel, name: "the application without a kernel (`secret`)", command: []string{b.path("ai-platform"), "secret"}, dir: project},
	}
	for _, platforms := range []struct {
		key   string
		count int
	}{{one, 1}, {ten, 10}, {hundred, 100}} {
		count, output := strconv.Itoa(platforms.count), b.path("platforms-"+strconv.Itoa(platforms.count))
		rows = append(rows, &row{
			key: platforms.key, name: platforms.key + " in one program", command: []string{b.path("platforms"), count, output}, dir: project, output: output,
			jsii: true, slow: platforms.count == 100,
		})
	}
	if o.slow == 0 {
		return slices.DeleteFunc(rows, func(r *row) bool { return r.slow })
	}
	return append(rows, b.slowRows()...)
}

func (b *build) slowRows() []*row {
	test := []string{"go", "test", "-count=1", "./constructs/..."}
	rows := []*row{
		{key: everything, name: "everything that `make synth` writes", command: []string{b.path("ai-platform"), "synth"}, dir: b.path("project"), slow: true},
		{key: tests, name: "`go test -count=1 ./constructs/...`", command: test, dir: b.root, slow: true, compiles: true},
		{
			key: cold, name: "`go run ./apps/ai-platform` without Go's build cache", command: []string{"go", "run", "./apps/ai-platform"}, dir: b.root,
			env: []string{"GOCACHE=" + b.path("cold"), "CDK8S_OUTDIR=" + b.path("cold-out")}, slow: true, compiles: true, empty: b.path("cold"),
		},
	}
	if b.base != "" {
		rows = append(rows,
			&row{key: baseSynth, name: "everything that `make synth` wrote", command: []string{b.path("ai-platform-base"), "synth"}, dir: b.base, slow: true},
			&row{key: baseTests, name: "`go test -count=1 ./constructs/...`", command: test, dir: b.base, slow: true, compiles: true},
		)
		for _, r := range rows[len(rows)-2:] {
			r.name += " at commit " + b.revision
		}
	}
	return rows
}
