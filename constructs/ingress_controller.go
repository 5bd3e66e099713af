package constructs

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// IngressController is the ingress controller of the cluster: what its annotations are, and where its requests come from.
type IngressController struct {
	// Profile is the kind of the controller. Defaults to ingress-nginx. Required if ClassName is set to anything but
	// "nginx", because annotations and sources depend on it.
	Profile IngressProfile

	// Namespace is the namespace of the pods. Defaults to that of the profile: "ingress-nginx"; "nginx-ingress" for F5's
	// controller, "traefik", "haproxy-controller", "openshift-ingress".
	Namespace string

	// PodLabels are the labels of the pods. Defaults to those of the profile: app.kubernetes.io/name: ingress-nginx;
	// nginx-ingress for F5's controller, traefik, kubernetes-ingress for HAProxy's;
	// ingresscontroller.operator.openshift.io/deployment-ingresscontroller: default for OpenShift's.
	PodLabels map[string]string

	// HTTPPort is the port for plain HTTP on which the pods listen, which may differ from that of their Service. Defaults to
	// 80; 8000 for Traefik, 8080 for HAProxy.
	HTTPPort int

	// HTTPSPort is the port for HTTPS on which the pods listen. Defaults to 443; 8443 for Traefik and HAProxy.
	HTTPSPort int

	// CIDRs are the address blocks that requests come from, where they do not come from pods: those of the nodes, if the
	// controller is on the host network; the subnets of the load balancer with AWS. They replace the pods, unless Namespace
	// or PodLabels is set. Required with the profile AWS. Defaults to none; with GCE, 130.211.0.0/22 and 35.191.0.0/16.
	CIDRs []string

	// Redirects says that Traefik redirects HTTP to HTTPS for all hosts, by the configuration of its entry point, because
	// annotations cannot ask for it. Defaults to false.
	Redirects bool
}

// IngressProfile is a kind of ingress controllers.
type IngressProfile string

const (
	// ProfileIngressNginx is Kubernetes's own ingress-nginx, which has been retired since March 2026.
	// https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
	ProfileIngressNginx IngressProfile = "ingress-nginx"

	// ProfileF5Nginx is F5's NGINX Ingress Controller, from 5.4 on.
	ProfileF5Nginx IngressProfile = "f5-nginx"

	// ProfileTraefik is Traefik 3, installed by its chart, or by k3s (in the namespace kube-system).
	ProfileTraefik IngressProfile = "traefik"

	// ProfileHAProxy is the controller of HAProxy Technologies.
	ProfileHAProxy IngressProfile = "haproxy"

	// ProfileAWS is the AWS Load Balancer Controller, whose load balancers send requests to the addresses of pods. Its
	// certificates are in AWS Certificate Manager, where it finds them by host.
	ProfileAWS IngressProfile = "aws"

	// ProfileGCE is the controller of GKE, whose load balancers send requests to the addresses of pods.
	ProfileGCE IngressProfile = "gce"

	// ProfileOpenShift is the router of OpenShift, in the network of pods or of the nodes. OpenShift turns an Ingress into Routes.
	ProfileOpenShift IngressProfile = "openshift"
)

// ingressProfile is what is known of a kind of controllers.
type ingressProfile struct {
	class      string
	pods       manifest.ForeignPods // None if requests come from addresses.
	namespaces map[string]string    // Labels of the namespaces that requests come from, instead of the pods.
	cidrs      []string
	httpPort   int
	httpsPort  int

	// annotations says by which ones an Ingress redirects, or does not.
	annotations func(redirect, tls bool) map[string]string

	classField      bool // Reads spec.ingressClassName.
	classAnnotation bool // Reads, or tolerates, the annotation.
	split           split
	ownCertificates bool // Not from Secrets.
	byRule          bool // Turns paths into rules of its own: see validateRules.
	editInPlace     bool // Another Ingress for the host, such as a solver's, is not served.
	needsHost       bool
	noExact         bool // Serves no Exact path.
	alwaysRedirects bool // Hosts with TLS.
}

