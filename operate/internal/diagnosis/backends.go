package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Backends says why requests fail that pods have sent. The network is only looked at for those.
func Backends(s *State, requests []Request, n *Network) (Result, error) {
	if len(requests) == 0 {
		return Result{NotChecked: true, Summary: "no Ingress leads to a workload that connects to another one with a readiness probe by HTTP"}, nil
	}
	var found findings
	var answered, notSent []string
	for _, r := range requests {
		switch {
		case r.NotSent != "":
			notSent = append(notSent, r.NotSent)
		case r.Failure == nil:
			answered = append(answered, fmt.Sprintf("%s answers %s", r.URL, r.Client))
		default:
			reasons, err := s.reasons(r, n)
			if err != nil {
				return Result{}, err
			}
			for _, f := range reasons {
				f.Affected = append(f.Affected, fmt.Sprintf("%s (%s: %s)", r.Client, r.URL, oneLine(r.Failure.Said)))
				found.add(f)
			}
		}
	}
	result := Result{Findings: found, Summary: strings.Join(answered, ", ")}
	switch {
	case len(found) > 0:
		result.Summary = fmt.Sprintf("%d of %s answered", len(answered), plural(len(requests), "request"))
	case len(notSent) > 0:
		result.NotChecked, result.Summary = true, strings.Join(slices.Compact(notSent), "; ")
	}
	return result, nil
}

// reasons say why a request failed.
func (s *State) reasons(r Request, n *Network) ([]Finding, error) {
	if f := s.withoutEndpoint(r); f != nil {
		return []Finding{*f}, nil
	}
	var found []Finding
	if r.Failure.Kind == Unresolved || r.Failure.Kind == Unknown {
		reasons, err := s.unresolved(r, n)
		if err != nil {
			return nil, err
		}
		found = append(found, reasons...)
	}
	if r.Failure.Kind != Unresolved && r.Failure.Kind != Answered {
		reasons, err := s.unconnected(r, n)
		if err != nil {
			return nil, err
		}
		found = append(found, reasons...)
	}
	if len(found) == 0 {
		found = append(found, s.unexplained(r, n))
	}
	return found, nil
}

// withoutEndpoint is what the step services explains.
func (s *State) withoutEndpoint(r Request) *Finding {
	for i := range s.Services {
		service := &s.Services[i]
		if object("Service", service.Namespace, service.Name) != r.Service {
			continue
		}
		if slices.ContainsFunc(service.Spec.Ports, func(port corev1.ServicePort) bool { return s.hasEndpoint(service, port) }) {
			return nil
		}
	}
	return &Finding{Object: r.Service, Cause: "is not there, or has no ready endpoint", Advice: `fix it first: the step "services" says why`}
}

// unresolved says why the client cannot resolve names.
func (s *State) unresolved(r Request, n *Network) ([]Finding, error) {
	if n.Place.Namespace == "" {
		return nil, nil
	}
	var found []Finding
	if f := n.withoutDNS(); f != nil {
		found = append(found, *f)
	}
	server := n.dnsPod()
	c := connection{
		client: r.Pod, server: server, declared: r.Client, declaredTo: object("Pod", server.Namespace, server.Name), protocol: corev1.ProtocolUDP, port: n.dnsPort(),
		text: fmt.Sprintf("the pods of %s may not connect to DNS (%s in %s)", r.Client, pairs(n.dnsSelector()), n.Place.Namespace),
	}
	denied, err := s.closed(n, c)
	return append(found, denied...), err
}

