package reach

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
)

// spoilt is the manifests of environments, edited.
type spoilt struct {
	name   string
	edit   edit
	view   view // Defaults to both directions.
	faults []string
	more   bool // There are more faults than these.
}

type (
	edit       func(t *testing.T, m *manifests)
	policySpec = networkingv1.NetworkPolicySpec
)

// testSpoilt wants the faults that follow from the edits.
func testSpoilt(t *testing.T, all []spoilt, of ...environment) {
	t.Helper()
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			tr := together(t, of...)
			s.edit(t, &tr.manifests)
			if s.view.name == "" {
				s.view = both
			}
			faults, err := tr.faults(s.view)
			require.NoError(t, err)
			if s.more {
				require.Subset(t, faults, s.faults)
			} else {
				require.Equal(t, s.faults, faults)
			}
		})
	}
}

// without removes policies.
func without(names ...string) edit {
	return func(t *testing.T, m *manifests) {
		t.Helper()
		for _, name := range names {
			i := m.policy(t, name)
			m.policies = slices.Delete(m.policies, i, i+1)
		}
	}
}

// moved puts a policy into another namespace.
func moved(name, namespace string) edit {
	return func(t *testing.T, m *manifests) {
		t.Helper()
		m.policies[m.policy(t, name)].Namespace = namespace
	}
}

// change edits a policy.
func change(name string, edit func(p *policySpec)) edit {
	return func(t *testing.T, m *manifests) {
		t.Helper()
		edit(&m.policies[m.policy(t, name)].Spec)
	}
}

// policy finds the first policy of a name.
func (m *manifests) policy(t *testing.T, name string) int {
	t.Helper()
	i := slices.IndexFunc(m.policies, func(p *networkingv1.NetworkPolicy) bool { return p.Name == name })
	require.GreaterOrEqual(t, i, 0, "there is no policy %s", name)
	return i
}