const (
	f5Redirect         = "nginx.org/ssl-redirect"
	traefikEntryPoints = "traefik.ingress.kubernetes.io/router.entrypoints"
	traefikTLS         = "traefik.ingress.kubernetes.io/router.tls"
	haproxyRedirect    = "haproxy.org/ssl-redirect"
	haproxyCode        = "haproxy.org/ssl-redirect-code"
	haproxyPort        = "haproxy.org/ssl-redirect-port"
	albTarget          = "alb.ingress.kubernetes.io/target-type"
	albPorts           = "alb.ingress.kubernetes.io/listen-ports"
	albRedirect        = "alb.ingress.kubernetes.io/ssl-redirect"
	gceFrontend        = "networking.gke.io/v1beta1.FrontendConfig"
	editInPlace        = "acme.cert-manager.io/http01-edit-in-place"
)

var ingressProfiles = map[IngressProfile]ingressProfile{
	// https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
	ProfileIngressNginx: {
		class: DefaultIngressClassName, pods: podsNamed("ingress-nginx", "ingress-nginx"), httpPort: 80, httpsPort: 443,
		// Written out without TLS, too: a controller may redirect all hosts by default.
		annotations: func(redirect, _ bool) map[string]string {
			return map[string]string{redirectAnnotation: strconv.FormatBool(redirect)}
		},
		classField: true, classAnnotation: true,
	},
	// Of two Ingresses for one host it serves the older, and none without a host.
	// https://docs.nginx.com/nginx-ingress-controller/configuration/host-and-listener-collisions/
	// https://docs.nginx.com/nginx-ingress-controller/configuration/ingress-resources/advanced-configuration-with-annotations/
	// https://github.com/nginx/kubernetes-ingress/blob/main/deployments/deployment/nginx-ingress.yaml
	ProfileF5Nginx: {
		class: "nginx", pods: podsNamed("nginx-ingress", "nginx-ingress"), httpPort: 80, httpsPort: 443,
		annotations: func(redirect, _ bool) map[string]string {
			return map[string]string{f5Redirect: strconv.FormatBool(redirect)}
		},
		classField: true, split: oneObjectPerHost, editInPlace: true, needsHost: true,
	},
	// An Ingress has routers for the entry points that it names, and an entry point redirects by its own configuration only.
	// https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
	// https://github.com/traefik/traefik-helm-chart/blob/master/traefik/values.yaml (ports)
	ProfileTraefik: {
		class: "traefik", pods: podsNamed("traefik", "traefik"), httpPort: 8000, httpsPort: 8443,
		annotations: func(redirect, tls bool) map[string]string {
			switch {
			case redirect:
				return map[string]string{traefikEntryPoints: "websecure", traefikTLS: "true"}
			case tls: // Which the entry point websecure ends. The annotation router.tls would close the other one.
				return map[string]string{traefikEntryPoints: "web,websecure"}
			}
			return map[string]string{traefikEntryPoints: "web"}
		},
		classField: true, byRule: true,
	},
	// Its default port of a redirect is that of its pods, 8443.
	// https://github.com/haproxytech/kubernetes-ingress/blob/master/documentation/annotations.md#https
	// https://github.com/haproxytech/helm-charts/blob/main/kubernetes-ingress/values.yaml (ports)
	// https://github.com/haproxytech/kubernetes-ingress/blob/master/deploy/haproxy-ingress-daemonset.yaml (namespace)
	ProfileHAProxy: {
		class: "haproxy", pods: podsNamed("haproxy-controller", "kubernetes-ingress"), httpPort: 8080, httpsPort: 8443,
		annotations: func(redirect, _ bool) map[string]string {
			if !redirect {
				return map[string]string{haproxyRedirect: "false"}
			}
			return map[string]string{haproxyRedirect: "true", haproxyCode: "301", haproxyPort: "443"}
		},
		classField: true,
	},
	// Services of type ClusterIP need the target type ip. Without listen-ports, HTTPS is only where certificate-arn is set.
	// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
	// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/cert_discovery/
	ProfileAWS: {
		class: "alb", httpPort: 80, httpsPort: 443,
		annotations: func(redirect, tls bool) map[string]string {
			written := map[string]string{albTarget: "ip", albPorts: `[{"HTTP": 80}]`}
			if tls {
				written[albPorts] = `[{"HTTP": 80}, {"HTTPS": 443}]`
			}
			if redirect {
				written[albRedirect] = "443"
			}
			return written
		},
		classField: true, split: oneObject, ownCertificates: true,
	},
	// The class is read from the annotation; a FrontendConfig, which is an object of its own, asks for a redirect.
	// https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-features
	// https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges (the source of requests, too)
	ProfileGCE: {
		class: "gce", cidrs: []string{"130.211.0.0/22", "35.191.0.0/16"}, httpPort: 80, httpsPort: 443,
		annotations:     func(bool, bool) map[string]string { return map[string]string{} },
		classAnnotation: true, split: oneObject, editInPlace: true,
	},
	// A Route for each path, with TLS where the Secret exists, and then with a redirect. No annotation changes that.
	// https://github.com/openshift/route-controller-manager/blob/main/pkg/route/ingress/ingress.go
	// https://github.com/openshift/cluster-ingress-operator/blob/master/pkg/manifests/assets/router/networkpolicy-allow.yaml (ports)
	// The label also selects routers in the network of their nodes:
	// https://docs.redhat.com/en/documentation/openshift_container_platform/4.6/html/release_notes/ocp-4-6-release-notes
	ProfileOpenShift: {
		class: "openshift-default", httpPort: 80, httpsPort: 443,
		pods: manifest.ForeignPods{
			Namespace: "openshift-ingress", PodLabels: map[string]string{"ingresscontroller.operator.openshift.io/deployment-ingresscontroller": "default"},
		},
		namespaces:  map[string]string{"policy-group.network.openshift.io/ingress": ""},
		annotations: func(bool, bool) map[string]string { return map[string]string{} },
		classField:  true, needsHost: true, noExact: true, alwaysRedirects: true,
	},
}

