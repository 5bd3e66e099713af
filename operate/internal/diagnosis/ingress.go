package diagnosis

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Entry is what was read of the way from outside to the application after a request has failed. What cannot be read is nil.
type Entry struct {
	Ingresses []networkingv1.Ingress
	Classes   []networkingv1.IngressClass

	// GatewayAPI has Gateways that are not declared before requests are sent: they decide whether hosts have TLS.
	GatewayAPI CustomObjects

	AllServices []corev1.Service // Of all namespaces.

	// Addresses are those of the host names in the status of Ingresses and Gateways.
	Addresses map[string][]string

	Policies   []networkingv1.NetworkPolicy
	Namespaces []corev1.Namespace
	Peers      []corev1.Pod // Those with the labels of what Peers lists.

	Cilium      CustomObjects
	CertManager CustomObjects
}

// HostNames are what Ingresses and Gateways have in place of addresses.
func (e *Entry) HostNames() []string {
	var found []string
	for _, ingress := range e.Ingresses {
		for _, balancer := range ingress.Status.LoadBalancer.Ingress {
			if balancer.Hostname != "" {
				found = append(found, balancer.Hostname)
			}
		}
	}
	for i := range e.GatewayAPI.Objects["Gateway"] {
		gateway, err := decodeAs[gatewayv1.Gateway](&e.GatewayAPI.Objects["Gateway"][i])
		if err != nil {
			continue
		}
		for _, address := range gateway.Status.Addresses {
			if deref(address.Type, gatewayv1.IPAddressType) == gatewayv1.HostnameAddressType {
				found = append(found, address.Value)
			}
		}
	}
	return found
}

// classAnnotation is older than IngressClass: controllers compare its value with a name of their own.
const classAnnotation = "kubernetes.io/ingress.class"

// controllerLabels select pods of well-known controllers, of Ingresses and of Gateways, as their charts label them.
var controllerLabels = map[string]string{
	"k8s.io/ingress-nginx":                   " -l app.kubernetes.io/name=ingress-nginx",
	"nginx.org/ingress-controller":           " -l app.kubernetes.io/name=nginx-ingress",
	"traefik.io/ingress-controller":          " -l app.kubernetes.io/name=traefik",
	"haproxy.org/ingress-controller/haproxy": " -l app.kubernetes.io/name=kubernetes-ingress",
	"openshift.io/ingress-to-route":          " -l ingresscontroller.operator.openshift.io/deployment-ingresscontroller",
	awsController:                            " -l app.kubernetes.io/name=aws-load-balancer-controller",

	"gateway.envoyproxy.io/gatewayclass-controller": " -l control-plane=envoy-gateway",
	"gateway.nginx.org/nginx-gateway-controller":    " -l app.kubernetes.io/name=nginx-gateway-fabric",
	"istio.io/gateway-controller":                   " -l app=istiod",
	"traefik.io/gateway-controller":                 " -l app.kubernetes.io/name=traefik",
	"io.cilium/gateway-controller":                  " -l name=cilium-operator",
}

const awsController = "ingress.k8s.aws/alb"

// Ingress says why hosts do not answer.
func Ingress(s *State, answers []Answer) Result {
	var found findings
	var working []string
	for i := range answers {
		a := &answers[i]
		if a.Works() {
			working = append(working, a.summary())
			continue
		}
		found.add(s.entry(a))
	}
	if len(found) > 0 {
		return Result{Summary: fmt.Sprintf("%d of %s working", len(working), plural(len(answers), "host")), Findings: found}
	}
	return Result{Summary: strings.Join(working, "; ")}
}

