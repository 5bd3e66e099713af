package connectivity

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// routed leads from outside to the pod web.
const routed = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {tier: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---`

func TestDependencies(t *testing.T) {
	open := policyOf("{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {tier: web}}}], ports: [{port: sql}]}]}")
	egress := policyOf("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}")
	found, err := Dependencies(objectsOf(t, web, db, closed, open, egress, routed))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "Pod shop/web", found[0].Client)
	require.Equal(t, "Pod shop/db", found[0].Server)
	require.True(t, Include(found[0].Ports, corev1.ProtocolTCP, 5432))
	require.False(t, Include(found[0].Ports, corev1.ProtocolUDP, 5433))

	for _, manifests := range [][]string{{web, db, closed, open, egress}, {web, db, closed, egress, routed}, {web, routed}} {
		found, err := Dependencies(objectsOf(t, manifests...))
		require.NoError(t, err)
		require.Empty(t, found)
	}
}

func TestDecide(t *testing.T) {
	const deny, allow = "NetworkPolicy shop/default-deny", "NetworkPolicy shop/p"
	open := policyOf("{podSelector: {matchLabels: {tier: db}}, ingress: [{from: [{podSelector: {matchLabels: {tier: web}}}], ports: [{port: 5432}]}]}")
	for _, test := range []struct {
		name            string
		manifests       []string
		port            int32
		egress, ingress Decision
	}{
		{"no policy", []string{web, db}, 5432, Decision{}, Decision{}},
		{"closed", []string{web, db, closed}, 5432, Decision{Selecting: []string{deny}}, Decision{Selecting: []string{deny}}},
		{"opened", []string{web, db, closed, open}, 5432, Decision{Selecting: []string{deny}}, Decision{[]string{deny, allow}, []string{allow}}},
		{"another port", []string{web, db, open}, 5433, Decision{}, Decision{Selecting: []string{allow}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			egress, ingress, err := Decide(objectsOf(t, test.manifests...), "Pod shop/web", "Pod shop/db", corev1.ProtocolTCP, test.port)
			require.NoError(t, err)
			require.Equal(t, test.egress, egress)
			require.Equal(t, test.ingress, ingress)
			require.Equal(t, len(test.egress.Selecting) == 0, egress.Open())
			require.Equal(t, test.name != "closed" && test.name != "another port", ingress.Open())
		})
	}
	_, _, err := Decide(objectsOf(t, web), "Pod shop/web", "Pod shop/db", corev1.ProtocolTCP, 5432)
	require.EqualError(t, err, "Pod shop/web and Pod shop/db must be among the objects")
}

func TestClientsOf(t *testing.T) {
	open := policyOf("{podSelector: {matchLabels: {tier: db}}, ingress: [{from: [{podSelector: {matchLabels: {tier: web}}}], ports: [{port: 5432}]}]}")
	g := graphOf(t, web, db, open)
	require.Equal(t, []string{"web"}, g.ClientsOf("Pod", "shop", "db", []int32{5432, 1}))
	require.Empty(t, g.ClientsOf("Pod", "shop", "db", []int32{1}))
	require.Empty(t, g.ClientsOf("Pod", "shop", "other", []int32{5432}))

	dump := "\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: dump, namespace: shop}\n" +
		"spec: {jobTemplate: {spec: {template: {metadata: {labels: {tier: web}}, spec: {containers: []}}}}}\n---"
	require.Equal(t, []string{"web"}, graphOf(t, web, db, open, dump).ClientsOf("Pod", "shop", "db", []int32{5432}), "a CronJob is no client all the time")
}
