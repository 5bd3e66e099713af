package rollout

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// testDrain empties each node, and then at once all nodes that have a pod of production's backend, where it is the budget alone
// that keeps enough of them.
func testDrain(t *testing.T, _ mode) {
	for _, node := range slices.Sorted(maps.Keys(zones(t))) {
		drain(t, node)
	}
	nodes := map[string]bool{}
	for _, pod := range pods(t) {
		if deploymentOf(pod) == production.namespace+"/ai-platform-backend" {
			nodes[pod.Spec.NodeName] = true
		}
	}
	require.Greater(t, len(nodes), 1)
	drain(t, slices.Collect(maps.Keys(nodes))...)
}

// drain empties nodes. Meanwhile no Deployment may miss more than one pod.
func drain(t *testing.T, nodes ...string) {
	t.Helper()
	before := watchPods(t)
	kubectl(t, append([]string{"cordon"}, nodes...)...)
	defer kubectl(t, append([]string{"uncordon"}, nodes...)...)
	require.NoError(t, evictAll(t, nodes))
	settle(t)
	for _, pod := range pods(t) {
		require.NotContains(t, nodes, pod.Spec.NodeName, pod.Name)
	}
	fewest := before.fewest(t)
	for _, d := range deployments(t) {
		require.GreaterOrEqual(t, fewest[nameOf(&d)], int(*d.Spec.Replicas)-1, "%s while %v were drained", nameOf(&d), nodes)
	}
}

// evictAll drains nodes at the same time, each by a kubectl of its own: one takes them in turn.
func evictAll(t *testing.T, nodes []string) error {
	t.Helper()
	errs := make([]error, len(nodes))
	var drains sync.WaitGroup
	for i, node := range nodes {
		drains.Go(func() {
			_, _, errs[i] = control.Kubectl(t.Context(), "", "drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=1m")
		})
	}
	drains.Wait()
	return errors.Join(errs...)
}
