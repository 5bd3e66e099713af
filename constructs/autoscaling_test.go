package constructs

import "testing"

func TestAutoscalingValidate(t *testing.T) {
	runChecks(t, map[string]check{
		"least":         {errs: Autoscaling{MaxReplicas: 2}.withDefaults().validate(prop)},
		"one":           {errs: Autoscaling{MinReplicas: 1, MaxReplicas: 1}.withDefaults().validate(prop)},
		"memory":        {errs: Autoscaling{MaxReplicas: 9, TargetMemoryUtilization: 70}.withDefaults().validate(prop)},
		"no maximum":    {Autoscaling{}.withDefaults().validate(prop), []string{"prop.maxReplicas: Required value"}},
		"below default": {Autoscaling{MaxReplicas: 1}.withDefaults().validate(prop), []string{"prop.maxReplicas: Invalid value: 1: must not be below minReplicas"}},
		"min above max": {Autoscaling{MinReplicas: 4, MaxReplicas: 3}.withDefaults().validate(prop), []string{"prop.maxReplicas: Invalid value: 3: must not be below minReplicas"}},
		"all negative": {
			Autoscaling{MinReplicas: -1, MaxReplicas: -1, TargetCPUUtilization: -1, TargetMemoryUtilization: -1}.withDefaults().validate(prop),
			[]string{
				"prop.minReplicas: Invalid value: -1: " + notBelow1Rule,
				"prop.maxReplicas: Invalid value: -1: " + notBelow1Rule,
				"prop.targetCPUUtilization: Invalid value: -1: " + notBelow0Rule,
				"prop.targetMemoryUtilization: Invalid value: -1: " + notBelow0Rule,
			},
		},
	})
}
