package diagnosis

import (
	"context"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

const ingressManifest = `
metadata: {namespace: shop, name: shop, annotations: {cert-manager.io/cluster-issuer: letsencrypt}}
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}
  tls: [{hosts: [shop.example.com], secretName: shop-tls}]
`

// market is shop with an Ingress that a controller has taken, and with a policy that admits it.
func market(t *testing.T) *State {
	t.Helper()
	s := shop(t)
	ingress := read[networkingv1.Ingress](t, ingressManifest)
	port := intstr.FromInt32(8000)
	policy := networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "from-ingress"},
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{"app": "api"}},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
			Ingress: []networkingv1.NetworkPolicyIngressRule{{
				Ports: []networkingv1.NetworkPolicyPort{{Port: &port}},
				From: []networkingv1.NetworkPolicyPeer{{
					NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: "ingress-nginx"}},
					PodSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{"app": "controller"}},
				}},
			}},
		},
	}
	i, p := declare(t, "Ingress", &ingress), declare(t, "NetworkPolicy", &policy)
	i.SetAPIVersion("networking.k8s.io/v1")
	p.SetAPIVersion("networking.k8s.io/v1")
	s.Declared = append(s.Declared, i, p)
	live := ingress.DeepCopy()
	live.Status.LoadBalancer.Ingress = []networkingv1.IngressLoadBalancerIngress{{IP: "203.0.113.7"}}
	s.Entry = Entry{
		Ingresses:  []networkingv1.Ingress{*live},
		Classes:    []networkingv1.IngressClass{{ObjectMeta: metav1.ObjectMeta{Name: "nginx"}, Spec: networkingv1.IngressClassSpec{Controller: "k8s.io/ingress-nginx"}}},
		Policies:   []networkingv1.NetworkPolicy{policy},
		Namespaces: []corev1.Namespace{{ObjectMeta: metav1.ObjectMeta{Name: "ingress-nginx", Labels: map[string]string{corev1.LabelMetadataName: "ingress-nginx"}}}},
		Peers:      []corev1.Pod{{ObjectMeta: metav1.ObjectMeta{Namespace: "ingress-nginx", Name: "controller", Labels: map[string]string{"app": "controller"}}}},
	}
	return s
}

func read[T any](t *testing.T, manifest string) (object T) {
	t.Helper()
	require.NoError(t, yaml.UnmarshalStrict([]byte(manifest), &object))
	return object
}

// ask is the answer of the only host.
func (s *State) ask(t *testing.T, answer Answer) Answer {
	t.Helper()
	hosts, err := s.Hosts()
	require.NoError(t, err)
	require.Len(t, hosts, 1)
	answer.Host = hosts[0]
	return answer
}

var (
	refused     = Answer{Way: Way{Target: "203.0.113.7:443"}, Err: &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}
	timeout     = Answer{Way: Way{Target: "203.0.113.7:443"}, Err: context.DeadlineExceeded}
	silent      = Answer{Way: Way{Target: "203.0.113.7:443", Connected: true}, Err: context.DeadlineExceeded}
	plain       = Answer{Way: Way{Target: "203.0.113.7:80", Connected: true}, Err: http.ErrSchemeMismatch}
	unknown     = Answer{Err: &net.DNSError{Err: "no such host", Name: "shop.example.com", IsNotFound: true}}
	unavailable = Answer{Status: 503, Way: Way{Resolved: []string{"203.0.113.7"}, Connected: true}}
	nowhere     = Answer{Status: 404, Text: "default backend - 404", Way: Way{Resolved: []string{"203.0.113.7"}, Connected: true}}
)

