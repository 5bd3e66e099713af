package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

// front are objects of a Deployment web that an Ingress leads to, and that may connect to the shop's api, and to DNS.
const front = `
- {apiVersion: v1, kind: Service, metadata: {namespace: shop, name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {namespace: shop, name: shop}
  spec:
    defaultBackend: {service: {name: web, port: {number: 80}}}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {namespace: shop, name: default-deny}
  spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {namespace: shop, name: web}
  spec:
    podSelector: {matchLabels: {app: web}}
    policyTypes: [Egress]
    egress:
      - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]
        ports: [{port: 53, protocol: UDP}]
      - to: [{podSelector: {matchLabels: {app: api}}}]
        ports: [{port: http}]
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {namespace: shop, name: api-from-web}
  spec:
    podSelector: {matchLabels: {app: api}}
    policyTypes: [Ingress]
    ingress:
      - from: [{podSelector: {matchLabels: {app: web}}}]
        ports: [{port: 8000}]
`

// fronted is a shop with a front, whose network is as it is declared.
func fronted(t *testing.T) (*State, *Network) {
	t.Helper()
	s := shop(t)
	web := appsv1.Deployment{}
	web.Namespace, web.Name, web.UID, web.Generation = "shop", "web", "web", 1
	web.Spec.Template.Labels = map[string]string{"app": "web"}
	web.Spec.Template.Spec.Containers = []corev1.Container{{Name: "web", Ports: []corev1.ContainerPort{{ContainerPort: 80}}}}
	s.Deployments = append(s.Deployments, web)
	s.Declared = append(s.Declared, declare(t, "Deployment", &web))
	s.Declared[len(s.Declared)-1].SetAPIVersion("apps/v1")
	s.Declared[0].SetAPIVersion("apps/v1")
	s.Declared[1].SetAPIVersion("v1")
	pod := corev1.Pod{ObjectMeta: owned("web-1", "web-1", "web"), Spec: web.Spec.Template.Spec}
	pod.Labels = web.Spec.Template.Labels
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	s.Pods = append(s.Pods, pod)

	var objects []map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(front), &objects))
	n := &Network{DNS: dns()}
	for _, fields := range objects {
		o := &unstructured.Unstructured{Object: fields}
		s.Declared = append(s.Declared, o)
		if o.GetKind() == "NetworkPolicy" {
			n.Policies = append(n.Policies, *o.DeepCopy())
		}
	}
	n.Place = PlaceOfDNS(s.Declared)
	return s, n
}

func dns() *DNS {
	name, port, ready := "dns", int32(53), true
	service := &corev1.Service{}
	service.Namespace, service.Name = DNSNamespace, DNSService
	service.Spec.Selector = map[string]string{"k8s-app": "kube-dns"}
	service.Spec.Ports = []corev1.ServicePort{{Name: name, Port: 53, Protocol: corev1.ProtocolUDP, TargetPort: intstr.FromInt32(53)}}
	slice := discoveryv1.EndpointSlice{
		Ports:     []discoveryv1.EndpointPort{{Name: &name, Port: &port}},
		Endpoints: []discoveryv1.Endpoint{{Conditions: discoveryv1.EndpointConditions{Ready: &ready}}},
	}
	slice.Namespace, slice.Labels = DNSNamespace, map[string]string{discoveryv1.LabelServiceName: DNSService}
	pod := corev1.Pod{}
	pod.Namespace, pod.Name, pod.Labels = DNSNamespace, "coredns-1", service.Spec.Selector
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	return &DNS{Service: service, Pods: []corev1.Pod{pod}, EndpointSlices: []discoveryv1.EndpointSlice{slice}}
}

func TestRequests(t *testing.T) {
	s, _ := fronted(t)
	want := []Request{{
		Client: "Deployment shop/web", Server: "Deployment shop/api", Service: "Service shop/api", URL: "http://api:80/health", Port: 8000,
	}}
	found, err := Requests(s.Declared)
	require.NoError(t, err)
	require.Equal(t, want, found)

	for name, change := range map[string]func(*State){
		"no Ingress": func(s *State) { s.remove("Ingress shop/shop") },
		"no policy":  func(s *State) { s.remove("NetworkPolicy shop/api-from-web") },
		"no probe": func(s *State) {
			containers, _, _ := unstructured.NestedSlice(s.Declared[0].Object, "spec", "template", "spec", "containers")
			delete(containers[0].(map[string]any), "readinessProbe")
			_ = unstructured.SetNestedSlice(s.Declared[0].Object, containers, "spec", "template", "spec", "containers")
		},
		"no Service": func(s *State) { s.remove("Service shop/api") },
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := fronted(t)
			change(s)
			found, err := Requests(s.Declared)
			require.NoError(t, err)
			require.Empty(t, found)
		})
	}
}

