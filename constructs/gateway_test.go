package constructs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/manifest"
)

// onGateway changes the Gateway of a valid Ingress that is published on a shared one.
func onGateway(change func(*Gateway)) func(*IngressProps) {
	return func(p *IngressProps) {
		p.Gateway = &Gateway{Name: "public", Namespace: "infra", Proxy: GatewayProxy{Profile: GatewayEnvoy}}
		change(p.Gateway)
	}
}

// onGatewayWith changes also the rest of the props.
func onGatewayWith(gateway func(*Gateway), change func(*IngressProps)) func(*IngressProps) {
	return func(p *IngressProps) {
		onGateway(gateway)(p)
		change(p)
	}
}

func unchanged(*Gateway)       {}
func withListeners(g *Gateway) { g.ListenerSet = true }
func ownGateway(g *Gateway) {
	*g = Gateway{ClassName: "istio", Proxy: GatewayProxy{Profile: GatewayIstio}}
}

func ownEnvoyNear(g *Gateway) {
	ownGateway(g)
	g.Proxy = GatewayProxy{Profile: GatewayEnvoy, Namespace: "shop"}
}
func fromAddresses(g *Gateway) { g.Proxy = GatewayProxy{CIDRs: []string{"10.0.0.0/24"}} }
func fromOtherPods(g *Gateway) {
	g.Proxy = GatewayProxy{Namespace: "proxies", PodLabels: map[string]string{"app": "proxy"}}
}
func onHostNetwork(g *Gateway) { g.Proxy.CIDRs = []string{"10.0.0.0/24"} }
func regionalOnGKE(g *Gateway) {
	g.Proxy = GatewayProxy{Profile: GatewayGKE, CIDRs: []string{"10.129.0.0/23"}}
}
func withoutCilium(g *Gateway)   { g.Proxy = GatewayProxy{Profile: GatewayCilium} }
func otherEnvoy(g *Gateway)      { g.Proxy.ControllerNamespace = "edge" }
func sharedWithIstio(g *Gateway) { g.Proxy = GatewayProxy{Profile: GatewayIstio} }

func TestGatewayAccepts(t *testing.T) {
	api := httpTierAt("shop", "api")
	for name, change := range map[string]func(*IngressProps){
		"shared":                  onGateway(unchanged),
		"listeners of the host":   onGateway(withListeners),
		"its own":                 onGateway(ownGateway),
		"its own, near Envoy":     onGateway(ownEnvoyNear),
		"addresses":               onGateway(fromAddresses),
		"other pods":              onGateway(fromOtherPods),
		"a proxy on host network": onGateway(onHostNetwork),
		"a regional balancer":     onGateway(regionalOnGKE),
		"Cilium, in no tree":      onGateway(withoutCilium),
		"Envoy elsewhere":         onGateway(otherEnvoy),
		"shared with Istio":       onGateway(sharedWithIstio),
		"issuer":                  onGatewayWith(withListeners, func(p *IngressProps) { p.ClusterIssuer = "letsencrypt" }),
		"every host, shared":      onGatewayWith(unchanged, func(p *IngressProps) { p.Host, p.AnyHost, p.DisableTLS = "", true, true }),
		"a host without TLS": onGatewayWith(unchanged, func(p *IngressProps) {
			p.Routes, p.TLS = []IngressRoute{{Host: "api.example.com", Tier: api}}, []IngressTLS{{Host: "api.example.com", Disable: true}}
		}),
		"own certificates": onGatewayWith(ownGateway, func(p *IngressProps) { p.TLS = []IngressTLS{{Host: p.Host, SecretName: "a"}} }),
	} {
		t.Run(name, func(t *testing.T) { require.Empty(t, ingressErrors(change)) })
	}
}

