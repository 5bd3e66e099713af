package constructs

import (
	"cmp"
	"slices"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// GatewayProxy identifies the proxy that receives the requests for a Gateway and sends them to the tiers.
type GatewayProxy struct {
	// Profile is the implementation of Gateway API, from which everything else follows. Required, unless Namespace and
	// PodLabels, or CIDRs, are set.
	Profile GatewayProfile

	// Namespace is the namespace of the proxy's pods. Defaults to the profile's: ControllerNamespace with EnvoyGateway,
	// "traefik" with Traefik, and the namespace of the Gateway with NGINXGatewayFabric and Istio. If Envoy Gateway runs
	// its proxies in the namespaces of their Gateways, set that of the Gateway.
	Namespace string

	// PodLabels are the labels of these pods. Defaults to the profile's, which have the name of the Gateway with
	// EnvoyGateway, NGINXGatewayFabric and Istio.
	PodLabels map[string]string

	// CIDRs are the addresses that requests come from, where the proxy is outside the cluster or in the network of its
	// node. Defaults to those of global load balancers with GKE, 130.211.0.0/22 and 35.191.0.0/16, and to none with other
	// profiles. For a regional load balancer, set those of the proxy-only subnet, too.
	CIDRs []string

	// ControllerNamespace is the namespace of the controller, from which a proxy in the application's namespace gets its
	// configuration. Defaults to the profile's: "envoy-gateway-system", "nginx-gateway" or "istio-system".
	ControllerNamespace string
}

// GatewayProfile is an implementation of Gateway API.
type GatewayProfile string

const (
	// GatewayEnvoy is Envoy Gateway, whose proxies run in the namespace of its controller.
	GatewayEnvoy GatewayProfile = "EnvoyGateway"

	// GatewayNGINX is NGINX Gateway Fabric, whose proxies run in the namespace of their Gateway.
	GatewayNGINX GatewayProfile = "NGINXGatewayFabric"

	// GatewayIstio is Istio, whose proxies run in the namespace of their Gateway.
	GatewayIstio GatewayProfile = "Istio"

	// GatewayTraefik is Traefik, which knows no ListenerSet.
	GatewayTraefik GatewayProfile = "Traefik"

	// GatewayCilium is Cilium. Its proxies have an identity that only a CiliumNetworkPolicy can allow.
	GatewayCilium GatewayProfile = "Cilium"

	// GatewayGKE is the Gateway controller of GKE, which creates load balancers outside the cluster.
	GatewayGKE GatewayProfile = "GKE"
)

// gatewayProfile is what is known of an implementation.
type gatewayProfile struct {
	name GatewayProfile

	// pods are the proxy's: in the Gateway's namespace if they have none, and nowhere without labels.
	pods  func(of gatewayReference) manifest.ForeignPods
	cidrs []string

	// A proxy gets its configuration from the controller: its namespace, and the port of its pods.
	controllerNamespace string
	controllerPort      int

	// unprivileged is added to the ports of listeners below 1024 to get those of the pods.
	unprivileged int

	// noListenerSet is the reason why it does not take a ListenerSet.
	noListenerSet string

	// closedToPods is the reason why no policy of a pod lets it send requests to the proxy.
	closedToPods string
}

var gatewayProfiles = []gatewayProfile{
	{
		// https://github.com/envoyproxy/gateway/blob/v1.9.1/internal/gatewayapi/translator.go
		// https://gateway.envoyproxy.io/docs/tasks/operations/gateway-namespace-mode/
		name: GatewayEnvoy,
		pods: func(of gatewayReference) manifest.ForeignPods {
			return manifest.ForeignPods{Namespace: "envoy-gateway-system", PodLabels: map[string]string{
				"gateway.envoyproxy.io/owning-gateway-name":      of.Name,
				"gateway.envoyproxy.io/owning-gateway-namespace": of.Namespace,
			}}
		},
		controllerNamespace: "envoy-gateway-system", controllerPort: 18000, unprivileged: 10000,
	},
	{
		// https://github.com/nginx/nginx-gateway-fabric/blob/v2.6.7/internal/controller/provisioner/objects.go
		// https://github.com/nginx/nginx-gateway-fabric/blob/v2.6.7/charts/nginx-gateway-fabric/templates/service.yaml
		name: GatewayNGINX, pods: podsOfGateway,
		controllerNamespace: "nginx-gateway", controllerPort: 8443,
	},
	{
		// https://github.com/istio/istio/blob/master/manifests/charts/istio-control/istio-discovery/files/kube-gateway.yaml
		name: GatewayIstio, pods: podsOfGateway,
		controllerNamespace: "istio-system", controllerPort: 15012,
	},
	{
		// https://github.com/traefik/traefik-helm-chart/blob/master/traefik/templates/_helpers.tpl
		name: GatewayTraefik,
		pods: func(gatewayReference) manifest.ForeignPods {
			return manifest.ForeignPods{Namespace: "traefik", PodLabels: map[string]string{"app.kubernetes.io/name": "traefik"}}
		},
		// https://github.com/traefik/traefik/blob/v3.6.12/go.mod
		noListenerSet: "Traefik implements version 1.4 of Gateway API, in which there is no ListenerSet",
	},
	{
		name: GatewayCilium,
		// Policies are decided about after an address of the Gateway has become a port of Envoy that nobody knows, so that no rule with a port
		// matches. Rules for the entities ingress and cluster were reported not to match either.
		// https://github.com/cilium/cilium/issues/47768
		// https://github.com/cilium/cilium/issues/47617
		closedToPods: "network policies of pods with ports do not match connections to Cilium's own proxies",
	},
	{
		// https://cloud.google.com/load-balancing/docs/firewall-rules
		name: GatewayGKE, cidrs: []string{"130.211.0.0/22", "35.191.0.0/16"},
	},
}

// podsOfGateway are in the namespace of their Gateway. https://gateway-api.sigs.k8s.io/geps/gep-1762/
func podsOfGateway(of gatewayReference) manifest.ForeignPods {
	return manifest.ForeignPods{Namespace: of.Namespace, PodLabels: map[string]string{"gateway.networking.k8s.io/gateway-name": of.Name}}
}

func (p GatewayProfile) known() gatewayProfile {
	i := slices.IndexFunc(gatewayProfiles, func(known gatewayProfile) bool { return known.name == p })
	if i == -1 {
		return gatewayProfile{}
	}
	return gatewayProfiles[i]
}

func (p GatewayProxy) withDefaults(of gatewayReference) GatewayProxy {
	profile := p.Profile.known()
	if len(p.CIDRs) == 0 && profile.pods != nil {
		pods := profile.pods(of)
		if p.Profile == GatewayEnvoy {
			pods.Namespace = cmp.Or(p.ControllerNamespace, pods.Namespace)
		}
		pods = manifest.ForeignPods{Namespace: p.Namespace, PodLabels: p.PodLabels}.WithDefaults(pods)
		p.Namespace, p.PodLabels = pods.Namespace, pods.PodLabels
	}
	if len(p.CIDRs) == 0 {
		p.CIDRs = profile.cidrs
	}
	p.ControllerNamespace = cmp.Or(p.ControllerNamespace, profile.controllerNamespace)
	return p
}

// near reports whether the proxy's pods are in the application's namespace, which denies them all connections.
func (p GatewayProxy) near(at manifest.Component) bool {
	return len(p.PodLabels) > 0 && p.Namespace == at.Namespace
}

func (p GatewayProxy) validate(path *field.Path, at manifest.Component) field.ErrorList {
	if p.Profile != "" && p.Profile.known().name == "" {
		return check.OneOf(path.Child("profile"), p.Profile, GatewayEnvoy, GatewayNGINX, GatewayIstio, GatewayTraefik, GatewayCilium, GatewayGKE)
	}
	errs := append(p.validatePods(path, at), p.validateCIDRs(path, at)...)
	if p.Profile == GatewayCilium && at.InTree() && !at.Cluster().Cilium {
		errs = append(errs, field.Invalid(path.Child("profile"), p.Profile,
			"only a CiliumNetworkPolicy can let in requests of Cilium's proxies: call SetCluster with NetworkPluginCilium"))
	}
	if p.Profile == "" && p.Namespace == "" && len(p.PodLabels) == 0 && len(p.CIDRs) == 0 {
		errs = append(errs, field.Required(path.Child("profile"), "set profile, or namespace and podLabels, or cidrs: the network policies let requests in from there only"))
	}
	controller := path.Child("controllerNamespace")
	switch {
	case p.ControllerNamespace == "":
	case p.Profile.known().controllerPort == 0:
		errs = append(errs, field.Forbidden(controller, "only a proxy with one of the profiles EnvoyGateway, NGINXGatewayFabric and Istio gets its configuration from there: leave it out"))
	default:
		errs = append(errs, check.Invalid(controller, p.ControllerNamespace, validation.IsDNS1123Label(p.ControllerNamespace))...)
	}
	return errs
}

func (p GatewayProxy) validatePods(path *field.Path, at manifest.Component) field.ErrorList {
	namespace, labels := path.Child("namespace"), path.Child("podLabels")
	var errs field.ErrorList
	switch {
	case p.Namespace == "" && len(p.PodLabels) == 0:
		return nil
	case p.Profile == GatewayCilium, p.Profile == GatewayGKE:
		return p.forbidPods(path, "the proxies of "+string(p.Profile)+" are no pods: leave it out")
	case len(p.CIDRs) > 0:
		return p.forbidPods(path, "with cidrs, requests come from addresses: leave it out")
	case p.Namespace == "" && p.near(at):
		return check.Labels(labels, p.PodLabels) // In the chart's namespace, which has no name.
	case p.near(at) && p.Profile.known().controllerPort == 0:
		return field.ErrorList{field.Invalid(namespace, p.Namespace,
			"is the application's namespace, in which the proxy cannot reach its controller: set the profile EnvoyGateway, NGINXGatewayFabric or Istio, or run the proxy elsewhere")}
	}
	if len(p.PodLabels) == 0 {
		errs = append(errs, field.Required(labels, "without labels, the policies would let in all pods of the namespace"))
	}
	return append(errs, check.Pods(path, p.Namespace, p.PodLabels)...)
}

func (p GatewayProxy) forbidPods(path *field.Path, problem string) field.ErrorList {
	var errs field.ErrorList
	if p.Namespace != "" {
		errs = append(errs, field.Forbidden(path.Child("namespace"), problem))
	}
	if len(p.PodLabels) > 0 {
		errs = append(errs, field.Forbidden(path.Child("podLabels"), problem))
	}
	return errs
}

func (p GatewayProxy) validateCIDRs(path *field.Path, of manifest.Component) field.ErrorList {
	if len(p.CIDRs) > 0 && p.Profile == GatewayCilium {
		return field.ErrorList{field.Forbidden(path.Child("cidrs"), "the proxies of Cilium have an identity instead of addresses: leave it out")}
	}
	return append(of.Cluster().CheckFamilies(path.Child("cidrs"), p.CIDRs), check.CIDRs(path.Child("cidrs"), p.CIDRs)...)
}

// peers name the proxy in a policy.
func (p GatewayProxy) peers(at manifest.Component) []*k8s.NetworkPolicyPeer {
	if len(p.PodLabels) > 0 {
		pods := manifest.ForeignPods{Namespace: p.Namespace, PodLabels: p.PodLabels}
		if p.near(at) {
			pods.Namespace = ""
		}
		return []*k8s.NetworkPolicyPeer{pods.Peer()}
	}
	return manifest.Blocks(at, p.CIDRs)
}

// openings let the proxy reach the tiers, and the solver that answers the certificate authority. Where everything is denied to
// the proxy, too, it may receive and send requests.
func (g gatewayObjects) openings() []*manifest.Object {
	var openings []*manifest.Object
	for _, tier := range g.all.tiers() {
		pods := *tier.Pods
		openings = append(openings, g.opening("opening-"+pods.Name(), pods.Suffixed("from-"+g.at.SeenFrom(pods)), pods.Selector(), tier.Port))
	}
	if g.all.issuer != "" {
		openings = append(openings, g.opening("acme-solver", g.at.Suffixed("acme-solver"), map[string]string{acmeSolverLabel: "true"}, acmeSolverPort))
	}
	if g.Proxy.near(g.at) {
		openings = append(openings, g.proxyPolicy())
	}
	return openings
}

// opening lets the proxy in at a port of pods.
func (g gatewayObjects) opening(id, name string, pods map[string]string, port int) *manifest.Object {
	if g.Proxy.Profile == GatewayCilium {
		return manifest.AllowCiliumEntity(id, name, pods, ciliumIngress, port)
	}
	return manifest.AllowIngress(id, name, manifest.Selecting(pods), g.Proxy.peers(g.at), port)
}

// ciliumIngress is the identity of requests that Cilium's own proxies send.
// https://docs.cilium.io/en/stable/network/servicemesh/ingress/#ingress-path-types-and-network-policy
const ciliumIngress = "ingress"

// proxyPolicy is that of a proxy in the application's namespace.
func (g gatewayObjects) proxyPolicy() *manifest.Object {
	profile := g.Proxy.Profile.known()
	servers := g.all.tiers()
	if g.all.issuer != "" {
		servers = append(servers, manifest.Destination{
			Port: acmeSolverPort, Foreign: &manifest.ForeignPods{PodLabels: map[string]string{acmeSolverLabel: "true"}},
		})
	}
	servers = append(servers, manifest.Destination{
		Port: profile.controllerPort, Foreign: &manifest.ForeignPods{Namespace: g.Proxy.ControllerNamespace},
	})
	http, https := g.podPorts()
	ports := []int{http}
	if slices.ContainsFunc(g.all.hosts, g.encrypted) {
		ports = append(ports, https)
	}
	return manifest.PublicPolicy(g.at, "proxy", g.Proxy.PodLabels, ports, servers)
}

// proxyParameters let Pod Security's level restricted admit Istio's proxies, which set no seccomp profile by default. Those of
// the other implementations need nothing.
// https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment
func (g gatewayObjects) proxyParameters() *manifest.Object {
	if g.ClassName == "" || g.Proxy.Profile != GatewayIstio {
		return nil
	}
	return &manifest.Object{
		ID: "proxy-parameters", APIVersion: "v1", Kind: "ConfigMap", Name: g.at.Suffixed("proxy"),
		Fields: map[string]any{"data": map[string]string{"deployment": istioDeployment}},
	}
}

const istioDeployment = `spec:
  template:
    spec:
      securityContext:
        seccompProfile:
          type: RuntimeDefault
`
