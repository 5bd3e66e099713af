package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

func (s *State) gatewayKindMissing(a *Answer) *Finding {
	for _, h := range s.chain(a) {
		if declared := find(s.Declared, h.object()); declared != nil && slices.Contains(s.Entry.GatewayAPI.Missing, h.Kind) {
			f := unknownKind(declared)
			return &f
		}
	}
	return nil
}

// gatewayObjects finds a declared object that is missing, or is not as declared.
func (s *State) gatewayObjects(a *Answer) *Finding {
	for _, h := range s.chain(a) {
		declared := find(s.Declared, h.object())
		if declared == nil || !s.readable(h.Kind) {
			continue
		}
		live := s.liveGateway(h.Kind, h.Namespace, h.Name)
		if live == nil {
			return &Finding{Object: h.object(), Cause: "declared, but not in the cluster", Advice: s.apply()}
		}
		if paths := differences("spec", live.Object["spec"], declared.Object["spec"]); len(paths) > 0 {
			if len(paths) > mostPaths {
				paths = append(paths[:mostPaths], "…")
			}
			return &Finding{Object: h.object(), Cause: "is not as declared: " + strings.Join(paths, ", "), Changed: changedIn("spec", live, declared), Advice: s.apply()}
		}
	}
	return nil
}

// gatewayMissing finds that the Gateway of others is not there.
func (s *State) gatewayMissing(a *Answer) *Finding {
	p := s.gatewayParent(a)
	if !s.readable("Gateway") || p.Name == "" || s.liveGateway(p.Kind, p.Namespace, p.Name) != nil {
		return nil
	}
	chain := s.chain(a)
	return &Finding{
		Object: chain[len(chain)-2].object(), Cause: fmt.Sprintf("attaches to %s, which does not exist", p.object()),
		Advice: "create the Gateway, or name another one: kubectl get gateways.gateway.networking.k8s.io -A",
	}
}

// gatewayClass finds a class that does not exist, or that its controller does not accept.
func (s *State) gatewayClass(a *Answer) *Finding {
	gateway := s.gateway(a)
	if gateway == nil || !s.readable("GatewayClass") {
		return nil
	}
	class := decoded[gatewayv1.GatewayClass](s.liveGateway("GatewayClass", "", string(gateway.Spec.GatewayClassName)))
	if class == nil {
		var names []string
		for _, o := range s.Entry.GatewayAPI.Objects["GatewayClass"] {
			names = append(names, o.GetName())
		}
		offered := "the cluster has none"
		if len(names) > 0 {
			offered = "the cluster has " + strings.Join(names, ", ")
		}
		return &Finding{
			Object: object("Gateway", gateway.Namespace, gateway.Name),
			Cause:  fmt.Sprintf("names GatewayClass %q, which does not exist (%s)", gateway.Spec.GatewayClassName, offered),
			Advice: "install the controller of this class, or name another class: kubectl get gatewayclass",
		}
	}
	if accepted := meta.FindStatusCondition(class.Status.Conditions, string(gatewayv1.GatewayClassConditionStatusAccepted)); accepted != nil && accepted.Status == metav1.ConditionFalse {
		return &Finding{Object: object("GatewayClass", "", class.Name), Cause: "is not accepted: " + conditionText(accepted), Advice: "correct it: kubectl describe gatewayclass " + class.Name}
	}
	return nil
}

// conditionText is why a condition is as it is, in the controller's words.
func conditionText(c *metav1.Condition) string {
	if c.Message == "" {
		return c.Reason
	}
	return fmt.Sprintf("%s (%s)", oneLine(c.Message), c.Reason)
}

// untaken reports whether no controller has looked at an object: its conditions are missing, or still the defaults of its kind.
func untaken(conditions []metav1.Condition) bool {
	accepted := meta.FindStatusCondition(conditions, string(gatewayv1.GatewayConditionAccepted))
	return accepted == nil || accepted.Status == metav1.ConditionUnknown
}

// denied is a condition that is false, or nil.
func denied(conditions []metav1.Condition, kind string) *metav1.Condition {
	if c := meta.FindStatusCondition(conditions, kind); c != nil && c.Status == metav1.ConditionFalse {
		return c
	}
	return nil
}