// entry is one finding: the first cause on the way from outside to the pods, or what one sees from outside.
func (s *State) entry(a *Answer) Finding {
	looks := []func(*Answer) *Finding{s.ingressMissing, s.ingressChanged, s.classMissing, s.controller, s.record, s.certificate, s.backend, s.policy, s.elsewhere}
	if a.Route != nil {
		looks = []func(*Answer) *Finding{
			s.gatewayKindMissing, s.gatewayObjects, s.gatewayMissing, s.gatewayClass, s.gatewayAccepted, s.listenerSetAccepted, s.listener, s.gatewayProgrammed,
			s.routeAccepted, s.noAddress, s.record, s.certificate, s.backend, s.routeResolved, s.policy, s.elsewhere,
		}
	}
	for _, look := range looks {
		if f := look(a); f != nil {
			f.Affected = append([]string{fmt.Sprintf("%s (%s)", a.URL(), a.symptom())}, f.Affected...)
			return *f
		}
	}
	return Finding{Object: a.Publisher().object(), Cause: a.symptom(), Affected: []string{a.URL()}, Advice: s.entryAdvice(a)}
}

func ingressName(i *networkingv1.Ingress) string { return object("Ingress", i.Namespace, i.Name) }

// live is an Ingress as it is in the cluster, or nil.
func (s *State) live(namespace, name string) *networkingv1.Ingress {
	for i := range s.Entry.Ingresses {
		if live := &s.Entry.Ingresses[i]; live.Namespace == namespace && live.Name == name {
			return live
		}
	}
	return nil
}

func (s *State) ingressMissing(a *Answer) *Finding {
	declared := []Holder{a.Publisher()}
	if a.Secured != nil {
		declared = append(declared, *a.Secured)
	}
	for _, i := range declared {
		if s.Entry.Ingresses != nil && s.live(i.Namespace, i.Name) == nil {
			return &Finding{Object: i.object(), Cause: "declared, but not in the cluster", Advice: s.apply()}
		}
	}
	return nil
}

// front is what requests come in by, as it is in the cluster, and its addresses.
func (s *State) front(a *Answer) (name string, addresses []string) {
	if a.Route != nil {
		return s.gatewayAddresses(a)
	}
	if live := s.live(a.Ingress.Namespace, a.Ingress.Name); live != nil {
		return ingressName(live), balancerAddresses(live)
	}
	return "", nil
}

func (s *State) ingressChanged(a *Answer) *Finding {
	live := s.live(a.Ingress.Namespace, a.Ingress.Name)
	if live == nil {
		return nil
	}
	var own []networkingv1.Ingress // Those that are declared.
	for i := range s.Entry.Ingresses {
		if s.manifest(&s.Entry.Ingresses[i]) != nil {
			own = append(own, s.Entry.Ingresses[i])
		}
	}
	text := a.undeclared(own)
	if text == "" {
		return nil
	}
	by := changed(live, s.manifest(live))
	return &Finding{Object: ingressName(live), Cause: text, Changed: by, Advice: s.apply()}
}

// ingressClass is the IngressClass that an Ingress names, or nil.
func (s *State) ingressClass(i *networkingv1.Ingress) *networkingv1.IngressClass {
	for k := range s.Entry.Classes {
		if class := &s.Entry.Classes[k]; i.Spec.IngressClassName != nil && class.Name == *i.Spec.IngressClassName {
			return class
		}
	}
	return nil
}

// classMissing finds an Ingress whose class is not there. One without a class may be a controller's that takes all.
func (s *State) classMissing(a *Answer) *Finding {
	live := s.live(a.Ingress.Namespace, a.Ingress.Name)
	if live == nil || s.Entry.Classes == nil || s.ingressClass(live) != nil {
		return nil
	}
	f := &Finding{Object: ingressName(live)}
	var names []string
	for _, class := range s.Entry.Classes {
		names = append(names, class.Name)
	}
	offered := "the cluster has none"
	if len(names) > 0 {
		offered = "the cluster has " + strings.Join(names, ", ")
	}
	switch {
	case live.Spec.IngressClassName != nil:
		f.Cause = fmt.Sprintf("names IngressClass %q, which does not exist (%s)", *live.Spec.IngressClassName, offered)
		f.Advice = "install the controller of this class, or name another class: kubectl get ingressclass"
	case live.Annotations[classAnnotation] == "" && len(balancerAddresses(live)) == 0:
		f.Cause = fmt.Sprintf("names no IngressClass, and no controller has taken it (%s)", offered)
		f.Advice = "set spec.ingressClassName, and apply the manifests: " + s.applying()
	default:
		return nil
	}
	return f
}

