package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// httpTierAt is a tier without a tree.
func httpTierAt(namespace, component string) *Backend {
	at := manifest.Component{App: "shop", ID: component, Namespace: namespace}
	return &Backend{httpTier{server: httpServer{Component: at, port: 8000}}}
}

// exporting is a tier with metrics.
func exporting(port int, path string) *Backend {
	tier := httpTierAt("shop", "web")
	tier.server.metrics = &Metrics{Port: port, Path: path}
	return tier
}

func validIngress() IngressProps {
	return IngressProps{Host: "shop.example.com", Tier: httpTierAt("shop", "web")}
}

func ingressErrors(change func(*IngressProps)) []string {
	at := manifest.Component{App: "shop", ID: "ingress", Namespace: "shop"}
	props := validIngress()
	change(&props)
	return checktest.Messages(props.withDefaults(at).validate(field.NewPath("ingress"), at))
}

func TestIngressAccepts(t *testing.T) {
	for name, change := range map[string]func(*IngressProps){
		"only what is required": func(*IngressProps) {},
		"a wildcard":            func(p *IngressProps) { p.Host = "*.example.com" },
		"a path":                func(p *IngressProps) { p.Path = "/shop/v1.0/" },
		"an API": func(p *IngressProps) {
			p.APITier, p.APIPath = httpTierAt("shop", "api"), "/api"
		},
		"metrics elsewhere": func(p *IngressProps) {
			p.Tier, p.Path = exporting(8000, "/internal/metrics"), "/shop"
			p.APITier, p.APIPath = exporting(9464, "/api/metrics"), "/api"
		},
		"metrics beside":         func(p *IngressProps) { p.Tier, p.Path = exporting(8000, "/shops"), "/shop" },
		"one tier for both":      func(p *IngressProps) { p.APITier, p.APIPath = p.Tier, "/api" },
		"an annotation replaced": func(p *IngressProps) { p.Annotations = map[string]string{redirectAnnotation: "false"} },
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, ingressErrors(change))
		})
	}
}

