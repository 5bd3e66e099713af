package connectivity

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// checkPorts finds what the API server refuses in the ports of a rule.
func checkPorts(ports []networkingv1.NetworkPolicyPort) error {
	var errs []error
	for i, p := range ports {
		errs = append(errs, wrap(fmt.Sprintf("ports[%d]", i), checkPort(p)))
	}
	return errors.Join(errs...)
}

func checkPort(p networkingv1.NetworkPolicyPort) error {
	var errs []error
	if p.Protocol != nil && !slices.ContainsFunc(everyPort, func(known Port) bool { return known.Protocol == *p.Protocol }) {
		errs = append(errs, fmt.Errorf("protocol: %q must be TCP, UDP or SCTP", *p.Protocol))
	}
	numbered := p.Port != nil && p.Port.Type == intstr.Int
	if numbered && !isPort(p.Port.IntVal) {
		errs = append(errs, fmt.Errorf("port: %d must be between 1 and %d", p.Port.IntVal, lastPort))
	}
	switch {
	case p.EndPort == nil:
	case !numbered:
		errs = append(errs, fmt.Errorf("endPort: %d requires port to be a number", *p.EndPort))
	case !isPort(*p.EndPort):
		errs = append(errs, fmt.Errorf("endPort: %d must be between 1 and %d", *p.EndPort, lastPort))
	case *p.EndPort < p.Port.IntVal:
		errs = append(errs, fmt.Errorf("endPort: %d must not be less than port (%d)", *p.EndPort, p.Port.IntVal))
	}
	return errors.Join(errs...)
}

func isPort(number int32) bool { return number >= 1 && number <= lastPort }

// checkBlock finds what the API server refuses in a block of addresses.
func checkBlock(b networkingv1.IPBlock) error {
	block, err := netip.ParsePrefix(b.CIDR)
	if err != nil {
		return fmt.Errorf("cidr: %q must be a block of addresses, such as 10.0.0.0/8", b.CIDR)
	}
	var errs []error
	for i, text := range b.Except {
		except, err := netip.ParsePrefix(text)
		if err != nil || except.Bits() <= block.Bits() || !block.Contains(except.Addr()) {
			errs = append(errs, fmt.Errorf("except[%d]: %q must be a block of addresses within %s", i, text, b.CIDR))
		}
	}
	return errors.Join(errs...)
}

// checkNames finds names of ports that none of the servers has that a rule is about: the API server accepts them, and they open nothing.
// What containers pods have that are not in the directory is not known.
func (c *cluster) checkNames() error {
	var errs []error
	for _, p := range c.policies {
		for _, direction := range []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress} {
			for i, r := range p.rules[direction] {
				selectors := r.pods
				field := fmt.Sprintf("spec.egress[%d]", i)
				if direction == networkingv1.PolicyTypeIngress {
					selectors = []podSelector{p.pods}
					field = fmt.Sprintf("spec.ingress[%d]", i)
				}
				if servers, known := c.selected(selectors); known {
					errs = append(errs, wrap(p.object+": "+field, checkNamed(r.ports, servers)))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// selected are the workloads that selectors select, if these select no other pods.
func (c *cluster) selected(selectors []podSelector) (found []*endpoint, known bool) {
	for _, s := range selectors {
		if _, foreign := c.foreignPods(s); foreign {
			return nil, false
		}
		for _, w := range c.workloads {
			if s.selects(w.pod) {
				found = append(found, w)
			}
		}
	}
	return found, len(found) > 0
}

func checkNamed(ports []networkingv1.NetworkPolicyPort, servers []*endpoint) error {
	var errs []error
	for i, p := range ports {
		if p.Port == nil || p.Port.Type != intstr.String {
			continue
		}
		protocol := corev1.ProtocolTCP
		if p.Protocol != nil {
			protocol = *p.Protocol
		}
		if !slices.ContainsFunc(servers, func(s *endpoint) bool { return len(s.portsNamed(protocol, p.Port.StrVal)) > 0 }) {
			errs = append(errs, fmt.Errorf("ports[%d].port: no container of the selected pods has a %s port named %q", i, protocol, p.Port.StrVal))
		}
	}
	return errors.Join(errs...)
}
