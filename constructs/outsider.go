package constructs

import (
	"cmp"
	"slices"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// outsider is a server that no construct of this package makes: pods of another namespace, or addresses.
type outsider struct {
	host      string
	port      int
	pods      *foreignPods
	addresses []string // CIDRs; any address if there are no pods either.
}

var _ Server = outsider{}

// Endpoint implements Server.
func (o outsider) Endpoint() Endpoint { return Endpoint{Host: o.host, Port: o.port} }

func (o outsider) destination() destination {
	return destination{Endpoint: o.Endpoint(), foreign: o.pods, addresses: o.addresses}
}

// foreignPods are pods that no construct of this package makes, by the labels that they have.
type foreignPods struct {
	namespace string
	labels    map[string]string
}

func (f foreignPods) or(defaults foreignPods) foreignPods {
	f.namespace = cmp.Or(f.namespace, defaults.namespace)
	if len(f.labels) == 0 {
		f.labels = defaults.labels
	}
	return f
}

// validate checks the props namespace and podLabels.
func (f foreignPods) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		invalid(path.Child("namespace"), f.namespace, validation.IsDNS1123Label(f.namespace)),
		checkLabels(path.Child("podLabels"), f.labels),
	)
}

func (f foreignPods) peer() *k8s.NetworkPolicyPeer {
	return &k8s.NetworkPolicyPeer{NamespaceSelector: namespaceNamed(f.namespace), PodSelector: selecting(f.labels)}
}
