package diagnosis

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// The objects of an application that adds its host to a Gateway of others, with what controllers write into their status.
const (
	gatewayAPI = "apiVersion: gateway.networking.k8s.io/v1\n"
	good       = "{conditions: [{type: Accepted, status: 'True'}, {type: Programmed, status: 'True'}], listeners: [{name: https-shop, conditions: [{type: Accepted, status: 'True'}]}]}"

	shopRoute = gatewayAPI + `
kind: HTTPRoute
metadata: {namespace: shop, name: shop}
spec:
  parentRefs: [{kind: ListenerSet, name: shop, sectionName: https-shop}]
  hostnames: [shop.example.com]
  rules: [{matches: [{path: {type: PathPrefix, value: /}}], backendRefs: [{name: api, port: 80}]}]
status: {parents: [{parentRef: {kind: ListenerSet, name: shop, sectionName: https-shop}, conditions: [{type: Accepted, status: 'True'}, {type: ResolvedRefs, status: 'True'}]}]}
`
	shopListeners = gatewayAPI + `
kind: ListenerSet
metadata: {namespace: shop, name: shop, annotations: {cert-manager.io/cluster-issuer: letsencrypt}}
spec:
  parentRef: {name: public, namespace: infra}
  listeners:
  - {name: http-shop, port: 80, protocol: HTTP, hostname: shop.example.com}
  - {name: https-shop, port: 443, protocol: HTTPS, hostname: shop.example.com, tls: {certificateRefs: [{name: shop-tls}]}}
status: ` + good + `
`
	publicGateway = gatewayAPI + `
kind: Gateway
metadata: {namespace: infra, name: public}
spec: {gatewayClassName: eg, listeners: [{name: http, port: 80, protocol: HTTP}]}
status: {addresses: [{value: 203.0.113.7}], conditions: [{type: Accepted, status: 'True'}, {type: Programmed, status: 'True'}]}
`
	envoyClass = gatewayAPI + `
kind: GatewayClass
metadata: {name: eg}
spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}
status: {conditions: [{type: Accepted, status: 'True'}]}
`
)

// bazaar is shop, published by Gateway API.
func bazaar(t *testing.T) *State {
	t.Helper()
	s := market(t)
	s.Declared = s.Declared[:2] // Without the Ingress and its policy.
	s.Entry.Ingresses, s.Entry.Classes = nil, nil
	s.Entry.GatewayAPI.Objects = map[string][]unstructured.Unstructured{}
	for _, manifest := range []string{shopRoute, shopListeners, publicGateway, envoyClass} {
		o := custom(t, manifest)
		s.Entry.GatewayAPI.Objects[o.GetKind()] = append(s.Entry.GatewayAPI.Objects[o.GetKind()], o)
		if o.GetNamespace() == "shop" {
			s.Declared = append(s.Declared, o.DeepCopy())
		}
	}
	return s
}

func custom(t *testing.T, manifest string) unstructured.Unstructured {
	t.Helper()
	var o unstructured.Unstructured
	content, err := yaml.YAMLToJSON([]byte(manifest))
	require.NoError(t, err)
	require.NoError(t, o.UnmarshalJSON(content))
	return o
}

// live is one of the objects in the cluster, for a test to change.
func (s *State) gatewayObject(kind string) map[string]any {
	return s.Entry.GatewayAPI.Objects[kind][0].Object
}

// condition replaces the conditions of an object, or of its only listener or parent.
func setCondition(t *testing.T, o map[string]any, at, condition string) {
	t.Helper()
	var list []any
	require.NoError(t, yaml.Unmarshal([]byte(condition), &list))
	status := o["status"].(map[string]any)
	if at != "" {
		status = status[at].([]any)[0].(map[string]any)
	}
	status["conditions"] = list
}

// gatewayRefusal is a condition that is false, for a reason.
func gatewayRefusal(kind, reason string) string {
	return fmt.Sprintf("[{type: %s, status: 'False', reason: %s, message: because}]", kind, reason)
}

