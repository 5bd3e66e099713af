package constructs

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
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
		"ephemeral storage and devices": {errs: Resources{
			Requests: ResourceList{CPU: "1", Memory: "1Gi", EphemeralStorage: "1Gi"}, Limits: ResourceList{CPU: "1", Memory: "1Gi", EphemeralStorage: "1024Mi"},
			Extended: map[string]int{"nvidia.com/gpu": 1, "example.com/a.b_c": 1<<31 - 1},
		}.Validate(checktest.Prop)},
		"ephemeral storage without a limit":   {errs: Resources{Requests: ResourceList{CPU: "1", Memory: "1Gi", EphemeralStorage: "1Gi"}, Limits: same}.Validate(checktest.Prop)},
		"ephemeral storage without a request": {errs: Resources{Requests: same, Limits: ResourceList{CPU: "1", Memory: "1Gi", EphemeralStorage: "1Gi"}}.Validate(checktest.Prop)},
		"bad ephemeral storage": {
			Resources{
				Requests: ResourceList{CPU: "1", Memory: "1Gi", EphemeralStorage: "2Gi"}, Limits: ResourceList{CPU: "1", Memory: "1Gi", EphemeralStorage: "1Gi"},
			}.Validate(checktest.Prop),
			[]string{`prop.requests.ephemeralStorage: Invalid value: "2Gi": must not exceed the limit 1Gi`},
		},
		"bad devices": {
			Resources{Requests: same, Limits: same, Extended: map[string]int{
				"a b": 1, "gpu": 1, "hugepages-2Mi": 1, "node.kubernetes.io/gpu": 1, "nvidia.com/gpu": 0, "requests.nvidia.com/gpu": -1,
			}}.Validate(checktest.Prop),
			[]string{
				`prop.extended[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`prop.extended[gpu]: Invalid value: "gpu": must be the name that a device plugin gives, with its domain: nvidia.com/gpu`,
				`prop.extended[hugepages-2Mi]: Invalid value: "hugepages-2Mi": must be the name that a device plugin gives, with its domain: nvidia.com/gpu`,
				`prop.extended[node.kubernetes.io/gpu]: Invalid value: "node.kubernetes.io/gpu": must be the name that a device plugin gives, with its domain: nvidia.com/gpu`,
				"prop.extended[nvidia.com/gpu]: Invalid value: 0: " + checktest.NotBelow1Rule,
				`prop.extended[requests.nvidia.com/gpu]: Invalid value: "requests.nvidia.com/gpu": must be the name that a device plugin gives, with its domain: nvidia.com/gpu`,
				"prop.extended[requests.nvidia.com/gpu]: Invalid value: -1: " + checktest.NotBelow1Rule,
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

// Kubernetes gives a device to one container only.
func TestDevicesAreRequestAndLimit(t *testing.T) {
	requirements := Resources{Extended: map[string]int{"nvidia.com/gpu": 2}}.WithDefaults(backendResources).Requirements()
	for _, quantities := range []*map[string]k8s.Quantity{requirements.Requests, requirements.Limits} {
		require.Equal(t, "2", (*quantities)["nvidia.com/gpu"].Value())
	}
	require.NotContains(t, *requirements.Limits, "ephemeral-storage")
}
