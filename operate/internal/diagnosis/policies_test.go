package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Which policies admit the proxy follows from the component that they and the HTTPRoute are of.
func TestPoliciesOfProxies(t *testing.T) {
	const component = "shop-web"
	policies := func(t *testing.T, peer string) *State {
		s := bazaar(t)
		policy := read[networkingv1.NetworkPolicy](t, `
metadata: {namespace: shop, name: from-web, labels: {app.kubernetes.io/name: shop-web}}
spec: {podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], ingress: [{from: [`+peer+`], ports: [{port: 8000}]}]}`)
		declared := declare(t, "NetworkPolicy", &policy)
		declared.SetAPIVersion("networking.k8s.io/v1")
		s.Declared = append(s.Declared, declared)
		for _, o := range s.Declared {
			if o.GetKind() == "HTTPRoute" {
				o.SetLabels(map[string]string{componentLabel: component})
			}
		}
		s.Entry.Policies = []networkingv1.NetworkPolicy{policy}
		return s
	}
	const nearby, balancer = "{podSelector: {matchLabels: {gateway.networking.k8s.io/gateway-name: shop}}}", "{ipBlock: {cidr: 130.211.0.0/22}}"
	cause := func(t *testing.T, s *State) string {
		return Ingress(s, []Answer{s.ask(t, unavailable)}).Findings[0].Cause
	}
	for name, peer := range map[string]string{"nearby": nearby, "a load balancer": balancer} {
		s := policies(t, peer)
		s.Entry.Policies[0].Name = "default-deny"
		require.Equal(t, "declared, but not in the cluster, and others isolate the pods of Service api:80", cause(t, s), name)
	}

	s := policies(t, nearby)
	s.Entry.Namespaces = append(s.Entry.Namespaces, corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", Labels: map[string]string{corev1.LabelMetadataName: "shop"}}})
	require.Equal(t, []string{"gateway.networking.k8s.io/gateway-name=shop"}, s.Peers([]Answer{s.ask(t, unavailable)}))
	require.Equal(t, "admits pods with gateway.networking.k8s.io/gateway-name=shop in namespace shop, but none runs: the controller must be elsewhere", cause(t, s))
	s.Entry.Peers = []corev1.Pod{{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "proxy", Labels: map[string]string{"gateway.networking.k8s.io/gateway-name": "shop"}}}}
	require.Equal(t, "answers 503 Service Unavailable", cause(t, s))

	s = policies(t, balancer)
	require.Empty(t, s.Peers([]Answer{s.ask(t, unavailable)}))
	require.Equal(t, "answers 503 Service Unavailable", cause(t, s), "whether addresses are right nobody knows")

	for _, o := range s.Declared {
		o.SetLabels(nil)
	}
	s.Entry.Policies[0].Name = "default-deny"
	require.Equal(t, "answers 503 Service Unavailable", cause(t, s), "another component's policy is no proxy's")
}

func TestCiliumPolicies(t *testing.T) {
	const manifest = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {namespace: shop, name: api-from-web}
spec: {endpointSelector: {matchLabels: {app: api}}, ingress: [{fromEntities: [ingress]}]}
`
	s := bazaar(t)
	declared, live := custom(t, manifest), custom(t, manifest)
	s.Declared = append(s.Declared, &declared)
	s.Entry.Policies[0].Name = "default-deny"
	cause := func() Finding { return Ingress(s, []Answer{s.ask(t, unavailable)}).Findings[0] }
	require.Equal(t, "answers 503 Service Unavailable", cause().Cause, "not readable")
	s.Entry.Cilium.Objects = map[string][]unstructured.Unstructured{"CiliumNetworkPolicy": {}}
	require.Equal(t, "CiliumNetworkPolicy shop/api-from-web", cause().Object)
	require.Equal(t, "declared, but not in the cluster, and others isolate the pods of Service api:80", cause().Cause)

	unstructured.RemoveNestedField(live.Object, "spec", "ingress")
	live.SetManagedFields([]metav1.ManagedFieldsEntry{{
		Manager: "kubectl-edit", Operation: metav1.ManagedFieldsOperationUpdate, FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:ingress":{}}}`),
	}})
	s.Entry.Cilium.Objects["CiliumNetworkPolicy"] = []unstructured.Unstructured{live}
	require.Equal(t, "is not as declared", cause().Cause)
	require.Equal(t, "spec.ingress by kubectl-edit", cause().Changed)

	s.Entry.Cilium.Objects["CiliumNetworkPolicy"] = []unstructured.Unstructured{declared}
	require.Equal(t, "answers 503 Service Unavailable", cause().Cause)
	require.NoError(t, unstructured.SetNestedField(declared.Object, "other", "spec", "endpointSelector", "matchLabels", "app"))
	s.Entry.Cilium.Objects["CiliumNetworkPolicy"] = []unstructured.Unstructured{}
	require.Equal(t, "answers 503 Service Unavailable", cause().Cause, "it is for others")
}