// split says which routes have an Ingress object of their own.
type split int

const (
	objectForRoutes  split = iota // All but the first one.
	oneObjectPerHost              // Those of hosts whose certificate is from elsewhere: two objects for one host are not served.
	oneObject                     // None: each object is a load balancer of its own.
)

// podsNamed are pods with the label that charts give to theirs.
func podsNamed(namespace, name string) manifest.ForeignPods {
	return manifest.ForeignPods{Namespace: namespace, PodLabels: map[string]string{"app.kubernetes.io/name": name}}
}

// profiles are all, in the order of the documentation.
func profiles() []IngressProfile {
	return []IngressProfile{ProfileIngressNginx, ProfileF5Nginx, ProfileTraefik, ProfileHAProxy, ProfileAWS, ProfileGCE, ProfileOpenShift}
}

func joined(profiles []IngressProfile) string {
	var names []string
	for _, profile := range profiles {
		names = append(names, string(profile))
	}
	return strings.Join(names, ", ")
}

// profile is that of ingress-nginx for an unknown one, which validation refuses.
func (c IngressController) profile() ingressProfile {
	if known, ok := ingressProfiles[c.Profile]; ok {
		return known
	}
	return ingressProfiles[ProfileIngressNginx]
}

func (c IngressController) withDefaults(class string) IngressController {
	if class == DefaultIngressClassName {
		c.Profile = cmp.Or(c.Profile, ProfileIngressNginx)
	}
	profile := c.profile()
	if len(c.CIDRs) == 0 || c.Namespace != "" || len(c.PodLabels) > 0 {
		pods := manifest.ForeignPods{Namespace: c.Namespace, PodLabels: c.PodLabels}.WithDefaults(profile.pods)
		c.Namespace, c.PodLabels = pods.Namespace, pods.PodLabels
	}
	if len(c.CIDRs) == 0 {
		c.CIDRs = profile.cidrs
	}
	c.HTTPPort, c.HTTPSPort = cmp.Or(c.HTTPPort, profile.httpPort), cmp.Or(c.HTTPSPort, profile.httpsPort)
	return c
}

