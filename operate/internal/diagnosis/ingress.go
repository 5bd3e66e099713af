package diagnosis

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// Entry is what was read of the way from outside to the application after a request has failed. What cannot be read is nil.
type Entry struct {
	Ingresses []networkingv1.Ingress
	Classes   []networkingv1.IngressClass

	AllServices []corev1.Service // Of all namespaces.

	// Addresses are those of the host names in the status of Ingresses.
	Addresses map[string][]string

	Policies   []networkingv1.NetworkPolicy
	Namespaces []corev1.Namespace
	Peers      []corev1.Pod // Those with the labels of what Peers lists.

	CertManager CertManager
}

// classAnnotation is older than IngressClass: controllers compare its value with a name of their own.
const classAnnotation = "kubernetes.io/ingress.class"

// controllerLabels select pods of well-known controllers, as their charts label them.
var controllerLabels = map[string]string{
	"k8s.io/ingress-nginx":                   " -l app.kubernetes.io/name=ingress-nginx",
	"nginx.org/ingress-controller":           " -l app.kubernetes.io/name=nginx-ingress",
	"traefik.io/ingress-controller":          " -l app.kubernetes.io/name=traefik",
	"haproxy.org/ingress-controller/haproxy": " -l app.kubernetes.io/name=kubernetes-ingress",
	"ingress.k8s.aws/alb":                    " -l app.kubernetes.io/name=aws-load-balancer-controller",
}

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

// entry is one finding: the first cause on the way from the Ingress to the pods, or what one sees from outside.
func (s *State) entry(a *Answer) Finding {
	for _, look := range []func(*Answer) *Finding{
		s.ingressMissing, s.ingressChanged, s.classMissing, s.controller, s.record, s.certificate, s.backend, s.policy, s.elsewhere,
	} {
		if f := look(a); f != nil {
			f.Affected = append([]string{fmt.Sprintf("%s (%s)", a.URL(), a.symptom())}, f.Affected...)
			return *f
		}
	}
	return Finding{Object: ingressName(a.Ingress), Cause: a.symptom(), Affected: []string{a.URL()}, Advice: s.entryAdvice(a)}
}

func ingressName(i *networkingv1.Ingress) string { return object("Ingress", i.Namespace, i.Name) }

// live is an Ingress as it is in the cluster, or nil.
func (s *State) live(declared *networkingv1.Ingress) *networkingv1.Ingress {
	for i := range s.Entry.Ingresses {
		if isNamed(&s.Entry.Ingresses[i], declared) {
			return &s.Entry.Ingresses[i]
		}
	}
	return nil
}

func (s *State) ingressMissing(a *Answer) *Finding {
	for _, i := range []*networkingv1.Ingress{a.Ingress, a.Secured} {
		if i != nil && s.Entry.Ingresses != nil && s.live(i) == nil {
			return &Finding{Object: ingressName(i), Cause: "declared, but not in the cluster", Advice: s.apply()}
		}
	}
	return nil
}

func (s *State) ingressChanged(a *Answer) *Finding {
	live := s.live(a.Ingress)
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
	live := s.live(a.Ingress)
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
	live := s.live(a.Ingress)
	if live == nil || len(balancerAddresses(live)) > 0 || !a.unconnected() && a.Status != http.StatusNotFound {
		return nil
	}
	f := &Finding{Object: ingressName(live), Cause: "no controller has written an address into its status", Advice: "see whether the controller's pods run: kubectl get pods -A"}
	if class := s.ingressClass(live); class != nil {
		f.Cause += fmt.Sprintf(": IngressClass %s is for controller %s", class.Name, class.Spec.Controller)
		f.Advice += controllerLabels[class.Spec.Controller]
	}
	for _, service := range s.Entry.AllServices {
		if service.Spec.Type == corev1.ServiceTypeLoadBalancer && len(service.Status.LoadBalancer.Ingress) == 0 {
			f.Affected = append(f.Affected, object("Service", service.Namespace, service.Name)+" (type LoadBalancer, has no address either)")
		}
	}
	return f
}

