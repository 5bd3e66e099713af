package constructs

import (
	"cmp"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// IngressProps are the properties of an Ingress.
type IngressProps struct {
	// Host is the DNS name of the application. Required, unless AnyHost is set.
	Host string

	// AnyHost routes requests for every host that no other Ingress names, instead of Host. No certificate can be for all
	// hosts, so DisableTLS must also be set. Defaults to false.
	AnyHost bool

	// Tier receives the requests. It must be in the same namespace. Required.
	Tier HTTPServer

	// Path is the path routed to Tier, which receives requests with it unchanged. Defaults to "/".
	Path string

	// PathType says which requests match Path. Defaults to PathPrefix.
	PathType PathType

	// Routes are further paths and hosts, such as the path "/api" that leads to a Backend, because browsers cannot reach
	// the address of its Service. They have an Ingress object of their own, because annotations apply to a whole object.
	// Defaults to none.
	Routes []IngressRoute

	// DisableTLS serves all hosts over plain HTTP, without a redirect to HTTPS, where TLS ends at a load balancer in front of
	// the controller. TLSSecretName, TLS, ClusterIssuer and DisableRedirect must then be empty. Defaults to false.
	DisableTLS bool

	// DisableRedirect serves all hosts over plain HTTP, too, instead of redirecting it to HTTPS. Defaults to false.
	DisableRedirect bool

	// TLSSecretName names the Secret with the certificate of all hosts, except for those in TLS. Two Ingresses that set
	// ClusterIssuer must name different Secrets: cert-manager issues the certificate of only one of them. Defaults to
	// <app>-tls.
	TLSSecretName string

	// TLS lists hosts that have a certificate of their own, or none. Defaults to none: all hosts share one certificate.
	TLS []IngressTLS

	// ClusterIssuer names the cert-manager ClusterIssuer that issues the certificate in TLSSecretName. The network policies
	// open access to its HTTP-01 solver. Defaults to none: the Secret must then exist.
	ClusterIssuer string

	// ClassName is the name of the IngressClass. For another one than the profile's, Controller.Profile must be set.
	// Defaults to that of Controller.Profile: "nginx"; "traefik", "haproxy", "alb", "gce",
	// "openshift-default".
	ClassName string

	// Annotations are added to the Ingress. They override those of the controller's profile, for ingress-nginx
	// nginx.ingress.kubernetes.io/ssl-redirect: "true" ("false" with DisableTLS or DisableRedirect) and, for the path "/",
	// nginx.ingress.kubernetes.io/rewrite-target: /. Defaults to none.
	Annotations map[string]string

	// Controller says which controller serves the Ingress, and where its requests come from. Defaults to ingress-nginx.
	Controller IngressController

	// Gateway publishes the hosts by Gateway API instead of Ingress objects. ClassName, Annotations and Controller must then
	// be empty. If it has neither ClassName nor ListenerSet, the Gateway has the certificates: TLSSecretName, ClusterIssuer
	// and the Secrets in TLS must be empty, too. Defaults to none.
	Gateway *Gateway
}

// DefaultIngressClassName is the class of ingress-nginx.
const DefaultIngressClassName = "nginx"

const (
	classAnnotation    = "kubernetes.io/ingress.class"
	issuerAnnotation   = "cert-manager.io/cluster-issuer"
	redirectAnnotation = "nginx.ingress.kubernetes.io/ssl-redirect"
	rewriteAnnotation  = "nginx.ingress.kubernetes.io/rewrite-target"
)

// otherIssuerAnnotations also request a certificate from cert-manager. https://cert-manager.io/docs/usage/ingress/
var otherIssuerAnnotations = []string{"cert-manager.io/issuer", "kubernetes.io/tls-acme"}

// acmeSolverPort is where cert-manager's HTTP-01 solver listens, in pods with the label.
// https://cert-manager.io/docs/configuration/acme/http01/
const (
	acmeSolverPort  = 8089
	acmeSolverLabel = "acme.cert-manager.io/http01-solver"
)

// Ingress routes requests from outside the cluster to tiers, over TLS unless that ends elsewhere.
type Ingress struct {
	construct
	site    manifest.Site
	ingress cdk8s.ApiObject
	routes  []cdk8s.ApiObject

	gateway     cdk8s.ApiObject
	listenerSet cdk8s.ApiObject
	httpRoutes  []cdk8s.ApiObject
}

// NewIngress adds an Ingress, further ones for Routes, and the network policies that let the controller reach the tiers.
func NewIngress(scope awsconstructs.Construct, id string, props IngressProps) *Ingress {
	node := manifest.NewNode(scope, id, "ingress")
	at := node.Component
	props = props.withDefaults(at)
	published := props.published()
	i := &Ingress{construct: construct{node}, site: props.site(at, published)}
	if !node.Accept(props.validate(node.Path, at)) {
		return i
	}
	published.declare(node, props.Gateway)
	props.declareHosts(node, published)
	if props.asksForCertificate() {
		node.Declare(node.Path.Child("tlsSecretName"), manifest.SecretKey(at, props.TLSSecretName),
			", and cert-manager can issue only one of the certificates: name another Secret, or omit clusterIssuer if both have the same host")
	}
	if props.Gateway != nil {
		i.addGateway(gatewayObjects{*props.Gateway, at, published, props.DisableTLS})
		return i
	}
	for n, o := range props.objects(at, published) {
		if added := node.Add(o); n == 0 {
			i.ingress = added
		} else {
			i.routes = append(i.routes, added)
		}
	}
	node.AddAll(props.openings(at, published))
	return i
}

func (p IngressProps) withDefaults(at manifest.Component) IngressProps {
	p.Path = cmp.Or(p.Path, "/")
	p.PathType = cmp.Or(p.PathType, PathPrefix)
	p.Routes = slices.Clone(p.Routes)
	for i, route := range p.Routes {
		p.Routes[i] = route.withDefaults(p.Host)
	}
	if p.sharesCertificate() && !p.Controller.profile().ownCertificates {
		p.TLSSecretName = cmp.Or(p.TLSSecretName, at.App+"-tls")
	}
	if p.Gateway != nil {
		p.Gateway = new(p.Gateway.withDefaults(at))
		return p
	}
	p.ClassName = cmp.Or(p.ClassName, p.Controller.profile().class)
	p.Controller = p.Controller.withDefaults(p.ClassName)
	return p
}

// Validate checks the props, except for what depends on the chart.
func (p IngressProps) Validate(path *field.Path) field.ErrorList {
	return p.withDefaults(manifest.Anywhere).validate(path, manifest.Anywhere)
}

func (p IngressProps) validate(path *field.Path, at manifest.Component) field.ErrorList {
	errs := slices.Concat(
		p.validateHost(path),
		checkIngressRoute(path, IngressRoute{Host: p.Host, Path: p.Path, PathType: p.PathType, Tier: p.Tier}, at),
		p.validateRoutes(path, at),
		p.validateTLS(path),
	)
	if p.Gateway != nil {
		return append(errs, p.validateGateway(path, at)...)
	}
	return slices.Concat(
		errs,
		check.ObjectName(path.Child("className"), p.ClassName),
		p.validateAnnotations(path.Child("annotations")),
		p.Controller.validate(path.Child("controller"), p.ClassName),
		at.Cluster().CheckFamilies(path.Child("controller", "cidrs"), p.Controller.CIDRs),
		p.validateProfile(path),
	)
}

func (p IngressProps) validateAnnotations(path *field.Path) field.ErrorList {
	errs := check.Annotations(path, p.Annotations)
	for _, set := range []struct{ key, prop string }{{classAnnotation, "className"}, {issuerAnnotation, "clusterIssuer"}} {
		if _, taken := p.Annotations[set.key]; taken {
			errs = append(errs, field.Forbidden(path.Key(set.key), "set "+set.prop+" instead"))
		}
	}
	return append(errs, p.foreignAnnotations(path)...)
}

// asksForCertificate reports whether cert-manager is to fill the Secret.
func (p IngressProps) asksForCertificate() bool {
	return p.ClusterIssuer != "" || slices.ContainsFunc(otherIssuerAnnotations, func(key string) bool { return p.Annotations[key] != "" })
}

// objects are the Ingress of Tier, and those of the other routes: one for each kind of certificate, because the annotations
// that ask for a certificate and for a redirect apply to a whole object.
func (p IngressProps) objects(at manifest.Component, all published) []*manifest.Object {
	first := all.hosts[0]
	main := ingressObject{id: "ingress", name: at.Name(), redirect: all.redirect && first.tls, secured: first.tls, rewrite: p.rewrites()}
	objects := []ingressObject{{}, {}, {}}
	for i, certificate := range []certificate{sharedCertificate, ownCertificate, noCertificate} {
		secured := certificate != noCertificate && !p.DisableTLS
		objects[i] = ingressObject{
			id: certificate.suffix() + "-ingress", name: at.Suffixed(certificate.suffix()), redirect: all.redirect && secured, secured: secured,
		}
	}
	for i, host := range all.hosts {
		here, rest := host, host
		here.routes, rest.routes = p.split(host, i == 0, first.certificate)
		if len(here.routes) > 0 {
			main.hosts = append(main.hosts, here)
		}
		if len(rest.routes) > 0 {
			objects[host.certificate].hosts = append(objects[host.certificate].hosts, rest)
		}
	}
	objects = slices.DeleteFunc(append([]ingressObject{main}, objects...), func(o ingressObject) bool { return len(o.hosts) == 0 })
	// cert-manager refuses a second Ingress that asks for the same Secret: the first one asks for the names of all.
	asking := slices.IndexFunc(objects, func(o ingressObject) bool { return o.hosts[0].certificate == sharedCertificate })
	made := make([]*manifest.Object, 0, len(objects))
	for i, o := range objects {
		if i == asking {
			o.asks, o.names = true, all.sharing()
		}
		made = append(made, p.object(o))
	}
	return made
}

// split tells which of a host's routes are in the main object, and which are not.
func (p IngressProps) split(host publishedHost, first bool, main certificate) (here, rest []publishedRoute) {
	switch split := p.Controller.profile().split; {
	case split == oneObject, split == oneObjectPerHost && host.certificate == main:
		return host.routes, nil
	case first && split == objectForRoutes:
		return host.routes[:1], host.routes[1:]
	}
	return nil, host.routes
}

// ingressObject is what one Ingress object has of its own.
type ingressObject struct {
	id, name string
	hosts    []publishedHost
	asks     bool     // For the shared certificate, if cert-manager is to issue it.
	names    []string // All hosts of that certificate.
	secured  bool     // Has TLS.
	redirect bool
	rewrite  bool
}

func (p IngressProps) object(o ingressObject) *manifest.Object {
	var (
		rules   []*k8s.IngressRule
		reaches []manifest.Component
	)
	for _, host := range o.hosts {
		rule := &k8s.IngressRule{}
		if host.name != "" {
			rule.Host = jsii.String(host.name)
		}
		var paths []*k8s.HttpIngressPath
		for _, route := range host.routes {
			to := route.tier.Destination()
			paths = append(paths, &k8s.HttpIngressPath{
				Path:     jsii.String(route.path),
				PathType: jsii.String(string(route.pathType)),
				Backend: &k8s.IngressBackend{Service: &k8s.IngressServiceBackend{
					Name: jsii.String(to.Host), Port: &k8s.ServiceBackendPort{Number: jsii.Number(to.Port)},
				}},
			})
			if !slices.Contains(reaches, *to.Pods) {
				reaches = append(reaches, *to.Pods)
			}
		}
		rule.Http = &k8s.HttpIngressRuleValue{Paths: &paths}
		rules = append(rules, rule)
	}
	spec := k8s.IngressSpec{Rules: &rules}
	if p.Controller.profile().classField {
		spec.IngressClassName = jsii.String(p.ClassName)
	}
	if tls := o.tls(); len(tls) > 0 {
		spec.Tls = &tls
	}
	return &manifest.Object{
		ID: o.id, APIVersion: "networking.k8s.io/v1", Kind: "Ingress", Name: o.name, Annotations: p.annotations(o),
		Fields: map[string]any{"spec": spec}, Reaches: reaches,
	}
}

// tls has an entry for each Secret.
func (o ingressObject) tls() []*k8s.IngressTls {
	var secrets []string
	names := map[string][]string{}
	for _, host := range o.hosts {
		if !host.tls {
			continue
		}
		if !slices.Contains(secrets, host.secret) {
			secrets = append(secrets, host.secret)
		}
		names[host.secret] = append(names[host.secret], host.name)
		if host.certificate == sharedCertificate && o.asks {
			names[host.secret] = o.names
		}
	}
	var entries []*k8s.IngressTls
	for _, secret := range secrets {
		entry := &k8s.IngressTls{Hosts: jsii.Strings(names[secret]...)}
		if secret != "" {
			entry.SecretName = jsii.String(secret)
		}
		entries = append(entries, entry)
	}
	return entries
}

// openings let the controller reach the tiers, and the solver that answers the certificate authority.
func (p IngressProps) openings(at manifest.Component, all published) []*manifest.Object {
	controller := p.Controller.peers(at)
	var openings []*manifest.Object
	for _, tier := range all.tiers() {
		openings = append(openings, manifest.Opening(*tier.Pods, at.SeenFrom(*tier.Pods), controller, tier.Port))
	}
	if p.ClusterIssuer != "" {
		solver := manifest.Selecting(map[string]string{acmeSolverLabel: "true"})
		openings = append(openings, manifest.AllowIngress("acme-solver", at.Suffixed("acme-solver"), solver, controller, acmeSolverPort))
	}
	return openings
}

// site is what a probe of a public host needs to know.
func (p IngressProps) site(at manifest.Component, all published) manifest.Site {
	site := manifest.Site{
		Ingress: at, Routes: all.siteRoutes(), Controller: p.Controller.pods(), HTTPPort: p.Controller.HTTPPort, HTTPSPort: p.Controller.HTTPSPort,
	}
	if p.Gateway != nil {
		site.Controller = manifest.ForeignPods{Namespace: p.Gateway.Proxy.Namespace, PodLabels: p.Gateway.Proxy.PodLabels}
		site.HTTPPort, site.HTTPSPort = p.Gateway.podPorts()
		site.ClosedToPods = p.Gateway.Proxy.Profile.known().closedToPods
	}
	return site
}

// Site is for use within this module.
func (i *Ingress) Site() manifest.Site { return i.site }

// Ingress returns the Ingress of Tier.
func (i *Ingress) Ingress() cdk8s.ApiObject { return i.node.Handle(i.ingress) }

// RouteIngresses returns the Ingresses of Routes: one for the hosts that share a certificate, one for those with their own,
// and one for those without.
func (i *Ingress) RouteIngresses() []cdk8s.ApiObject { return slices.Clone(i.routes) }
