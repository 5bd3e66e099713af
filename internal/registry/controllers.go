package registry

import (
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
)

// ingressControllers are the cases of each profile: a host with two paths, and another host.
func ingressControllers() []Case {
	shared := func(p constructs.IngressProps) constructs.IngressProps {
		p.ClusterIssuer = "letsencrypt"
		return p
	}
	var cases []Case
	for _, c := range []struct {
		name       string
		controller constructs.IngressController
		change     func(constructs.IngressProps) constructs.IngressProps
	}{
		{"f5-nginx", constructs.IngressController{Profile: constructs.ProfileF5Nginx}, shared},
		{"traefik", constructs.IngressController{Profile: constructs.ProfileTraefik, Redirects: true}, shared},
		{"traefik-no-redirect", constructs.IngressController{Profile: constructs.ProfileTraefik}, func(p constructs.IngressProps) constructs.IngressProps {
			p.DisableRedirect = true
			return p
		}},
		{"haproxy", constructs.IngressController{Profile: constructs.ProfileHAProxy}, shared},
		{"openshift", constructs.IngressController{Profile: constructs.ProfileOpenShift}, shared},
		{"aws", constructs.IngressController{Profile: constructs.ProfileAWS, CIDRs: []string{"10.0.0.0/20", "10.0.16.0/20"}}, func(p constructs.IngressProps) constructs.IngressProps {
			p.Annotations = map[string]string{"alb.ingress.kubernetes.io/scheme": "internet-facing"}
			return p
		}},
		{"gce", constructs.IngressController{Profile: constructs.ProfileGCE}, func(p constructs.IngressProps) constructs.IngressProps {
			p.Annotations = map[string]string{"networking.gke.io/v1beta1.FrontendConfig": "redirect"}
			p.TLS = []constructs.IngressTLS{{Host: "api.example.com", SecretName: "api"}}
			return p
		}},
		{"host-network", constructs.IngressController{CIDRs: []string{"192.168.0.0/24"}}, shared},
	} {
		cases = append(cases, Case{"ingress-" + c.name, func(chart cdk8s.Chart) any {
			others := elsewhere(chart)
			api := constructs.NewBackend(others, "api", apiProps)
			return constructs.NewIngress(chart, "web", c.change(constructs.IngressProps{
				Host: "shop.example.com", Tier: constructs.NewFrontend(others, "pages", pagesProps), Controller: c.controller,
				Routes: []constructs.IngressRoute{{Path: "/api", Tier: api}, {Host: "api.example.com", Tier: api}},
			}))
		}})
	}
	return cases
}