// pods are none if requests come from addresses only.
func (c IngressController) pods() manifest.ForeignPods {
	return manifest.ForeignPods{Namespace: c.Namespace, PodLabels: c.PodLabels}
}

// peers are what requests come from.
func (c IngressController) peers(at manifest.Component) []*k8s.NetworkPolicyPeer {
	var peers []*k8s.NetworkPolicyPeer
	switch profile := c.profile(); {
	case c.Namespace == "":
	case profile.namespaces != nil && reflect.DeepEqual(c.pods(), profile.pods):
		// OVN-Kubernetes counts pods in the network of their nodes only where podSelector is there.
		peers = append(peers, &k8s.NetworkPolicyPeer{NamespaceSelector: manifest.Selecting(profile.namespaces), PodSelector: &k8s.LabelSelector{}})
	default:
		peers = append(peers, c.pods().Peer())
	}
	return append(peers, manifest.Blocks(at, c.CIDRs)...)
}

func (c IngressController) validate(path *field.Path, class string) field.ErrorList {
	if c.Profile == "" {
		return field.ErrorList{field.Required(path.Child("profile"), fmt.Sprintf(
			"the controller of class %q is not known, and without it neither annotations nor network policies: set one of %s", class, joined(profiles())))}
	}
	errs := check.OneOf(path.Child("profile"), c.Profile, profiles()...)
	switch {
	case c.Namespace != "" || len(c.PodLabels) > 0:
		errs = append(errs, check.Pods(path, c.Namespace, c.PodLabels)...)
		if len(c.PodLabels) == 0 {
			errs = append(errs, field.Required(path.Child("podLabels"), "namespace is set: without labels all pods there would be let in"))
		}
	case len(c.CIDRs) == 0:
		errs = append(errs, field.Required(path.Child("cidrs"), fmt.Sprintf("requests of %s come from addresses: list the blocks, such as the subnets of the load balancer", c.Profile)))
	}
	errs = append(errs, check.CIDRs(path.Child("cidrs"), c.CIDRs)...)
	errs = append(errs, check.Port(path.Child("httpPort"), c.HTTPPort)...)
	errs = append(errs, check.Port(path.Child("httpsPort"), c.HTTPSPort)...)
	if c.Redirects && c.Profile != ProfileTraefik {
		errs = append(errs, field.Forbidden(path.Child("redirects"), "is for Traefik only: other controllers redirect as the Ingress asks"))
	}
	return errs
}

// validateProfile refuses what the controller would leave out without a word.
func (p IngressProps) validateProfile(path *field.Path) field.ErrorList {
	profile, name := p.Controller.profile(), p.Controller.Profile
	var errs field.ErrorList
	forbid := func(prop *field.Path, problem string, arguments ...any) {
		errs = append(errs, field.Forbidden(prop, fmt.Sprintf(problem, arguments...)))
	}
	if p.AnyHost && profile.needsHost {
		forbid(path.Child("anyHost"), "%s serves no Ingress without a host: set host", name)
	}
	if p.redirects() {
		errs = append(errs, p.validateRedirect(path)...)
	}
	if profile.ownCertificates && !p.DisableTLS {
		errs = append(errs, p.forbidCertificate(path, fmt.Sprintf(noSecrets, name)+": leave it out")...)
	}
	if p.DisableRedirect && profile.alwaysRedirects {
		forbid(path.Child("disableRedirect"), "%s redirects all hosts with TLS: leave it out, or set disableTLS", name)
	}
	if profile.noExact {
		errs = append(errs, p.validatePrefixes(path)...)
	}
	if profile.split == oneObject {
		errs = append(errs, p.validateOneObject(path)...)
	}
	if profile.byRule {
		errs = append(errs, p.validateRules(path)...)
	}
	return errs
}

