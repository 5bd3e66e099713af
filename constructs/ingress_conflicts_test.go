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

// F5's controller serves the older of two Ingresses for a host, whatever their paths are.
func TestOneIngressOfAHostForF5(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1"})
		f5 := constructs.IngressController{Profile: constructs.ProfileF5Nginx}
		constructs.NewIngress(chart, "one", constructs.IngressProps{Host: "shop.example.com", Tier: api, Controller: f5})
		constructs.NewIngress(chart, "two", constructs.IngressProps{Host: "shop.example.com", Tier: api, Path: "/api", Controller: f5})
	}))
	require.EqualError(t, err, "Validation failed with the following errors:\n"+
		`  [shop/two] ingress: Duplicate value: "Ingress host shop.example.com": already declared by shop/one, and f5-nginx serves only one Ingress of a host: use routes`)
}

// A cluster without IPv4 gets no requests from IPv4 addresses: the block is a mistake.
func TestSourcesAreOfTheClustersFamily(t *testing.T) {
	_, err := constructs.Render(func(app cdk8s.App) {
		constructs.SetCluster(app, constructs.Cluster{IPFamilies: []constructs.IPFamily{constructs.IPv6}, DNS: []constructs.DNSServer{{CIDRs: []string{"fd00::a/128"}}}})
		inShop(func(chart cdk8s.Chart) {
			api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1"})
			constructs.NewIngress(chart, "web", constructs.IngressProps{
				Host: "shop.example.com", Tier: api, Controller: constructs.IngressController{CIDRs: []string{"10.0.0.0/16", "fd00::/16"}},
			})
		})(app)
	})
	require.EqualError(t, err, "Validation failed with the following errors:\n"+
		`  [shop/web] ingress.controller.cidrs: Invalid value: "10.0.0.0/16": the cluster has no IPv4 addresses: remove it, or add IPv4 to the IPFamilies of SetCluster`)
}