// balancerAddresses are IP addresses and host names that the controller writes into the status.
func balancerAddresses(i *networkingv1.Ingress) []string {
	var found []string
	for _, balancer := range i.Status.LoadBalancer.Ingress {
		for _, address := range []string{balancer.IP, balancer.Hostname} {
			if address != "" {
				found = append(found, address)
			}
		}
	}
	return found
}

// controller finds an Ingress that no controller has taken. Not every controller writes addresses, so that an answer of the application
// or its certificate shows that there is one.
func (s *State) controller(a *Answer) *Finding {
	live := s.live(a.Ingress.Namespace, a.Ingress.Name)
	if live == nil || len(balancerAddresses(live)) > 0 || !a.unconnected() && a.Status != http.StatusNotFound {
		return nil
	}
	f := &Finding{Object: ingressName(live), Cause: "no controller has written an address into its status", Advice: "see whether the controller's pods run: kubectl get pods -A"}
	if class := s.ingressClass(live); class != nil {
		f.Cause += fmt.Sprintf(": IngressClass %s is for controller %s", class.Name, class.Spec.Controller)
		f.Advice += controllerLabels[class.Spec.Controller]
	}
	isLive := func(o corev1.ObjectReference) bool {
		return o.UID == live.UID || o.UID == "" && o.Kind == "Ingress" && o.Namespace == live.Namespace && o.Name == live.Name
	}
	if event := s.event(isLive, refusals...); event != nil {
		f.Cause += "; its last event: " + oneLine(event.Message)
		f.Advice = "correct what the event names: " + describe(a.Publisher())
	}
	f.Affected = s.pendingBalancers()
	return f
}

// refusals are the reasons of events by which controllers say why they do not serve an Ingress.
var refusals = []string{
	// The AWS Load Balancer Controller creates no load balancer, because there is no certificate for a host, for example.
	// https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/pkg/k8s/events.go
	"FailedBuildModel", "FailedDeployModel",
	// OpenShift creates no Route, because the Secret does not exist, for example. These events have no UID.
	// https://github.com/openshift/route-controller-manager/blob/main/pkg/route/ingress/ingress.go
	"IncompleteIngressToRouteRules", "FailedIngressToRouteConversion",
}

// pendingBalancers are Services to which the cloud has given no address.
func (s *State) pendingBalancers() []string {
	var found []string
	for _, service := range s.Entry.AllServices {
		if service.Spec.Type == corev1.ServiceTypeLoadBalancer && len(service.Status.LoadBalancer.Ingress) == 0 {
			found = append(found, object("Service", service.Namespace, service.Name)+" (type LoadBalancer, has no address either)")
		}
	}
	return found
}

// record finds a name that DNS does not have.
func (s *State) record(a *Answer) *Finding {
	name, at := s.front(a)
	if dns := a.unresolved(); dns == nil || !dns.IsNotFound || dns.Name != a.Name || len(at) == 0 {
		return nil
	}
	return &Finding{
		Object: name,
		Cause:  fmt.Sprintf("no DNS record leads to it: its address is %s", strings.Join(at, ", ")),
		Advice: fmt.Sprintf("create a record of %s for %s, or verify without DNS: --address=%s", a.Name, strings.Join(at, ", "), at[0]),
	}
}

// elsewhere finds a name that leads to another address than the controller's.
func (s *State) elsewhere(a *Answer) *Finding {
	name, at := s.front(a)
	if len(a.Resolved) == 0 {
		return nil
	}
	var known []string
	for _, address := range at {
		if _, err := netip.ParseAddr(address); err == nil {
			known = append(known, address)
		}
		known = append(known, s.Entry.Addresses[address]...)
	}
	if len(known) == 0 || slices.ContainsFunc(a.Resolved, func(r string) bool { return slices.Contains(known, r) }) {
		return nil
	}
	return &Finding{
		Object: name,
		Cause:  fmt.Sprintf("%s is %s in DNS, but the %s's address is %s", a.Name, strings.Join(a.Resolved, ", "), kindOf(name), strings.Join(at, ", ")),
		Advice: fmt.Sprintf("correct the record, unless %s forwards requests; verify without DNS: --address=%s", a.Resolved[0], at[0]),
	}
}

