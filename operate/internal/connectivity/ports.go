package connectivity

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Port is one port, a range, or a name, which stays one for pods that are not in the directory.
type Port struct {
	Protocol corev1.Protocol    `json:"protocol"`
	Port     intstr.IntOrString `json:"port"`
	EndPort  int32              `json:"endPort,omitempty"`
}

const lastPort = 65535

// everyPort is what is open if no policy decides.
var everyPort = []Port{allOf(corev1.ProtocolSCTP), allOf(corev1.ProtocolTCP), allOf(corev1.ProtocolUDP)}

func allOf(protocol corev1.Protocol) Port { return portRange(protocol, 1, lastPort) }

func portRange(protocol corev1.Protocol, first, last int32) Port {
	p := Port{Protocol: protocol, Port: intstr.FromInt32(first)}
	if last != first {
		p.EndPort = last
	}
	return p
}

func (p Port) named() bool { return p.Port.Type == intstr.String }

func (p Port) last() int32 { return cmp.Or(p.EndPort, p.Port.IntVal) }

// portsAt are the ports of a rule at a server. Names are those of the ports of its containers.
func portsAt(rule []networkingv1.NetworkPolicyPort, server *endpoint) []Port {
	if len(rule) == 0 {
		return everyPort
	}
	var open []Port
	for _, p := range rule {
		protocol := corev1.ProtocolTCP
		if p.Protocol != nil {
			protocol = *p.Protocol
		}
		switch {
		case p.Port == nil:
			open = append(open, allOf(protocol))
		case p.Port.Type == intstr.String:
			open = append(open, server.portsNamed(protocol, p.Port.StrVal)...)
		case p.EndPort != nil:
			open = append(open, portRange(protocol, p.Port.IntVal, *p.EndPort))
		default:
			open = append(open, portRange(protocol, p.Port.IntVal, p.Port.IntVal))
		}
	}
	return union(open)
}

// union sorts ports, and joins those that overlap or follow each other.
func union(lists ...[]Port) []Port {
	all := slices.Concat(lists...)
	slices.SortFunc(all, func(a, b Port) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Port.StrVal, b.Port.StrVal), cmp.Compare(a.Port.IntVal, b.Port.IntVal))
	})
	var joined []Port
	for _, p := range all {
		if len(joined) == 0 || !joined[len(joined)-1].touches(p) {
			joined = append(joined, p)
			continue
		}
		before := &joined[len(joined)-1]
		if !p.named() {
			*before = portRange(p.Protocol, before.Port.IntVal, max(before.last(), p.last()))
		}
	}
	return joined
}

// touches reports whether a port that sorts after this one begins no later than right after its end.
func (p Port) touches(next Port) bool {
	if p.Protocol != next.Protocol || p.named() != next.named() {
		return false
	}
	if p.named() {
		return p.Port == next.Port
	}
	return next.Port.IntVal <= p.last()+1
}

// intersection are the ports that are in both lists.
func intersection(a, b []Port) []Port {
	var both []Port
	for _, x := range a {
		for _, y := range b {
			if common, ok := x.and(y); ok {
				both = append(both, common)
			}
		}
	}
	return union(both)
}

// difference are the ports of a list that another does not have. Which number a name has nobody knows: only the name, and all ports, have it.
func difference(a, b []Port) []Port {
	rest := slices.Clone(a)
	for _, y := range b {
		var left []Port
		for _, x := range rest {
			left = append(left, x.without(y)...)
		}
		rest = left
	}
	return union(rest)
}

func (p Port) without(other Port) []Port {
	common, ok := p.and(other)
	switch {
	case !ok, other.named() && !p.named():
		return []Port{p}
	case p.named():
		return nil
	}
	var rest []Port
	if p.Port.IntVal < common.Port.IntVal {
		rest = append(rest, portRange(p.Protocol, p.Port.IntVal, common.Port.IntVal-1))
	}
	if common.last() < p.last() {
		rest = append(rest, portRange(p.Protocol, common.last()+1, p.last()))
	}
	return rest
}

// and is what two ports have in common. Which number a name has nobody knows: it meets itself, and all ports.
func (p Port) and(other Port) (Port, bool) {
	switch {
	case p.Protocol != other.Protocol:
		return Port{}, false
	case p == other, p.named() && other == allOf(p.Protocol):
		return p, true
	case other.named() && p == allOf(p.Protocol):
		return other, true
	case p.named() || other.named():
		return Port{}, false
	}
	first, last := max(p.Port.IntVal, other.Port.IntVal), min(p.last(), other.last())
	return portRange(p.Protocol, first, last), first <= last
}

// String is the port as pictures show it. Most ports are TCP's, which is left out.
func (p Port) String() string {
	switch {
	case p == allOf(p.Protocol):
		return "all " + string(p.Protocol)
	case p.Protocol != corev1.ProtocolTCP:
		return string(p.Protocol) + " " + p.number()
	}
	return p.number()
}

func (p Port) number() string {
	if p.EndPort != 0 {
		return fmt.Sprintf("%d-%d", p.Port.IntVal, p.EndPort)
	}
	return p.Port.String()
}
