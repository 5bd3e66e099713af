package constructs

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestDisruptionBudgetValidate(t *testing.T) {
	validate := func(budget DisruptionBudget, replicas int) field.ErrorList {
		return BackendProps{Image: "api:1", Replicas: &replicas, DisruptionBudget: budget}.Validate(field.NewPath("backend"))
	}
	const (
		blocked = "no node with a pod of the tier could be drained"
		number  = `must be a number or a percentage of pods, such as "2" or "25%"`
	)
	runChecks(t, map[string]expectation{
		"a number":     {errs: validate(DisruptionBudget{MaxUnavailable: "3"}, 2)},
		"a percentage": {errs: validate(DisruptionBudget{MaxUnavailable: "100%"}, 2)},
		"all but one":  {errs: validate(DisruptionBudget{MinAvailable: "2"}, 3)},
		"most":         {errs: validate(DisruptionBudget{MinAvailable: "66%"}, 3)},
		"rounded up to all": {validate(DisruptionBudget{MinAvailable: "67%"}, 3), []string{
			`backend.disruptionBudget.minAvailable: Invalid value: "67%": must be below the smallest number of replicas (3): no node with a pod of the tier could be drained`,
		}},
		"no replicas": {errs: validate(DisruptionBudget{MinAvailable: "1"}, 0)},
		"both": {
			validate(DisruptionBudget{MaxUnavailable: "1", MinAvailable: "1"}, 2),
			[]string{"backend.disruptionBudget.minAvailable: Forbidden: maxUnavailable is set: remove one of them"},
		},
		"none may be missing": {
			validate(DisruptionBudget{MaxUnavailable: "0%"}, 2),
			[]string{`backend.disruptionBudget.maxUnavailable: Invalid value: "0%": must be above 0: ` + blocked},
		},
		"more than all": {
			validate(DisruptionBudget{MaxUnavailable: "101%"}, 2),
			[]string{`backend.disruptionBudget.maxUnavailable: Invalid value: "101%": must not exceed 100%`},
		},
		"all must remain": {
			validate(DisruptionBudget{MinAvailable: "2"}, 2),
			[]string{`backend.disruptionBudget.minAvailable: Invalid value: "2": must be below the smallest number of replicas (2): ` + blocked},
		},
		"all must remain, in percent": {
			validate(DisruptionBudget{MinAvailable: "100%"}, 2),
			[]string{`backend.disruptionBudget.minAvailable: Invalid value: "100%": must be below the smallest number of replicas (2): ` + blocked},
		},
		"no number":   {validate(DisruptionBudget{MaxUnavailable: "-1"}, 2), []string{`backend.disruptionBudget.maxUnavailable: Invalid value: "-1": ` + number}},
		"other forms": {validate(DisruptionBudget{MinAvailable: "01"}, 2), []string{`backend.disruptionBudget.minAvailable: Invalid value: "01": ` + number}},
	})
}
