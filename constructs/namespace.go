package constructs

import (
	"maps"
	"slices"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// NamespaceProps are the properties of a Namespace.
type NamespaceProps struct {
	// Labels are added to those of Pod Security. Defaults to none.
	Labels map[string]string

	// Annotations of the namespace. Defaults to none.
	Annotations map[string]string
}

// podSecurityLabels have the API server refuse pods that do not meet the standard "restricted", in its current version.
// https://kubernetes.io/docs/concepts/security/pod-security-admission/
var podSecurityLabels = map[string]string{
	"pod-security.kubernetes.io/enforce":         "restricted",
	"pod-security.kubernetes.io/enforce-version": "latest",
	"pod-security.kubernetes.io/audit":           "restricted",
	"pod-security.kubernetes.io/audit-version":   "latest",
	"pod-security.kubernetes.io/warn":            "restricted",
	"pod-security.kubernetes.io/warn-version":    "latest",
}

// Namespace is the namespace that its chart names. Its pods run without privileges, and only declared connections are
// open. The cluster's own namespaces, default and those whose names begin with kube-, are refused.
type Namespace struct {
	construct
	namespace cdk8s.ApiObject
	policy    cdk8s.ApiObject
}

// NewNamespace adds a Namespace: the Namespace, and a NetworkPolicy that denies its pods all connections in both
// directions.
func NewNamespace(scope awsconstructs.Construct, id string, props NamespaceProps) *Namespace {
	node := manifest.NewNode(scope, id, "namespace")
	n := &Namespace{construct: construct{node}}
	if node.Accept(props.validate(node.Path, node.Component)) {
		n.namespace = node.Add(props.object(node.Component))
		n.policy = node.Add(denyAll())
		node.Close()
	}
	return n
}

// Validate checks the props, except for what depends on the chart.
func (p NamespaceProps) Validate(path *field.Path) field.ErrorList {
	return p.validate(path, manifest.Anywhere)
}

func (p NamespaceProps) validate(path *field.Path, in manifest.Component) field.ErrorList {
	errs := manifest.CheckLabels(path.Child("labels"), p.Labels)
	for _, key := range slices.Sorted(maps.Keys(p.Labels)) {
		if _, taken := podSecurityLabels[key]; taken {
			errs = append(errs, field.Forbidden(path.Child("labels").Key(key), "is set by the construct"))
		}
	}
	switch name := path.Child("chart", "namespace"); {
	case in.Namespace == "":
		errs = append(errs, field.Required(name, "set Namespace in the chart's ChartProps: it becomes the namespace's name"))
	case in.Namespace == "default", strings.HasPrefix(in.Namespace, "kube-"):
		errs = append(errs, field.Invalid(name, in.Namespace, "must not be one of the cluster's own namespaces: pods there, such as those of DNS, would lose all connections"))
	}
	return append(errs, check.Annotations(path.Child("annotations"), p.Annotations)...)
}

func (p NamespaceProps) object(in manifest.Component) *manifest.Object {
	labels := maps.Clone(podSecurityLabels)
	maps.Copy(labels, p.Labels)
	return &manifest.Object{
		ID: "namespace", APIVersion: "v1", Kind: "Namespace", Name: in.Namespace, ClusterScoped: true,
		Labels: labels, Annotations: p.Annotations,
	}
}

// denyAll closes the namespace to connections that no other policy allows.
func denyAll() *manifest.Object {
	return manifest.NetworkPolicy("default-deny", "default-deny", k8s.NetworkPolicySpec{
		PodSelector: &k8s.LabelSelector{},
		PolicyTypes: jsii.Strings("Ingress", "Egress"),
	})
}

// Namespace returns the Namespace.
func (n *Namespace) Namespace() cdk8s.ApiObject { return n.node.Handle(n.namespace) }

// NetworkPolicy returns the policy that denies all connections.
func (n *Namespace) NetworkPolicy() cdk8s.ApiObject { return n.node.Handle(n.policy) }
