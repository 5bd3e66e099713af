package rollout

import "testing"

// step is a part of a test that begins where the step before it ended.
type step struct {
	name string
	test func(*testing.T, mode)
}

// TestDeployment brings production into an empty cluster, and the other environments beside it. The last step is of one mode only:
// documents say "kubectl apply", and a drain does not care.
func TestDeployment(t *testing.T) {
	t.Run(clientSide.name, func(t *testing.T) { deploy(t, clientSide, step{"the documents' commands work", testDocuments}) })
	t.Run(serverSide.name, func(t *testing.T) { deploy(t, serverSide, step{"a drain respects the budgets", testDrain}) })
}

func deploy(t *testing.T, m mode, last step) {
	t.Helper()
	begin(t, environments...)
	for _, next := range []step{
		{"apply", testApply},
		{"restricted is enforced", testRestricted},
		{"without the Secret pods wait", testWaiting},
		{"with the Secret all is available", testAvailable},
		{"claims are bound", testClaims},
		{"Services have ready endpoints", testEndpoints},
		{"pods are spread over zones", testSpread},
		{"nothing differs from what was written", testNoDifference},
		last,
	} {
		if !t.Run(next.name, func(t *testing.T) { next.test(t, m) }) {
			return
		}
	}
}

// testApply applies one environment after the other, each in one pass.
func testApply(t *testing.T, m mode) {
	for _, e := range environments {
		m.apply(t, e.path())
	}
}

func testNoDifference(t *testing.T, m mode) {
	requireNoDifference(t, m, environmentObjects(t), paths()...)
}

func paths() []string {
	var all []string
	for _, e := range environments {
		all = append(all, e.path())
	}
	return all
}