func (s *State) gatewayAccepted(a *Answer) *Finding {
	gateway := s.gateway(a)
	if gateway == nil {
		return nil
	}
	f := &Finding{Object: object("Gateway", gateway.Namespace, gateway.Name)}
	if untaken(gateway.Status.Conditions) {
		f.Cause = "no controller has taken it"
		if controller := s.gatewayController(a); controller != "" {
			f.Cause += fmt.Sprintf(": GatewayClass %s is for controller %s", gateway.Spec.GatewayClassName, controller)
		}
		f.Advice = "see whether the controller's pods run: kubectl get pods -A" + s.labelsOfController(a)
		return f
	}
	accepted := denied(gateway.Status.Conditions, string(gatewayv1.GatewayConditionAccepted))
	// Which listeners are not valid their own conditions say.
	if accepted == nil || accepted.Reason == string(gatewayv1.GatewayReasonListenersNotValid) {
		return nil
	}
	f.Cause, f.Advice = "is not accepted: "+conditionText(accepted), "correct it: "+describe(Holder{Kind: "Gateway", Namespace: gateway.Namespace, Name: gateway.Name})
	return f
}

func (s *State) listenerSetAccepted(a *Answer) *Finding {
	if a.Parent.Kind != "ListenerSet" {
		return nil
	}
	set, gateway := decoded[gatewayv1.ListenerSet](s.liveGateway("ListenerSet", a.Parent.Namespace, a.Parent.Name)), s.gatewayParent(a)
	if set == nil {
		return nil
	}
	f := &Finding{Object: a.Parent.object(), Advice: "correct it: " + describe(Holder{Kind: "ListenerSet", Namespace: set.Namespace, Name: set.Name})}
	accepted := denied(set.Status.Conditions, string(gatewayv1.ListenerSetConditionAccepted))
	switch {
	case untaken(set.Status.Conditions):
		f.Cause = "no controller has taken it"
		f.Advice = fmt.Sprintf("see whether the controller of %s knows ListenerSets, or give the Gateway the listeners: kubectl get gatewayclass -o yaml", gateway.object())
	case accepted == nil, accepted.Reason == string(gatewayv1.ListenerSetReasonListenersNotValid):
		return nil
	case accepted.Reason == string(gatewayv1.ListenerSetReasonNotAllowed):
		f.Cause = "is not accepted: " + conditionText(accepted)
		f.Advice = fmt.Sprintf("admit namespace %s in spec.allowedListeners of %s: kubectl -n %s edit %s %s", set.Namespace, gateway.object(), gateway.Namespace, argument("Gateway"), gateway.Name)
	default:
		f.Cause = "is not accepted: " + conditionText(accepted)
	}
	return f
}

// listener finds that the listener of the host does not exist, or does not work.
func (s *State) listener(a *Answer) *Finding {
	holder := s.liveGateway(a.Parent.Kind, a.Parent.Namespace, a.Parent.Name)
	// A ListenerSet has the same fields.
	gateway := decoded[gatewayv1.Gateway](holder)
	if gateway == nil || a.Parent.Section == "" {
		return nil
	}
	var names []string
	for _, l := range gateway.Spec.Listeners {
		names = append(names, string(l.Name))
	}
	if !slices.Contains(names, a.Parent.Section) {
		return &Finding{
			Object: a.Publisher().object(),
			Cause:  fmt.Sprintf("attaches to listener %q of %s, which has only %s", a.Parent.Section, a.Parent.object(), strings.Join(names, ", ")),
			Advice: fmt.Sprintf("name one of these in the manifests, or add it: kubectl -n %s edit %s %s", a.Parent.Namespace, argument(a.Parent.Kind), a.Parent.Name),
		}
	}
	for _, status := range gateway.Status.Listeners {
		if string(status.Name) != a.Parent.Section {
			continue
		}
		cause := listenerFault(status.Conditions)
		if cause == "" {
			return nil
		}
		cause = fmt.Sprintf("listener %s %s", a.Parent.Section, cause)
		if f := s.certificateFault(a); f != nil && denied(status.Conditions, string(gatewayv1.ListenerConditionResolvedRefs)) != nil {
			f.Affected = append([]string{fmt.Sprintf("%s (%s)", a.Parent.object(), cause)}, f.Affected...)
			return f
		}
		return &Finding{Object: a.Parent.object(), Cause: cause, Advice: "correct it: " + describe(Holder{Kind: a.Parent.Kind, Namespace: a.Parent.Namespace, Name: a.Parent.Name})}
	}
	return nil
}

