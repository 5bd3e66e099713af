package connectivity

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const ciliumPolicyKind = "CiliumNetworkPolicy.cilium.io"

// ciliumPolicy is what is understood of a CiliumNetworkPolicy: connections from and to entities, which are identities that no network policy
// selects. https://docs.cilium.io/en/stable/security/policy/layer3/#entities-based
type ciliumPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		EndpointSelector metav1.LabelSelector `json:"endpointSelector"`
		Ingress          []ciliumRule         `json:"ingress"`
		Egress           []ciliumRule         `json:"egress"`
	} `json:"spec"`
}

type ciliumRule struct {
	FromEntities []string `json:"fromEntities"`
	ToEntities   []string `json:"toEntities"`
	ToPorts      []struct {
		Ports []struct {
			Port     string `json:"port"`
			EndPort  int32  `json:"endPort"`
			Protocol string `json:"protocol"`
		} `json:"ports"`
	} `json:"toPorts"`
}

// Understood returns an error that names the CiliumNetworkPolicies that are passed over, because they have rules for anything but entities.
func Understood(objects []unstructured.Unstructured) error {
	var errs []error
	for _, o := range objects {
		if o.GroupVersionKind().GroupKind().String() != ciliumPolicyKind {
			continue
		}
		if _, err := newCiliumPolicy(o); err != nil {
			name := fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName())
			errs = append(errs, fmt.Errorf("%s: only endpointSelector, fromEntities, toEntities and their ports are supported: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// addCiliumPolicy passes over a policy that is not understood. Commands that need all of them call Understood.
func (c *cluster) addCiliumPolicy(o unstructured.Unstructured) error {
	if p, err := newCiliumPolicy(o); err == nil {
		c.policies = append(c.policies, p)
	}
	return nil
}

func newCiliumPolicy(o unstructured.Unstructured) (policy, error) {
	var object ciliumPolicy
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(o.Object, &object, true); err != nil {
		return policy{}, err
	}
	pods, err := metav1.LabelSelectorAsSelector(&object.Spec.EndpointSelector)
	errs := []error{wrap("spec.endpointSelector", err)}
	p := policy{
		object: fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName()), component: o.GetLabels()[nameLabel],
		pods: podSelector{namespace: o.GetNamespace(), pods: pods}, rules: map[networkingv1.PolicyType][]rule{},
	}
	// A direction without rules is not decided about.
	for direction, rules := range map[networkingv1.PolicyType][]ciliumRule{
		networkingv1.PolicyTypeIngress: object.Spec.Ingress, networkingv1.PolicyTypeEgress: object.Spec.Egress,
	} {
		for i, from := range rules {
			r, err := from.rule()
			p.rules[direction] = append(p.rules[direction], r...)
			errs = append(errs, wrap(fmt.Sprintf("spec.%s[%d]", strings.ToLower(string(direction)), i), err))
		}
		if len(rules) > 0 && p.rules[direction] == nil {
			p.rules[direction] = []rule{} // They allow nothing.
		}
	}
	return p, errors.Join(errs...)
}

// rule is none for one that names nothing, which allows nothing. One that names only ports is about everybody.
func (r ciliumRule) rule() ([]rule, error) {
	entities := slices.Concat(r.FromEntities, r.ToEntities)
	if len(entities) == 0 && len(r.ToPorts) == 0 {
		return nil, nil
	}
	converted := rule{}
	if !slices.Contains(entities, "all") {
		converted.entities = entities
	}
	for _, to := range r.ToPorts {
		for _, port := range to.Ports {
			protocols := []corev1.Protocol{corev1.Protocol(port.Protocol)}
			if port.Protocol == "" || port.Protocol == "ANY" {
				protocols = []corev1.Protocol{corev1.ProtocolSCTP, corev1.ProtocolTCP, corev1.ProtocolUDP}
			}
			number := intstr.FromString(port.Port)
			if n, err := strconv.ParseInt(port.Port, 10, 32); err == nil {
				number = intstr.FromInt32(int32(n))
			}
			for _, protocol := range protocols {
				p := networkingv1.NetworkPolicyPort{Protocol: &protocol, Port: &number}
				if port.EndPort != 0 {
					p.EndPort = new(port.EndPort)
				}
				converted.ports = append(converted.ports, p)
			}
		}
	}
	return []rule{converted}, checkPorts(converted.ports)
}

// entity is an identity of Cilium's.
func entity(name string) *endpoint {
	return &endpoint{Node: Node{Type: Entity, Name: name}, names: []string{"Cilium's " + name}}
}
