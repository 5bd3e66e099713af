package rollout

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/crds"
	"github.com/ai-platform/manifests/test/gomodule"
)

// ingressBreakages are between outside and the Services, which work. nginx answers as the controller does then.
func ingressBreakages(n *nginx) []breakage {
	return []breakage{
		{
			name: "Ingress deleted", flags: n.step("missing"),
			carryOut: func(t *testing.T, _ verified) { here(t, "delete", "ingress/ai-platform-ingress") },
			shows:    "Ingress ai-platform/ai-platform-ingress\n        cause:   declared, but not in the cluster",
			repair: func(t *testing.T, v verified) {
				apply(t, v)
				setAddress(t, `[{"ip":"203.0.113.7"}]`)
			},
		},
		{
			name: "class by hand", flags: n.step("missing"),
			carryOut: func(t *testing.T, _ verified) {
				here(t, "patch", "ingress/ai-platform-ingress", `--patch={"spec":{"ingressClassName":"traefik"}}`)
			},
			shows:  "has IngressClass traefik",
			repair: apply,
		},
		{
			name: "no class", flags: n.step("missing"),
			carryOut: func(t *testing.T, _ verified) {
				createClass(t, "traefik", "traefik.io/ingress-controller")
				kubectl(t, "delete", "ingressclass/nginx")
			},
			shows: `names IngressClass "nginx", which does not exist`,
			repair: func(t *testing.T, _ verified) {
				kubectl(t, "delete", "ingressclass/traefik")
				createClass(t, "nginx", "k8s.io/ingress-nginx")
			},
		},
		{
			name: "no controller", flags: n.step("none"),
			carryOut: func(t *testing.T, _ verified) {
				setAddress(t, "null")
				kubectl(t, "create", "service", "loadbalancer", "ingress-nginx-controller", "--tcp=443", "--namespace=ingress-nginx")
			},
			shows: "no controller has written an address into its status",
			repair: func(t *testing.T, _ verified) {
				setAddress(t, `[{"ip":"203.0.113.7"}]`)
				kubectl(t, "delete", "service/ingress-nginx-controller", "--namespace=ingress-nginx")
			},
		},
		{
			name: "no endpoint", flags: append(n.flags("unavailable"), "--steps=services,ingress"),
			carryOut: func(t *testing.T, _ verified) {
				here(t, "patch", "service/ai-platform-frontend", `--patch={"spec":{"selector":{"component":"web"}}}`)
			},
			shows:  "has no ready endpoint on port http (80)",
			repair: apply,
		},
		{
			name: "policy deleted", flags: n.step("closed"),
			carryOut: func(t *testing.T, _ verified) { here(t, "delete", "networkpolicy/ai-platform-frontend-from-ingress") },
			shows:    "NetworkPolicy ai-platform/ai-platform-frontend-from-ingress\n        cause:   declared, but not in the cluster",
			repair:   apply,
		},
		{
			name: "controller elsewhere", flags: n.step("closed"),
			carryOut: nothing,
			shows:    "but none runs",
			repair:   nothing,
		},
		{
			name: "no cert-manager", flags: n.step("fake"),
			carryOut: nothing,
			shows:    "the cluster has no cert-manager",
			repair:   func(t *testing.T, _ verified) { installCertManager(t) },
		},
		{
			name: "no issuer", flags: n.step("fake"),
			carryOut: func(t *testing.T, _ verified) { createCertificate(t) },
			shows:    "ClusterIssuer letsencrypt-prod\n        cause:   does not exist",
			repair:   deleteCertificate,
		},
		{
			name: "issuer not ready", flags: n.step("fake"),
			carryOut: func(t *testing.T, _ verified) {
				// pkg/issuer/acme/setup.go
				createIssuer(t, "False", "ErrRegisterACMEAccount", "Failed to register ACME account: 400 urn:ietf:params:acme:error:invalidContact: "+
					"Error validating contact(s) :: unable to parse email address")
				createCertificate(t)
			},
			shows:  "ClusterIssuer letsencrypt-prod\n        cause:   is not ready",
			repair: deleteCertificate,
		},
		{
			name: "challenge", flags: n.step("fake"),
			carryOut: func(t *testing.T, _ verified) {
				createIssuer(t, "True", "ACMEAccountRegistered", "The ACME account was registered with the ACME server")
				createChallenge(t, createOrder(t, createCertificate(t), "pending", ""))
			},
			shows:  "Challenge ai-platform/ai-platform-tls-1-2847189374-1021430471",
			repair: deleteCertificate,
		},
		{
			name: "order failed", flags: n.step("fake"),
			carryOut: func(t *testing.T, _ verified) {
				createIssuer(t, "True", "ACMEAccountRegistered", "The ACME account was registered with the ACME server")
				// pkg/controller/acmeorders/sync.go. The end of the message is Let's Encrypt's.
				createOrder(t, createCertificate(t), "errored", "Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many certificates (5) already issued "+
					"for this exact set of identifiers in the last 168h0m0s")
			},
			shows:  "Order ai-platform/ai-platform-tls-1-2847189374",
			repair: deleteCertificate,
		},
	}
}

