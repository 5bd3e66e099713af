package reach

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What the judge would not see, or would be wrong about, is refused.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ name, manifests, fault string }{
		{
			name: "a misspelled field",
			manifests: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelectors: {}}
`,
			fault: `unknown field "spec.podSelectors"`,
		},
		{
			name: "a kind that may make pods",
			manifests: `
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db}
`,
			fault: "Cluster.postgresql.cnpg.io is not one of Kubernetes's own kinds, and not among customKinds",
		},
		{
			name: "a list",
			manifests: `
apiVersion: v1
kind: List
items: []
`,
			fault: "a List hides its items",
		},
		{
			name: "two workloads of one name",
			manifests: `
apiVersion: v1
kind: Pod
metadata: {name: web}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
`,
			fault: "two workloads are called shop/web, and the judge knows one",
		},
		{
			name: "a pod in the network of its node",
			manifests: `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {hostNetwork: true}
`,
			fault: "shop/web is in the network of its node, where policies do not hold",
		},
		{
			name: "addresses of IPv6",
			manifests: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {egress: [{to: [{ipBlock: {cidr: "fd00::/8"}}]}]}
`,
			fault: "policy web names fd00::/8, and the judge knows IPv4 only",
		},
		{
			name: "a pod in a namespace that is not there",
			manifests: `
apiVersion: v1
kind: Pod
metadata: {name: web}
`,
			fault: "namespace of pod shop/web[Pod] is missing",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := parse([]byte(c.manifests), "shop")
			if err == nil {
				_, err = measure(m)
			}
			require.ErrorContains(t, err, c.fault)
		})
	}
}
