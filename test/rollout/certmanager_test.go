package rollout

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What cert-manager makes for the Ingress: pkg/controller/certificate-shim/sync.go and, below, each object's controller. Only names end
// with numbers of its own.
const certificateManifest = `
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: ai-platform-tls, namespace: ai-platform}
spec:
  dnsNames: [ai-platform.example.com]
  secretName: ai-platform-tls
  issuerRef: {name: letsencrypt-prod, kind: ClusterIssuer, group: cert-manager.io}
`

func createIssuer(t *testing.T, ready, reason, message string) {
	t.Helper()
	createObject(t, `
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: letsencrypt-prod}
spec:
  acme:
    server: https://acme-v02.api.letsencrypt.org/directory
    privateKeySecretRef: {name: letsencrypt-prod}
    solvers: [{http01: {ingress: {ingressClassName: nginx}}}]
`, fmt.Sprintf(`{"conditions":[{"type":"Ready","status":%q,"reason":%q,"message":%q}]}`, ready, reason, message))
}

// createCertificate creates one that is not issued yet, and returns its UID.
func createCertificate(t *testing.T) string {
	t.Helper()
	// internal/controller/certificates/policies/checks.go
	const message = "Issuing certificate as Secret does not exist"
	return createObject(t, certificateManifest, fmt.Sprintf(
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
	request := createObject(t, fmt.Sprintf(`
apiVersion: cert-manager.io/v1
kind: CertificateRequest
metadata:
  name: ai-platform-tls-1
  namespace: ai-platform
  ownerReferences: [{apiVersion: cert-manager.io/v1, kind: Certificate, name: ai-platform-tls, uid: %s, controller: true, blockOwnerDeletion: true}]
spec:
  request: cmVxdWVzdA==
  issuerRef: {name: letsencrypt-prod, kind: ClusterIssuer, group: cert-manager.io}
`, certificate), fmt.Sprintf(`{"conditions":[`+
		`{"type":"Approved","status":"True","reason":"cert-manager.io","message":"Certificate request has been approved by cert-manager.io"},`+
		`{"type":"Ready","status":"False","reason":%q,"message":%q}]}`, condition, message))
	return createObject(t, fmt.Sprintf(`
apiVersion: acme.cert-manager.io/v1
kind: Order
metadata:
  name: ai-platform-tls-1-2847189374
  namespace: ai-platform
  ownerReferences: [{apiVersion: cert-manager.io/v1, kind: CertificateRequest, name: ai-platform-tls-1, uid: %s, controller: true, blockOwnerDeletion: true}]
spec:
  request: cmVxdWVzdA==
  dnsNames: [ai-platform.example.com]
  issuerRef: {name: letsencrypt-prod, kind: ClusterIssuer, group: cert-manager.io}
`, request), fmt.Sprintf(`{"state":%q,"reason":%q}`, state, reason))
}

func createChallenge(t *testing.T, order string) {
	t.Helper()
	createObject(t, fmt.Sprintf(`
apiVersion: acme.cert-manager.io/v1
kind: Challenge
metadata:
  name: ai-platform-tls-1-2847189374-1021430471
  namespace: ai-platform
  ownerReferences: [{apiVersion: acme.cert-manager.io/v1, kind: Order, name: ai-platform-tls-1-2847189374, uid: %s, controller: true, blockOwnerDeletion: true}]
spec:
  type: HTTP-01
  dnsName: ai-platform.example.com
  authorizationURL: https://acme-v02.api.letsencrypt.org/acme/authz/1
  url: https://acme-v02.api.letsencrypt.org/acme/chall/1
  token: token
  key: key
  solver: {http01: {ingress: {ingressClassName: nginx}}}
  issuerRef: {name: letsencrypt-prod, kind: ClusterIssuer, group: cert-manager.io}
`, order),
		// pkg/controller/acmechallenges/readiness.go and pkg/issuer/acme/http/http.go
		`{"processing":true,"presented":true,"state":"pending","reason":"Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'"}`)
}

// createObject creates an object with a status, and returns its UID.
func createObject(t *testing.T, manifest, status string) string {
	t.Helper()
	file := "--filename=" + writeFile(t, manifest)
	uid := kubectl(t, "create", file, "--output=jsonpath={.metadata.uid}")
	kubectl(t, "patch", file, "--subresource=status", "--type=merge", `--patch={"status":`+status+`}`)
	return strings.TrimSpace(uid)
}

func deleteCertificate(t *testing.T, _ verified) {
	t.Helper()
	here(t, "delete", "challenges.acme.cert-manager.io,orders.acme.cert-manager.io,certificaterequests.cert-manager.io,certificates.cert-manager.io", "--all")
	kubectl(t, "delete", "clusterissuers.cert-manager.io", "--all")
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "manifest.yaml")
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
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
