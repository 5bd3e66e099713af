package constructs

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestSpreadValidate(t *testing.T) {
	validate := func(spread ...Spread) field.ErrorList {
		return BackendProps{Image: "api:1", Spread: spread}.Validate(field.NewPath("backend"))
	}
	runChecks(t, map[string]expectation{
		"none": {errs: validate()},
		"own":  {errs: validate(Spread{TopologyKey: "example.com/rack", MaxSkew: 2, Required: true}, Spread{TopologyKey: "kubernetes.io/hostname"})},
		"all wrong": {
			validate(Spread{MaxSkew: -1}, Spread{TopologyKey: "a b"}, Spread{TopologyKey: "rack"}, Spread{TopologyKey: "rack"}),
			[]string{
				"backend.spread[0].topologyKey: Required value: a label of the nodes",
				"backend.spread[0].maxSkew: Invalid value: -1: " + checktest.NotBelow1Rule,
				`backend.spread[1].topologyKey: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`backend.spread[3].topologyKey: Duplicate value: "rack": the same as backend.spread[2].topologyKey`,
			},
		},
	})
}
