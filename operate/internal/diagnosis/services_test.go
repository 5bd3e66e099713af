package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestServicesReady(t *testing.T) {
	s := shop(t)
	ready := Result{Summary: "1 Service, 1 port with ready endpoints"}
	require.Equal(t, ready, Services(s))

	s.Services[0].Spec.Ports[0].TargetPort = intstr.FromInt32(8000)
	require.Empty(t, Services(s).Findings)

	// Containers may listen on ports that they do not declare.
	other := int32(9000)
	s.Services[0].Spec.Ports[0].TargetPort, s.EndpointSlices[0].Ports[0].Port = intstr.FromInt32(9000), &other
	s.Declared[1] = declare(t, "Service", &s.Services[0])
	require.Equal(t, Result{
		Summary: ready.Summary, Notes: []string{"Service shop/api: port http (80) has targetPort 9000, which is not a port of its pods (they have http 8000)"},
	}, Services(s))

	none := int32(0)
	s.Pods, s.EndpointSlices, s.Deployments[0].Spec.Replicas = nil, nil, &none
	require.Equal(t, []string{"Service shop/api (Deployment shop/api has 0 replicas)"}, Services(s).Findings[0].Affected, "scaled by hand")
	s.Declared[0] = declare(t, "Deployment", &s.Deployments[0])
	require.Equal(t, Result{Summary: "1 Service, 0 ports with ready endpoints"}, Services(s), "no pods are wanted")
}

func TestServices(t *testing.T) {
	const service, apply = "Service shop/api", "apply the manifests: kubectl apply -f dist"
	podsFirst := func(why string) Finding {
		return Finding{
			Object: "Services", Cause: "none of the pods that they select is ready", Affected: []string{"Service shop/api (" + why + ")"},
			Advice: "fix the pods first, whose causes are above: kubectl -n shop get pods",
		}
	}
	no, yes := false, true
	for _, test := range []struct {
		name  string
		broke func(*State)
		want  Finding
	}{
		{"missing", func(s *State) { s.Services = nil }, Finding{Object: service, Cause: "declared, but not in the cluster", Advice: apply}},
		{"selector changed", func(s *State) { s.Services[0].Spec.Selector = map[string]string{"app": "web"} }, Finding{
			Object: service, Cause: "no pod has the labels that it selects: app=web; declared is selector app=api", Advice: apply,
		}},
		{"named port", func(s *State) { s.Services[0].Spec.Ports[0].TargetPort = intstr.FromString("web") }, Finding{
			Object: service, Cause: "port http (80) has targetPort web, which is not a port of its pods (they have http 8000); declared is targetPort http", Advice: apply,
		}},
		{"number", func(s *State) { s.Services[0].Spec.Ports[0].TargetPort = intstr.FromInt32(8001) }, Finding{
			Object: service, Cause: "port http (80) has targetPort 8001, which is not a port of its pods (they have http 8000); declared is targetPort http", Advice: apply,
		}},
		{"no pods", func(s *State) { s.Pods, s.EndpointSlices = nil, nil }, podsFirst("Deployment shop/api has no pods")},
		{"no workload", func(s *State) { s.Deployments, s.Pods, s.EndpointSlices = nil, nil, nil }, podsFirst("Deployment shop/api is not in the cluster")},
		{"published although not ready", func(s *State) {
			s.status(t, "phase: Running")
			s.EndpointSlices[0].Endpoints[0].Conditions = discoveryv1.EndpointConditions{Ready: &yes, Serving: &no}
		}, podsFirst("2 pods, not ready")},
		{"no slice", func(s *State) { s.EndpointSlices = nil }, Finding{
			Object: service, Cause: "its pods are ready, but no EndpointSlice has a ready endpoint on port http (80)",
			Advice: "wait with --wait; see the endpoints: kubectl -n shop get endpointslices -l kubernetes.io/service-name=api",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := shop(t)
			test.broke(s)
			require.Equal(t, []Finding{test.want}, Services(s).Findings)
			require.Equal(t, "0 of 1 Service with ready endpoints", Services(s).Summary)
		})
	}
}
