package constructs

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/kernel"
	"github.com/ai-platform/manifests/internal/manifest"
)

// manifestSuffix ends the names of the files; the cdk8s CLI looks for it.
const manifestSuffix = ".k8s.yaml"

// render gives the files that app.Synth would write. All YAML is made by one call; the charts' objects tell which document
// belongs to which file.
func render(app cdk8s.App) (map[string][]byte, error) {
	text, charts, objects := synthesize(app)
	documents := splitDocuments(text)
	all, names := slices.Concat(objects...), fileNames(charts)
	if len(all) != len(documents) {
		return nil, fmt.Errorf("cdk8s wrote %d YAML documents for %d objects", len(documents), len(all))
	}
	if err := errors.Join(checkReadBack(app, all, documents), checkUnique(all), checkTypes(app, names, objects)); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for i, name := range names {
		count := len(objects[i])
		files[name] = []byte(strings.Join(documents[:count], "---\n"))
		documents = documents[count:]
	}
	if os.Getenv(metadataVariable) == "true" {
		files[metadataFile] = constructMetadata(app)
	}
	return files, nil
}

// synthesize returns the YAML of all charts, and their objects.
func synthesize(app cdk8s.App) (text string, charts []cdk8s.Chart, objects [][]any) {
	objects, text, asked := kernel.Ask[[]any](app, "synthYaml", &text)
	if asked {
		return text, *app.Charts(), objects
	}
	text, charts = *app.SynthYaml(), *app.Charts()
	for _, chart := range charts {
		objects = append(objects, *chart.ToJson())
	}
	return text, charts, objects
}

// splitDocuments splits where cdk8s joined. No other line is three dashes: it indents text of several lines.
func splitDocuments(text string) []string {
	if text == "" {
		return nil
	}
	documents := strings.Split(text, "\n---\n")
	for i := range documents[:len(documents)-1] {
		documents[i] += "\n"
	}
	return documents
}

// fileNames are those that cdk8s gives: the chart's id, after a number if there are dependencies between charts.
func fileNames(charts []cdk8s.Chart) []string {
	names := make([]string, len(charts))
	numbered := slices.ContainsFunc(charts, dependsOnChart)
	for i, chart := range charts {
		names[i] = *cdk8s.Names_ToDnsLabel(chart, nil) + manifestSuffix
		if numbered {
			names[i] = fmt.Sprintf("%04d-%s", i, names[i])
		}
	}
	return names
}

// dependsOnChart is to be asked after synthesis, which passes the dependencies of objects on to their charts.
func dependsOnChart(chart cdk8s.Chart) bool {
	return slices.ContainsFunc(*chart.Node().Dependencies(), func(dependency awsconstructs.IConstruct) bool {
		return cdk8s.Chart_Of(dependency) != chart
	})
}

// checkUnique finds objects that would replace each other in the cluster. Those of this package are found before, with
// their construct's path; here are also the objects that a program adds itself.
func checkUnique(objects []any) error {
	seen := map[manifest.Key]bool{}
	var problems []string
	for _, object := range objects {
		key := manifest.KeyOf(object)
		if seen[key] {
			problems = append(problems, fmt.Sprintf("  %s is declared twice", key))
		}
		seen[key] = true
	}
	if len(problems) > 0 {
		return fmt.Errorf("objects would replace each other in the cluster:\n%s", strings.Join(problems, "\n"))
	}
	return nil
}

// checkReadBack also finds what patches and the program's own objects hold. It says so as cdk8s does of what is wrong with a tree.
func checkReadBack(app cdk8s.App, objects []any, documents []string) error {
	var problems []string
	manifest.ReadBack(app, objects, documents, func(at awsconstructs.Construct, errs field.ErrorList) {
		for _, err := range errs {
			problems = append(problems, fmt.Sprintf("  [%s] %s", *at.Node().Path(), err))
		}
	})
	if len(problems) > 0 {
		return fmt.Errorf("Validation failed with the following errors:\n%s", strings.Join(problems, "\n")) //nolint:staticcheck // As cdk8s does.
	}
	return nil
}