func TestIngress(t *testing.T) {
	const name, apply = "Ingress shop/shop", "apply the manifests: kubectl apply -f dist"
	const nginxPods = " -l app.kubernetes.io/name=ingress-nginx"
	at := func(symptom string, more ...string) []string {
		return append([]string{"https://shop.example.com/ (" + symptom + ")"}, more...)
	}
	const isUnknown, is503, is404 = "shop.example.com does not exist in DNS", "answers 503 Service Unavailable", "answers 404 Not Found (default backend - 404)"
	alone := []string{"https://shop.example.com/"}
	for _, test := range []struct {
		name   string
		broke  func(*State)
		answer Answer
		want   Finding
	}{
		{"missing", func(s *State) { s.Entry.Ingresses = []networkingv1.Ingress{} }, nowhere, Finding{
			Object: name, Cause: "declared, but not in the cluster", Affected: at(is404), Advice: apply,
		}},
		{"changed", func(s *State) {
			spec, other := &s.Entry.Ingresses[0].Spec, "traefik"
			spec.IngressClassName, spec.TLS[0].SecretName, spec.Rules[0].HTTP.Paths[0].Backend.Service.Port.Number = &other, "other", 81
		}, nowhere, Finding{
			Object: name, Affected: at(is404), Advice: apply,
			Cause: "has IngressClass traefik, declared is nginx; routes / to Service api:81, declared is / to Service api:80; has its certificate in Secret other, declared is shop-tls",
		}},
		{"host changed", func(s *State) { s.Entry.Ingresses[0].Spec.Rules[0].Host = "other.example.com" }, nowhere, Finding{
			Object: name, Cause: "has no rule for shop.example.com", Affected: at(is404), Advice: apply,
		}},
		{"TLS removed", func(s *State) { s.Entry.Ingresses[0].Spec.TLS = nil }, plain, Finding{
			Object: name, Cause: "has no TLS for shop.example.com", Affected: at("203.0.113.7:80 speaks HTTP instead of TLS"), Advice: apply,
		}},
		{"no class", func(s *State) { s.Entry.Classes[0].Name = "public" }, nowhere, Finding{
			Object: name, Cause: `names IngressClass "nginx", which does not exist (the cluster has public)`, Affected: at(is404),
			Advice: "install the controller of this class, or name another class: kubectl get ingressclass",
		}},
		{"no controller", func(s *State) {
			s.Entry.Ingresses[0].Status = networkingv1.IngressStatus{}
			s.Entry.AllServices = []corev1.Service{
				{ObjectMeta: metav1.ObjectMeta{Namespace: "ingress-nginx", Name: "controller"}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer}},
				{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kubernetes"}},
			}
		}, unknown, Finding{
			Object: name, Cause: "no controller has written an address into its status: IngressClass nginx is for controller k8s.io/ingress-nginx",
			Affected: at(isUnknown, "Service ingress-nginx/controller (type LoadBalancer, has no address either)"),
			Advice:   "see whether the controller's pods run: kubectl get pods -A" + nginxPods,
		}},
		{"no record", func(*State) {}, unknown, Finding{
			Object: name, Cause: "no DNS record leads to it: its address is 203.0.113.7", Affected: at(isUnknown),
			Advice: "create a record of shop.example.com for 203.0.113.7, or verify without DNS: --address=203.0.113.7",
		}},
		{"DNS unreachable", func(*State) {}, Answer{Err: &net.DNSError{Err: "server misbehaving", Name: "shop.example.com"}}, Finding{
			Object: name, Cause: "cannot look up shop.example.com: server misbehaving", Affected: alone,
			Advice: "see whether this computer's DNS works, or verify without it: --address=ADDRESS",
		}},
		{"elsewhere", func(s *State) { s.Entry.Ingresses[0].Status.LoadBalancer.Ingress[0].IP = "203.0.113.8" }, nowhere, Finding{
			Object: name, Cause: "shop.example.com is 203.0.113.7 in DNS, but the Ingress's address is 203.0.113.8", Affected: at(is404),
			Advice: "correct the record, unless 203.0.113.7 forwards requests; verify without DNS: --address=203.0.113.8",
		}},
		{"another name for the address", func(s *State) {
			s.Entry.Ingresses[0].Status.LoadBalancer.Ingress[0] = networkingv1.IngressLoadBalancerIngress{Hostname: "lb.example.com"}
			s.Entry.Addresses = map[string][]string{"lb.example.com": {"203.0.113.7"}}
		}, nowhere, Finding{
			Object: name, Cause: is404, Affected: alone,
			Advice: "see whether the controller has taken the Ingress, and whether the application has /: kubectl -n shop describe ingress shop",
		}},
		{"another name for another address", func(s *State) {
			s.Entry.Ingresses[0].Status.LoadBalancer.Ingress[0] = networkingv1.IngressLoadBalancerIngress{Hostname: "lb.example.com"}
			s.Entry.Addresses = map[string][]string{"lb.example.com": {"203.0.113.9"}}
		}, nowhere, Finding{
			Object: name, Cause: "shop.example.com is 203.0.113.7 in DNS, but the Ingress's address is lb.example.com", Affected: at(is404),
			Advice: "correct the record, unless 203.0.113.7 forwards requests; verify without DNS: --address=lb.example.com",
		}},
		{"refused", func(*State) {}, refused, Finding{
			Object: name, Cause: "203.0.113.7:443 refuses the connection", Affected: alone,
			Advice: "check the address (--address), and the controller's Service and pods: kubectl get services,pods -A" + nginxPods,
		}},
		{"no connection", func(*State) {}, timeout, Finding{
			Object: name, Cause: "no connection to 203.0.113.7:443: timeout", Affected: alone,
			Advice: "check the address (--address), and the controller's Service and pods: kubectl get services,pods -A" + nginxPods,
		}},
		{"no answer", func(*State) {}, silent, Finding{
			Object: name, Cause: "no answer from 203.0.113.7:443: timeout", Affected: alone,
			Advice: "check the address (--address), and the controller's Service and pods: kubectl get services,pods -A" + nginxPods,
		}},
		{"no Service", func(s *State) { s.Services = nil }, unavailable, Finding{
			Object: "Service shop/api", Cause: "does not exist, but the Ingress routes to it", Affected: at(is503), Advice: apply,
		}},
		{"no Service, Traefik", func(s *State) { s.Services = nil }, nowhere, Finding{
			Object: "Service shop/api", Cause: "does not exist, but the Ingress routes to it", Affected: at(is404), Advice: apply,
		}},
		{"no port", func(s *State) { s.Services[0].Spec.Ports[0].Port = 81 }, unavailable, Finding{
			Object: "Service shop/api", Cause: "has no port of Service api:80, to which the Ingress routes", Affected: at(is503),
			Advice: "name a port of the Service in the Ingress, and apply the manifests: kubectl apply -f dist",
		}},
		{"no endpoint", func(s *State) { s.EndpointSlices = nil }, unavailable, Finding{
			Object: "Service shop/api", Cause: "has no ready endpoint on port http (80)", Affected: at(is503),
			Advice: "fix the Service first, as step services says: kubectl -n shop get endpointslices -l kubernetes.io/service-name=api",
		}},
		{"policy missing", func(s *State) { s.Entry.Policies[0].Name = "default-deny" }, unavailable, Finding{
			Object: "NetworkPolicy shop/from-ingress", Cause: "declared, but not in the cluster, and others isolate the pods of Service api:80", Affected: at(is503), Advice: apply,
		}},
		{"controller elsewhere", func(s *State) { s.Entry.Peers = []corev1.Pod{} }, unavailable, Finding{
			Object: "NetworkPolicy shop/from-ingress", Affected: at(is503),
			Cause:  "admits pods with app=controller in namespace ingress-nginx, but none runs: the controller must be elsewhere",
			Advice: "find the controller's namespace and labels, and declare them as the peer: kubectl get pods -A --show-labels",
		}},
		{"another namespace", func(s *State) { s.Entry.Peers[0].Namespace = "traefik" }, unavailable, Finding{
			Object: "NetworkPolicy shop/from-ingress", Affected: at(is503),
			Cause:  "admits pods with app=controller in namespace ingress-nginx, but none runs: the controller must be elsewhere",
			Advice: "find the controller's namespace and labels, and declare them as the peer: kubectl get pods -A --show-labels",
		}},
		{"open to everybody", func(s *State) {
			open := s.Entry.Policies[0].DeepCopy()
			open.Name, open.Spec.Ingress[0].From = "open", nil
			s.Entry.Policies, s.Entry.Peers = []networkingv1.NetworkPolicy{*open}, []corev1.Pod{}
		}, unavailable, Finding{
			Object: name, Cause: is503, Affected: alone,
			Advice: "see the logs of the controller: kubectl get pods -A" + nginxPods + "; and of the application: kubectl -n shop logs -l app=api",
		}},
		{"nothing isolates", func(s *State) { s.Entry.Policies = []networkingv1.NetworkPolicy{} }, unavailable, Finding{
			Object: name, Cause: is503, Affected: alone,
			Advice: "see the logs of the controller: kubectl get pods -A" + nginxPods + "; and of the application: kubectl -n shop logs -l app=api",
		}},
		{"nothing readable", func(s *State) { s.Entry = Entry{} }, unavailable, Finding{
			Object: name, Cause: is503, Affected: alone,
			Advice: "see the logs of the controller: kubectl get pods -A; and of the application: kubectl -n shop logs -l app=api",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := market(t)
			test.broke(s)
			require.Equal(t, Result{Summary: "0 of 1 host working", Findings: []Finding{test.want}}, Ingress(s, []Answer{s.ask(t, test.answer)}))
		})
	}
}

