package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestRolloutValidate(t *testing.T) {
	rollout := func(unavailable, surge int) Rollout { return Rollout{MaxUnavailable: &unavailable, MaxSurge: &surge} }
	runChecks(t, map[string]expectation{
		"no surge":     {errs: rollout(1, 0).validate(checktest.Prop)},
		"none missing": {errs: rollout(0, 1).validate(checktest.Prop)},
		"stuck":        {rollout(0, 0).validate(checktest.Prop), []string{"prop.maxUnavailable: Invalid value: 0: must not be 0 if maxSurge is 0: no pod could be replaced"}},
		"both negative": {
			rollout(-1, -2).validate(checktest.Prop),
			[]string{"prop.maxUnavailable: Invalid value: -1: " + checktest.NotBelow0Rule, "prop.maxSurge: Invalid value: -2: " + checktest.NotBelow0Rule},
		},
	})
}

// Defaults never make a rollout that cannot go on, and keep a single replica up.
func TestRolloutDefaults(t *testing.T) {
	for name, test := range map[string]struct {
		rollout                    Rollout
		replicas                   int
		wantUnavailable, wantSurge int
	}{
		"several":                 {Rollout{}, 2, 1, 1},
		"none":                    {Rollout{}, 0, 1, 1},
		"one":                     {Rollout{}, 1, 0, 1},
		"one that cannot surge":   {Rollout{MaxSurge: new(0)}, 1, 1, 0},
		"several, none missing":   {Rollout{MaxUnavailable: new(0)}, 3, 0, 1},
		"one that may be missing": {Rollout{MaxUnavailable: new(1)}, 1, 1, 1},
	} {
		got := test.rollout.withDefaults(test.replicas)
		require.Equal(t, test.wantUnavailable, *got.MaxUnavailable, name)
		require.Equal(t, test.wantSurge, *got.MaxSurge, name)
		require.Empty(t, got.validate(checktest.Prop), name)
	}
}
