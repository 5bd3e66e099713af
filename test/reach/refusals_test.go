package reach

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What the analyzer would not see, or would misread without an error, is refused.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ name, manifests, fault string }{
		{"a misspelled field", `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelectors: {}}
`, `unknown field "spec.podSelectors"`},
		{"a kind that may make pods", `
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db}
`, "Cluster.postgresql.cnpg.io is neither one of Kubernetes's own kinds nor among customKinds"},
		{"a list", `
apiVersion: v1
kind: List
items: []
`, "the items of a List are not looked at"},
		{"two workloads of one name", `
apiVersion: v1
kind: Pod
metadata: {name: web}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
`, "two workloads are named shop/web, and the analyzer knows one"},
		{"a pod in the network of its node", `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {hostNetwork: true}
`, "shop/web[Pod] uses its node's network, to which policies do not apply"},
		{"addresses of IPv6", `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {egress: [{to: [{ipBlock: {cidr: "fd00::/8"}}]}]}
`, "policy web: the analyzer does not know IPv6: fd00::/8"},
		{"a pod in a namespace that is not there", `
apiVersion: v1
kind: Pod
metadata: {name: web}
`, "namespace of pod shop/web[Pod] is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := parse([]byte(c.manifests), "shop")
			if err == nil {
				_, err = analyze(m)
			}
			require.ErrorContains(t, err, c.fault)
		})
	}
}
