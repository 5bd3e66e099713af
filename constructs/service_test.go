package constructs

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestServicePropsValidate(t *testing.T) {
	validate := func(props ServiceProps) field.ErrorList { return props.withDefaults().validate(checktest.Prop) }
	runChecks(t, map[string]expectation{
		"none": {errs: validate(ServiceProps{})},
		"all": {errs: validate(ServiceProps{
			Type: ServiceLoadBalancer, Annotations: map[string]string{"a": "b"}, SourceRanges: []string{"10.0.0.0/8", "fd00::/8"},
			ExternalTrafficPolicy: TrafficCluster, LoadBalancerClass: "example.com/internal", NodePort: 32767,
		})},
		"node port": {errs: validate(ServiceProps{Type: ServiceNodePort, ExternalTrafficPolicy: TrafficCluster, NodePort: 30000})},
		"type": {validate(ServiceProps{Type: "ExternalName"}), []string{
			`prop.type: Unsupported value: "ExternalName": supported values: "ClusterIP", "NodePort", "LoadBalancer"`,
		}},
		"unused with ClusterIP": {
			validate(ServiceProps{SourceRanges: []string{"10.0.0.0/8"}, ExternalTrafficPolicy: TrafficLocal, LoadBalancerClass: "a", NodePort: 30000}),
			[]string{
				"prop.sourceRanges: Forbidden: has no effect with type ClusterIP: set type to LoadBalancer, or remove it",
				"prop.externalTrafficPolicy: Forbidden: has no effect with type ClusterIP: set type to NodePort or LoadBalancer, or remove it",
				"prop.loadBalancerClass: Forbidden: has no effect with type ClusterIP: set type to LoadBalancer, or remove it",
				"prop.nodePort: Forbidden: has no effect with type ClusterIP: set type to NodePort or LoadBalancer, or remove it",
			},
		},
		"unused with NodePort": {validate(ServiceProps{Type: ServiceNodePort, SourceRanges: []string{"10.0.0.0/8"}, LoadBalancerClass: "a"}), []string{
			"prop.sourceRanges: Forbidden: has no effect with type NodePort: set type to LoadBalancer, or remove it",
			"prop.loadBalancerClass: Forbidden: has no effect with type NodePort: set type to LoadBalancer, or remove it",
		}},
		"all wrong": {
			validate(ServiceProps{
				Type: ServiceLoadBalancer, Annotations: map[string]string{"a b": ""}, SourceRanges: []string{"10.0.0.0", "10.0.0.0/8", "10.1.0.0/16"},
				ExternalTrafficPolicy: "local", LoadBalancerClass: "a b", NodePort: 80,
			}),
			[]string{
				`prop.annotations[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`prop.sourceRanges[0]: Invalid value: "10.0.0.0": must be an address block such as "10.20.0.0/16"`,
				`prop.sourceRanges[2]: Duplicate value: "10.1.0.0/16": overlaps prop.sourceRanges[1] (10.0.0.0/8): remove one of them`,
				`prop.externalTrafficPolicy: Unsupported value: "local": supported values: "Local", "Cluster"`,
				`prop.loadBalancerClass: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				"prop.nodePort: Invalid value: 80: must be between 30000 and 32767, inclusive",
			},
		},
		"metrics": {
			BackendProps{Image: "api:1", Metrics: &Metrics{Port: DefaultBackendPort}, Service: ServiceProps{Type: ServiceNodePort}}.Validate(checktest.Prop),
			[]string{`prop.service.type: Invalid value: "NodePort": would make the metrics public, which are on the port of the Service: set another metrics port`},
		},
	})
}

// Whoever the pods see as the sender is admitted: the client, unless a node takes its place.
func TestServicePolicy(t *testing.T) {
	ranges := []string{"203.0.113.0/24"}
	for _, test := range []struct {
		service ServiceProps
		want    []string
	}{
		{ServiceProps{Type: ServiceLoadBalancer, SourceRanges: ranges}, ranges},
		{ServiceProps{Type: ServiceLoadBalancer}, AllAddresses()},
		{ServiceProps{Type: ServiceNodePort}, AllAddresses()},
		{ServiceProps{Type: ServiceNodePort, ExternalTrafficPolicy: TrafficCluster}, nil},
		{ServiceProps{Type: ServiceLoadBalancer, SourceRanges: ranges, ExternalTrafficPolicy: TrafficCluster}, nil},
	} {
		rule := (*test.service.withDefaults().policy(testComponent, 80).Fields["spec"].(k8s.NetworkPolicySpec).Ingress)[0]
		require.Equal(t, 80, (*rule.Ports)[0].Port.Value())
		if test.want == nil {
			require.Nil(t, rule.From)
			continue
		}
		var blocks []string
		for _, peer := range *rule.From {
			blocks = append(blocks, *peer.IpBlock.Cidr)
		}
		require.Equal(t, test.want, blocks)
	}
	require.Nil(t, ServiceProps{}.withDefaults().policy(testComponent, 80))
}
