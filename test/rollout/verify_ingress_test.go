package rollout

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/crds"
	"github.com/ai-platform/manifests/test/gomodule"
)

// ingressBreakages are between outside and the Services, which work. nginx answers as the controller does then.
var ingressBreakages = []struct {
	answer, steps string
	breakages     []breakage
}{
	{"missing", "ingress", []breakage{
		{
			"Ingress deleted", "Ingress ai-platform/ai-platform-ingress\n        cause:   declared, but not in the cluster",
			command("delete", "ingress/ai-platform-ingress"),
			func(t *testing.T, v verified) {
				apply("50-ingress")(t, v)
				setAddress(`[{"ip":"203.0.113.7"}]`)(t, v)
			},
		},
		{
			"class by hand", "has IngressClass traefik",
			command("patch", "ingress/ai-platform-ingress", `--patch={"spec":{"ingressClassName":"traefik"}}`), apply("50-ingress"),
		},
		{
			"no class", `names IngressClass "nginx", which does not exist`,
			func(t *testing.T, _ verified) {
				createClass(t, "traefik", "traefik.io/ingress-controller")
				kubectl(t, "delete", "ingressclass/nginx")
			},
			func(t *testing.T, _ verified) {
				kubectl(t, "delete", "ingressclass/traefik")
				createClass(t, "nginx", "k8s.io/ingress-nginx")
			},
		},
	}},
	{"none", "ingress", []breakage{{
		"no controller", "no controller has written an address into its status",
		func(t *testing.T, v verified) {
			setAddress("null")(t, v)
			kubectl(t, "create", "service", "loadbalancer", "ingress-nginx-controller", "--tcp=443", "--namespace=ingress-nginx")
		},
		func(t *testing.T, v verified) {
			setAddress(`[{"ip":"203.0.113.7"}]`)(t, v)
			kubectl(t, "delete", "service/ingress-nginx-controller", "--namespace=ingress-nginx")
		},
	}}},
	{"unavailable", "services,ingress", []breakage{{
		"no endpoint", "has no ready endpoint on port http (80)",
		command("patch", "service/ai-platform-frontend", `--patch={"spec":{"selector":{"component":"web"}}}`), apply("40-frontend"),
	}}},
	{"closed", "ingress", []breakage{
		{
			"policy deleted", "NetworkPolicy ai-platform/ai-platform-frontend-from-ingress\n        cause:   declared, but not in the cluster",
			command("delete", "networkpolicy/ai-platform-frontend-from-ingress"), apply("50-ingress"),
		},
		{"controller elsewhere", "but none runs", nothing, nothing},
	}},
	{"fake", "ingress", []breakage{
		{
			"no cert-manager", "the cluster has no cert-manager", nothing,
			func(t *testing.T, _ verified) {
				require.NoError(t, crds.InstallFrom(t.Context(), control, certManagerKinds(t)))
			},
		},
		{
			"no issuer", "ClusterIssuer letsencrypt-prod\n        cause:   does not exist",
			func(t *testing.T, _ verified) { createCertificate(t) }, deleteCertificate,
		},
		{
			"issuer not ready", "ClusterIssuer letsencrypt-prod\n        cause:   is not ready",
			func(t *testing.T, _ verified) {
				// pkg/issuer/acme/setup.go
				createIssuer(t, "False", "ErrRegisterACMEAccount", "Failed to register ACME account: 400 urn:ietf:params:acme:error:invalidContact: "+
					"Error validating contact(s) :: unable to parse email address")
				createCertificate(t)
			},
			deleteCertificate,
		},
		{
			"challenge", "Challenge ai-platform/ai-platform-tls-1-2847189374-1021430471",
			func(t *testing.T, _ verified) {
				createReadyIssuer(t)
				createChallenge(t, createOrder(t, createCertificate(t), "pending", ""))
			},
			deleteCertificate,
		},
		{
			"order failed", "Order ai-platform/ai-platform-tls-1-2847189374",
			func(t *testing.T, _ verified) {
				createReadyIssuer(t)
				// pkg/controller/acmeorders/sync.go. The end of the message is Let's Encrypt's.
				createOrder(t, createCertificate(t), "errored", "Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many certificates (5) already issued "+
					"for this exact set of identifiers in the last 168h0m0s")
			},
			deleteCertificate,
		},
	}},
}

