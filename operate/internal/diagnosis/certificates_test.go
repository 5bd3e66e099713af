package diagnosis

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// served is a connection that ended with a certificate that is not valid.
func served(certificate x509.Certificate, err error) Answer {
	return Answer{Way: Way{Connected: true}, Err: &tls.CertificateVerificationError{UnverifiedCertificates: []*x509.Certificate{&certificate}, Err: err}}
}

var fake = served(x509.Certificate{Subject: pkix.Name{CommonName: "Kubernetes Ingress Controller Fake Certificate"}}, x509.HostnameError{})

const (
	readyIssuer = "{kind: ClusterIssuer, metadata: {name: letsencrypt}, status: {conditions: [{type: Ready, status: 'True'}]}}"
	certificate = `{kind: Certificate, metadata: {namespace: shop, name: shop-tls, uid: c}, spec: {secretName: shop-tls, issuerRef: {kind: ClusterIssuer, name: letsencrypt}},
  status: {conditions: [{type: Ready, status: 'False', message: Issuing certificate as Secret does not exist}, {type: Issuing, status: 'True', message: Issuing certificate as Secret does not exist}]}}`
	request = `{kind: CertificateRequest, metadata: {namespace: shop, name: shop-tls-1, uid: r, creationTimestamp: '2026-01-02T00:00:00Z', ownerReferences: [{uid: c, controller: true}]},
  status: {conditions: [{type: Approved, status: 'True'}, {type: Ready, status: 'False', message: 'Waiting on certificate issuance from order shop/shop-tls-1-7: "pending"'}]}}`
	older  = "{kind: CertificateRequest, metadata: {namespace: shop, name: shop-tls-0, uid: r0, creationTimestamp: '2026-01-01T00:00:00Z', ownerReferences: [{uid: c, controller: true}]}}"
	order  = "{kind: Order, metadata: {namespace: shop, name: shop-tls-1-7, uid: o, ownerReferences: [{uid: r, controller: true}]}, status: {state: pending}}"
	valid  = "{kind: Challenge, metadata: {namespace: shop, name: valid, ownerReferences: [{uid: o, controller: true}]}, spec: {type: HTTP-01, dnsName: a.example.com}, status: {state: valid}}"
	others = "{kind: Challenge, metadata: {namespace: shop, name: others, ownerReferences: [{uid: other, controller: true}]}, spec: {type: HTTP-01, dnsName: b.example.com}, status: {state: pending}}"
)

func TestCertificates(t *testing.T) {
	const secretMissing = "Secret shop/shop-tls (does not exist)"
	const isFake = "https://shop.example.com/ (its certificate is the controller's own (Kubernetes Ingress Controller Fake Certificate))"
	const issuing, waiting = "Certificate shop/shop-tls (Issuing certificate as Secret does not exist)",
		`CertificateRequest shop/shop-tls-1 (Waiting on certificate issuance from order shop/shop-tls-1-7: "pending")`
	for _, test := range []struct {
		name    string
		objects []string
		want    Finding
	}{
		{"issuer missing", []string{certificate}, Finding{
			Object: "ClusterIssuer letsencrypt", Cause: "does not exist", Affected: []string{isFake, issuing, secretMissing},
			Advice: "create it (https://cert-manager.io/docs/configuration), or name another one: kubectl get clusterissuers,issuers -A",
		}},
		{"issuer new", []string{"{kind: ClusterIssuer, metadata: {name: letsencrypt}}"}, Finding{
			Object: "ClusterIssuer letsencrypt", Cause: "has no condition Ready: cert-manager has not looked at it",
			Affected: []string{isFake, secretMissing}, Advice: certManagerPods,
		}},
		{"issuer not ready", []string{certificate, "{kind: ClusterIssuer, metadata: {name: letsencrypt}, status: {conditions: [{type: Ready, status: 'False', message: 'Failed to register ACME account: x'}]}}"}, Finding{
			Object: "ClusterIssuer letsencrypt", Cause: "is not ready: Failed to register ACME account: x",
			Affected: []string{isFake, issuing, secretMissing}, Advice: "correct it: kubectl describe clusterissuer.cert-manager.io letsencrypt",
		}},
		{"no Certificate", []string{readyIssuer}, Finding{
			Object: "Ingress shop/shop", Cause: "cert-manager has made no Certificate for Secret shop-tls", Affected: []string{isFake, secretMissing},
			Advice: certManagerPods + "; and their events: kubectl -n shop describe ingress shop",
		}},
		{"no request", []string{readyIssuer, certificate}, Finding{
			Object: "Certificate shop/shop-tls", Cause: "Issuing certificate as Secret does not exist", Affected: []string{isFake, secretMissing},
			Advice: "see its events: kubectl -n shop describe certificate.cert-manager.io shop-tls",
		}},
		{"not approved", []string{readyIssuer, certificate, older}, Finding{
			Object: "CertificateRequest shop/shop-tls-0", Cause: "waits for approval", Affected: []string{isFake, issuing, secretMissing},
			Advice: "see its events: kubectl -n shop describe certificaterequest.cert-manager.io shop-tls-0",
		}},
		{"order failed", []string{readyIssuer, certificate, older, request, "{kind: Order, metadata: {namespace: shop, name: shop-tls-1-7, ownerReferences: [{uid: r, controller: true}]}, status: {state: errored, reason: 'Failed to create Order: 429'}}"}, Finding{
			Object: "Order shop/shop-tls-1-7", Cause: "errored: Failed to create Order: 429", Affected: []string{isFake, issuing, waiting, secretMissing},
			Advice: "see its events: kubectl -n shop describe order.acme.cert-manager.io shop-tls-1-7",
		}},
		{"challenge", []string{readyIssuer, certificate, request, older, order, valid, others, "{kind: Challenge, metadata: {namespace: shop, name: c7, ownerReferences: [{uid: o, controller: true}]}, spec: {type: DNS-01, dnsName: shop.example.com}, status: {state: pending, reason: 'DNS record not yet propagated'}}"}, Finding{
			Object: "Challenge shop/c7", Cause: "DNS-01 for shop.example.com is pending: DNS record not yet propagated",
			Affected: []string{isFake, issuing, waiting, "Order shop/shop-tls-1-7 (pending)", secretMissing},
			Advice:   "make the record _acme-challenge.shop.example.com visible: kubectl -n shop describe challenge.acme.cert-manager.io c7",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := market(t)
			s.Contents = map[Reference]Contents{{"Secret", "shop", "shop-tls"}: {Missing: true}}
			s.Entry.CertManager = certManager(t, test.objects...)
			require.Equal(t, []Finding{test.want}, Ingress(s, []Answer{s.ask(t, fake)}).Findings)
		})
	}
}

