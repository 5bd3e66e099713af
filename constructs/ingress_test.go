package constructs

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// httpTierAt is a tier without a tree.
func httpTierAt(namespace, component string) *Backend {
	at := manifest.Component{App: "shop", ID: component, Namespace: namespace}
	return &Backend{httpTier: httpTier{server: httpServer{program: program{Component: at, port: 8000}}}}
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
	api := httpTierAt("shop", "api")
	for name, change := range map[string]func(*IngressProps){
		"only what is required": func(*IngressProps) {},
		"a wildcard":            func(p *IngressProps) { p.Host = "*.example.com" },
		"a path":                func(p *IngressProps) { p.Path = "/shop/v1.0/" },
		"an API":                func(p *IngressProps) { p.Routes = []IngressRoute{{Path: "/api", Tier: api}} },
		"every host":            func(p *IngressProps) { p.Host, p.AnyHost, p.DisableTLS = "", true, true },
		"every host and one": func(p *IngressProps) {
			p.Host, p.AnyHost, p.DisableTLS = "", true, true
			p.Routes = []IngressRoute{{Path: "/api", Tier: api}, {Host: "api.example.com", Tier: api}}
		},
		"a wildcard and its host":      func(p *IngressProps) { p.Routes = []IngressRoute{{Host: "*.example.com", Tier: api}} },
		"exactly and everything below": func(p *IngressProps) { p.Routes = []IngressRoute{{PathType: PathExact, Tier: api}} },
		"a slash that exact paths differ by": func(p *IngressProps) {
			p.Routes = []IngressRoute{{Path: "/a", PathType: PathExact, Tier: api}, {Path: "/a/", PathType: PathExact, Tier: api}}
		},
		"a pattern": func(p *IngressProps) {
			p.Path, p.PathType = "/items/[0-9]+(/|$)", PathImplementationSpecific
		},
		"certificates": func(p *IngressProps) {
			p.Routes = []IngressRoute{{Host: "*.example.com", Tier: api}, {Host: "api.example.com", Tier: api}}
			p.TLS = []IngressTLS{{Host: "shop.example.com", SecretName: "shop"}, {Host: "api.example.com", Disable: true}}
			p.ClusterIssuer = "letsencrypt"
		},
		"no redirect": func(p *IngressProps) { p.DisableRedirect = true },
		"metrics elsewhere": func(p *IngressProps) {
			p.Tier, p.Path = exporting(8000, "/internal/metrics"), "/shop"
			p.Routes = []IngressRoute{{Path: "/api", Tier: exporting(9464, "/api/metrics")}}
		},
		"metrics beside":            func(p *IngressProps) { p.Tier, p.Path = exporting(8000, "/shops"), "/shop" },
		"metrics are not that path": func(p *IngressProps) { p.Tier, p.PathType = exporting(8000, "/metrics"), PathExact },
		"one tier for both":         func(p *IngressProps) { p.Routes = []IngressRoute{{Path: "/api", Tier: p.Tier}} },
		"an annotation replaced":    func(p *IngressProps) { p.Annotations = map[string]string{redirectAnnotation: "false"} },
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, ingressErrors(change))
		})
	}
}

