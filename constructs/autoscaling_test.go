package constructs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestAutoscalingValidate(t *testing.T) {
	runChecks(t, map[string]expectation{
		"least":  {errs: Autoscaling{MaxReplicas: 2}.withDefaults().validate(checktest.Prop)},
		"one":    {errs: Autoscaling{MinReplicas: 1, MaxReplicas: 1}.withDefaults().validate(checktest.Prop)},
		"memory": {errs: Autoscaling{MaxReplicas: 9, TargetMemoryUtilization: 70}.withDefaults().validate(checktest.Prop)},
		"metrics, with limits": {errs: Autoscaling{
			MaxReplicas: 9, Metrics: []AutoscalingMetric{{Name: "requests_per_second", AverageValue: "500m"}, {Name: "queue", AverageValue: "1e1", External: true, Labels: map[string]string{"q": "a"}}},
			ScaleUp: ScalingRules{Pods: 1, Percent: 200}, ScaleDown: ScalingRules{StabilizationWindow: time.Hour},
		}.withDefaults().validate(checktest.Prop)},
		"another autoscaler": {errs: Autoscaling{MaxReplicas: 9, External: true}.withDefaults().validate(checktest.Prop)},
		"another autoscaler, with targets": {
			Autoscaling{MaxReplicas: 9, MinReplicas: -1, External: true, TargetCPUUtilization: 50}.withDefaults().validate(checktest.Prop),
			[]string{
				"prop.minReplicas: Invalid value: -1: " + checktest.NotBelow0Rule,
				"prop.external: Forbidden: another autoscaler has targets and rules of its own: remove external, or all fields except minReplicas and maxReplicas",
			},
		},
		"bad metrics and limits": {
			Autoscaling{
				MaxReplicas: 9, Metrics: []AutoscalingMetric{{}, {Name: "a/b", AverageValue: "0", Labels: map[string]string{"a b": ""}}, {Name: "a", AverageValue: "many"}},
				ScaleUp:   ScalingRules{Pods: -1, Percent: -1, Period: 31 * time.Minute},
				ScaleDown: ScalingRules{StabilizationWindow: 2 * time.Hour, Period: time.Second},
			}.withDefaults().validate(checktest.Prop),
			[]string{
				"prop.metrics[0].name: Required value",
				`prop.metrics[0].averageValue: Required value: a quantity such as "100" or "500m"`,
				`prop.metrics[1].name: Invalid value: "a/b": may not contain '/'`,
				`prop.metrics[1].averageValue: Invalid value: "0": must be above 0`,
				`prop.metrics[1].labels[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`prop.metrics[2].averageValue: Invalid value: "many": must be a quantity such as "100" or "500m"`,
				"prop.scaleUp.pods: Invalid value: -1: " + checktest.NotBelow0Rule,
				"prop.scaleUp.percent: Invalid value: -1: " + checktest.NotBelow0Rule,
				`prop.scaleUp.period: Invalid value: "31m0s": must be in whole seconds between 1s and 30m`,
				`prop.scaleDown.stabilizationWindow: Invalid value: "2h0m0s": must be in whole seconds between 1s and 1h`,
				"prop.scaleDown.period: Forbidden: has no effect without pods or percent: remove it",
			},
		},
		"no maximum":    {Autoscaling{}.withDefaults().validate(checktest.Prop), []string{"prop.maxReplicas: Required value"}},
		"below default": {Autoscaling{MaxReplicas: 1}.withDefaults().validate(checktest.Prop), []string{"prop.maxReplicas: Invalid value: 1: must not be below minReplicas (2, the default)"}},
		"min above max": {Autoscaling{MinReplicas: 4, MaxReplicas: 3}.withDefaults().validate(checktest.Prop), []string{"prop.maxReplicas: Invalid value: 3: must not be below minReplicas (4)"}},
		"all negative": {
			Autoscaling{MinReplicas: -1, MaxReplicas: -1, TargetCPUUtilization: -1, TargetMemoryUtilization: -1}.withDefaults().validate(checktest.Prop),
			[]string{
				"prop.minReplicas: Invalid value: -1: " + checktest.NotBelow1Rule,
				"prop.maxReplicas: Invalid value: -1: " + checktest.NotBelow1Rule,
				"prop.targetCPUUtilization: Invalid value: -1: " + checktest.NotBelow0Rule,
				"prop.targetMemoryUtilization: Invalid value: -1: " + checktest.NotBelow0Rule,
			},
		},
	})
}

// Both would set the number of replicas, each undoing the other's.
func TestAnotherAutoscalerIsAlone(t *testing.T) {
	props := BackendProps{Image: "api:1", Autoscaling: &Autoscaling{MaxReplicas: 9, External: true}}
	server := props.server(field.NewPath("backend"), testComponent)
	require.Empty(t, server.validate(field.NewPath("backend")))
	require.Nil(t, server.workload().Replicas)
	require.Nil(t, server.autoscaling.autoscaler(testComponent))
}