func TestIngressWithoutClass(t *testing.T) {
	s := market(t)
	live := &s.Entry.Ingresses[0]
	live.Spec.IngressClassName, live.Status = nil, networkingv1.IngressStatus{}
	unstructured.RemoveNestedField(s.manifest(&s.Entry.Ingresses[0]).Object, "spec", "ingressClassName")
	s.Entry.Classes = []networkingv1.IngressClass{}
	found := Ingress(s, []Answer{s.ask(t, nowhere)}).Findings[0]
	require.Equal(t, "names no IngressClass, and no controller has taken it (the cluster has none)", found.Cause)

	live.Annotations[classAnnotation] = "nginx"
	found = Ingress(s, []Answer{s.ask(t, nowhere)}).Findings[0]
	require.Equal(t, "no controller has written an address into its status", found.Cause)
}

func TestIngressWorks(t *testing.T) {
	s := market(t)
	for status, works := range map[int]bool{200: true, 204: true, 308: true, 400: false, 401: true, 403: true, 404: false, 405: true, 421: false, 429: true, 500: false, 502: false} {
		a := s.ask(t, Answer{Status: status})
		require.Equal(t, works, a.Works(), status)
	}
	moved := s.ask(t, Answer{Status: 308, Location: "https://shop.example.com/"})
	require.Equal(t, Result{Summary: "shop.example.com answers 308 over HTTP, redirects to https://shop.example.com/"}, Ingress(s, []Answer{moved}))
	require.Equal(t, "1 of 2 hosts working", Ingress(s, []Answer{moved, s.ask(t, refused)}).Summary)
}