// testIngress wants from nginx's real answers, and from names that lead elsewhere, what one sees from outside.
func (v verified) testIngress(t *testing.T) {
	createReadyIssuer(t)
	// pkg/controller/certificates/readiness/readiness_controller.go
	createObject(t, "certificate", "", `{"conditions":[{"type":"Ready","status":"True","reason":"Ready","message":"Certificate is up to date and has not expired"}]}`)
	here(t, "create", "secret", "tls", "ai-platform-tls", "--cert="+v.nginx.folder+"/valid.pem", "--key="+v.nginx.folder+"/valid.key")
	kubectl(t, "create", "--filename="+writeFile(t, `{apiVersion: v1, kind: Pod, metadata: {name: controller, namespace: ingress-nginx, labels: {app.kubernetes.io/name: ingress-nginx}},
  spec: {containers: [{name: controller, image: controller}]}}`))
	for _, test := range []struct {
		port  string
		flags []string // Instead of those of the port.
		want  string
	}{
		{"expired", nil, "its certificate expired on "},
		{"wrong-host", nil, "its certificate is for other.example.com\n"},
		{"self-signed", nil, "its certificate is self-signed (CN=ai-platform.example.com)\n"},
		{"unknown authority", []string{"--steps=ingress", "--address=" + v.nginx.address("valid")}, "its certificate is of an unknown authority (CN=Test Authority)\n"},
		{"fake", nil, "its certificate is the controller's own (Kubernetes Ingress Controller Fake Certificate)\n"},
		{"redirect", nil, "speaks HTTP instead of TLS\n"},
		{"missing", nil, "answers 404 Not Found\n"},
		{"unavailable", nil, "answers 503 Service Unavailable\n"},
		{"closed", nil, "answers 502 Bad Gateway\n"},
		{"none", nil, "127.0.0.1:1 refuses the connection\n"},
	} {
		t.Run(test.port, func(t *testing.T) {
			flags := test.flags
			if flags == nil {
				flags = v.nginx.step(test.port)
			}
			stdout, stderr, code := runProgram(t, v.folder, control.Kubeconfig(), append([]string{"verify"}, flags...)...)
			require.Equal(t, 1, code, stderr)
			require.Contains(t, stdout, "    Ingress ai-platform/ai-platform-ingress\n        cause:   ")
			require.Contains(t, stdout, test.want)
		})
	}
	t.Run("plain HTTP", v.testPlainHTTP)
	t.Run("names", v.testNames)
}

// testNames has a computer without DNS, and then one for which the host is another server.
func (v verified) testNames(t *testing.T) {
	for hosts, want := range map[string]string{
		"": "cause:   no DNS record leads to it: its address is 203.0.113.7\n" +
			"        affects: https://ai-platform.example.com/ (ai-platform.example.com does not exist in DNS)\n",
		"127.0.0.2 " + host: "cause:   ai-platform.example.com is 127.0.0.2 in DNS, but the Ingress's address is 203.0.113.7\n",
	} {
		names, switches := writeFile(t, hosts+"\n"), writeFile(t, "hosts: files\n")
		command := exec.CommandContext(t.Context(), "bwrap", "--dev-bind", "/", "/", "--ro-bind", names, "/etc/hosts", "--ro-bind", switches, "/etc/nsswitch.conf",
			"--", program, "verify", "--steps=ingress")
		command.Dir = v.folder
		command.Env = append(os.Environ(), "KUBECONFIG="+control.Kubeconfig(), "HTTPS_PROXY=", "https_proxy=")
		output, err := command.CombinedOutput()
		var failed *exec.ExitError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, 1, failed.ExitCode(), string(output))
		require.Contains(t, string(output), want)
	}
}

// testPlainHTTP has an Ingress without TLS, and a redirect.
func (v verified) testPlainHTTP(t *testing.T) {
	files := production.files(t)
	files["50-ingress.k8s.yaml"] = removeTLS(t, files["50-ingress.k8s.yaml"])
	plain := newRunning(t, clientSide, files)
	stdout, stderr, code := runProgram(t, plain.folder, control.Kubeconfig(), append([]string{"verify"}, v.nginx.step("redirect")...)...)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, host+" answers 308 over HTTP, redirects to https://"+host+"/ (")

	stdout, _, code = runProgram(t, plain.folder, control.Kubeconfig(), append([]string{"verify"}, v.nginx.step("valid")...)...)
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "cause:   answers 400 Bad Request\n")
}

// prepareIngress does what a controller does, and has it removed.
func (v verified) prepareIngress(t *testing.T) {
	t.Helper()
	createClass(t, "nginx", "k8s.io/ingress-nginx")
	kubectl(t, "create", "namespace", "ingress-nginx")
	setAddress(`[{"ip":"203.0.113.7"}]`)(t, v)
	kubectlAtEnd(t, "delete", "--ignore-not-found", "--filename="+certManagerKinds(t))
	kubectlAtEnd(t, "delete", "ingressclass/nginx", "namespace/ingress-nginx", "--wait=false")
}