// TestRequestsOfProbes wants the request that kubelet sends, by the name of the Service.
func TestRequestsOfProbes(t *testing.T) {
	header := []corev1.HTTPHeader{{Name: "X-Probe", Value: "verify"}}
	for name, test := range map[string]struct {
		probe    corev1.HTTPGetAction
		headless bool
		want     string
	}{
		"no slash":     {corev1.HTTPGetAction{Path: "healthz"}, false, "http://api:80/healthz"},
		"no path":      {corev1.HTTPGetAction{}, false, "http://api:80/"},
		"query":        {corev1.HTTPGetAction{Path: "/ready?all=1"}, false, "http://api:80/ready?all=1"},
		"percent sign": {corev1.HTTPGetAction{Path: "/100%"}, false, "http://api:80/100%25"},
		"headers":      {corev1.HTTPGetAction{Path: "/health", HTTPHeaders: header}, false, "http://api:80/health"},
		"headless":     {corev1.HTTPGetAction{Path: "/health"}, true, "http://api:8000/health"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := fronted(t)
			test.probe.Port = intstr.FromString("http")
			s.Deployments[0].Spec.Template.Spec.Containers[0].ReadinessProbe.HTTPGet = &test.probe
			if test.headless {
				s.Services[0].Spec.ClusterIP = corev1.ClusterIPNone
			}
			s.Declared[0], s.Declared[1] = declare(t, "Deployment", &s.Deployments[0]), declare(t, "Service", &s.Services[0])
			s.Declared[0].SetAPIVersion("apps/v1")
			s.Declared[1].SetAPIVersion("v1")
			found, err := Requests(s.Declared)
			require.NoError(t, err)
			require.Len(t, found, 1)
			require.Equal(t, test.want, found[0].URL)
			require.Equal(t, test.probe.HTTPHeaders, found[0].Headers)
			require.Equal(t, int32(8000), found[0].Port)
		})
	}
}

func (s *State) remove(name string) {
	for i, o := range s.Declared {
		if nameOf(o) == name {
			s.Declared = append(s.Declared[:i], s.Declared[i+1:]...)
			return
		}
	}
	panic(name)
}

func (n *Network) remove(name string) {
	for i := range n.Policies {
		if nameOf(&n.Policies[i]) == name {
			n.Policies = append(n.Policies[:i], n.Policies[i+1:]...)
			return
		}
	}
	panic(name)
}

func TestBackendsAnswer(t *testing.T) {
	s, n := fronted(t)
	requests, err := Requests(s.Declared)
	require.NoError(t, err)
	found, err := Backends(s, requests, n)
	require.NoError(t, err)
	require.Equal(t, Result{Summary: "http://api:80/health answers Deployment shop/web"}, found)

	requests[0].NotSent = "no pod of Deployment shop/web is ready"
	found, err = Backends(s, requests, n)
	require.NoError(t, err)
	require.Equal(t, Result{NotChecked: true, Summary: "no pod of Deployment shop/web is ready"}, found)

	found, err = Backends(s, nil, n)
	require.NoError(t, err)
	require.True(t, found.NotChecked)
}

