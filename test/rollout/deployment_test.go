package rollout

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

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
		{"diff is empty", testDiff},
		{"apply again changes nothing", testApplyAgain},
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

func testDiff(t *testing.T, m mode) { requireNoDiff(t, m, paths()...) }

func requireNoDiff(t *testing.T, m mode, folders ...string) {
	t.Helper()
	// It ends with 1 where there is a difference.
	require.Empty(t, kubectl(t, slices.Concat([]string{"diff"}, files(folders...), m.flags)...))
}

func testApplyAgain(t *testing.T, m mode) {
	var declared []unstructured.Unstructured
	for _, e := range environments {
		declared = append(declared, objectsOf(t, e.files(t))...)
	}
	before := versions(stored(t, declared))
	m.apply(t, paths()...)
	require.Equal(t, before, versions(stored(t, declared)))
}

func paths() []string {
	var all []string
	for _, e := range environments {
		all = append(all, e.path())
	}
	return all
}
