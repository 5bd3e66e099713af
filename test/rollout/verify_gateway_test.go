package rollout

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
)

// The listener for the host, of the application's ListenerSet.
const hostListener = "https-" + host

// gatewayObjects are what the cluster brings.
const gatewayObjects = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: eg}
spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: infra}
spec:
  gatewayClassName: eg
  allowedListeners: {namespaces: {from: All}}
  listeners: [{name: http, port: 80, protocol: HTTP}]
`

// gatewayBreakages are between outside and the Services. The messages are Envoy Gateway's: internal/gatewayapi. That of the ListenerSet is
// another implementation's.
var gatewayBreakages = []struct {
	answer    string
	breakages []breakage
}{
	{"none", []breakage{
		{
			"no GatewayClass", `names GatewayClass "eg", which does not exist`,
			func(t *testing.T, _ verified) { kubectl(t, "delete", "gatewayclass/eg") }, createGateway,
		},
		{
			"no Gateway controller", "no controller has taken it",
			func(t *testing.T, _ verified) { // Created anew, the Gateway has the status that the API server gives it.
				kubectl(t, "delete", "gateway/public", "--namespace=infra")
				kubectlWith(t, gatewayObjects, "apply", "--filename=-")
			},
			createGateway,
		},
		{
			"Gateway without address", "is not programmed",
			func(t *testing.T, _ verified) {
				setStatus(t, "gateway/public", "infra", fmt.Sprintf(`{"addresses":null,"conditions":[%s,%s]}`, isTrue("Accepted"),
					isFalse("Programmed", "AddressNotAssigned", "No addresses have been assigned to the Gateway")))
				kubectl(t, "create", "service", "loadbalancer", "envoy-infra-public", "--tcp=443", "--namespace=infra")
			},
			func(t *testing.T, v verified) {
				kubectl(t, "delete", "service/envoy-infra-public", "--namespace=infra")
				createGateway(t, v)
			},
		},
		{
			"Gateway deleted", "attaches to Gateway infra/public, which does not exist",
			func(t *testing.T, _ verified) { kubectl(t, "delete", "gateway/public", "--namespace=infra") }, createGateway,
		},
		{
			"ListenerSet not admitted", "is not accepted",
			func(t *testing.T, _ verified) {
				setStatus(t, "listenerset/ai-platform-ingress", production.Namespace, fmt.Sprintf(`{"conditions":[%s]}`,
					isFalse("Accepted", "NotAllowed", "ListenerSet is not allowed by the Gateway's allowedListeners policy")))
			},
			setGood,
		},
		{
			"listener without certificate", "the cluster has no cert-manager",
			func(t *testing.T, _ verified) {
				setStatus(t, "listenerset/ai-platform-ingress", production.Namespace, listenersStatus(isFalse("ResolvedRefs", "InvalidCertificateRef", "Secret ai-platform/ai-platform-tls does not exist.")))
			},
			setGood,
		},
	}},
	{"missing", []breakage{
		{
			"HTTPRoute deleted", "HTTPRoute ai-platform/ai-platform-ingress\n        cause:   declared, but not in the cluster",
			command("delete", "httproute/ai-platform-ingress"), func(t *testing.T, v verified) {
				apply("50-ingress")(t, v)
				setGood(t, v)
			},
		},
		{
			"HTTPRoute by hand", "is not as declared: spec.hostnames[0]",
			command("patch", "httproute/ai-platform-ingress", "--type=merge", `--patch={"spec":{"hostnames":["other.example.com"]}}`), apply("50-ingress"),
		},
		{
			"HTTPRoute not admitted", "is not accepted by ListenerSet",
			func(t *testing.T, _ verified) {
				setRoute(t, isFalse("Accepted", "NotAllowedByListeners", "No listeners included by this parent ref allowed this attachment."))
			},
			setGood,
		},
		{
			"HTTPRoute not attached", "no controller has attached it to ListenerSet",
			func(t *testing.T, _ verified) {
				setStatus(t, "httproute/ai-platform-ingress", production.Namespace, `{"parents":[]}`)
			}, setGood,
		},
	}},
	{"closed", []breakage{
		{
			"policy of the proxy deleted", "NetworkPolicy ai-platform/ai-platform-frontend-from-ingress\n        cause:   declared, but not in the cluster",
			command("delete", "networkpolicy/ai-platform-frontend-from-ingress"), apply("50-ingress"),
		},
		{"proxy elsewhere", "but none runs", nothing, nothing},
	}},
}

// TestVerifyGateway is TestVerify for an application that publishes its host by Gateway API.
func TestVerifyGateway(t *testing.T) {
	begin(t, production)
	environment := platform.Production()
	environment.Ingress.Gateway = &constructs.Gateway{
		Name: "public", Namespace: "infra", ListenerSet: true, Proxy: constructs.GatewayProxy{Profile: constructs.GatewayEnvoy},
	}
	v := verified{newRunning(t, clientSide, render(t, environment.Compose)), startNginx(t)}
	kubectl(t, "create", "namespace", "infra")
	kubectl(t, "create", "namespace", "envoy-gateway-system")
	kubectlAtEnd(t, "delete", "namespace/infra", "namespace/envoy-gateway-system", "gatewayclass/eg", "--wait=false")
	v.mode.apply(t, v.path())
	production.createSecret(t)
	createGateway(t, v)
	setGood(t, v)
	v.requireGatewayPasses(t)
	for _, group := range gatewayBreakages {
		for _, b := range group.breakages {
			t.Run(b.name, func(t *testing.T) {
				b.carryOut(t, v)
				v.requireFails(t, b.name, b.shows, v.nginx.step(group.answer)...)
				b.repair(t, v)
				v.requireGatewayPasses(t)
			})
		}
	}
	t.Run("may not read Gateways", v.testGatewayViewer)
}

// requireGatewayPasses waits for the pods, which policies are about, and for the objects.
func (v verified) requireGatewayPasses(t *testing.T) {
	t.Helper()
	stdout, stderr, code := runProgram(t, v.folder, control.Kubeconfig(), append([]string{"verify", "--wait", "--timeout=1m", "--steps=objects,pods,ingress"}, v.nginx.flags("valid")...)...)
	require.Zero(t, code, stdout+stderr)
	require.Contains(t, stdout, "ok           ingress      ai-platform.example.com answers 200 over HTTPS, certificate of Test Authority until ")
}

// testGatewayViewer has TLS from the ListenerSet, which is declared, although the Gateway may not be read.
func (v verified) testGatewayViewer(t *testing.T) {
	viewer := newAccount(t, production.Namespace, "gateway-viewer")
	here(t, "create", "rolebinding", "gateway-viewer", "--clusterrole=view", "--serviceaccount="+production.Namespace+":gateway-viewer")
	stdout, stderr, code := runProgram(t, v.folder, viewer, append([]string{"verify"}, v.nginx.step("valid")...)...)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "ai-platform.example.com answers 200 over HTTPS")
	stdout, stderr, code = runProgram(t, v.folder, viewer, append([]string{"verify"}, v.nginx.step("missing")...)...)
	require.Equal(t, 1, code, stderr)
	require.Contains(t, stdout, "    HTTPRoute ai-platform/ai-platform-ingress\n        cause:   answers 404 Not Found\n")
	for _, resource := range []string{"gateways", "gatewayclasses of the whole cluster", "listenersets", "httproutes"} {
		require.Contains(t, stdout, "note: you may not read "+resource+": causes are less exact than they could be\n")
	}
}

// createGateway does what a controller does for the Gateway.
func createGateway(t *testing.T, _ verified) {
	t.Helper()
	kubectlWith(t, gatewayObjects, "apply", "--filename=-")
	kubectl(t, "patch", "gatewayclass/eg", "--subresource=status", "--type=merge", `--patch={"status":{"conditions":[`+isTrue("Accepted")+`]}}`)
	setStatus(t, "gateway/public", "infra", fmt.Sprintf(`{"addresses":[{"type":"IPAddress","value":"203.0.113.7"}],"conditions":[%s,%s]}`, isTrue("Accepted"), isTrue("Programmed")))
}

// setGood does what a controller does for the objects of the application.
func setGood(t *testing.T, _ verified) {
	t.Helper()
	setStatus(t, "listenerset/ai-platform-ingress", production.Namespace, listenersStatus(isTrue("ResolvedRefs")))
	setRoute(t, isTrue("Accepted"))
}

func listenersStatus(condition string) string {
	return fmt.Sprintf(`{"conditions":[%s,%s],"listeners":[{"name":%q,"attachedRoutes":1,"supportedKinds":[],"conditions":[%s]}]}`,
		isTrue("Accepted"), isTrue("Programmed"), hostListener, condition)
}

func setRoute(t *testing.T, condition string) {
	t.Helper()
	setStatus(t, "httproute/ai-platform-ingress", production.Namespace, fmt.Sprintf(
		`{"parents":[{"parentRef":{"group":"gateway.networking.k8s.io","kind":"ListenerSet","name":"ai-platform-ingress","sectionName":%q},`+
			`"controllerName":"gateway.envoyproxy.io/gatewayclass-controller","conditions":[%s]}]}`, hostListener, condition))
}

func setStatus(t *testing.T, object, namespace, status string) {
	t.Helper()
	kubectl(t, "patch", object, "--namespace="+namespace, "--subresource=status", "--type=merge", `--patch={"status":`+status+`}`)
}

func isTrue(kind string) string { return statusCondition(kind, "True", kind, "") }

func isFalse(kind, reason, message string) string {
	return statusCondition(kind, "False", reason, message)
}

func statusCondition(kind, status, reason, message string) string {
	return fmt.Sprintf(`{"type":%q,"status":%q,"reason":%q,"message":%q,"lastTransitionTime":"2026-01-01T00:00:00Z"}`, kind, status, reason, message)
}
