package constructs

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/manifest"
)

func servedBy(profile IngressProfile, changes ...func(*IngressProps)) func(*IngressProps) {
	return func(p *IngressProps) {
		p.Controller.Profile = profile
		if profile == ProfileAWS {
			p.Controller.CIDRs = []string{"10.0.0.0/16"}
		}
		for _, change := range changes {
			change(p)
		}
	}
}

func TestIngressControllersAccept(t *testing.T) {
	noRedirect := func(p *IngressProps) { p.DisableRedirect = true }
	noTLS := func(p *IngressProps) { p.DisableTLS = true }
	for name, change := range map[string]func(*IngressProps){
		"F5":                       servedBy(ProfileF5Nginx),
		"Traefik, which redirects": servedBy(ProfileTraefik, func(p *IngressProps) { p.Controller.Redirects = true }),
		"Traefik, no redirect":     servedBy(ProfileTraefik, noRedirect),
		"Traefik, no TLS":          servedBy(ProfileTraefik, noTLS),
		"HAProxy":                  servedBy(ProfileHAProxy),
		"AWS":                      servedBy(ProfileAWS),
		"GKE, a FrontendConfig":    servedBy(ProfileGCE, func(p *IngressProps) { p.Annotations = map[string]string{gceFrontend: "redirect"} }),
		"GKE, no redirect":         servedBy(ProfileGCE, noRedirect),
		"GKE, no TLS":              servedBy(ProfileGCE, noTLS),
		"OpenShift":                servedBy(ProfileOpenShift),
		"OpenShift, no TLS":        servedBy(ProfileOpenShift, noTLS),
		"another class":            servedBy(ProfileIngressNginx, func(p *IngressProps) { p.ClassName = "internal" }),
		"the host network":         func(p *IngressProps) { p.Controller.CIDRs = []string{"192.168.0.0/24"} },
		"pods and addresses": func(p *IngressProps) {
			p.Controller.Namespace, p.Controller.CIDRs = "ingress", []string{"192.168.0.0/24"}
		},
	} {
		t.Run(name, func(t *testing.T) { require.Empty(t, ingressErrors(change)) })
	}
}