func TestGateway(t *testing.T) {
	const route, set, gateway, apply = "HTTPRoute shop/shop", "ListenerSet shop/shop", "Gateway infra/public", "apply the manifests: kubectl apply -f dist"
	const isUnknown, is404, is500, is503 = "shop.example.com does not exist in DNS", "answers 404 Not Found (default backend - 404)", "answers 500 Internal Server Error", "answers 503 Service Unavailable"
	const isRefused = "203.0.113.7:443 refuses the connection"
	const describeGateway, describeSet, describeRoute = "kubectl -n infra describe gateway.gateway.networking.k8s.io public",
		"kubectl -n shop describe listenerset.gateway.networking.k8s.io shop", "kubectl -n shop describe httproute.gateway.networking.k8s.io shop"
	const envoyPods = "kubectl get pods -A -l control-plane=envoy-gateway"
	internal := Answer{Status: 500}
	at := func(symptom string, more ...string) []string {
		return append([]string{"https://shop.example.com/ (" + symptom + ")"}, more...)
	}
	set1 := func(kind, path string, value any) func(*testing.T, *State) {
		return func(t *testing.T, s *State) {
			require.NoError(t, unstructured.SetNestedField(s.gatewayObject(kind), value, strings.Split(path, ".")...))
		}
	}
	conditions := func(kind, at, condition string) func(*testing.T, *State) {
		return func(t *testing.T, s *State) { setCondition(t, s.gatewayObject(kind), at, condition) }
	}
	gone := func(kinds ...string) func(*testing.T, *State) {
		return func(_ *testing.T, s *State) {
			for _, kind := range kinds {
				s.Entry.GatewayAPI.Objects[kind] = []unstructured.Unstructured{}
			}
		}
	}
	const defaults = "[{type: Accepted, status: Unknown, reason: Pending}, {type: Programmed, status: Unknown, reason: Pending}]"
	for _, test := range []struct {
		name   string
		broke  func(*testing.T, *State)
		answer Answer
		want   Finding
	}{
		{"no Gateway API", func(_ *testing.T, s *State) { s.Entry.GatewayAPI = CustomObjects{Missing: []string{"ListenerSet"}} }, refused, Finding{
			Object: "gateway.networking.k8s.io/v1 ListenerSet", Cause: "the cluster does not know this kind", Affected: at(isRefused, set),
			Advice: "install what defines it first; see what there is: kubectl api-resources",
		}},
		{"route missing", gone("HTTPRoute"), nowhere, Finding{Object: route, Cause: "declared, but not in the cluster", Affected: at(is404), Advice: apply}},
		{"listeners missing", gone("ListenerSet"), refused, Finding{Object: set, Cause: "declared, but not in the cluster", Affected: at(isRefused), Advice: apply}},
		{"route changed", set1("HTTPRoute", "spec.hostnames", []any{"other.example.com"}), nowhere, Finding{
			Object: route, Cause: "is not as declared: spec.hostnames[0]", Affected: at(is404), Advice: apply,
		}},
		{"listeners changed", set1("ListenerSet", "spec.parentRef", map[string]any{"name": "public", "namespace": "other"}), refused, Finding{
			Object: set, Cause: "is not as declared: spec.parentRef.namespace", Affected: at(isRefused), Advice: apply,
		}},
		{"no Gateway", gone("Gateway"), refused, Finding{
			Object: set, Cause: "attaches to Gateway infra/public, which does not exist", Affected: at(isRefused),
			Advice: "create the Gateway, or name another one: kubectl get gateways.gateway.networking.k8s.io -A",
		}},
		{"no class", set1("Gateway", "spec.gatewayClassName", "nginx"), refused, Finding{
			Object: gateway, Cause: `names GatewayClass "nginx", which does not exist (the cluster has eg)`, Affected: at(isRefused),
			Advice: "install the controller of this class, or name another class: kubectl get gatewayclass",
		}},
		{"class refused", conditions("GatewayClass", "", gatewayRefusal("Accepted", "UnsupportedVersion")), refused, Finding{
			Object: "GatewayClass eg", Cause: "is not accepted: because (UnsupportedVersion)", Affected: at(isRefused), Advice: "correct it: kubectl describe gatewayclass eg",
		}},
		{"Gateway not taken", conditions("Gateway", "", defaults), unknown, Finding{
			Object: gateway, Cause: "no controller has taken it: GatewayClass eg is for controller gateway.envoyproxy.io/gatewayclass-controller", Affected: at(isUnknown),
			Advice: "see whether the controller's pods run: " + envoyPods,
		}},
		{"Gateway refused", conditions("Gateway", "", gatewayRefusal("Accepted", "InvalidParameters")), refused, Finding{
			Object: gateway, Cause: "is not accepted: because (InvalidParameters)", Affected: at(isRefused), Advice: "correct it: " + describeGateway,
		}},
		{"ListenerSets not known", conditions("ListenerSet", "", defaults), refused, Finding{
			Object: set, Cause: "no controller has taken it", Affected: at(isRefused),
			Advice: "see whether the controller of Gateway infra/public knows ListenerSets, or give the Gateway the listeners: kubectl get gatewayclass -o yaml",
		}},
		{"ListenerSet not admitted", conditions("ListenerSet", "", gatewayRefusal("Accepted", "NotAllowed")), refused, Finding{
			Object: set, Cause: "is not accepted: because (NotAllowed)", Affected: at(isRefused),
			Advice: "admit namespace shop in spec.allowedListeners of Gateway infra/public: kubectl -n infra edit gateway.gateway.networking.k8s.io public",
		}},
		{"ListenerSet of a Gateway that is not accepted", conditions("ListenerSet", "", gatewayRefusal("Accepted", "ParentNotAccepted")), refused, Finding{
			Object: set, Cause: "is not accepted: because (ParentNotAccepted)", Affected: at(isRefused), Advice: "correct it: " + describeSet,
		}},
		{"listener in conflict", func(t *testing.T, s *State) {
			conditions("ListenerSet", "", "[{type: Accepted, status: 'False', reason: ListenersNotValid}]")(t, s)
			conditions("ListenerSet", "listeners", "[{type: Conflicted, status: 'True', reason: HostnameConflict, message: taken}]")(t, s)
		}, refused, Finding{
			Object: set, Cause: "listener https-shop conflicts with another one: taken (HostnameConflict)", Affected: at(isRefused), Advice: "correct it: " + describeSet,
		}},
		{"port not free", conditions("ListenerSet", "listeners", gatewayRefusal("Accepted", "PortUnavailable")), refused, Finding{
			Object: set, Cause: "listener https-shop is not accepted: because (PortUnavailable)", Affected: at(isRefused), Advice: "correct it: " + describeSet,
		}},
		{"certificate not issued", func(t *testing.T, s *State) {
			conditions("ListenerSet", "listeners", gatewayRefusal("ResolvedRefs", "InvalidCertificateRef"))(t, s)
			s.Contents = map[Reference]Contents{{"Secret", "shop", "shop-tls"}: {Missing: true}}
			s.Entry.CertManager = certManager(t)
		}, refused, Finding{
			Object: "ClusterIssuer letsencrypt", Cause: "does not exist",
			Affected: at(isRefused, "ListenerSet shop/shop (listener https-shop refers to what cannot be used: because (InvalidCertificateRef))", "Secret shop/shop-tls (does not exist)"),
			Advice:   "create it (https://cert-manager.io/docs/configuration), or name another one: kubectl get clusterissuers,issuers -A",
		}},
		{"certificate unknown", func(t *testing.T, s *State) {
			conditions("ListenerSet", "listeners", gatewayRefusal("ResolvedRefs", "InvalidCertificateRef"))(t, s)
			s.Entry.CertManager = certManager(t, readyIssuer, "{kind: Certificate, metadata: {namespace: shop, name: c}, spec: {secretName: shop-tls, issuerRef: {kind: ClusterIssuer, name: letsencrypt}}, status: {conditions: [{type: Ready, status: 'True'}]}}")
		}, refused, Finding{
			Object: set, Cause: "listener https-shop refers to what cannot be used: because (InvalidCertificateRef)", Affected: at(isRefused), Advice: "correct it: " + describeSet,
		}},
		{"no certificate asked for", func(t *testing.T, s *State) { s.Entry.CertManager = certManager(t, readyIssuer) }, fake, Finding{
			Object: set, Cause: "cert-manager has made no Certificate for Secret shop-tls", Affected: at("its certificate is the controller's own (Kubernetes Ingress Controller Fake Certificate)"),
			Advice: certManagerPods + "; and their events: " + describeSet,
		}},
		{"listener not programmed", conditions("ListenerSet", "listeners", gatewayRefusal("Programmed", "Pending")), refused, Finding{
			Object: set, Cause: "listener https-shop is not programmed: because (Pending)", Affected: at(isRefused), Advice: "correct it: " + describeSet,
		}},
		{"no address", func(t *testing.T, s *State) {
			conditions("Gateway", "", "[{type: Accepted, status: 'True'}, {type: Programmed, status: 'False', reason: AddressNotAssigned}]")(t, s)
			s.Entry.AllServices = []corev1.Service{{ObjectMeta: metav1.ObjectMeta{Namespace: "envoy", Name: "public"}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer}}}
		}, unknown, Finding{
			Object: gateway, Cause: "is not programmed: AddressNotAssigned", Affected: at(isUnknown, "Service envoy/public (type LoadBalancer, has no address either)"),
			Advice: "see its conditions, and the proxy's Service and pods: " + describeGateway,
		}},
		{"no address, unsaid", set1("Gateway", "status.addresses", []any{}), unknown, Finding{
			Object: gateway, Cause: "has no address in its status", Affected: at(isUnknown), Advice: "see the proxy's Service and pods: kubectl get services,pods -A -l control-plane=envoy-gateway",
		}},
		{"route not taken", set1("HTTPRoute", "status.parents", []any{}), nowhere, Finding{
			Object: route, Cause: "no controller has attached it to ListenerSet shop/shop", Affected: at(is404), Advice: "see whether the controller's pods run: " + envoyPods,
		}},
		{"route not admitted", conditions("HTTPRoute", "parents", gatewayRefusal("Accepted", "NotAllowedByListeners")), nowhere, Finding{
			Object: route, Cause: "is not accepted by ListenerSet shop/shop: because (NotAllowedByListeners)", Affected: at(is404),
			Advice: "admit routes of namespace shop in allowedRoutes of the listener: kubectl -n shop edit listenerset.gateway.networking.k8s.io shop",
		}},
		{"route of another host", conditions("HTTPRoute", "parents", gatewayRefusal("Accepted", "NoMatchingListenerHostname")), nowhere, Finding{
			Object: route, Cause: "is not accepted by ListenerSet shop/shop: because (NoMatchingListenerHostname)", Affected: at(is404), Advice: "correct it: " + describeRoute,
		}},
		{"no record", func(*testing.T, *State) {}, unknown, Finding{
			Object: gateway, Cause: "no DNS record leads to it: its address is 203.0.113.7", Affected: at(isUnknown),
			Advice: "create a record of shop.example.com for 203.0.113.7, or verify without DNS: --address=203.0.113.7",
		}},
		{"no Service", func(t *testing.T, s *State) {
			s.Services = nil
			conditions("HTTPRoute", "parents", "[{type: Accepted, status: 'True'}, {type: ResolvedRefs, status: 'False', reason: BackendNotFound}]")(t, s)
		}, internal, Finding{Object: "Service shop/api", Cause: "does not exist, but the HTTPRoute routes to it", Affected: at(is500), Advice: apply}},
		{"another reference", conditions("HTTPRoute", "parents", "[{type: Accepted, status: 'True'}, {type: ResolvedRefs, status: 'False', reason: RefNotPermitted}]"), internal, Finding{
			Object: route, Cause: "refers to what cannot be used: RefNotPermitted", Affected: at(is500), Advice: "correct it: " + describeRoute,
		}},
		{"elsewhere", set1("Gateway", "status.addresses", []any{map[string]any{"value": "203.0.113.8"}}), nowhere, Finding{
			Object: gateway, Cause: "shop.example.com is 203.0.113.7 in DNS, but the Gateway's address is 203.0.113.8", Affected: at(is404),
			Advice: "correct the record, unless 203.0.113.7 forwards requests; verify without DNS: --address=203.0.113.8",
		}},
		{"nothing found", func(*testing.T, *State) {}, nowhere, Finding{
			Object: route, Cause: is404, Affected: []string{"https://shop.example.com/"},
			Advice: "see whether the controller has taken the HTTPRoute, and whether the application has /: " + describeRoute,
		}},
		{"nothing readable", func(_ *testing.T, s *State) { s.Entry = Entry{} }, unavailable, Finding{
			Object: route, Cause: is503, Affected: []string{"https://shop.example.com/"},
			Advice: "see the logs of the controller: kubectl get pods -A; and of the application: kubectl -n shop logs -l app=api",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := bazaar(t)
			answer := s.ask(t, test.answer)
			test.broke(t, s)
			require.Equal(t, Result{Summary: "0 of 1 host working", Findings: []Finding{test.want}}, Ingress(s, []Answer{answer}))
		})
	}
}

