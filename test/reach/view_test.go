package reach

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
)

// view is the matrix that policies of some directions give.
type view struct {
	name       string
	directions []networkingv1.PolicyType
}

var (
	both         = view{"both directions", []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}}
	ingressAlone = view{"ingress alone", []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}}
	egressAlone  = view{"egress alone", []networkingv1.PolicyType{networkingv1.PolicyTypeEgress}}

	// views hold each direction to the declaration by itself too: together, one may hide that the other is too open.
	views = []view{both, ingressAlone, egressAlone}
)

// of leaves the policies of the view's directions.
func (v view) of(m manifests) manifests {
	var seen []*networkingv1.NetworkPolicy
	for _, policy := range m.policies {
		policy = policy.DeepCopy()
		policy.Spec.PolicyTypes = slices.DeleteFunc(directionsOf(policy), func(direction networkingv1.PolicyType) bool {
			return !slices.Contains(v.directions, direction)
		})
		if len(policy.Spec.PolicyTypes) > 0 {
			seen = append(seen, policy)
		}
	}
	m.policies = seen
	return m
}

// directionsOf fills in what the API server does where a policy names no types.
func directionsOf(policy *networkingv1.NetworkPolicy) []networkingv1.PolicyType {
	directions := policy.Spec.PolicyTypes
	if len(directions) == 0 {
		directions = append(directions, networkingv1.PolicyTypeIngress)
		if len(policy.Spec.Egress) > 0 {
			directions = append(directions, networkingv1.PolicyTypeEgress)
		}
	}
	return directions
}

// decides reports whether the view's policies decide about connections, given which ends have policies.
func (v view) decides(from, to bool) bool {
	return from && slices.Contains(v.directions, networkingv1.PolicyTypeEgress) ||
		to && slices.Contains(v.directions, networkingv1.PolicyTypeIngress)
}
