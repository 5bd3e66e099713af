package reach

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/ai-platform/manifests/test/yamldoc"
)

// manifests are what decides who can reach whom.
type manifests struct {
	namespaces []*corev1.Namespace
	policies   []*networkingv1.NetworkPolicy
	workloads  []workload
}

// customKinds are the kinds beyond Kubernetes's own that manifests may hold, as Kind.group, because they neither make pods
// nor open or close connections.
var customKinds = []string{
	"AppProject.argoproj.io", "Application.argoproj.io", "ApplicationSet.argoproj.io",
	"ExternalSecret.external-secrets.io", "Password.generators.external-secrets.io",
	"Probe.monitoring.coreos.com", "PrometheusRule.monitoring.coreos.com", "ServiceMonitor.monitoring.coreos.com",
}

// builtIn decodes Kubernetes's own kinds. A misspelled field is an error: it would be lost before the judge could see it.
var builtIn = serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

// parse reads the documents of a file. An object that names no namespace goes into the given one, as with kubectl.
func parse(file []byte, namespace string) (manifests, error) {
	var m manifests
	documents, err := yamldoc.Split(file)
	if err != nil {
		return manifests{}, err
	}
	for _, document := range documents {
		if err := m.add(document, namespace); err != nil {
			return manifests{}, err
		}
	}
	return m, nil
}

func (m *manifests) add(document []byte, namespace string) error {
	var is metav1.TypeMeta
	if err := yaml.Unmarshal(document, &is); err != nil {
		return err
	}
	kind := is.GroupVersionKind()
	if !scheme.Scheme.Recognizes(kind) {
		return checkCustomKind(kind.GroupKind())
	}
	object, _, err := builtIn.Decode(document, nil, nil)
	if err != nil {
		return err
	}
	switch object := object.(type) {
	case *corev1.Namespace:
		m.namespaces = append(m.namespaces, object)
	case *networkingv1.NetworkPolicy:
		object.Namespace = cmp.Or(object.Namespace, namespace)
		for i, rule := range object.Spec.Egress {
			object.Spec.Egress[i].To = withoutTwin(rule.To)
		}
		m.policies = append(m.policies, object)
	default:
		return m.addPods(object, kind, namespace)
	}
	return nil
}

// withoutTwin leaves out all addresses of IPv6 where all of IPv4 are there: the judge knows these only, and the others mean the same.
func withoutTwin(peers []networkingv1.NetworkPolicyPeer) []networkingv1.NetworkPolicyPeer {
	isBlock := func(cidr string) func(networkingv1.NetworkPolicyPeer) bool {
		return func(p networkingv1.NetworkPolicyPeer) bool {
			return p.IPBlock != nil && p.IPBlock.CIDR == cidr && len(p.IPBlock.Except) == 0
		}
	}
	if !slices.ContainsFunc(peers, isBlock("0.0.0.0/0")) {
		return peers
	}
	return slices.DeleteFunc(peers, isBlock("::/0"))
}

// checkCustomKind makes somebody decide: the pods of a custom resource are made by its operator, and cannot be seen here.
func checkCustomKind(kind schema.GroupKind) error {
	if !slices.Contains(customKinds, kind.String()) {
		return fmt.Errorf("%s is not one of Kubernetes's own kinds, and not among customKinds", kind)
	}
	return nil
}

// join puts manifests into one cluster.
func join(parts ...manifests) manifests {
	var all manifests
	for _, part := range parts {
		all.namespaces = slices.Concat(all.namespaces, part.namespaces)
		all.policies = slices.Concat(all.policies, part.policies)
		all.workloads = slices.Concat(all.workloads, part.workloads)
	}
	return all
}