// A profile that cannot do what is asked says so, because the controller would not.
func TestIngressControllersRefuse(t *testing.T) {
	const aws = `aws reads no Secrets, but finds certificates in AWS Certificate Manager by host, or by the annotation alb.ingress.kubernetes.io/certificate-arn`
	issuer := func(p *IngressProps) { p.ClusterIssuer = "letsencrypt" }
	noRedirect := func(p *IngressProps) { p.DisableRedirect = true }
	frontend := func(p *IngressProps) { p.Annotations = map[string]string{gceFrontend: "redirect"} }
	exception := func(tls IngressTLS) func(*IngressProps) {
		return func(p *IngressProps) {
			p.Routes, tls.Host = []IngressRoute{{Host: "api.example.com", Tier: p.Tier}}, "api.example.com"
			p.TLS = []IngressTLS{tls}
		}
	}
	controller := func(c IngressController) func(*IngressProps) {
		return func(p *IngressProps) { p.Controller = c }
	}
	for name, test := range map[string]struct {
		change func(*IngressProps)
		want   string
	}{
		"another class": {
			func(p *IngressProps) { p.ClassName = "internal" },
			`ingress.controller.profile: Required value: the controller of class "internal" is not known, and without it neither annotations nor network policies: set one of ingress-nginx, f5-nginx, traefik, haproxy, aws, gce, openshift`,
		},
		"an unknown profile": {
			controller(IngressController{Profile: "nginx"}),
			`ingress.controller.profile: Unsupported value: "nginx": supported values: "ingress-nginx", "f5-nginx", "traefik", "haproxy", "aws", "gce", "openshift"`,
		},
		"Traefik does not redirect": {
			servedBy(ProfileTraefik),
			`ingress.controller.redirects: Required value: Traefik cannot redirect one Ingress by annotations: configure its entry point web to redirect (in its chart ports.web.http.redirections.entryPoint) and set redirects, or set disableRedirect`,
		},
		"Traefik prefers a prefix": {
			servedBy(ProfileTraefik, noRedirect, func(p *IngressProps) {
				p.Routes = []IngressRoute{
					{Path: "/login", PathType: PathExact, Tier: p.Tier},
					{Path: "/account/login", PathType: PathExact, Tier: p.Tier},
					{Host: "api.example.com", Path: "/login", PathType: PathExact, Tier: p.Tier},
				}
			}),
			`ingress.routes[0].pathType: Invalid value: "Exact": traefik prefers the longer rule, that of ingress.path (/), whose tier would receive the requests: use a prefix, or gateway`,
		},
		"Traefik publishes metrics": {
			servedBy(ProfileTraefik, noRedirect, func(p *IngressProps) {
				p.Routes = []IngressRoute{{Path: "/met", Tier: exporting(8000, "/metrics")}, {Path: "/met", Host: "api.example.com", Tier: exporting(9464, "/metrics")}}
			}),
			`ingress.routes[0].path: Invalid value: "/met": traefik compares prefixes by letter, so that the metrics at /metrics would be public: set another metrics port`,
		},
		"GKE does not redirect": {
			servedBy(ProfileGCE),
			`ingress.annotations[networking.gke.io/v1beta1.FrontendConfig]: Required value: GKE redirects by a FrontendConfig only: create one with redirectToHttps.enabled and name it here, or set disableRedirect`,
		},
		"others redirect":     {servedBy(ProfileHAProxy, func(p *IngressProps) { p.Controller.Redirects = true }), `ingress.controller.redirects: Forbidden: is for Traefik only: other controllers redirect as the Ingress asks`},
		"F5 needs a host":     {servedBy(ProfileF5Nginx, func(p *IngressProps) { p.Host, p.AnyHost, p.DisableTLS = "", true, true }), `ingress.anyHost: Forbidden: f5-nginx serves no Ingress without a host: set host`},
		"AWS sends from":      {controller(IngressController{Profile: ProfileAWS}), `ingress.controller.cidrs: Required value: requests of aws come from addresses: list the blocks, such as the subnets of the load balancer`},
		"AWS and a Secret":    {servedBy(ProfileAWS, func(p *IngressProps) { p.TLSSecretName = "shop-tls" }), `ingress.tlsSecretName: Forbidden: ` + aws + `: leave it out`},
		"AWS and an issuer":   {servedBy(ProfileAWS, issuer), `ingress.clusterIssuer: Forbidden: ` + aws + `: leave it out`},
		"AWS, a host's own":   {servedBy(ProfileAWS, exception(IngressTLS{SecretName: "a"})), `ingress.tls[0].secretName: Forbidden: ` + aws},
		"AWS, a plain host":   {servedBy(ProfileAWS, exception(IngressTLS{Disable: true})), `ingress.tls[0].disable: Forbidden: aws serves all hosts of an Ingress alike: create another Ingress for this host`},
		"GKE, a plain host":   {servedBy(ProfileGCE, frontend, exception(IngressTLS{Disable: true})), `ingress.tls[0].disable: Forbidden: gce serves all hosts of an Ingress alike: create another Ingress for this host`},
		"GKE and an issuer":   {servedBy(ProfileGCE, frontend, issuer, exception(IngressTLS{SecretName: "a"})), `ingress.tls[0].secretName: Forbidden: gce has one load balancer for an Ingress, and cert-manager would overwrite this Secret: create another Ingress for this host`},
		"OpenShift redirects": {servedBy(ProfileOpenShift, noRedirect), `ingress.disableRedirect: Forbidden: openshift redirects all hosts with TLS: leave it out, or set disableTLS`},
		"OpenShift, exactly": {
			servedBy(ProfileOpenShift, func(p *IngressProps) { p.Path, p.PathType = "/login", PathExact }), `ingress.pathType: Invalid value: "Exact": openshift serves no exact path: use a prefix`,
		},
		"OpenShift, a route exactly": {
			servedBy(ProfileOpenShift, func(p *IngressProps) {
				p.Routes = []IngressRoute{{Path: "/login", PathType: PathExact, Tier: p.Tier}}
			}),
			`ingress.routes[0].pathType: Invalid value: "Exact": openshift serves no exact path: use a prefix`,
		},
		"OpenShift needs a host": {servedBy(ProfileOpenShift, func(p *IngressProps) { p.Host, p.AnyHost, p.DisableTLS = "", true, true }), `ingress.anyHost: Forbidden: openshift serves no Ingress without a host: set host`},
		"a Route's timeout": {
			func(p *IngressProps) { p.Annotations = map[string]string{"haproxy.router.openshift.io/timeout": "5m"} },
			`ingress.annotations[haproxy.router.openshift.io/timeout]: Forbidden: is for openshift, and ingress-nginx ignores it: remove it, or set controller.profile`,
		},
		"another's redirect": {servedBy(ProfileHAProxy, func(p *IngressProps) { p.Annotations = map[string]string{redirectAnnotation: "true"} }), `ingress.annotations[nginx.ingress.kubernetes.io/ssl-redirect]: Forbidden: is for ingress-nginx, and haproxy ignores it: remove it, or set controller.profile`},
		"no labels":          {controller(IngressController{Profile: ProfileAWS, Namespace: "ingress"}), `ingress.controller.podLabels: Required value: namespace is set: without labels all pods there would be let in`},
		"no address block":   {controller(IngressController{CIDRs: []string{"10.0.0.1/8"}}), `ingress.controller.cidrs[0]: Invalid value: "10.0.0.1/8": must be written as 10.0.0.0/8`},
		"a block twice":      {controller(IngressController{CIDRs: []string{"10.0.0.0/8", "10.0.0.0/8"}}), `ingress.controller.cidrs[1]: Duplicate value: "10.0.0.0/8": the same as ingress.controller.cidrs[0]`},
		"port for HTTP":      {controller(IngressController{HTTPPort: 70000}), `ingress.controller.httpPort: Invalid value: 70000`},
		"port for HTTPS":     {controller(IngressController{HTTPSPort: -1}), `ingress.controller.httpsPort: Invalid value: -1`},
	} {
		t.Run(name, func(t *testing.T) {
			errs := ingressErrors(test.change)
			require.Len(t, errs, 1)
			require.Contains(t, errs[0], test.want)
		})
	}
}