// Of a shared Gateway without a ListenerSet, the listener is the Gateway's.
func TestSharedGateway(t *testing.T) {
	s := bazaar(t)
	route := strings.ReplaceAll(shopRoute, "{kind: ListenerSet, name: shop, sectionName: https-shop}", "{name: public, namespace: infra, sectionName: https}")
	declared, live := custom(t, route), custom(t, route)
	s.Declared = append(s.Declared[:2], &declared)
	s.Entry.GatewayAPI.Objects["HTTPRoute"] = []unstructured.Unstructured{live}
	s.Entry.GatewayAPI.Objects["ListenerSet"] = nil
	require.Equal(t, []string{"infra"}, s.ForeignGateways())
	answer := s.ask(t, nowhere)
	require.Nil(t, answer.Secured, "the Gateway has no listener https")
	found := Ingress(s, []Answer{answer}).Findings[0]
	require.Equal(t, `attaches to listener "https" of Gateway infra/public, which has only http`, found.Cause)
	require.Equal(t, "name one of these in the manifests, or add it: kubectl -n infra edit gateway.gateway.networking.k8s.io public", found.Advice)

	s.Entry.GatewayAPI.Objects["Gateway"] = nil
	answer = s.ask(t, nowhere)
	require.Equal(t, "https://shop.example.com/", answer.URL(), "where the Gateway may not be read, the usual name of its listener decides")
	require.Empty(t, answer.Secret)
	require.Equal(t, "see whether the controller has taken the HTTPRoute, and whether the application has /: kubectl -n shop describe httproute.gateway.networking.k8s.io shop",
		Ingress(s, []Answer{answer}).Findings[0].Advice)
}

