package constructs

import (
	"testing"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestAutoscalingValidate(t *testing.T) {
	runChecks(t, map[string]expectation{
		"least":         {errs: Autoscaling{MaxReplicas: 2}.withDefaults().validate(checktest.Prop)},
		"one":           {errs: Autoscaling{MinReplicas: 1, MaxReplicas: 1}.withDefaults().validate(checktest.Prop)},
		"memory":        {errs: Autoscaling{MaxReplicas: 9, TargetMemoryUtilization: 70}.withDefaults().validate(checktest.Prop)},
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
