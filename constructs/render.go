package constructs

import (
	"errors"
	"fmt"
	"os"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
)

// manifestSuffix ends the names of the files; the cdk8s CLI looks for it.
const manifestSuffix = ".k8s.yaml"

// render gives the files that app.Synth would write.
func render(app cdk8s.App) (map[string][]byte, error) {
	s, err := synthesize(app)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.checkReadBack(app), s.checkUnique(), checkTypes(app, s.files(), s.types.Problems())); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for i, name := range s.names {
		files[name] = s.texts[i]
	}
	if os.Getenv(metadataVariable) == "true" {
		files[metadataFile] = constructMetadata(app)
	}
	return files, nil
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
