package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestCheckPullPolicy(t *testing.T) {
	runChecks(t, map[string]expectation{
		"good":       {errs: PullNever.Validate(checktest.Prop)},
		"lower case": {PullPolicy("always").Validate(checktest.Prop), []string{`prop: Unsupported value: "always": supported values: "Always", "IfNotPresent", "Never"`}},
	})
}

func TestDefaultPullPolicy(t *testing.T) {
	for reference, want := range map[string]PullPolicy{
		"api:latest":                PullAlways,
		"localhost:5000/api:latest": PullAlways,
		"api:1":                     PullIfNotPresent,
		"api:latest-1":              PullIfNotPresent,
		"api@" + digest:             PullIfNotPresent,
		"api:latest@" + digest:      PullIfNotPresent,
	} {
		require.Equal(t, want, PullPolicy("").WithDefault(reference), reference)
	}
}

func TestResourcesValidate(t *testing.T) {
	same := ResourceList{CPU: "1", Memory: "1Gi"}
	runChecks(t, map[string]expectation{
		"request equals limit": {errs: Resources{Requests: same, Limits: same}.Validate(checktest.Prop)},
		"equal in other forms": {errs: Resources{Requests: same, Limits: ResourceList{CPU: "1000m", Memory: "1024Mi"}}.Validate(checktest.Prop)},
		"request above limit": {
			Resources{Requests: ResourceList{CPU: "1001m", Memory: "1025Mi"}, Limits: ResourceList{CPU: "1000m", Memory: "1024Mi"}}.Validate(checktest.Prop),
			[]string{
				`prop.requests.cpu: Invalid value: "1001m": must not exceed the limit 1`,
				`prop.requests.memory: Invalid value: "1025Mi": must not exceed the limit 1Gi`,
			},
		},
		"no CPU limit": {errs: Resources{Requests: same, Limits: ResourceList{CPU: NoLimit, Memory: "1Gi"}}.Validate(checktest.Prop)},
		"no CPU limit, and a wrong request": {
			Resources{Requests: ResourceList{CPU: NoLimit, Memory: "2Gi"}, Limits: ResourceList{CPU: NoLimit, Memory: "1Gi"}}.Validate(checktest.Prop),
			[]string{
				`prop.requests.cpu: Invalid value: "none": ` + checktest.CoresRule,
				`prop.requests.memory: Invalid value: "2Gi": must not exceed the limit 1Gi`,
			},
		},
		"no memory limit": {
			Resources{Requests: same, Limits: ResourceList{CPU: NoLimit, Memory: NoLimit}}.Validate(checktest.Prop),
			[]string{`prop.limits.memory: Invalid value: "none": must be a quantity such as "512Mi" or "1Gi": only the CPU limit can be removed. A container without a memory limit can take all memory of its node, whose other pods are then killed`},
		},
		"all wrong": {
			Resources{Requests: ResourceList{CPU: "x", Memory: "1"}, Limits: ResourceList{CPU: "0"}}.Validate(checktest.Prop),
			[]string{
				`prop.requests.cpu: Invalid value: "x": ` + checktest.CoresRule,
				`prop.limits.cpu: Invalid value: "0": ` + checktest.CPURule,
				`prop.requests.memory: Invalid value: "1": ` + checktest.LeastRule,
				`prop.limits.memory: Required value: a quantity such as "512Mi" or "1Gi"`,
			},
		},
	})
}
