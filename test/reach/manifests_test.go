package reach

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/pod-security-admission/admission"

	"github.com/ai-platform/manifests/test/yamldoc"
)

// manifests are the objects that decide who may connect to whom.
type manifests struct {
	namespaces []*corev1.Namespace
	policies   []*networkingv1.NetworkPolicy
	pods       []*corev1.Pod // Two of each workload: its pods may or may not connect to each other.
}

// customKinds are the kinds, as Kind.group, that are not Kubernetes's own and neither create pods nor open or close connections. For a Gateway,
// some implementations do: scenarios add these pods. A CiliumNetworkPolicy opens connections from what is no pod: see cilium_test.go.
var customKinds = []string{
	"AppProject.argoproj.io", "Application.argoproj.io", "ApplicationSet.argoproj.io",
	"Gateway.gateway.networking.k8s.io", "ListenerSet.gateway.networking.k8s.io", "HTTPRoute.gateway.networking.k8s.io", "CiliumNetworkPolicy.cilium.io",
	"ExternalSecret.external-secrets.io", "Password.generators.external-secrets.io",
	"Probe.monitoring.coreos.com", "PrometheusRule.monitoring.coreos.com", "ServiceMonitor.monitoring.coreos.com",
}

// builtIn decodes Kubernetes's own kinds. A misspelled field is an error: the analyzer would not see it.
var builtIn = serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

// parse reads the documents of a file. An object that names no namespace goes into the given one, as with kubectl.
func parse(file []byte, namespace string) (manifests, error) {
	var m manifests
	documents, err := yamldoc.Split(file)
	if err != nil {
		return m, err
	}
	for _, document := range documents {
		if err := m.add(document, namespace); err != nil {
			return m, err
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
		if !slices.Contains(customKinds, kind.GroupKind().String()) {
			return fmt.Errorf("%s is neither one of Kubernetes's own kinds nor among customKinds: its operator may create pods", kind.GroupKind())
		}
		return nil
	}
	object, _, err := builtIn.Decode(document, nil, nil)
	if err != nil {
		return err
	}
	if meta.IsListType(object) {
		return fmt.Errorf("the items of a %s are not looked at", kind.Kind)
	}
	switch object := object.(type) {
	case *corev1.Namespace:
		m.namespaces = append(m.namespaces, object)
	case *networkingv1.NetworkPolicy:
		object.Namespace = cmp.Or(object.Namespace, namespace)
		m.policies = append(m.policies, object)
	default:
		return m.addPods(object, kind, namespace)
	}
	return nil
}

// addPods adds two pods of a workload, if the object is one.
func (m *manifests) addPods(object runtime.Object, kind schema.GroupVersionKind, namespace string) error {
	extractor := admission.DefaultPodSpecExtractor{}
	if resource, _ := meta.UnsafeGuessKindToResource(kind); !extractor.HasPodSpec(resource.GroupResource()) {
		return nil
	}
	owner, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	template, spec, err := extractor.ExtractPodSpec(object)
	if err != nil {
		return err
	}
	for _, suffix := range []string{"-1", "-2"} {
		m.pods = append(m.pods, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Name: owner.GetName() + suffix, Namespace: cmp.Or(owner.GetNamespace(), namespace), Labels: template.Labels,
				OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(owner, kind)},
			},
			Spec: *spec,
			// The analyzer leaves out pods without addresses. Which they are does not matter.
			Status: corev1.PodStatus{HostIP: "127.0.0.1", PodIPs: []corev1.PodIP{{IP: "127.0.0.1"}}},
		})
	}
	return nil
}

// join puts manifests into one cluster.
func join(parts ...manifests) manifests {
	var all manifests
	for _, part := range parts {
		all.namespaces = slices.Concat(all.namespaces, part.namespaces)
		all.policies = slices.Concat(all.policies, part.policies)
		all.pods = slices.Concat(all.pods, part.pods)
	}
	return all
}

// own reports whether a peer of the analyzer, such as "shop/shop-api[Deployment]", is in a namespace of the manifests.
func (m manifests) own(peer string) bool {
	return slices.ContainsFunc(m.namespaces, func(n *corev1.Namespace) bool { return strings.HasPrefix(peer, n.Name+"/") })
}

// peerOf is what the analyzer calls a pod's workload.
func peerOf(pod *corev1.Pod) string {
	owner := pod.OwnerReferences[0]
	return fmt.Sprintf("%s/%s[%s]", pod.Namespace, owner.Name, owner.Kind)
}

// readFiles parses files. Objects that name no namespace go into the given one.
func readFiles(t *testing.T, pattern, namespace string) manifests {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files, pattern)
	var all manifests
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		m, err := parse(content, namespace)
		require.NoError(t, err, file)
		all = join(all, m)
	}
	return all
}

// inCluster adds what a cluster has besides an application: whom it must meet, and impostors, also in the application's namespaces.
func inCluster(t *testing.T, application manifests) manifests {
	t.Helper()
	all := join(application, readFiles(t, "testdata/cluster.yaml", "default"))
	for _, namespace := range application.namespaces {
		all = join(all, readFiles(t, "testdata/namespace.yaml", namespace.Name))
	}
	return all
}