// withoutDNS is one finding for all requests.
func (n *Network) withoutDNS() *Finding {
	f := &Finding{Object: object("Service", n.Place.Namespace, DNSService)}
	switch {
	case n.DNS == nil:
		return nil
	case n.DNS.Service == nil && n.Place.Namespace != DNSNamespace:
		f.Object = object("Namespace", "", n.Place.Namespace)
		f.Cause = fmt.Sprintf("has no Service of the DNS that the manifests name (%s), and names are not resolved", pairs(n.Place.PodLabels))
		f.Advice = "see where the cluster's DNS is, and set it in SetCluster: kubectl get services -A"
		return f
	case n.DNS.Service == nil:
		f.Cause = "does not exist, and names are not resolved"
		f.Advice = "see why the cluster has no DNS, or whether it is elsewhere: kubectl get services -A"
		return f
	}
	f.Object = object("Service", n.Place.Namespace, n.DNS.Service.Name)
	slices := &State{EndpointSlices: n.DNS.EndpointSlices}
	ready := 0
	for i := range n.DNS.Pods {
		if isReady(&n.DNS.Pods[i]) {
			ready++
		}
	}
	for _, port := range n.DNS.Service.Spec.Ports {
		if slices.hasEndpoint(n.DNS.Service, port) {
			return nil
		}
	}
	f.Cause = fmt.Sprintf("the cluster's DNS has no ready endpoint: of %s %d are ready", plural(len(n.DNS.Pods), "pod"), ready)
	f.Advice = fmt.Sprintf("see why its pods are not ready: kubectl -n %s get pods -l %s", n.Place.Namespace, pairs(n.dnsSelector()))
	return f
}

func (n *Network) dnsSelector() map[string]string {
	if n.DNS != nil && n.DNS.Service != nil {
		return n.DNS.Service.Spec.Selector
	}
	return n.Place.PodLabels
}

// dnsPort is that of the pods.
func (n *Network) dnsPort() int32 {
	if n.DNS != nil && n.DNS.Service != nil {
		for _, port := range n.DNS.Service.Spec.Ports {
			if port.Protocol != corev1.ProtocolUDP || port.TargetPort == (intstr.IntOrString{}) {
				continue
			}
			if number := portNumber(n.dnsPod().Spec.Containers, port.TargetPort); number != 0 {
				return number
			}
		}
	}
	return n.Place.Port
}

// unconnected says why the client cannot connect to the server.
func (s *State) unconnected(r Request, n *Network) ([]Finding, error) {
	server := s.ReadyPod(r.Server)
	if server == nil {
		return nil, nil
	}
	return s.closed(n, connection{
		client: r.Pod, server: server, declared: r.Client, declaredTo: r.Server, protocol: corev1.ProtocolTCP, port: r.Port,
		text: fmt.Sprintf("the pods of %s may not connect to those of %s on port %d", r.Client, r.Server, r.Port),
	})
}

// unexplained is what is left where neither DNS nor policies are to blame.
func (s *State) unexplained(r Request, n *Network) Finding {
	kind, path, _ := strings.Cut(r.Server, " ")
	namespace, name, _ := strings.Cut(path, "/")
	logs := fmt.Sprintf("kubectl -n %s logs %s/%s", namespace, strings.ToLower(kind), name)
	allowed := ""
	if n.Policies != nil {
		allowed = ", and no policy denies it"
	}
	f := Finding{Object: r.Server, Cause: "the request fails", Advice: "read what the server says: " + logs}
	switch r.Failure.Kind {
	case Unknown:
	case Answered:
		f.Cause = "answers its readiness probe's path with an error"
		if strings.Contains(r.Failure.Said, "404") {
			f.Advice = "see whether " + r.Service + " leads to the program that serves the path: " + logs
		}
	case Refused:
		f.Cause = fmt.Sprintf("refuses a connection to port %d%s", r.Port, allowed)
		f.Advice = "check that the program listens on this port, on all addresses: " + logs
	case TimedOut:
		f.Cause = fmt.Sprintf("does not answer a connection to port %d in time%s", r.Port, allowed)
		f.Advice = "see whether the program is slow, or what else in the network drops packets: " + logs
	case Unresolved:
		f.Object = r.Service
		f.Cause = "its name cannot be resolved"
		if n.DNS != nil && n.Policies != nil {
			f.Cause += ", although DNS has ready endpoints, and no policy denies connections to it"
		}
		f.Advice = "see whether the DNS at the addresses that the policies allow answers"
		if n.Place.Namespace != "" {
			f.Advice = fmt.Sprintf("see what DNS says: kubectl -n %s logs -l %s", n.Place.Namespace, pairs(n.dnsSelector()))
		}
	}
	return f
}
