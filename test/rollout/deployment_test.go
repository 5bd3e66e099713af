package rollout

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDeployment brings production into an empty cluster and then the other environments beside it. Each step begins where the one
// before it ended.
func TestDeployment(t *testing.T) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			removeAfterwards(t, environments...)
			steps := []struct {
				name string
				test func(*testing.T, mode)
			}{
				{"apply", testApply},
				{"restricted is enforced", testRestricted},
				{"without the Secret pods wait", testWaiting},
				{"with the Secret all is available", testAvailable},
				{"claims are bound", testClaims},
				{"Services have ready endpoints", testEndpoints},
				{"pods are spread over zones", testSpread},
				{"diff is empty", testDiff},
				{"apply again changes nothing", testApplyAgain},
				{"a drain respects the budgets", testDrain},
				{"the documents' commands work", testDocuments},
			}
			for _, step := range steps {
				if !t.Run(step.name, func(t *testing.T) { step.test(t, m) }) {
					return
				}
			}
		})
	}
}

// One pass is enough, without an error or a warning.
func testApply(t *testing.T, m mode) {
	require.Empty(t, deployments(t), "the cluster is not empty")
	for _, e := range environments {
		m.apply(t, e.path())
	}
}