func TestIngressRefuses(t *testing.T) {
	api := httpTierAt("shop", "api")
	routes := func(routes ...IngressRoute) func(*IngressProps) {
		return func(p *IngressProps) { p.Routes = routes }
	}
	certificates := func(tls ...IngressTLS) func(*IngressProps) {
		return func(p *IngressProps) { p.Routes, p.TLS = []IngressRoute{{Host: "api.example.com", Tier: api}}, tls }
	}
	for name, test := range map[string]struct {
		change func(*IngressProps)
		want   string
	}{
		"no host":           {func(p *IngressProps) { p.Host = "" }, `ingress.host: Required value`},
		"an address":        {func(p *IngressProps) { p.Host = "10.0.0.7" }, `ingress.host: Invalid value: "10.0.0.7": must be a DNS name`},
		"a URL":             {func(p *IngressProps) { p.Host = "https://example.com" }, `ingress.host: Invalid value`},
		"a wildcard of all": {func(p *IngressProps) { p.Host = "*" }, `ingress.host: Invalid value`},
		"no backend":        {func(p *IngressProps) { p.Tier = nil }, `ingress.tier: Required value`},
		"a nil backend":     {func(p *IngressProps) { p.Tier = (*Backend)(nil) }, `ingress.tier: Invalid value: null: must not be a nil *constructs.Backend`},
		"another namespace": {func(p *IngressProps) { p.Tier = httpTierAt("elsewhere", "web") }, `ingress.tier: Invalid value: "shop-web": must be in the namespace of the Ingress`},
		"metrics":           {func(p *IngressProps) { p.Tier = exporting(8000, "/metrics") }, `ingress.tier: Invalid value: "shop-web": serves its metrics at /metrics on the port that requests are routed to`},
		"metrics itself":    {func(p *IngressProps) { p.Tier, p.Path = exporting(8000, "/metrics"), "/metrics/" }, `ingress.tier: Invalid value: "shop-web": serves its metrics at /metrics on the port that requests are routed to`},
		"metrics of the API": {func(p *IngressProps) {
			p.Routes = []IngressRoute{{Path: "/api", Tier: exporting(8000, "/api/metrics")}}
		}, `ingress.routes[0].tier: Invalid value: "shop-web": serves its metrics at /api/metrics on the port that requests are routed to`},
		"a relative path": {func(p *IngressProps) { p.Path = "shop" }, `ingress.path: Invalid value: "shop": must begin with /`},
		"a path upwards":  {func(p *IngressProps) { p.Path = "/a/../b" }, `ingress.path: Invalid value: "/a/../b"`},
		"an expression":   {func(p *IngressProps) { p.Path = "/api(/|$)(.*)" }, `ingress.path: Invalid value`},
		"two slashes":     {func(p *IngressProps) { p.Path = "//" }, `ingress.path: Invalid value`},
		"exactly the metrics": {
			func(p *IngressProps) { p.Tier, p.Path, p.PathType = exporting(8000, "/metrics"), "/metrics", PathExact },
			`ingress.tier: Invalid value: "shop-web": serves its metrics at /metrics on the port that requests are routed to`,
		},
		"host and every host": {func(p *IngressProps) { p.AnyHost, p.DisableTLS = true, true }, `ingress.anyHost: Forbidden: host is set: set only one of them`},
		"every host with TLS": {func(p *IngressProps) { p.Host, p.AnyHost = "", true }, `ingress.anyHost: Forbidden: no certificate is for every host: set disableTLS, too, or host`},
		"path type":           {func(p *IngressProps) { p.PathType = "Regex" }, `ingress.pathType: Unsupported value: "Regex": supported values: "Prefix", "Exact", "ImplementationSpecific"`},
		"a pattern with a space": {
			func(p *IngressProps) { p.Path, p.PathType = "/a b", PathImplementationSpecific },
			`ingress.path: Invalid value: "/a b": must be ASCII without spaces`,
		},
		"route without a tier":       {routes(IngressRoute{Path: "/api"}), `ingress.routes[0].tier: Required value`},
		"route to another namespace": {routes(IngressRoute{Path: "/api", Tier: httpTierAt("elsewhere", "api")}), `ingress.routes[0].tier: Invalid value: "shop-api": must be in the namespace of the Ingress`},
		"route of an address":        {routes(IngressRoute{Host: "10.0.0.7", Tier: api}), `ingress.routes[0].host: Invalid value: "10.0.0.7": must be a DNS name`},
		"relative route":             {routes(IngressRoute{Path: "api", Tier: api}), `ingress.routes[0].path: Invalid value: "api": must begin with /`},
		"path type of a route":       {routes(IngressRoute{Path: "/api", PathType: "prefix", Tier: api}), `ingress.routes[0].pathType: Unsupported value: "prefix"`},
		"the same path":              {routes(IngressRoute{Tier: api}), `ingress.routes[0].path: Duplicate value: "/": matches the same requests as ingress.path`},
		"a path but for its slash": {
			routes(IngressRoute{Path: "/api", Tier: api}, IngressRoute{Path: "/api/", Tier: api}),
			`ingress.routes[1].path: Duplicate value: "/api/": matches the same requests as ingress.routes[0].path`,
		},
		"a path of a host named again": {
			routes(IngressRoute{Path: "/api", Tier: api}, IngressRoute{Host: "shop.example.com", Path: "/api", PathType: PathImplementationSpecific, Tier: api}),
			`ingress.routes[1].path: Duplicate value: "/api": matches the same requests as ingress.routes[0].path`,
		},
		"an exact path twice": {
			routes(IngressRoute{PathType: PathExact, Tier: api}, IngressRoute{PathType: PathExact, Tier: api}),
			`ingress.routes[1].path: Duplicate value: "/": matches the same requests as ingress.routes[0].path`,
		},
		"TLS of no host":      {certificates(IngressTLS{SecretName: "a"}), `ingress.tls[0].host: Required value`},
		"TLS of another host": {certificates(IngressTLS{Host: "blog.example.com", SecretName: "a"}), `ingress.tls[0].host: Invalid value: "blog.example.com": no path of this host is routed: must be one of shop.example.com, api.example.com`},
		"TLS of a host twice": {
			certificates(IngressTLS{Host: "api.example.com", SecretName: "a"}, IngressTLS{Host: "api.example.com", Disable: true}),
			`ingress.tls[1].host: Duplicate value: "api.example.com": the same as ingress.tls[0].host`,
		},
		"TLS of no Secret":       {certificates(IngressTLS{Host: "api.example.com"}), `ingress.tls[0].secretName: Required value: set secretName, or disable`},
		"TLS of the same Secret": {certificates(IngressTLS{Host: "api.example.com", SecretName: "shop-tls"}), `ingress.tls[0].secretName: Invalid value: "shop-tls": has the certificate that hosts outside tls share`},
		"Secret of a host":       {certificates(IngressTLS{Host: "api.example.com", SecretName: "TLS"}), `ingress.tls[0].secretName: Invalid value: "TLS"`},
		"no TLS, and a Secret":   {certificates(IngressTLS{Host: "api.example.com", SecretName: "a", Disable: true}), `ingress.tls[0].secretName: Forbidden: there is no certificate with disable: leave it out`},
		"nothing to issue": {
			func(p *IngressProps) {
				p.TLS, p.ClusterIssuer = []IngressTLS{{Host: p.Host, SecretName: "a"}}, "letsencrypt"
			},
			`ingress.clusterIssuer: Forbidden: tls has the certificates of all hosts: leave it out`,
		},
		"a shared Secret of no host": {
			func(p *IngressProps) {
				p.TLS, p.TLSSecretName = []IngressTLS{{Host: p.Host, Disable: true}}, "shop-tls"
			},
			`ingress.tlsSecretName: Forbidden: tls has the certificates of all hosts: leave it out`,
		},
		"hosts without TLS":    {func(p *IngressProps) { p.DisableTLS, p.TLS = true, []IngressTLS{{Host: p.Host, Disable: true}} }, `ingress.tls: Forbidden: there is no certificate with disableTLS: leave it out`},
		"redirect without TLS": {func(p *IngressProps) { p.DisableTLS, p.DisableRedirect = true, true }, `ingress.disableRedirect: Forbidden: there is no redirect with disableTLS: leave it out`},
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
		"class":                {func(p *IngressProps) { p.ClassName, p.Controller.Profile = "NGINX", ProfileIngressNginx }, `ingress.className: Invalid value: "NGINX"`},
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

// ingressObjects are those that props make, by name.
func ingressObjects(props IngressProps) map[string]*manifest.Object {
	at := manifest.Component{App: "shop", ID: "ingress", Namespace: "shop"}
	props = props.withDefaults(at)
	made := map[string]*manifest.Object{}
	for _, o := range props.objects(at, props.published()) {
		made[o.Name] = o
	}
	return made
}

// certificatesOf are the hosts of each Secret that an Ingress names.
func certificatesOf(t *testing.T, o *manifest.Object) map[string][]string {
	t.Helper()
	require.NotNil(t, o)
	found := map[string][]string{}
	if tls := o.Fields["spec"].(k8s.IngressSpec).Tls; tls != nil {
		for _, entry := range *tls {
			for _, host := range *entry.Hosts {
				found[*entry.SecretName] = append(found[*entry.SecretName], *host)
			}
		}
	}
	return found
}

// cert-manager makes one certificate for one Ingress: a second that asks for the same Secret would be refused. The one that asks must
// name all hosts, and no Secret that somebody else fills.
func TestOneIngressAsksForTheCertificateOfAllHosts(t *testing.T) {
	api := httpTierAt("shop", "api")
	props := validIngress()
	props.ClusterIssuer, props.Annotations = "letsencrypt", map[string]string{"kubernetes.io/tls-acme": "true"}
	props.Routes = []IngressRoute{
		{Path: "/api", Tier: api}, {Host: "api.example.com", Tier: api}, {Host: "old.example.com", Tier: api}, {Host: "plain.example.com", Tier: api},
	}
	props.TLS = []IngressTLS{{Host: "old.example.com", SecretName: "old"}, {Host: "plain.example.com", Disable: true}}
	asking := func(props IngressProps) (names []string) {
		for name, o := range ingressObjects(props) {
			require.Equal(t, o.Annotations[issuerAnnotation] != "", o.Annotations["kubernetes.io/tls-acme"] != "", name)
			if o.Annotations[issuerAnnotation] != "" {
				names = append(names, name)
			}
		}
		return names
	}
	require.Equal(t, []string{"shop-ingress"}, asking(props))
	objects := ingressObjects(props)
	require.Len(t, objects, 4)
	require.Equal(t, map[string][]string{"shop-tls": {"shop.example.com", "api.example.com"}}, certificatesOf(t, objects["shop-ingress"]))
	require.Equal(t, map[string][]string{"shop-tls": {"shop.example.com", "api.example.com"}}, certificatesOf(t, objects["shop-ingress-routes"]))
	require.Equal(t, map[string][]string{"old": {"old.example.com"}}, certificatesOf(t, objects["shop-ingress-own-tls-routes"]))
	require.Empty(t, certificatesOf(t, objects["shop-ingress-no-tls-routes"]))

	// Where the first host does not share the certificate, its Ingress must not ask: it would overwrite the other Secret.
	props.TLS[0].Host = "shop.example.com"
	require.Equal(t, []string{"shop-ingress-routes"}, asking(props))
	objects = ingressObjects(props)
	require.Equal(t, map[string][]string{"old": {"shop.example.com"}}, certificatesOf(t, objects["shop-ingress"]))
	require.Equal(t, map[string][]string{"shop-tls": {"api.example.com", "old.example.com"}}, certificatesOf(t, objects["shop-ingress-routes"]))
}

// Only hosts with TLS can be redirected.
func TestRedirects(t *testing.T) {
	redirects := func(change func(*IngressProps)) map[string]string {
		props := validIngress()
		props.Routes = []IngressRoute{{Path: "/api", Tier: props.Tier}, {Host: "plain.example.com", Tier: props.Tier}}
		change(&props)
		found := map[string]string{}
		for name, o := range ingressObjects(props) {
			found[name] = o.Annotations[redirectAnnotation]
		}
		return found
	}
	require.Equal(t, map[string]string{"shop-ingress": "true", "shop-ingress-routes": "true"}, redirects(func(*IngressProps) {}))
	require.Equal(t, map[string]string{"shop-ingress": "false", "shop-ingress-routes": "false"}, redirects(func(p *IngressProps) { p.DisableTLS = true }))
	require.Equal(t, map[string]string{"shop-ingress": "false", "shop-ingress-routes": "false"}, redirects(func(p *IngressProps) { p.DisableRedirect = true }))
	require.Equal(t, map[string]string{"shop-ingress": "true", "shop-ingress-routes": "true", "shop-ingress-no-tls-routes": "false"},
		redirects(func(p *IngressProps) { p.TLS = []IngressTLS{{Host: "plain.example.com", Disable: true}} }))
}

// Beside any path but "/" the annotation would send every request to "/".
func TestRewriteIsForTheRootOnly(t *testing.T) {
	for path, want := range map[string][]string{"/": {"shop-ingress"}, "/shop": nil} {
		props := validIngress()
		props.Path = path
		props.Routes = []IngressRoute{{Path: "/api", Tier: props.Tier}, {Host: "api.example.com", Tier: props.Tier}}
		var rewriting []string
		for name, o := range ingressObjects(props) {
			if _, found := o.Annotations[rewriteAnnotation]; found {
				rewriting = append(rewriting, name)
			}
		}
		require.Equal(t, want, rewriting, path)
	}
}