func TestHosts(t *testing.T) {
	ingresses := []networkingv1.Ingress{
		read[networkingv1.Ingress](t, `
metadata: {name: a}
spec:
  defaultBackend: {service: {name: web, port: {name: http}}}
  rules:
  - host: a.example.com
    http: {paths: [{path: /api/v1, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}, {path: '/v(\d+)', pathType: ImplementationSpecific, backend: {service: {name: old, port: {number: 80}}}}]}
  - host: b.c.example.com
  - host: '*.example.com'
`),
		read[networkingv1.Ingress](t, `
metadata: {name: b}
spec:
  rules: [{host: b.c.example.com, http: {paths: [{path: /longer, pathType: Exact, backend: {service: {name: x, port: {number: 1}}}}]}}]
  tls: [{hosts: ['*.example.com'], secretName: wildcard}]
`),
	}
	var found []string
	for _, h := range hosts(ingresses) {
		found = append(found, h.URL()+" "+h.Ingress.Name+" "+backendName(h.Backend)+" "+h.Secret)
	}
	require.Equal(t, []string{
		"https://a.example.com/v a Service old:80 wildcard",
		"http://b.c.example.com/ a Service web:http ",
		"https://*.example.com/ a Service web:http wildcard",
	}, found)
}

// Of two Ingresses with paths of one length, the same one is meant in the manifests and in the cluster, whatever their order.
func TestHostsOrder(t *testing.T) {
	ingress := func(name, path string) networkingv1.Ingress {
		return networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: networkingv1.IngressSpec{
			Rules: []networkingv1.IngressRule{{Host: "shop.example.com", IngressRuleValue: networkingv1.IngressRuleValue{
				HTTP: &networkingv1.HTTPIngressRuleValue{Paths: []networkingv1.HTTPIngressPath{{Path: path}}},
			}}},
			TLS: []networkingv1.IngressTLS{{SecretName: name, Hosts: []string{"shop.example.com"}}},
		}}
	}
	web, api := ingress("web", "/web"), ingress("api", "/api")
	declared := hosts([]networkingv1.Ingress{web, api})
	require.Len(t, declared, 1)
	require.Empty(t, declared[0].undeclared([]networkingv1.Ingress{api, web}))
	require.Equal(t, "api", declared[0].Secret)
}