func TestIngressRefuses(t *testing.T) {
	api := httpTierAt("shop", "api")
	for name, test := range map[string]struct {
		change func(*IngressProps)
		want   string
	}{
		"no host":              {func(p *IngressProps) { p.Host = "" }, `ingress.host: Required value`},
		"an address":           {func(p *IngressProps) { p.Host = "10.0.0.7" }, `ingress.host: Invalid value: "10.0.0.7": must be a DNS name`},
		"a URL":                {func(p *IngressProps) { p.Host = "https://example.com" }, `ingress.host: Invalid value`},
		"a wildcard of all":    {func(p *IngressProps) { p.Host = "*" }, `ingress.host: Invalid value`},
		"no backend":           {func(p *IngressProps) { p.Tier = nil }, `ingress.tier: Required value`},
		"a nil backend":        {func(p *IngressProps) { p.Tier = (*Backend)(nil) }, `ingress.tier: Required value`},
		"another namespace":    {func(p *IngressProps) { p.Tier = httpTierAt("elsewhere", "web") }, `ingress.tier: Invalid value: "shop-web": must be in the namespace of the Ingress`},
		"metrics":              {func(p *IngressProps) { p.Tier = exporting(8000, "/metrics") }, `ingress.tier: Invalid value: "shop-web": serves its metrics at /metrics on the port that requests are routed to`},
		"metrics itself":       {func(p *IngressProps) { p.Tier, p.Path = exporting(8000, "/metrics"), "/metrics/" }, `ingress.tier: Invalid value: "shop-web": serves its metrics at /metrics on the port that requests are routed to`},
		"metrics of the API":   {func(p *IngressProps) { p.APITier, p.APIPath = exporting(8000, "/api/metrics"), "/api" }, `ingress.apiTier: Invalid value: "shop-web": serves its metrics at /api/metrics on the port that requests are routed to`},
		"a relative path":      {func(p *IngressProps) { p.Path = "shop" }, `ingress.path: Invalid value: "shop": must begin with /`},
		"a path upwards":       {func(p *IngressProps) { p.Path = "/a/../b" }, `ingress.path: Invalid value: "/a/../b"`},
		"an expression":        {func(p *IngressProps) { p.Path = "/api(/|$)(.*)" }, `ingress.path: Invalid value`},
		"two slashes":          {func(p *IngressProps) { p.Path = "//" }, `ingress.path: Invalid value`},
		"API without its path": {func(p *IngressProps) { p.APITier = api }, `ingress.apiPath: Required value: apiTier is set: set both or neither`},
		"API path alone":       {func(p *IngressProps) { p.APIPath = "/api" }, `ingress.apiTier: Required value: apiPath is set: set both or neither`},
		"one path for both":    {func(p *IngressProps) { p.Path, p.APITier, p.APIPath = "/api", api, "/api/" }, `ingress.apiPath: Duplicate value: "/api/": the same as ingress.path`},
		"TLS secret":           {func(p *IngressProps) { p.TLSSecretName = "TLS" }, `ingress.tlsSecretName: Invalid value: "TLS"`},
		"Secret without TLS":   {func(p *IngressProps) { p.DisableTLS, p.TLSSecretName = true, "shop-tls" }, `ingress.tlsSecretName: Forbidden: there is no certificate with disableTLS: leave it out`},
		"issuer without TLS":   {func(p *IngressProps) { p.DisableTLS, p.ClusterIssuer = true, "letsencrypt" }, `ingress.clusterIssuer: Forbidden: there is no certificate with disableTLS: leave it out`},
		"own issuer, no TLS": {
			func(p *IngressProps) {
				p.DisableTLS, p.Annotations = true, map[string]string{"cert-manager.io/issuer": "own"}
			},
			`ingress.annotations[cert-manager.io/issuer]: Forbidden: there is no certificate with disableTLS: leave it out`,
		},
		"issuer":               {func(p *IngressProps) { p.ClusterIssuer = "let's encrypt" }, `ingress.clusterIssuer: Invalid value`},
		"class":                {func(p *IngressProps) { p.ClassName = "NGINX" }, `ingress.className: Invalid value: "NGINX"`},
		"class by annotation":  {func(p *IngressProps) { p.Annotations = map[string]string{classAnnotation: "other"} }, `ingress.annotations[kubernetes.io/ingress.class]: Forbidden: set className instead`},
		"issuer by annotation": {func(p *IngressProps) { p.Annotations = map[string]string{issuerAnnotation: "other"} }, `ingress.annotations[cert-manager.io/cluster-issuer]: Forbidden: set clusterIssuer instead`},
		"annotation key":       {func(p *IngressProps) { p.Annotations = map[string]string{"a b": ""} }, `ingress.annotations[a b]: Invalid value: "a b"`},
		"controller namespace": {func(p *IngressProps) { p.Controller.Namespace = "a.b" }, `ingress.controller.namespace: Invalid value: "a.b"`},
		"controller labels":    {func(p *IngressProps) { p.Controller.PodLabels = map[string]string{"app": "a b"} }, `ingress.controller.podLabels[app]: Invalid value: "a b"`},
	} {
		t.Run(name, func(t *testing.T) {
			errs := ingressErrors(test.change)
			require.Len(t, errs, 1)
			require.Contains(t, errs[0], test.want)
		})
	}
}

// cert-manager makes one certificate for one Ingress: a second that asks for the same Secret would be refused.
func TestOnlyOneIngressAsksForTheCertificate(t *testing.T) {
	at := manifest.Component{App: "shop", ID: "ingress", Namespace: "shop"}
	props := validIngress()
	props.APITier, props.APIPath, props.ClusterIssuer = httpTierAt("shop", "api"), "/api", "letsencrypt"
	props.Annotations = map[string]string{"kubernetes.io/tls-acme": "true"}
	props = props.withDefaults(at)
	issuers := 0
	for _, o := range []*manifest.Object{props.mainIngress(at), props.apiIngress(at)} {
		if o.Annotations[issuerAnnotation] != "" {
			issuers++
		}
		require.Equal(t, o.Annotations[issuerAnnotation] != "", o.Annotations["kubernetes.io/tls-acme"] != "")
	}
	require.Equal(t, 1, issuers)
}

// Beside any path but "/" the annotation would send every request to "/".
func TestRewriteIsForTheRootOnly(t *testing.T) {
	at := manifest.Component{App: "shop", ID: "ingress", Namespace: "shop"}
	for path, rewritten := range map[string]bool{"/": true, "/shop": false} {
		props := validIngress()
		props.Path = path
		_, found := props.withDefaults(at).mainIngress(at).Annotations[rewriteAnnotation]
		require.Equal(t, rewritten, found, path)
	}
}