// certManager holds objects, and all kinds can be read.
func certManager(t *testing.T, objects ...string) CustomObjects {
	t.Helper()
	found := CustomObjects{Objects: map[string][]unstructured.Unstructured{}}
	for _, kinds := range CertManagerKinds {
		for _, kind := range kinds {
			found.Objects[kind] = []unstructured.Unstructured{}
		}
	}
	for _, object := range objects {
		var o unstructured.Unstructured
		require.NoError(t, yaml.Unmarshal([]byte(object), &o.Object))
		found.Objects[o.GetKind()] = append(found.Objects[o.GetKind()], o)
	}
	return found
}

func TestCertificateSecrets(t *testing.T) {
	find := func(answer Answer, broke func(*State)) Finding {
		s := market(t)
		s.Entry.CertManager = certManager(t, readyIssuer, "{kind: Certificate, metadata: {namespace: shop, name: c}, spec: {secretName: shop-tls, issuerRef: {kind: ClusterIssuer, name: letsencrypt}}, status: {conditions: [{type: Ready, status: 'True'}]}}")
		broke(s)
		return Ingress(s, []Answer{s.ask(t, answer)}).Findings[0]
	}
	secret := Reference{"Secret", "shop", "shop-tls"}
	withoutIssuer := func(s *State) {
		s.Entry.CertManager = CustomObjects{Missing: []string{"Certificate"}}
		s.manifest(&s.Entry.Ingresses[0]).SetAnnotations(nil)
		s.Contents = map[Reference]Contents{secret: {Missing: true}}
	}

	found := find(fake, withoutIssuer)
	require.Equal(t, "Secret shop/shop-tls", found.Object)
	require.Equal(t, "does not exist", found.Cause)

	found = find(fake, func(s *State) { s.Contents = map[Reference]Contents{secret: {Keys: []string{"tls.crt"}}} })
	require.Equal(t, "lacks one of the keys tls.crt and tls.key", found.Cause)

	found = find(fake, func(s *State) { s.Entry.CertManager = CustomObjects{Missing: []string{"Certificate"}} })
	require.Equal(t, "names ClusterIssuer letsencrypt, but the cluster has no cert-manager", found.Cause)

	found = find(fake, func(s *State) {
		withoutIssuer(s)
		s.Entry.CertManager = certManager(t)
		s.manifest(&s.Entry.Ingresses[0]).SetAnnotations(map[string]string{issuerAnnotation: "own"})
	})
	require.Equal(t, "Issuer shop/own", found.Object)
	require.Equal(t, "does not exist", found.Cause)

	found = find(fake, func(s *State) { s.Contents = map[Reference]Contents{secret: {Keys: []string{"tls.crt", "tls.key"}}} })
	require.Equal(t, "see in the controller's logs why it does not use Secret shop-tls: kubectl get pods -A", found.Advice)

	other := served(x509.Certificate{DNSNames: []string{"other.example.com"}, NotAfter: time.Now().Add(time.Hour)}, x509.HostnameError{})
	require.Equal(t, "its certificate is for other.example.com", find(other, func(*State) {}).Cause)

	foreign := served(x509.Certificate{DNSNames: []string{"shop.example.com"}, NotAfter: time.Now().Add(time.Hour)}, x509.UnknownAuthorityError{})
	require.Contains(t, find(foreign, func(*State) {}).Advice, "or trust it here (--ca=FILE)")

	other.Err = http.ErrSchemeMismatch
	require.Contains(t, find(other, func(*State) {}).Cause, "speaks HTTP instead of TLS")
}
