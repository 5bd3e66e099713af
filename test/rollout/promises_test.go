package rollout

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// requireSameObjects finds objects that were replaced by others of their name: their immutable fields were changed.
func requireSameObjects(t *testing.T, before, after map[string]unstructured.Unstructured) {
	t.Helper()
	for path, now := range after {
		if former, was := before[path]; was {
			require.Equal(t, former.GetUID(), now.GetUID(), path)
		}
	}
}

// requireReplaced wants new pods in these tiers and in no others. A tier that is gone has none.
func requireReplaced(t *testing.T, tiers []string, before []appsv1.Deployment) {
	t.Helper()
	after := revisions(t)
	replaced := []string{}
	for _, d := range before {
		if now, exists := after[nameOf(&d)]; exists && now != revision(d) {
			replaced = append(replaced, d.Labels["component"])
		}
	}
	require.ElementsMatch(t, tiers, replaced)
}

// requireAvailable wants the pods that were promised to have been there all the time.
func requireAvailable(t *testing.T, fewest map[string]int, before []appsv1.Deployment) {
	t.Helper()
	after := map[string]appsv1.Deployment{}
	for _, d := range deployments(t) {
		after[nameOf(&d)] = d
	}
	for _, d := range before {
		name := nameOf(&d)
		if now, exists := after[name]; exists {
			require.GreaterOrEqual(t, fewest[name], promised(d, now), "pods of %s", name)
		}
	}
}

// promised is how many pods there are at least while a Deployment is changed.
func promised(before, after appsv1.Deployment) int {
	had, wants := int(*before.Spec.Replicas), int(*after.Spec.Replicas)
	switch {
	case revision(before) == revision(after):
		return min(had, wants)
	case after.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType:
		return 0
	}
	return min(had, wants-after.Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue())
}