func createReadyIssuer(t *testing.T) {
	t.Helper()
	createIssuer(t, "True", "ACMEAccountRegistered", "The ACME account was registered with the ACME server")
}

func createClass(t *testing.T, name, controller string) {
	t.Helper()
	kubectl(t, "create", "--filename="+writeFile(t, fmt.Sprintf("{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: %s}, spec: {controller: %s}}", name, controller)))
}

func setAddress(addresses string) func(*testing.T, verified) {
	return command("patch", "ingress/ai-platform-ingress", "--subresource=status", "--type=merge", `--patch={"status":{"loadBalancer":{"ingress":`+addresses+`}}}`)
}

func certManagerKinds(t *testing.T) string {
	t.Helper()
	folder, err := gomodule.Folder(gomodule.CertManager, "deploy/crds")
	require.NoError(t, err)
	return folder
}

func createIssuer(t *testing.T, ready, reason, message string) {
	t.Helper()
	createObject(t, "issuer", "", fmt.Sprintf(`{"conditions":[{"type":"Ready","status":%q,"reason":%q,"message":%q}]}`, ready, reason, message))
}

// createCertificate creates one that is not issued yet, and returns its UID.
func createCertificate(t *testing.T) string {
	t.Helper()
	// internal/controller/certificates/policies/checks.go
	const message = "Issuing certificate as Secret does not exist"
	return createObject(t, "certificate", "", fmt.Sprintf(
		`{"conditions":[{"type":"Ready","status":"False","reason":"DoesNotExist","message":%[1]q},{"type":"Issuing","status":"True","reason":"DoesNotExist","message":%[1]q}]}`, message))
}

// createOrder creates the order for a Certificate, and its request.
func createOrder(t *testing.T, certificate, state, reason string) string {
	t.Helper()
	// pkg/controller/certificaterequests/acme/acme.go
	condition, message := "Pending", fmt.Sprintf("Waiting on certificate issuance from order ai-platform/ai-platform-tls-1-2847189374: %q", state)
	if state == "errored" {
		condition = "Failed"
		message = fmt.Sprintf("Failed to wait for order resource %q to become ready: order is in %q state: %s", "ai-platform-tls-1-2847189374", state, reason)
	}
	request := createObject(t, "request", certificate, fmt.Sprintf(`{"conditions":[`+
		`{"type":"Approved","status":"True","reason":"cert-manager.io","message":"Certificate request has been approved by cert-manager.io"},`+
		`{"type":"Ready","status":"False","reason":%q,"message":%q}]}`, condition, message))
	return createObject(t, "order", request, fmt.Sprintf(`{"state":%q,"reason":%q}`, state, reason))
}

func createChallenge(t *testing.T, order string) {
	t.Helper()
	// pkg/controller/acmechallenges/readiness.go and pkg/issuer/acme/http/http.go
	createObject(t, "challenge", order,
		`{"processing":true,"presented":true,"state":"pending","reason":"Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'"}`)
}

// createObject creates what cert-manager makes for the Ingress, with an owner and a status, and returns its UID. The manifests in testdata are
// as in pkg/controller/certificate-shim/sync.go and each object's controller. Only names end with numbers of its own.
func createObject(t *testing.T, name, owner, status string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "cert-manager", name+".yaml"))
	require.NoError(t, err)
	manifest := strings.ReplaceAll(string(content), "OWNER", owner)
	uid := kubectlWith(t, manifest, "create", "--filename=-", "--output=jsonpath={.metadata.uid}")
	kubectlWith(t, manifest, "patch", "--filename=-", "--subresource=status", "--type=merge", `--patch={"status":`+status+`}`)
	return strings.TrimSpace(uid)
}

func deleteCertificate(t *testing.T, _ verified) {
	t.Helper()
	here(t, "delete", "challenges.acme.cert-manager.io,orders.acme.cert-manager.io,certificaterequests.cert-manager.io,certificates.cert-manager.io", "--all")
	kubectl(t, "delete", "clusterissuers.cert-manager.io", "--all")
}

// removeTLS removes the end of the Ingress.
func removeTLS(t *testing.T, manifests []byte) []byte {
	t.Helper()
	ingress, others, found := bytes.Cut(manifests, []byte("---\n"))
	require.True(t, found)
	ingress, _, found = bytes.Cut(ingress, []byte("  tls:\n"))
	require.True(t, found)
	return append(append(bytes.Clone(ingress), "---\n"...), others...)
}
