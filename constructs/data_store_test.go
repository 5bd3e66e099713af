package constructs

import (
	"testing"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestExporterProps(t *testing.T) {
	postgres := func(e Exporter) expectation {
		props := PostgresProps{Credentials: PostgresCredentials{Secret: "a"}, Exporter: &e}
		return expectation{errs: props.withDefaults(testComponent).validate(checktest.Prop, testComponent)}
	}
	wanting := func(c expectation, want ...string) expectation {
		c.want = want
		return c
	}
	runChecks(t, map[string]expectation{
		"defaults":          postgres(Exporter{}),
		"image":             wanting(postgres(Exporter{Image: "exporter"}), `prop.exporter.image: Invalid value: "exporter": must include a tag or digest`),
		"pull policy":       wanting(postgres(Exporter{ImagePullPolicy: "Sometimes"}), `prop.exporter.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`),
		"the server's port": wanting(postgres(Exporter{Port: 5432}), `prop.exporter.port: Invalid value: 5432: must differ from the server's port`),
		"resources":         wanting(postgres(Exporter{Resources: Resources{Limits: ResourceList{CPU: "5m"}}}), `prop.exporter.resources.requests.cpu: Invalid value: "10m": is the default, and exceeds the limit 5m: set it too`),
	})
}
