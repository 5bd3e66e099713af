package diagnosis

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// GatewayKinds are those of Gateway API that say why requests do not arrive, by group.
var GatewayKinds = map[string][]string{gatewayv1.GroupName: {"GatewayClass", "Gateway", "ListenerSet", "HTTPRoute"}}

// liveGateway is one of the kinds of Gateway API as it is in the cluster, or nil.
func (s *State) liveGateway(kind, namespace, name string) *unstructured.Unstructured {
	all := s.Entry.GatewayAPI.Objects[kind]
	for i := range all {
		if all[i].GetNamespace() == namespace && all[i].GetName() == name {
			return &all[i]
		}
	}
	return nil
}

// readable reports whether all objects of a kind are known.
func (s *State) readable(kind string) bool { return s.Entry.GatewayAPI.Objects[kind] != nil }

// gatewayParent is the Gateway that the route attaches to, directly or through a ListenerSet.
func (s *State) gatewayParent(a *Answer) Parent {
	if a.Parent.Kind != "ListenerSet" {
		return Parent{Kind: "Gateway", Namespace: a.Parent.Namespace, Name: a.Parent.Name}
	}
	o := find(s.Declared, a.Parent.object())
	if o == nil {
		o = s.liveGateway("ListenerSet", a.Parent.Namespace, a.Parent.Name)
	}
	if o != nil {
		if set, err := decodeAs[gatewayv1.ListenerSet](o); err == nil {
			return gatewayOf(&set)
		}
	}
	return Parent{}
}

// gateway is the Gateway in the cluster, or nil.
func (s *State) gateway(a *Answer) *gatewayv1.Gateway {
	p := s.gatewayParent(a)
	return decoded[gatewayv1.Gateway](s.liveGateway("Gateway", p.Namespace, p.Name))
}

// decoded is nil for an object that is not there.
func decoded[T any](o *unstructured.Unstructured) *T {
	if o == nil {
		return nil
	}
	object, err := decodeAs[T](o)
	if err != nil {
		return nil
	}
	return &object
}

func (s *State) gatewayAddresses(a *Answer) (name string, addresses []string) {
	gateway := s.gateway(a)
	if gateway == nil {
		return "", nil
	}
	for _, address := range gateway.Status.Addresses {
		addresses = append(addresses, address.Value)
	}
	return object("Gateway", gateway.Namespace, gateway.Name), addresses
}

// gatewayController is the name by which the Gateway's class knows the controller, or empty.
func (s *State) gatewayController(a *Answer) string {
	gateway := s.gateway(a)
	if gateway == nil {
		return ""
	}
	if class := decoded[gatewayv1.GatewayClass](s.liveGateway("GatewayClass", "", string(gateway.Spec.GatewayClassName))); class != nil {
		return string(class.Spec.ControllerName)
	}
	return ""
}

// chain are the objects of the application between its tiers and the Gateway.
func (s *State) chain(a *Answer) []Holder {
	all := []Holder{a.Publisher()}
	if a.Parent.Kind == "ListenerSet" {
		all = append(all, Holder{Kind: "ListenerSet", Namespace: a.Parent.Namespace, Name: a.Parent.Name})
	}
	gateway := s.gatewayParent(a)
	return append(all, Holder{Kind: "Gateway", Namespace: gateway.Namespace, Name: gateway.Name})
}