func TestGatewayRefuses(t *testing.T) {
	api := httpTierAt("shop", "api")
	proxy := func(proxy GatewayProxy) func(*IngressProps) { return onGateway(func(g *Gateway) { g.Proxy = proxy }) }
	manyPaths := func(p *IngressProps) {
		for i := range 16 {
			p.Routes = append(p.Routes, IngressRoute{Path: fmt.Sprintf("/%d", i), Tier: api})
		}
	}
	manyHosts := func(p *IngressProps) {
		for i := range 16 {
			p.Routes = append(p.Routes, IngressRoute{Host: fmt.Sprintf("%d.example.com", i), Tier: api})
		}
	}
	for name, test := range map[string]struct {
		change func(*IngressProps)
		want   string
	}{
		"neither name nor class": {onGateway(func(g *Gateway) { g.Name, g.Namespace = "", "" }), `ingress.gateway.name: Required value: set the name of a Gateway that exists, or className to create one`},
		"no namespace":           {onGateway(func(g *Gateway) { g.Namespace = "" }), `ingress.gateway.namespace: Required value: set the namespace of the Gateway`},
		"name":                   {onGateway(func(g *Gateway) { fromOtherPods(g); g.Name = "a b" }), `ingress.gateway.name: Invalid value: "a b"`},
		"namespace":              {onGateway(func(g *Gateway) { g.Namespace = "a.b" }), `ingress.gateway.namespace: Invalid value: "a.b"`},
		"class":                  {onGateway(func(g *Gateway) { ownGateway(g); g.ClassName = "A" }), `ingress.gateway.className: Invalid value: "A"`},
		"name and class":         {onGateway(func(g *Gateway) { ownGateway(g); g.Name = "public" }), `ingress.gateway.name: Forbidden: className creates a Gateway: set only one of them`},
		"namespace and class":    {onGateway(func(g *Gateway) { ownGateway(g); g.Namespace = "infra" }), `ingress.gateway.namespace: Forbidden: className creates a Gateway in the application's namespace: leave it out`},
		"class and listeners":    {onGateway(func(g *Gateway) { ownGateway(g); g.ListenerSet = true }), `ingress.gateway.listenerSet: Forbidden: the Gateway that className creates has the listeners: leave it out`},
		"listener and class":     {onGateway(func(g *Gateway) { ownGateway(g); g.HTTPListener = "web" }), `ingress.gateway.httpListener: Forbidden: the construct creates the listeners: leave it out`},
		"listener of a set":      {onGateway(func(g *Gateway) { withListeners(g); g.HTTPSListener = "web" }), `ingress.gateway.httpsListener: Forbidden: the construct creates the listeners: leave it out`},
		"listener":               {onGateway(func(g *Gateway) { g.HTTPListener = "A" }), `ingress.gateway.httpListener: Invalid value: "A"`},
		"port of a listener":     {onGateway(func(g *Gateway) { g.HTTPPort = 80 }), `ingress.gateway.httpPort: Forbidden: the listeners exist: leave it out`},
		"port":                   {onGateway(func(g *Gateway) { ownGateway(g); g.HTTPSPort = 65536 }), `ingress.gateway.httpsPort: Invalid value: 65536`},
		"one port for both":      {onGateway(func(g *Gateway) { ownGateway(g); g.HTTPPort = 443 }), `ingress.gateway.httpsPort: Invalid value: 443: must not be httpPort: set another port`},
		"Traefik's listener set": {onGateway(func(g *Gateway) { withListeners(g); g.Proxy.Profile = GatewayTraefik }), `ingress.gateway.listenerSet: Forbidden: Traefik implements version 1.4 of Gateway API, in which there is no ListenerSet: leave it out, or set className`},

		"no proxy":            {proxy(GatewayProxy{}), `ingress.gateway.proxy.profile: Required value: set profile, or namespace and podLabels, or cidrs`},
		"unknown proxy":       {proxy(GatewayProxy{Profile: "nginx"}), `ingress.gateway.proxy.profile: Unsupported value: "nginx": supported values: "EnvoyGateway", "NGINXGatewayFabric", "Istio", "Traefik", "Cilium", "GKE"`},
		"no labels":           {proxy(GatewayProxy{Namespace: "proxies"}), `ingress.gateway.proxy.podLabels: Required value: without labels, the policies would let in all pods of the namespace`},
		"labels":              {proxy(GatewayProxy{Namespace: "proxies", PodLabels: map[string]string{"app": "a b"}}), `ingress.gateway.proxy.podLabels[app]: Invalid value: "a b"`},
		"pods of Cilium":      {proxy(GatewayProxy{Profile: GatewayCilium, Namespace: "kube-system"}), `ingress.gateway.proxy.namespace: Forbidden: the proxies of Cilium are no pods: leave it out`},
		"addresses of Cilium": {proxy(GatewayProxy{Profile: GatewayCilium, CIDRs: []string{"10.0.0.0/24"}}), `ingress.gateway.proxy.cidrs: Forbidden: the proxies of Cilium have an identity instead of addresses: leave it out`},
		"pods of GKE":         {proxy(GatewayProxy{Profile: GatewayGKE, PodLabels: map[string]string{"a": "b"}}), `ingress.gateway.proxy.podLabels: Forbidden: the proxies of GKE are no pods: leave it out`},
		"pods and addresses":  {proxy(GatewayProxy{Namespace: "proxies", CIDRs: []string{"10.0.0.0/24"}}), `ingress.gateway.proxy.namespace: Forbidden: with cidrs, requests come from addresses: leave it out`},
		"address":             {proxy(GatewayProxy{CIDRs: []string{"10.0.0.1/24"}}), `ingress.gateway.proxy.cidrs[0]: Invalid value: "10.0.0.1/24"`},
		"an address twice":    {proxy(GatewayProxy{CIDRs: []string{"10.0.0.0/24", "10.0.0.0/24"}}), `ingress.gateway.proxy.cidrs[1]: Duplicate value: "10.0.0.0/24": the same as ingress.gateway.proxy.cidrs[0]`},
		"Traefik near":        {proxy(GatewayProxy{Profile: GatewayTraefik, Namespace: "shop"}), `ingress.gateway.proxy.namespace: Invalid value: "shop": is the application's namespace, in which the proxy cannot reach its controller`},
		"controller":          {proxy(GatewayProxy{Profile: GatewayIstio, ControllerNamespace: "a.b"}), `ingress.gateway.proxy.controllerNamespace: Invalid value: "a.b"`},
		"controller of Traefik": {
			proxy(GatewayProxy{Profile: GatewayTraefik, ControllerNamespace: "traefik"}),
			`ingress.gateway.proxy.controllerNamespace: Forbidden: only a proxy with one of the profiles EnvoyGateway, NGINXGatewayFabric and Istio`,
		},
		"a label of the Gateway's name": {
			onGateway(func(g *Gateway) { g.Name = strings.Repeat("x", 64) }),
			`ingress.gateway.proxy.podLabels[gateway.envoyproxy.io/owning-gateway-name]: Invalid value: "` + strings.Repeat("x", 64) + `"`,
		},

		"class of an Ingress": {onGatewayWith(unchanged, func(p *IngressProps) { p.ClassName = "nginx" }), `ingress.className: Forbidden: there is no Ingress object with gateway: leave it out, or set gateway.className`},
		"controller of an Ingress": {
			onGatewayWith(unchanged, func(p *IngressProps) { p.Controller.Namespace = "ingress" }),
			`ingress.controller: Forbidden: there is no Ingress object with gateway: leave it out, and set gateway.proxy`,
		},
		"annotations": {
			onGatewayWith(unchanged, func(p *IngressProps) { p.Annotations = map[string]string{"a": "b"} }),
			`ingress.annotations: Forbidden: there is no Ingress object with gateway: leave it out, or patch the objects`,
		},
		"Secret of a shared Gateway": {onGatewayWith(unchanged, func(p *IngressProps) { p.TLSSecretName = "a" }), `ingress.tlsSecretName: Forbidden: the listener of the Gateway has the certificates: leave it out, or set gateway.listenerSet`},
		"issuer of a shared Gateway": {onGatewayWith(unchanged, func(p *IngressProps) { p.ClusterIssuer = "a" }), `ingress.clusterIssuer: Forbidden: the listener of the Gateway has the certificates`},
		"a host's Secret of a shared Gateway": {
			onGatewayWith(unchanged, func(p *IngressProps) { p.TLS = []IngressTLS{{Host: p.Host, SecretName: "a"}} }),
			`ingress.tls[0].secretName: Forbidden: the listener of the Gateway has the certificates`,
		},
		"a host for nothing": {
			onGatewayWith(unchanged, func(p *IngressProps) { p.TLS = []IngressTLS{{Host: p.Host}} }),
			`ingress.tls[0].disable: Required value: set it to serve the host without TLS, or omit the host here`,
		},
		"a certificate that cert-manager would replace": {
			onGatewayWith(withListeners, func(p *IngressProps) {
				p.ClusterIssuer, p.Routes = "letsencrypt", []IngressRoute{{Host: "api.example.com", Tier: api}}
				p.TLS = []IngressTLS{{Host: "api.example.com", SecretName: "a"}}
			}),
			`ingress.tls[0].secretName: Forbidden: cert-manager would replace the certificate`,
		},
		"a pattern": {
			onGatewayWith(unchanged, func(p *IngressProps) { p.Path, p.PathType = "/a+", PathImplementationSpecific }),
			`ingress.pathType: Invalid value: "ImplementationSpecific": Gateway API has only Prefix and Exact`,
		},
		"a pattern of a route": {
			onGatewayWith(unchanged, func(p *IngressProps) {
				p.Routes = []IngressRoute{{Path: "/a+", PathType: PathImplementationSpecific, Tier: api}}
			}),
			`ingress.routes[0].pathType: Invalid value: "ImplementationSpecific"`,
		},
		"17 paths of a host": {onGatewayWith(unchanged, manyPaths), `ingress.routes: Invalid value: "shop.example.com": has 17 paths: an HTTPRoute takes at most 16`},
		"17 hosts":           {onGatewayWith(unchanged, manyHosts), `ingress.routes: Too many: 17: must have at most 16 items`},
		"every host, in a set": {
			onGatewayWith(withListeners, func(p *IngressProps) { p.Host, p.AnyHost, p.DisableTLS = "", true, true }),
			`ingress.anyHost: Forbidden: a listener for every host would conflict with that of the Gateway`,
		},
		"a host too long for a listener": {
			onGatewayWith(withListeners, func(p *IngressProps) { p.Host = strings.Repeat("a.", 124) + "a" }),
			`must be shorter: the name of its listener is 255 characters long, and may be 253`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			errs := ingressErrors(test.change)
			require.Len(t, errs, 1)
			require.Contains(t, errs[0], test.want)
		})
	}
}

