package constructs

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// IngressProps are the properties of an Ingress.
type IngressProps struct {
	// Host is the DNS name of the application. Required.
	Host string

	// Tier receives the requests. It must be in the same namespace. Required.
	Tier HTTPServer

	// Path is the prefix of the paths routed to Tier, which receives them unchanged. Defaults to "/".
	Path string

	// APITier receives the requests below APIPath, which browsers send here because they cannot reach the address of a
	// Service. It has an Ingress object of its own, because annotations apply to a whole object. Defaults to none.
	APITier HTTPServer

	// APIPath is the prefix of the paths routed to APITier, which receives them unchanged, such as "/api". Required with
	// APITier.
	APIPath string

	// DisableTLS serves the host over plain HTTP, without a redirect to HTTPS, where TLS ends at a load balancer in front of
	// the controller. TLSSecretName and ClusterIssuer must then be empty. Defaults to false.
	DisableTLS bool

	// TLSSecretName names the Secret with the certificate. Two Ingresses that set ClusterIssuer must name different
	// Secrets: cert-manager issues the certificate of only one of them. Defaults to <app>-tls.
	TLSSecretName string

	// ClusterIssuer names the cert-manager ClusterIssuer that issues the certificate. The network policies open access to its
	// HTTP-01 solver. Defaults to none: the Secret must then exist.
	ClusterIssuer string

	// ClassName is the name of the IngressClass. Defaults to "nginx".
	ClassName string

	// Annotations are added to the Ingress. They override the two that are set for ingress-nginx:
	// nginx.ingress.kubernetes.io/ssl-redirect: "true" ("false" with DisableTLS) and, for the path "/",
	// nginx.ingress.kubernetes.io/rewrite-target: /. Defaults to none.
	Annotations map[string]string

	// Controller identifies the pods that requests come from. Defaults to those of ingress-nginx.
	Controller IngressController
}