// record finds a name that DNS does not have.
func (s *State) record(a *Answer) *Finding {
	live := s.live(a.Ingress)
	if dns := a.unresolved(); dns == nil || !dns.IsNotFound || dns.Name != a.Name || live == nil {
		return nil
	}
	at := balancerAddresses(live) // There are some: see controller.
	return &Finding{
		Object: ingressName(live),
		Cause:  fmt.Sprintf("no DNS record leads to it: its address is %s", strings.Join(at, ", ")),
		Advice: fmt.Sprintf("create a record of %s for %s, or verify without DNS: --address=%s", a.Name, strings.Join(at, ", "), at[0]),
	}
}

// elsewhere finds a name that leads to another address than the controller's.
func (s *State) elsewhere(a *Answer) *Finding {
	live := s.live(a.Ingress)
	if live == nil || len(a.Resolved) == 0 {
		return nil
	}
	at := balancerAddresses(live)
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
		Object: ingressName(live),
		Cause:  fmt.Sprintf("%s is %s in DNS, but the Ingress's address is %s", a.Name, strings.Join(a.Resolved, ", "), strings.Join(at, ", ")),
		Advice: fmt.Sprintf("correct the record, unless %s forwards requests; verify without DNS: --address=%s", a.Resolved[0], at[0]),
	}
}

// backend finds a Service that cannot answer. For one that does not exist, Traefik answers 404.
func (s *State) backend(a *Answer) *Finding {
	if !a.isUnavailable() && a.Status != http.StatusNotFound || a.Backend.Service == nil {
		return nil
	}
	namespace, backend := a.Ingress.Namespace, a.Backend.Service
	f := &Finding{Object: object("Service", namespace, backend.Name)}
	service := s.serviceOf(a)
	if service == nil {
		f.Cause, f.Advice = "does not exist, but the Ingress routes to it", s.apply()
		return f
	}
	i := slices.IndexFunc(service.Spec.Ports, func(p corev1.ServicePort) bool {
		return backend.Port.Name != "" && p.Name == backend.Port.Name || backend.Port.Number != 0 && p.Port == backend.Port.Number
	})
	switch {
	case i < 0:
		f.Cause = "has no port of " + backendName(a.Backend) + ", to which the Ingress routes"
		f.Advice = "name a port of the Service in the Ingress, and apply the manifests: " + s.applying()
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
		if service := &s.Services[i]; a.Backend.Service != nil && service.Namespace == a.Ingress.Namespace && service.Name == a.Backend.Service.Name {
			return service
		}
	}
	return nil
}

// entryAdvice is for what nothing in the cluster explains.
func (s *State) entryAdvice(a *Answer) string {
	describe := fmt.Sprintf("kubectl -n %s describe ingress %s", a.Ingress.Namespace, a.Ingress.Name)
	switch {
	case a.untrusted() != nil:
		return certificateAdvice(a)
	case a.unresolved() != nil:
		return "see whether this computer's DNS works, or verify without it: --address=ADDRESS"
	case a.Err != nil:
		return "check the address (--address), and the controller's Service and pods: kubectl get services,pods -A" + s.labelsOfController(a)
	case a.Status == http.StatusNotFound:
		return fmt.Sprintf("see whether the controller has taken the Ingress, and whether the application has %s: %s", a.Path, describe)
	}
	logs := "see the logs of the controller: kubectl get pods -A" + s.labelsOfController(a)
	if service := s.serviceOf(a); service != nil && len(service.Spec.Selector) > 0 {
		logs += fmt.Sprintf("; and of the application: kubectl -n %s logs -l %s", service.Namespace, pairs(service.Spec.Selector))
	}
	return logs
}

func (s *State) labelsOfController(a *Answer) string {
	if class := s.ingressClass(a.Ingress); class != nil {
		return controllerLabels[class.Spec.Controller]
	}
	return ""
}