// The AWS Load Balancer Controller finds certificates by host: there is TLS without a Secret.
func TestCertificatesOfLoadBalancers(t *testing.T) {
	s := market(t)
	ingress := s.Declared[2]
	require.NoError(t, unstructured.SetNestedSlice(ingress.Object, []any{map[string]any{"hosts": []any{"shop.example.com"}}}, "spec", "tls"))
	require.NoError(t, unstructured.SetNestedField(ingress.Object, "alb", "spec", "ingressClassName"))
	live := &s.Entry.Ingresses[0]
	live.Spec.IngressClassName, live.Spec.TLS[0].SecretName, live.UID = new("alb"), "", "ingress"
	s.Entry.Classes[0].Name, s.Entry.Classes[0].Spec.Controller = "alb", awsController
	s.Entry.CertManager = CustomObjects{Missing: []string{"Certificate"}}

	other := served(x509.Certificate{DNSNames: []string{"other.example.com"}, NotAfter: time.Now().Add(time.Hour)}, x509.HostnameError{})
	answer := s.ask(t, other)
	require.Equal(t, "https://shop.example.com/", answer.URL())
	found := Ingress(s, []Answer{answer}).Findings[0]
	require.Equal(t, "its certificate is for other.example.com", found.Cause)
	require.Equal(t, "request a certificate for shop.example.com in AWS Certificate Manager, where the controller looks for one: kubectl -n shop describe ingress shop", found.Advice)

	live.Status = networkingv1.IngressStatus{}
	const message = "Failed build model due to ingress: shop/shop: no certificate found for host: shop.example.com"
	s.Events = []corev1.Event{{InvolvedObject: corev1.ObjectReference{UID: "ingress"}, Reason: "FailedBuildModel", Message: message}}
	found = Ingress(s, []Answer{s.ask(t, unknown)}).Findings[0]
	require.Equal(t, "no controller has written an address into its status: IngressClass alb is for controller ingress.k8s.aws/alb; its last event: "+message, found.Cause)
	require.Equal(t, "correct what the event names: kubectl -n shop describe ingress shop", found.Advice)

	// OpenShift's events name the Ingress without its UID.
	const noSecret = `Incomplete ingress to route rules detected: Invalid or missing TLS secret for rule host "shop.example.com" at index 0, path index 0`
	s.Events = []corev1.Event{
		{InvolvedObject: corev1.ObjectReference{Kind: "Ingress", Namespace: "shop", Name: "other"}, Reason: "IncompleteIngressToRouteRules", Message: "another"},
		{InvolvedObject: corev1.ObjectReference{Kind: "Ingress", Namespace: "shop", Name: "shop"}, Reason: "IncompleteIngressToRouteRules", Message: noSecret},
	}
	require.Contains(t, Ingress(s, []Answer{s.ask(t, unknown)}).Findings[0].Cause, "; its last event: "+noSecret)
}

func TestHostNames(t *testing.T) {
	s := bazaar(t)
	require.Empty(t, s.Entry.HostNames())
	s.gatewayObject("Gateway")["status"].(map[string]any)["addresses"] = []any{map[string]any{"type": "Hostname", "value": "lb.example.com"}, map[string]any{"value": "203.0.113.7"}}
	s.Entry.Ingresses = []networkingv1.Ingress{{Status: networkingv1.IngressStatus{LoadBalancer: networkingv1.IngressLoadBalancerStatus{
		Ingress: []networkingv1.IngressLoadBalancerIngress{{Hostname: "other.example.com"}, {IP: "203.0.113.9"}},
	}}}}
	require.Equal(t, []string{"other.example.com", "lb.example.com"}, s.Entry.HostNames())

	s.Entry.Addresses = map[string][]string{"lb.example.com": {"203.0.113.9"}}
	answer := s.ask(t, Answer{Status: 404, Way: Way{Resolved: []string{"203.0.113.10"}}})
	require.Equal(t, "shop.example.com is 203.0.113.10 in DNS, but the Gateway's address is lb.example.com, 203.0.113.7", Ingress(s, []Answer{answer}).Findings[0].Cause)
}
