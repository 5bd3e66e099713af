package constructs_test

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/externalsecrets"
)

// cert-manager would make the certificate of one host, and the other would be served with it.
func TestOneCertificateIsForOneIngress(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1"})
		ingress := func(id, issuer, secret string, annotations map[string]string) {
			constructs.NewIngress(chart, id, constructs.IngressProps{
				Host: id + ".example.com", Tier: api, ClusterIssuer: issuer, TLSSecretName: secret, Annotations: annotations,
			})
		}
		ingress("site", "letsencrypt", "", nil)
		ingress("grafana", "letsencrypt", "", nil)
		ingress("docs", "letsencrypt", "docs-tls", nil)
		ingress("wiki", "", "docs-tls", map[string]string{"cert-manager.io/issuer": "own"})
		// A certificate that is there already may be for several hosts.
		ingress("one", "", "wildcard", nil)
		ingress("two", "", "wildcard", nil)
		externalsecrets.NewGeneratedSecret(chart, "secrets", externalsecrets.GeneratedSecretProps{
			Name: "docs-tls", Passwords: []string{"a"}, ReadElsewhere: true,
		})
	}))
	const remedy = ", and cert-manager can issue only one of the certificates: name another Secret, or omit clusterIssuer if both have the same host"
	require.EqualError(t, err, "Validation failed with the following errors:\n"+
		`  [shop/grafana] ingress.tlsSecretName: Duplicate value: "Secret shop/shop-tls": already declared by shop/site`+remedy+"\n"+
		`  [shop/wiki] ingress.tlsSecretName: Duplicate value: "Secret shop/docs-tls": already declared by shop/docs`+remedy+"\n"+
		`  [shop/secrets] generatedSecret: Duplicate value: "Secret shop/docs-tls": already declared by shop/docs`)
}

func TestOnePathOfAHostHasOneIngress(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1"})
		constructs.NewIngress(chart, "one", constructs.IngressProps{Host: "shop.example.com", Tier: api, Routes: []constructs.IngressRoute{{Path: "/api", Tier: api}}})
		constructs.NewIngress(chart, "two", constructs.IngressProps{Host: "shop.example.com", Tier: api, Path: "/api/"})
		constructs.NewIngress(chart, "three", constructs.IngressProps{Host: "other.example.com", Tier: api, Path: "/api"})
	}))
	require.EqualError(t, err, "Validation failed with the following errors:\n"+
		`  [shop/two] ingress: Duplicate value: "Ingress path shop.example.com/api": already declared by shop/one`)
}