// What an Ingress says to other controllers says nothing to this one, except that it claims more than it does.
func TestAnnotationsAreForTheController(t *testing.T) {
	prefixes := map[IngressProfile]string{}
	for prefix, profile := range annotationPrefixes {
		prefixes[profile] = prefix
	}
	for _, profile := range profiles() {
		props := validIngress()
		servedBy(profile, func(p *IngressProps) { p.Controller.Redirects = profile == ProfileTraefik })(&props)
		for name, o := range ingressObjects(props) {
			for key := range o.Annotations {
				if key != classAnnotation {
					require.Contains(t, key, prefixes[profile], "%s of %s", name, profile)
				}
			}
		}
	}
}

// A host without TLS is not redirected, whatever the controller does by default.
func TestControllersServePlainHosts(t *testing.T) {
	for profile, want := range map[IngressProfile]map[string]string{
		ProfileF5Nginx: {f5Redirect: "false"},
		ProfileTraefik: {traefikEntryPoints: "web"},
		ProfileHAProxy: {haproxyRedirect: "false"},
		ProfileAWS:     {albTarget: "ip", albPorts: `[{"HTTP": 80}]`},
	} {
		props := validIngress()
		servedBy(profile, func(p *IngressProps) { p.DisableTLS = true })(&props)
		require.Equal(t, want, ingressObjects(props)["shop-ingress"].Annotations, profile)
	}
}

// Each object of GKE and AWS is a load balancer with an address of its own, and F5's controller serves one object of a host.
func TestControllersThatWantOneObject(t *testing.T) {
	for profile, want := range map[IngressProfile]int{
		ProfileIngressNginx: 2, ProfileTraefik: 2, ProfileHAProxy: 2, ProfileF5Nginx: 1, ProfileAWS: 1, ProfileGCE: 1,
	} {
		props := validIngress()
		props.Routes = []IngressRoute{{Path: "/api", Tier: props.Tier}, {Host: "api.example.com", Tier: props.Tier}}
		servedBy(profile)(&props)
		require.Len(t, ingressObjects(props), want, profile)
	}
}

// Blocks replace the pods of the profile, unless pods are named, too.
func TestSourcesOfRequests(t *testing.T) {
	sources := func(c IngressController) (pods, blocks int) {
		for _, peer := range c.withDefaults(DefaultIngressClassName).peers(manifest.Component{}) {
			if peer.IpBlock != nil {
				blocks++
			} else {
				pods++
			}
		}
		return pods, blocks
	}
	for name, test := range map[string]struct {
		controller   IngressController
		pods, blocks int
	}{
		"the profile's pods":      {IngressController{}, 1, 0},
		"the profile's blocks":    {IngressController{Profile: ProfileGCE}, 0, 2},
		"blocks":                  {IngressController{CIDRs: []string{"10.0.0.0/8"}}, 0, 1},
		"blocks in place of both": {IngressController{Profile: ProfileGCE, CIDRs: []string{"10.0.0.0/8"}}, 0, 1},
		"pods and blocks":         {IngressController{Namespace: "a", CIDRs: []string{"10.0.0.0/8"}}, 1, 1},
	} {
		pods, blocks := sources(test.controller)
		require.Equal(t, []int{test.pods, test.blocks}, []int{pods, blocks}, name)
	}
}

// A certificate is found by the hosts alone where the controller reads no Secret.
func TestAWSIsToldTheHosts(t *testing.T) {
	props := validIngress()
	servedBy(ProfileAWS)(&props)
	tls := *ingressObjects(props)["shop-ingress"].Fields["spec"].(k8s.IngressSpec).Tls
	require.Len(t, tls, 1)
	require.Nil(t, tls[0].SecretName)
	require.Equal(t, "shop.example.com", *(*tls[0].Hosts)[0])
}