// nothing is to be done where the cluster lacks something anyway.
func nothing(*testing.T, verified) {}

// testIngress wants from nginx's real answers, and from names that lead elsewhere, what one sees from outside.
func (v verified) testIngress(t *testing.T) {
	createIssuer(t, "True", "ACMEAccountRegistered", "The ACME account was registered with the ACME server")
	// pkg/controller/certificates/readiness/readiness_controller.go
	createObject(t, certificateManifest, `{"conditions":[{"type":"Ready","status":"True","reason":"Ready","message":"Certificate is up to date and has not expired"}]}`)
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
	plain := verified{running: running{mode: clientSide, folder: t.TempDir()}}
	files := production.files(t)
	files["50-ingress.k8s.yaml"] = removeTLS(t, files["50-ingress.k8s.yaml"])
	plain.write(t, release{files: files})
	stdout, stderr, code := runProgram(t, plain.folder, control.Kubeconfig(), append([]string{"verify"}, v.nginx.step("redirect")...)...)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, host+" answers 308 over HTTP, redirects to https://"+host+"/ (")

	stdout, _, code = runProgram(t, plain.folder, control.Kubeconfig(), append([]string{"verify"}, v.nginx.step("valid")...)...)
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "cause:   answers 400 Bad Request\n")
}

// prepareIngress does what a controller does, and has it removed.
func prepareIngress(t *testing.T) {
	t.Helper()
	createClass(t, "nginx", "k8s.io/ingress-nginx")
	kubectl(t, "create", "namespace", "ingress-nginx")
	setAddress(t, `[{"ip":"203.0.113.7"}]`)
	t.Cleanup(func() {
		kubectlAfterwards(t, "delete", "ingressclass/nginx", "namespace/ingress-nginx", "--wait=false")
		kubectlAfterwards(t, "delete", "--ignore-not-found", "--filename="+certManagerKinds(t))
	})
}

func createClass(t *testing.T, name, controller string) {
	t.Helper()
	kubectl(t, "create", "--filename="+writeFile(t, fmt.Sprintf("{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: %s}, spec: {controller: %s}}", name, controller)))
}

func setAddress(t *testing.T, addresses string) {
	t.Helper()
	here(t, "patch", "ingress/ai-platform-ingress", "--subresource=status", "--type=merge", `--patch={"status":{"loadBalancer":{"ingress":`+addresses+`}}}`)
}

func certManagerKinds(t *testing.T) string {
	t.Helper()
	folder, err := gomodule.Folder(gomodule.CertManager, "deploy/crds")
	require.NoError(t, err)
	return folder
}

func installCertManager(t *testing.T) {
	t.Helper()
	require.NoError(t, crds.InstallFrom(t.Context(), control, certManagerKinds(t)))
}
