package connectivity

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// cluster is what the objects of a directory say about connections.
type cluster struct {
	namespaces map[string]labels.Set
	workloads  []*endpoint
	policies   []policy
	services   []*corev1.Service
	ingresses  []*networkingv1.Ingress
	httpRoutes []*gatewayv1.HTTPRoute
	listeners  map[listener][]gatewayv1.Hostname
}

// podTemplates are the paths to the template of a workload's pods, by its group and kind.
var podTemplates = map[string][]string{
	"Pod":                   {},
	"ReplicationController": {"spec", "template"},
	"DaemonSet.apps":        {"spec", "template"},
	"Deployment.apps":       {"spec", "template"},
	"ReplicaSet.apps":       {"spec", "template"},
	"StatefulSet.apps":      {"spec", "template"},
	"Job.batch":             {"spec", "template"},
	"CronJob.batch":         {"spec", "jobTemplate", "spec", "template"},
}

// Decides reports whether objects of a kind decide about connections: namespaces, network policies, and what makes pods.
func Decides(kind schema.GroupKind) bool {
	_, makesPods := podTemplates[kind.String()]
	return makesPods || slices.Contains([]string{"Namespace", "NetworkPolicy.networking.k8s.io", ciliumPolicyKind}, kind.String())
}

// read takes from the objects what decides about connections, and passes over the others.
func read(objects []unstructured.Unstructured) (*cluster, error) {
	c := &cluster{namespaces: map[string]labels.Set{}, listeners: map[listener][]gatewayv1.Hostname{}}
	var errs []error
	seen := map[string]bool{}
	for _, o := range objects {
		kind := o.GroupVersionKind().GroupKind().String()
		if kind != "Namespace" && o.GetNamespace() == "" {
			o = *o.DeepCopy()
			o.SetNamespace(metav1.NamespaceDefault) // Where kubectl puts it.
		}
		name := fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName())
		err := c.add(kind, o)
		if _, makesPods := podTemplates[kind]; makesPods && seen[name] {
			err = errors.New("declared twice")
		}
		seen[name] = true
		errs = append(errs, wrap(name, err))
	}
	for _, w := range c.workloads {
		w.pod.namespaceLabels = c.labelsOf(w.pod.namespace)
	}
	return c, errors.Join(errs...)
}

func (c *cluster) add(kind string, o unstructured.Unstructured) error {
	switch kind {
	case "Namespace":
		c.namespaces[o.GetName()] = labels.Merge(o.GetLabels(), labels.Set{corev1.LabelMetadataName: o.GetName()})
	case "NetworkPolicy.networking.k8s.io":
		return c.addPolicy(o)
	case "Service":
		service := &corev1.Service{}
		c.services = append(c.services, service)
		return decode(o.Object, service)
	case ciliumPolicyKind:
		return c.addCiliumPolicy(o)
	case "Ingress.networking.k8s.io":
		ingress := &networkingv1.Ingress{}
		c.ingresses = append(c.ingresses, ingress)
		return decode(o.Object, ingress)
	case "HTTPRoute.gateway.networking.k8s.io":
		r := &gatewayv1.HTTPRoute{}
		c.httpRoutes = append(c.httpRoutes, r)
		return decode(o.Object, r)
	case "Gateway.gateway.networking.k8s.io", "ListenerSet.gateway.networking.k8s.io":
		return c.addListeners(o)
	default:
		if path, makesPods := podTemplates[kind]; makesPods {
			return c.addWorkload(o, path)
		}
	}
	return nil
}

// addPolicy is strict: a misspelled field would be lost, and the policy be wider than it looks.
func (c *cluster) addPolicy(o unstructured.Unstructured) error {
	object := &networkingv1.NetworkPolicy{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(o.Object, object, true); err != nil {
		return err
	}
	p, err := newPolicy(object)
	if err != nil {
		return err
	}
	p.object = fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName())
	c.policies = append(c.policies, p)
	return nil
}

// addListeners notes the hosts of a Gateway's or a ListenerSet's listeners, which have both fields in common.
func (c *cluster) addListeners(o unstructured.Unstructured) error {
	var gateway gatewayv1.Gateway
	err := decode(o.Object, &gateway)
	for _, l := range gateway.Spec.Listeners {
		c.addListener(listener{o.GetKind(), o.GetNamespace(), o.GetName(), string(l.Name)}, l.Hostname)
	}
	return err
}

func (c *cluster) addWorkload(o unstructured.Unstructured, path []string) error {
	fields, _, err := unstructured.NestedMap(o.Object, path...)
	if err != nil {
		return err
	}
	var template corev1.PodTemplateSpec
	if err := decode(fields, &template); err != nil {
		return err
	}
	claims, _, err := unstructured.NestedSlice(o.Object, "spec", "volumeClaimTemplates")
	if err != nil {
		return err
	}
	spec := template.Spec
	node := Node{
		Type: Workload, Kind: o.GetKind(), Namespace: o.GetNamespace(), Name: o.GetName(), Volume: len(claims) > 0 || claimsVolume(spec),
	}
	c.workloads = append(c.workloads, &endpoint{
		Node:  node,
		names: workloadNames(node, cmp.Or(template.Labels["app.kubernetes.io/component"], template.Labels["component"])),
		pod: &pod{
			namespace:   o.GetNamespace(),
			labels:      template.Labels,
			containers:  slices.Concat(spec.InitContainers, spec.Containers), // A sidecar is an init container.
			hostNetwork: spec.HostNetwork,
		},
	})
	return nil
}

func claimsVolume(spec corev1.PodSpec) bool {
	for _, v := range spec.Volumes {
		if v.PersistentVolumeClaim != nil {
			return true
		}
	}
	return false
}

// labelsOf are the labels of a namespace. One that is not in the directory has at least its name.
func (c *cluster) labelsOf(namespace string) labels.Set {
	if known, ok := c.namespaces[namespace]; ok {
		return known
	}
	return labels.Set{corev1.LabelMetadataName: namespace}
}

func decode(from map[string]any, to any) error {
	return runtime.DefaultUnstructuredConverter.FromUnstructured(from, to)
}
