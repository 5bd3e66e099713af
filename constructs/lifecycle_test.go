package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestLifecycleValidate(t *testing.T) {
	validate := func(change func(p *BackendProps)) field.ErrorList {
		props := BackendProps{Image: "api:1", Env: map[string]string{"LEVEL": "info"}}
		change(&props)
		return props.Validate(field.NewPath("backend"))
	}
	runChecks(t, map[string]expectation{
		"programs": {errs: validate(func(p *BackendProps) {
			p.PostStart, p.PreStop = []string{"warm-up"}, []string{"sh", "-c", `drain "$LEVEL" $(date) $$(LEVEL)`}
		})},
		"a program, and no waiting": {errs: validate(func(p *BackendProps) { p.PreStop, p.PreStopSeconds = []string{"drain"}, new(0) })},
		"a program, and waiting": {
			validate(func(p *BackendProps) { p.PreStop, p.PreStopSeconds = []string{"drain"}, new(5) }),
			[]string{"backend.preStop: Forbidden: Kubernetes either runs a program or waits: remove preStop or preStopSeconds"},
		},
		"all wrong": {
			validate(func(p *BackendProps) { p.PostStart, p.PreStop = []string{""}, []string{"drain", "$(LEVEL)"} }),
			[]string{
				"backend.postStart[0]: Required value: the program to run",
				`backend.preStop[1]: Invalid value: "$(LEVEL)": refers to $(LEVEL), which Kubernetes does not resolve here: have sh -c read "$LEVEL"`,
			},
		},
	})
}

// A program at the start does not end the waiting before the end.
func TestPostStartKeepsWaiting(t *testing.T) {
	props := BackendProps{Image: "api:1", PostStart: []string{"warm-up"}}
	deployment := props.server(field.NewPath("backend"), testComponent).workload().Deployment()
	spec := deployment.Fields["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	require.Equal(t, map[string]any{
		"postStart": map[string]any{"exec": map[string]any{"command": []any{"warm-up"}}},
		"preStop":   map[string]any{"sleep": map[string]any{"seconds": 5}},
	}, spec["containers"].([]any)[0].(map[string]any)["lifecycle"])
}