func TestBackends(t *testing.T) {
	const (
		unresolved = "curl: (6) Could not resolve host: api"
		timeout    = "wget: download timed out"
		status     = "curl: (22) The requested URL returned error: 503"
		apply      = "apply the manifests: kubectl apply -f dist"
		labels     = apply + "; if that changes nothing, see whether pods and namespaces have the labels that it selects: kubectl get namespaces --show-labels"
		noDNS      = "the pods of Deployment shop/web may not connect to DNS (k8s-app=kube-dns in kube-system)"
		noAPI      = "the pods of Deployment shop/web may not connect to those of Deployment shop/api on port 8000"
		logs       = "kubectl -n shop logs deployment/api"
	)
	for _, test := range []struct {
		name, said string
		broke      func(*State, *Network)
		want       []Finding
	}{
		{"no endpoints", timeout, func(s *State, _ *Network) { s.EndpointSlices = nil }, []Finding{
			{Object: "Service shop/api", Cause: "is not there, or has no ready endpoint", Advice: `fix it first: the step "services" says why`},
		}},
		{"DNS not ready", unresolved, func(_ *State, n *Network) {
			n.DNS.EndpointSlices, n.DNS.Pods[0].Status.Conditions = nil, nil
		}, []Finding{{
			Object: "Service kube-system/kube-dns", Cause: "the cluster's DNS has no ready endpoint: of 1 pod 0 are ready",
			Advice: "see why its pods are not ready: kubectl -n kube-system get pods -l k8s-app=kube-dns",
		}}},
		{"no DNS", unresolved, func(_ *State, n *Network) { n.DNS = &DNS{} }, []Finding{{
			Object: "Service kube-system/kube-dns", Cause: "does not exist, and names are not resolved",
			Advice: "see why the cluster has no DNS, or whether it is elsewhere: kubectl get services -A",
		}}},
		{"no DNS of OpenShift", unresolved, func(_ *State, n *Network) {
			n.DNS, n.Place, n.Policies = &DNS{}, DNSPlace{"openshift-dns", map[string]string{"dns": "default"}, 5353}, nil
		}, []Finding{{
			Object: "Namespace openshift-dns", Cause: "has no Service of the DNS that the manifests name (dns=default), and names are not resolved",
			Advice: "see where the cluster's DNS is, and set it in SetCluster: kubectl get services -A",
		}}},
		{"DNS at an address", unresolved, func(_ *State, n *Network) { n.DNS, n.Place = nil, DNSPlace{} }, []Finding{{
			Object: "Service shop/api", Cause: "its name cannot be resolved", Advice: "see whether the DNS at the addresses that the policies allow answers",
		}}},
		{"client's policy deleted", unresolved, func(_ *State, n *Network) { n.remove("NetworkPolicy shop/web") }, []Finding{
			{Object: "NetworkPolicy shop/web", Cause: "declared, but not in the cluster: without it, " + noDNS, Advice: apply},
		}},
		{"labels of DNS", unresolved, func(_ *State, n *Network) { n.DNS.Pods[0].Labels = map[string]string{"app": "dns"} }, []Finding{
			{Object: "NetworkPolicy shop/default-deny, NetworkPolicy shop/web", Cause: "as declared, " + noDNS, Advice: "allow it in the manifests, and apply them: kubectl apply -f dist"},
		}},
		{"DNS works", unresolved, func(*State, *Network) {}, []Finding{{
			Object: "Service shop/api", Cause: "its name cannot be resolved, although DNS has ready endpoints, and no policy denies connections to it",
			Advice: "see what DNS says: kubectl -n kube-system logs -l k8s-app=kube-dns",
		}}},
		{"server's policy deleted", timeout, func(_ *State, n *Network) { n.remove("NetworkPolicy shop/api-from-web") }, []Finding{
			{Object: "NetworkPolicy shop/api-from-web", Cause: "declared, but not in the cluster: without it, " + noAPI, Advice: apply},
		}},
		{"labels of the client", timeout, func(s *State, _ *Network) { s.Pods[2].Labels = map[string]string{"app": "web2"} }, []Finding{
			{Object: "NetworkPolicy shop/web", Cause: "as it is in the cluster, " + noAPI + "; as it is declared, they may", Advice: labels},
			{Object: "NetworkPolicy shop/api-from-web", Cause: "as it is in the cluster, " + noAPI + "; as it is declared, they may", Advice: labels},
		}},
		{"another policy", timeout, func(s *State, _ *Network) {
			for _, name := range []string{"default-deny", "web", "api-from-web"} {
				s.remove("NetworkPolicy shop/" + name)
			}
		}, []Finding{{
			Object: "Deployment shop/api", Cause: "does not answer a connection to port 8000 in time, and no policy denies it",
			Advice: "see whether the program is slow, or what else in the network drops packets: " + logs,
		}}},
		{"undeclared policy", timeout, func(s *State, n *Network) {
			for _, name := range []string{"default-deny", "web", "api-from-web"} {
				s.remove("NetworkPolicy shop/" + name)
			}
			n.remove("NetworkPolicy shop/web")
			n.remove("NetworkPolicy shop/api-from-web")
		}, []Finding{{
			Object: "NetworkPolicy shop/default-deny", Cause: "is not declared, and with it " + noAPI,
			Advice: "delete it, or allow the connection in it: kubectl -n shop delete networkpolicy default-deny",
		}}},
		{"policy that selects more than declared", timeout, func(s *State, n *Network) {
			s.remove("NetworkPolicy shop/default-deny")
			s.remove("NetworkPolicy shop/api-from-web")
			s.remove("NetworkPolicy shop/web")
			n.Policies = n.Policies[:1] // default-deny
			declared := n.Policies[0].DeepCopy()
			_ = unstructured.SetNestedMap(declared.Object, map[string]any{"matchLabels": map[string]any{"app": "db"}}, "spec", "podSelector")
			s.Declared = append(s.Declared, declared)
			n.Policies[0].SetManagedFields([]metav1.ManagedFieldsEntry{{
				Manager: "kubectl-edit", Operation: metav1.ManagedFieldsOperationUpdate, FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:podSelector":{}}}`),
			}})
		}, []Finding{{
			Object: "NetworkPolicy shop/default-deny", Cause: "as it is in the cluster, " + noAPI + "; as it is declared, they may",
			Changed: "spec.podSelector by kubectl-edit", Advice: apply,
		}}},
		{"policies not read", timeout, func(_ *State, n *Network) { n.Policies = nil }, []Finding{{
			Object: "Deployment shop/api", Cause: "does not answer a connection to port 8000 in time",
			Advice: "see whether the program is slow, or what else in the network drops packets: " + logs,
		}}},
		{"refused", "curl: (7) Failed to connect to api port 80", func(*State, *Network) {}, []Finding{{
			Object: "Deployment shop/api", Cause: "refuses a connection to port 8000, and no policy denies it",
			Advice: "check that the program listens on this port, on all addresses: " + logs,
		}}},
		{"status", status, func(_ *State, n *Network) { n.remove("NetworkPolicy shop/web") }, []Finding{{
			Object: "Deployment shop/api", Cause: "answers its readiness probe's path with an error", Advice: "read what the server says: " + logs,
		}}},
		{"unknown", "curl: (52) Empty reply from server", func(*State, *Network) {}, []Finding{{
			Object: "Deployment shop/api", Cause: "the request fails", Advice: "read what the server says: " + logs,
		}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, n := fronted(t)
			requests, err := Requests(s.Declared)
			require.NoError(t, err)
			test.broke(s, n)
			requests[0].Pod = s.ReadyPod("Deployment shop/web")
			require.NotNil(t, requests[0].Pod)
			requests[0].Failure = NewFailure(test.said)
			found, err := Backends(s, requests, n)
			require.NoError(t, err)
			for i := range test.want {
				test.want[i].Affected = []string{"Deployment shop/web (http://api:80/health: " + test.said + ")"}
			}
			require.Equal(t, Result{Summary: "0 of 1 request answered", Findings: test.want}, found)
		})
	}
}