// validatePrefixes refuses paths that would not be served.
func (p IngressProps) validatePrefixes(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, route := range append([]IngressRoute{{PathType: p.PathType}}, p.Routes...) {
		prop := path
		if i > 0 {
			prop = path.Child("routes").Index(i - 1)
		}
		if route.PathType == PathExact {
			errs = append(errs, field.Invalid(prop.Child("pathType"), route.PathType, fmt.Sprintf("%s serves no exact path: use a prefix", p.Controller.Profile)))
		}
	}
	return errs
}

// validateRules is about Traefik, which compares prefixes by letter, and whose longest rule decides: "PathPrefix(`/`)" before "Path(`/login`)".
// https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-ingress/
// https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/
func (p IngressProps) validateRules(path *field.Path) field.ErrorList {
	const longer = len("PathPrefix") - len("Path")
	routes, props := []IngressRoute{{Host: p.Host, Path: p.Path, PathType: p.PathType, Tier: p.Tier}}, []*field.Path{path}
	for i, route := range p.Routes {
		routes, props = append(routes, route), append(props, path.Child("routes").Index(i))
	}
	var errs field.ErrorList
	for i, route := range routes {
		if route.PathType != PathExact {
			errs = append(errs, route.validateLetters(props[i].Child("path"))...)
			continue
		}
		for j, prefix := range routes {
			if prefix.PathType != PathExact && prefix.Host == route.Host && strings.HasPrefix(route.Path, prefix.Path) && len(route.Path) <= len(prefix.Path)+longer {
				errs = append(errs, field.Invalid(props[i].Child("pathType"), route.PathType, fmt.Sprintf(
					"traefik prefers the longer rule, that of %s (%s), whose tier would receive the requests: use a prefix, or gateway", props[j].Child("path"), prefix.Path)))
			}
		}
	}
	return errs
}

// validateLetters refuses a prefix that the path of the tier's metrics begins with, though not as a segment.
func (r IngressRoute) validateLetters(path *field.Path) field.ErrorList {
	if manifest.IsNil(r.Tier) || r.Tier.HTTP().MetricsPath == "" {
		return nil
	}
	if metrics := r.Tier.HTTP().MetricsPath; strings.HasPrefix(metrics, r.Path) && !r.receives(metrics) {
		return field.ErrorList{field.Invalid(path, r.Path, fmt.Sprintf("traefik compares prefixes by letter, so that the metrics at %s would be public: set another metrics port", metrics))}
	}
	return nil
}

const noSecrets = "%s reads no Secrets, but finds certificates in AWS Certificate Manager by host, or by the annotation alb.ingress.kubernetes.io/certificate-arn"

// declareHosts refuses a second Ingress for a host, where the controller serves only the older one.
func (p IngressProps) declareHosts(node *manifest.Node, all published) {
	if p.Controller.profile().split != oneObjectPerHost {
		return
	}
	for _, host := range all.hosts {
		node.Declare(node.Path, manifest.Key{GroupKind: schema.GroupKind{Kind: "Ingress host"}, Name: host.name},
			fmt.Sprintf(", and %s serves only one Ingress of a host: use routes", p.Controller.Profile))
	}
}

// rewrites reports whether ingress-nginx is told to send requests for "/" to "/", as the application's manifests always have.
func (p IngressProps) rewrites() bool {
	return p.Path == "/" && p.Controller.Profile == ProfileIngressNginx
}

// redirects reports whether any host is to be redirected to HTTPS.
func (p IngressProps) redirects() bool {
	return !p.DisableRedirect && slices.ContainsFunc(p.published().hosts, func(host publishedHost) bool { return host.tls })
}