// listenerFault is what is wrong with a listener: the reason for a condition before the ones that follow from it.
func listenerFault(conditions []metav1.Condition) string {
	if c := meta.FindStatusCondition(conditions, string(gatewayv1.ListenerConditionConflicted)); c != nil && c.Status == metav1.ConditionTrue {
		return "conflicts with another one: " + conditionText(c)
	}
	for _, condition := range []struct {
		kind gatewayv1.ListenerConditionType
		says string
	}{
		{gatewayv1.ListenerConditionResolvedRefs, "refers to what cannot be used: "},
		{gatewayv1.ListenerConditionAccepted, "is not accepted: "},
		{gatewayv1.ListenerConditionProgrammed, "is not programmed: "},
	} {
		if c := denied(conditions, string(condition.kind)); c != nil {
			return condition.says + conditionText(c)
		}
	}
	return ""
}

// gatewayProgrammed finds that the proxy or its address is not there.
func (s *State) gatewayProgrammed(a *Answer) *Finding {
	gateway := s.gateway(a)
	if gateway == nil {
		return nil
	}
	programmed := denied(gateway.Status.Conditions, string(gatewayv1.GatewayConditionProgrammed))
	if programmed == nil {
		return nil
	}
	return &Finding{
		Object: object("Gateway", gateway.Namespace, gateway.Name), Cause: "is not programmed: " + conditionText(programmed), Affected: s.pendingBalancers(),
		Advice: "see its conditions, and the proxy's Service and pods: " + describe(Holder{Kind: "Gateway", Namespace: gateway.Namespace, Name: gateway.Name}),
	}
}

// routeParent is the status of the route at its parent. There is none before a controller has looked at the route.
func (s *State) routeParent(a *Answer) (conditions []metav1.Condition, found bool) {
	route := decoded[gatewayv1.HTTPRoute](s.liveGateway("HTTPRoute", a.Route.Namespace, a.Route.Name))
	if route == nil {
		return nil, false
	}
	for _, status := range route.Status.Parents {
		if p := parentOf(route, status.ParentRef); p.object() == a.Parent.object() && (p.Section == "" || p.Section == a.Parent.Section) {
			return status.Conditions, true
		}
	}
	return nil, true
}

func (s *State) routeAccepted(a *Answer) *Finding {
	conditions, found := s.routeParent(a)
	if !found {
		return nil
	}
	by := a.Publisher()
	f := &Finding{Object: by.object(), Advice: "correct it: " + describe(by)}
	accepted := denied(conditions, string(gatewayv1.RouteConditionAccepted))
	switch {
	case untaken(conditions):
		f.Cause = "no controller has attached it to " + a.Parent.object()
		f.Advice = "see whether the controller's pods run: kubectl get pods -A" + s.labelsOfController(a)
	case accepted == nil:
		return nil
	default:
		f.Cause = fmt.Sprintf("is not accepted by %s: %s", a.Parent.object(), conditionText(accepted))
		if accepted.Reason == string(gatewayv1.RouteReasonNotAllowedByListeners) {
			f.Advice = fmt.Sprintf("admit routes of namespace %s in allowedRoutes of the listener: kubectl -n %s edit %s %s", by.Namespace, a.Parent.Namespace, argument(a.Parent.Kind), a.Parent.Name)
		}
	}
	return f
}

// routeResolved is about backends for which step backend has found nothing.
func (s *State) routeResolved(a *Answer) *Finding {
	conditions, _ := s.routeParent(a)
	resolved := denied(conditions, string(gatewayv1.RouteConditionResolvedRefs))
	if resolved == nil {
		return nil
	}
	return &Finding{Object: a.Publisher().object(), Cause: "refers to what cannot be used: " + conditionText(resolved), Advice: "correct it: " + describe(a.Publisher())}
}

// noAddress finds a Gateway at which nobody can arrive.
func (s *State) noAddress(a *Answer) *Finding {
	name, addresses := s.front(a)
	if name == "" || len(addresses) > 0 || !a.unconnected() {
		return nil
	}
	return &Finding{
		Object: name, Cause: "has no address in its status", Affected: s.pendingBalancers(),
		Advice: "see the proxy's Service and pods: kubectl get services,pods -A" + s.labelsOfController(a),
	}
}