func TestNewFailure(t *testing.T) {
	for said, want := range map[string]FailureKind{
		"command terminated with exit code 6: curl: (6) Could not resolve host: api":                           Unresolved,
		"curl: (28) Resolving timed out after 5000 milliseconds":                                               Unresolved,
		"wget: bad address 'api:8000'":                                                                         Unresolved,
		"wget: unable to resolve host address ‘api’":                                                           Unresolved,
		"curl: (22) The requested URL returned error: 503":                                                     Answered,
		"wget: server returned error: HTTP/1.1 503 Service Unavailable":                                        Answered,
		"http://api:8000/health:; 2026-01-01 00:00:00 ERROR 404: Not Found.":                                   Answered,
		"curl: (7) Failed to connect to api port 8000 after 0 ms: Couldn't connect to server":                  Refused,
		"Connecting to api (10.0.0.1:8000); wget: can't connect to remote host (10.0.0.1): Connection refused": Refused,
		"failed: Connection refused.":                                                                          Refused,
		"curl: (28) Connection timed out after 5001 milliseconds":                                              TimedOut,
		"wget: download timed out":                                                                             TimedOut,
		"wget: can't connect to remote host (10.0.0.1): Operation timed out":                                   TimedOut,
		"failed: Connection timed out.":                                                                        TimedOut,
		"wget: can't connect to remote host (10.0.0.1): No route to host":                                      TimedOut,
		"curl: (52) Empty reply from server":                                                                   Unknown,
		"wget: error getting response":                                                                         Unknown,
	} {
		require.Equal(t, want, NewFailure(said).Kind, said)
	}
}