// A listener that two hosts share would have the certificate of only one of them.
func TestListenerNamesDiffer(t *testing.T) {
	names := map[string]string{}
	for _, host := range []string{"", "example.com", "*.example.com", "wildcard.example.com", "https.example.com", "http.example.com", "a"} {
		for _, protocol := range []string{"HTTP", "HTTPS"} {
			name := listenerName(protocol, host)
			require.NotContains(t, names, name, "of %s and %q", protocol, host)
			names[name] = host
		}
	}
	require.Equal(t, "example.com", names["https-example.com"])
	require.Equal(t, "*.example.com", names["https.example.com"])
	require.Empty(t, names["http"])
}

// Where each proxy listens follows from its implementation; a policy for other ports would keep everybody out.
func TestPortsOfProxiesNearby(t *testing.T) {
	for name, test := range map[string]struct {
		gateway Gateway
		want    []int
	}{
		"Envoy":              {Gateway{ClassName: "a", Proxy: GatewayProxy{Profile: GatewayEnvoy, Namespace: "shop"}}, []int{10080, 10443}},
		"Envoy, high ports":  {Gateway{ClassName: "a", HTTPPort: 8080, HTTPSPort: 8443, Proxy: GatewayProxy{Profile: GatewayEnvoy, Namespace: "shop"}}, []int{8080, 8443}},
		"Istio":              {Gateway{ClassName: "a", Proxy: GatewayProxy{Profile: GatewayIstio}}, []int{80, 443}},
		"a Gateway nearby":   {Gateway{Name: "a", Namespace: "shop", Proxy: GatewayProxy{Profile: GatewayNGINX}}, []int{80, 443}},
		"a Gateway far away": {Gateway{Name: "a", Namespace: "infra", Proxy: GatewayProxy{Profile: GatewayNGINX}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			at := manifest.Component{App: "shop", ID: "web", Namespace: "shop"}
			props := validIngress()
			props.Gateway = &test.gateway
			props = props.withDefaults(at)
			var ports []int
			for _, o := range (gatewayObjects{*props.Gateway, at, props.published(), false}).openings() {
				if o.Name == "shop-web-proxy" {
					ports = publicPorts(o)
				}
			}
			require.Equal(t, test.want, ports)
		})
	}
}

func publicPorts(o *manifest.Object) []int {
	var ports []int
	for _, port := range *(*o.Fields["spec"].(k8s.NetworkPolicySpec).Ingress)[0].Ports {
		ports = append(ports, port.Port.Value().(int))
	}
	return ports
}