// IngressController identifies the pods of an ingress controller.
type IngressController struct {
	// Namespace is the namespace of the pods. Defaults to "ingress-nginx".
	Namespace string

	// PodLabels are the labels of the pods. Defaults to app.kubernetes.io/name: ingress-nginx.
	PodLabels map[string]string
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

// Ingress routes requests from outside the cluster to a tier, over TLS unless that ends elsewhere.
type Ingress struct {
	construct
	site       manifest.Site
	ingress    cdk8s.ApiObject
	apiIngress cdk8s.ApiObject
}

// NewIngress adds an Ingress, a second one for APITier, and the network policies that let the controller reach the
// tiers.
func NewIngress(scope awsconstructs.Construct, id string, props IngressProps) *Ingress {
	node := manifest.NewNode(scope, id, "ingress")
	at := node.Component
	props = props.withDefaults(at)
	i := &Ingress{construct: construct{node}, site: manifest.Site{
		Ingress: at, Host: props.Host, Path: props.Path, DisableTLS: props.DisableTLS, Controller: manifest.ForeignPods(props.Controller),
	}}
	if !node.Accept(props.validate(node.Path, at)) {
		return i
	}
	declareRoutes(node, props)
	if props.asksForCertificate() {
		node.Declare(node.Path.Child("tlsSecretName"), manifest.SecretKey(at, props.TLSSecretName),
			", and cert-manager can issue only one of the certificates: name another Secret, or omit clusterIssuer if both have the same host")
	}
	i.ingress = node.Add(props.mainIngress(at))
	i.apiIngress = node.Add(props.apiIngress(at))
	node.AddAll(props.openings(at))
	return i
}

// declareRoutes refuses two Ingresses for the same path of a host: the controller would decide which of them receives
// the requests.
func declareRoutes(node *manifest.Node, props IngressProps) {
	for _, path := range []string{props.Path, props.APIPath} {
		if path != "" {
			node.Declare(node.Path, manifest.Key{GroupKind: schema.GroupKind{Kind: "Ingress path"}, Name: props.Host + "/" + strings.Trim(path, "/")}, "")
		}
	}
}

func (p IngressProps) withDefaults(at manifest.Component) IngressProps {
	p.Path = cmp.Or(p.Path, "/")
	if !p.DisableTLS {
		p.TLSSecretName = cmp.Or(p.TLSSecretName, at.App+"-tls")
	}
	p.ClassName = cmp.Or(p.ClassName, DefaultIngressClassName)
	p.Controller = p.Controller.withDefaults()
	return p
}

func (c IngressController) withDefaults() IngressController {
	return IngressController(manifest.ForeignPods(c).WithDefaults(
		manifest.ForeignPods{Namespace: "ingress-nginx", PodLabels: map[string]string{"app.kubernetes.io/name": "ingress-nginx"}}))
}

// Validate checks the props, except for what depends on the chart.
func (p IngressProps) Validate(path *field.Path) field.ErrorList {
	return p.withDefaults(manifest.Anywhere).validate(path, manifest.Anywhere)
}

func (p IngressProps) validate(path *field.Path, at manifest.Component) field.ErrorList {
	return slices.Concat(
		checkIngressHost(path.Child("host"), p.Host),
		checkIngressTier(path.Child("tier"), p.Tier, p.Path, at),
		checkIngressPath(path.Child("path"), p.Path),
		p.validateAPI(path, at),
		p.validateTLS(path),
		check.ObjectName(path.Child("className"), p.ClassName),
		p.validateAnnotations(path.Child("annotations")),
		check.Pods(path.Child("controller"), p.Controller.Namespace, p.Controller.PodLabels),
	)
}

func (p IngressProps) validateAPI(path *field.Path, at manifest.Component) field.ErrorList {
	switch {
	case p.APITier == nil && p.APIPath == "":
		return nil
	case p.APITier != nil && manifest.IsNil(p.APITier):
		return field.ErrorList{manifest.NilServer(path.Child("apiTier"), p.APITier)}
	case p.APITier == nil:
		return field.ErrorList{field.Required(path.Child("apiTier"), "apiPath is set: set both or neither")}
	case p.APIPath == "":
		return field.ErrorList{field.Required(path.Child("apiPath"), "apiTier is set: set both or neither")}
	}
	errs := checkIngressTier(path.Child("apiTier"), p.APITier, p.APIPath, at)
	errs = append(errs, checkIngressPath(path.Child("apiPath"), p.APIPath)...)
	if strings.TrimSuffix(p.APIPath, "/") == strings.TrimSuffix(p.Path, "/") {
		errs = append(errs, check.Duplicate(path.Child("apiPath"), p.APIPath, "the same as "+path.Child("path").String()))
	}
	return errs
}

func (p IngressProps) validateTLS(path *field.Path) field.ErrorList {
	secret, issuer := path.Child("tlsSecretName"), path.Child("clusterIssuer")
	if !p.DisableTLS {
		return append(check.ObjectName(secret, p.TLSSecretName), check.OptionalObjectName(issuer, p.ClusterIssuer)...)
	}
	const unused = "there is no certificate with disableTLS: leave it out"
	var errs field.ErrorList
	if p.TLSSecretName != "" {
		errs = append(errs, field.Forbidden(secret, unused))
	}
	if p.ClusterIssuer != "" {
		errs = append(errs, field.Forbidden(issuer, unused))
	}
	for _, key := range otherIssuerAnnotations {
		if p.Annotations[key] != "" {
			errs = append(errs, field.Forbidden(path.Child("annotations").Key(key), unused))
		}
	}
	return errs
}

func (p IngressProps) validateAnnotations(path *field.Path) field.ErrorList {
	errs := check.Annotations(path, p.Annotations)
	for _, set := range []struct{ key, prop string }{{classAnnotation, "className"}, {issuerAnnotation, "clusterIssuer"}} {
		if _, taken := p.Annotations[set.key]; taken {
			errs = append(errs, field.Forbidden(path.Key(set.key), "set "+set.prop+" instead"))
		}
	}
	return errs
}

func checkIngressHost(path *field.Path, host string) field.ErrorList {
	switch {
	case host == "":
		return field.ErrorList{field.Required(path, "")}
	case strings.HasPrefix(host, "*."):
		return check.Invalid(path, host, validation.IsWildcardDNS1123Subdomain(host))
	case len(validation.IsValidIP(nil, host)) == 0:
		return field.ErrorList{field.Invalid(path, host, "must be a DNS name, not an IP address")}
	}
	return check.Invalid(path, host, validation.IsDNS1123Subdomain(host))
}

// ingressPath matches what ingress-nginx accepts as a Prefix; the API server accepts more.
// https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#strict-validate-path-type
var ingressPath = regexp.MustCompile(`^(/[A-Za-z0-9_.-]+)*/?$`)

func checkIngressPath(path *field.Path, value string) field.ErrorList {
	if !strings.HasPrefix(value, "/") {
		return field.ErrorList{field.Invalid(path, value, "must begin with /")}
	}
	for _, part := range strings.Split(value, "/") {
		if part == "." || part == ".." {
			return field.ErrorList{field.Invalid(path, value, "must not contain the segments . and ..")}
		}
	}
	if !ingressPath.MatchString(value) {
		return field.ErrorList{field.Invalid(path, value, "must consist of segments of letters, digits, '-', '_' and '.', separated by single slashes")}
	}
	return nil
}

// checkIngressTier also takes the prefix of the paths that the server receives: its metrics must not be among them.
func checkIngressTier(path *field.Path, server HTTPServer, below string, at manifest.Component) field.ErrorList {
	if manifest.IsNil(server) {
		return field.ErrorList{field.Required(path, "")}
	}
	pods := server.Destination().Pods
	if !pods.Near(at) {
		return field.ErrorList{field.Invalid(path, pods.Name(), "must be in the namespace of the Ingress")}
	}
	errs := pods.CheckTree(path, at)
	if metrics := server.HTTP().MetricsPath; metrics != "" && strings.HasPrefix(metrics+"/", strings.TrimSuffix(below, "/")+"/") {
		errs = append(errs, field.Invalid(path, pods.Name(), fmt.Sprintf("serves its metrics at %s on the port that requests are routed to, which would make them public: set another metrics port", metrics)))
	}
	return errs
}

func (p IngressProps) mainIngress(at manifest.Component) *manifest.Object {
	annotations := map[string]string{redirectAnnotation: p.redirect()}
	if p.Path == "/" {
		// Changes nothing here. Beside any other path it would send all requests to "/".
		annotations[rewriteAnnotation] = "/"
	}
	if p.ClusterIssuer != "" {
		annotations[issuerAnnotation] = p.ClusterIssuer
	}
	return p.object("ingress", at.Name(), p.Path, p.Tier, annotations)
}

// redirect is written out without TLS too: a controller may redirect all hosts by default.
func (p IngressProps) redirect() string { return strconv.FormatBool(!p.DisableTLS) }

// asksForCertificate reports whether cert-manager is to fill the Secret.
func (p IngressProps) asksForCertificate() bool {
	return p.ClusterIssuer != "" || slices.ContainsFunc(otherIssuerAnnotations, func(key string) bool { return p.Annotations[key] != "" })
}

// apiIngress names no issuer: cert-manager refuses a second Ingress that asks for the same Secret.
func (p IngressProps) apiIngress(at manifest.Component) *manifest.Object {
	if p.APITier == nil {
		return nil
	}
	p.Annotations = maps.Clone(p.Annotations)
	for _, key := range otherIssuerAnnotations {
		delete(p.Annotations, key)
	}
	return p.object("api-ingress", at.Suffixed("api"), p.APIPath, p.APITier, map[string]string{redirectAnnotation: p.redirect()})
}

// object names the class twice: the field is what counts, and older controllers and tools read the annotation.
func (p IngressProps) object(id, name, path string, server HTTPServer, annotations map[string]string) *manifest.Object {
	annotations[classAnnotation] = p.ClassName
	maps.Copy(annotations, p.Annotations)
	to := server.Destination()
	spec := k8s.IngressSpec{
		IngressClassName: jsii.String(p.ClassName),
		Rules: &[]*k8s.IngressRule{{
			Host: jsii.String(p.Host),
			Http: &k8s.HttpIngressRuleValue{Paths: &[]*k8s.HttpIngressPath{{
				Path:     jsii.String(path),
				PathType: jsii.String("Prefix"),
				Backend: &k8s.IngressBackend{Service: &k8s.IngressServiceBackend{
					Name: jsii.String(to.Host), Port: &k8s.ServiceBackendPort{Number: jsii.Number(to.Port)},
				}},
			}}},
		}},
	}
	if !p.DisableTLS {
		spec.Tls = &[]*k8s.IngressTls{{Hosts: jsii.Strings(p.Host), SecretName: jsii.String(p.TLSSecretName)}}
	}
	return &manifest.Object{
		ID: id, APIVersion: "networking.k8s.io/v1", Kind: "Ingress", Name: name, Annotations: annotations,
		Fields: map[string]any{"spec": spec}, Reaches: []manifest.Component{*to.Pods},
	}
}

// openings let the controller reach the tiers, and the solver that answers the certificate authority.
func (p IngressProps) openings(at manifest.Component) []*manifest.Object {
	controller := manifest.ForeignPods(p.Controller).Peer()
	tiers := []manifest.Destination{p.Tier.Destination()}
	if p.APITier != nil && *p.APITier.Destination().Pods != *tiers[0].Pods {
		tiers = append(tiers, p.APITier.Destination())
	}
	var openings []*manifest.Object
	for _, tier := range tiers {
		openings = append(openings, manifest.Opening(*tier.Pods, at.SeenFrom(*tier.Pods), controller, tier.Port))
	}
	if p.ClusterIssuer != "" {
		solver := manifest.Selecting(map[string]string{acmeSolverLabel: "true"})
		openings = append(openings, manifest.AllowIngress("acme-solver", at.Suffixed("acme-solver"), solver, controller, acmeSolverPort))
	}
	return openings
}

// Site is for use within this module.
func (i *Ingress) Site() manifest.Site { return i.site }

// Ingress returns the Ingress of Tier.
func (i *Ingress) Ingress() cdk8s.ApiObject { return i.node.Handle(i.ingress) }

// APIIngress returns the Ingress of APITier, or nil without one.
func (i *Ingress) APIIngress() cdk8s.ApiObject { return i.node.Handle(i.apiIngress) }