// kindOf is the kind in an object's name.
func kindOf(name string) string {
	kind, _, _ := strings.Cut(name, " ")
	return kind
}

// backend finds a Service that cannot answer. For one that does not exist, Traefik's Ingress answers 404, and every Gateway 500.
// https://gateway-api.sigs.k8s.io/reference/1.6/spec/#httprouterule
func (s *State) backend(a *Answer) *Finding {
	missing := http.StatusNotFound
	if a.Route != nil {
		missing = http.StatusInternalServerError
	}
	if !a.isUnavailable() && a.Status != missing || a.Backend.Service == nil {
		return nil
	}
	by, backend := a.Publisher(), a.Backend.Service
	namespace := by.Namespace
	f := &Finding{Object: object("Service", namespace, backend.Name)}
	service := s.serviceOf(a)
	if service == nil {
		f.Cause, f.Advice = fmt.Sprintf("does not exist, but the %s routes to it", by.Kind), s.apply()
		return f
	}
	i := slices.IndexFunc(service.Spec.Ports, func(p corev1.ServicePort) bool {
		return backend.Port.Name != "" && p.Name == backend.Port.Name || backend.Port.Number != 0 && p.Port == backend.Port.Number
	})
	switch {
	case i < 0:
		f.Cause = fmt.Sprintf("has no port of %s, to which the %s routes", backendName(a.Backend), by.Kind)
		f.Advice = fmt.Sprintf("name a port of the Service in the %s, and apply the manifests: %s", by.Kind, s.applying())
	case !s.hasEndpoint(service, service.Spec.Ports[i]):
		f.Cause = "has no ready endpoint on port " + portName(service.Spec.Ports[i])
		f.Advice = fmt.Sprintf("fix the Service first, as step services says: kubectl -n %s get endpointslices -l kubernetes.io/service-name=%s", namespace, backend.Name)
	default:
		return nil
	}
	return f
}

// serviceOf is the Service to which the path leads, or nil.
func (s *State) serviceOf(a *Answer) *corev1.Service {
	for i := range s.Services {
		if service := &s.Services[i]; a.Backend.Service != nil && service.Namespace == a.Publisher().Namespace && service.Name == a.Backend.Service.Name {
			return service
		}
	}
	return nil
}

// entryAdvice is for what nothing in the cluster explains.
func (s *State) entryAdvice(a *Answer) string {
	switch {
	case a.untrusted() != nil:
		return s.certificateAdvice(a)
	case a.unresolved() != nil:
		return "see whether this computer's DNS works, or verify without it: --address=ADDRESS"
	case a.Err != nil:
		return "check the address (--address), and the controller's Service and pods: kubectl get services,pods -A" + s.labelsOfController(a)
	case a.Status == http.StatusNotFound:
		return fmt.Sprintf("see whether the controller has taken the %s, and whether the application has %s: %s", a.Publisher().Kind, a.Path, describe(a.Publisher()))
	}
	logs := "see the logs of the controller: kubectl get pods -A" + s.labelsOfController(a)
	if service := s.serviceOf(a); service != nil && len(service.Spec.Selector) > 0 {
		logs += fmt.Sprintf("; and of the application: kubectl -n %s logs -l %s", service.Namespace, pairs(service.Spec.Selector))
	}
	return logs
}

func (s *State) labelsOfController(a *Answer) string { return controllerLabels[s.controllerOf(a)] }

// controllerOf is the name by which a class knows the controller, or empty.
func (s *State) controllerOf(a *Answer) string {
	if a.Route != nil {
		return s.gatewayController(a)
	}
	if class := s.ingressClass(a.Ingress); class != nil {
		return class.Spec.Controller
	}
	return ""
}