// validateRedirect is about controllers that annotations of the Ingress do not make redirect.
func (p IngressProps) validateRedirect(path *field.Path) field.ErrorList {
	switch {
	case p.Controller.Profile == ProfileTraefik && !p.Controller.Redirects:
		return field.ErrorList{field.Required(path.Child("controller", "redirects"),
			"Traefik cannot redirect one Ingress by annotations: configure its entry point web to redirect (in its chart ports.web.http.redirections.entryPoint) and set redirects, or set disableRedirect")}
	case p.Controller.Profile == ProfileGCE && p.Annotations[gceFrontend] == "":
		return field.ErrorList{field.Required(path.Child("annotations").Key(gceFrontend),
			"GKE redirects by a FrontendConfig only: create one with redirectToHttps.enabled and name it here, or set disableRedirect")}
	}
	return nil
}

// validateOneObject refuses what needs several Ingress objects.
func (p IngressProps) validateOneObject(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	own := p.Controller.profile().ownCertificates
	for i, exception := range p.TLS {
		prop := path.Child("tls").Index(i)
		switch {
		case exception.Disable:
			errs = append(errs, field.Forbidden(prop.Child("disable"), fmt.Sprintf("%s serves all hosts of an Ingress alike: create another Ingress for this host", p.Controller.Profile)))
		case own:
			errs = append(errs, field.Forbidden(prop.Child("secretName"), fmt.Sprintf(noSecrets, p.Controller.Profile)))
		case p.asksForCertificate():
			errs = append(errs, field.Forbidden(prop.Child("secretName"), fmt.Sprintf("%s has one load balancer for an Ingress, and cert-manager would overwrite this Secret: create another Ingress for this host", p.Controller.Profile)))
		}
	}
	return errs
}

// annotations are those of the controller's profile, of cert-manager and of the props.
func (p IngressProps) annotations(o ingressObject) map[string]string {
	profile := p.Controller.profile()
	annotations := profile.annotations(o.redirect, o.secured)
	if o.rewrite {
		// Changes nothing here. Beside any other path it would send all requests to "/".
		annotations[rewriteAnnotation] = "/"
	}
	if profile.classAnnotation {
		// ingress-nginx reads the field; older controllers and tools, and GKE, the annotation.
		annotations[classAnnotation] = p.ClassName
	}
	maps.Copy(annotations, p.Annotations)
	if !o.asks {
		for _, key := range otherIssuerAnnotations {
			delete(annotations, key)
		}
		return annotations
	}
	if p.ClusterIssuer != "" {
		annotations[issuerAnnotation] = p.ClusterIssuer
		if _, set := p.Annotations[editInPlace]; profile.editInPlace && !set {
			// https://cert-manager.io/docs/usage/ingress/#supported-annotations
			annotations[editInPlace] = "true"
		}
	}
	return annotations
}

// foreignAnnotations refuses those of another controller than the one of the profile, which would ignore them.
func (p IngressProps) foreignAnnotations(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, prefix := range slices.Sorted(maps.Keys(annotationPrefixes)) {
		if annotationPrefixes[prefix] == p.Controller.Profile {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(p.Annotations)) {
			if strings.HasPrefix(key, prefix) {
				errs = append(errs, field.Forbidden(path.Key(key), fmt.Sprintf("is for %s, and %s ignores it: remove it, or set controller.profile", annotationPrefixes[prefix], p.Controller.Profile)))
			}
		}
	}
	return errs
}

var annotationPrefixes = map[string]IngressProfile{
	"nginx.ingress.kubernetes.io/":   ProfileIngressNginx,
	"nginx.org/":                     ProfileF5Nginx,
	"traefik.ingress.kubernetes.io/": ProfileTraefik,
	"haproxy.org/":                   ProfileHAProxy,
	"alb.ingress.kubernetes.io/":     ProfileAWS,
	"networking.gke.io/":             ProfileGCE,
	"route.openshift.io/":            ProfileOpenShift,
	"haproxy.router.openshift.io/":   ProfileOpenShift,
}
