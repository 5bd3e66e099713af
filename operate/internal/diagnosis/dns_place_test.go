package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// DNS is where the manifests say it is: verify must look there.
func TestPlaceOfDNS(t *testing.T) {
	const (
		openShift = `{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}, podSelector: {matchLabels: {dns: default}}}], ports: [{port: 5353, protocol: UDP}]}`
		address   = `{to: [{ipBlock: {cidr: 10.96.0.10/32}}], ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}`
		server    = `{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: data}}, podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432, protocol: TCP}]}`
	)
	usual := DNSPlace{"kube-system", map[string]string{"k8s-app": "kube-dns"}, 53}
	inOpenShift := DNSPlace{"openshift-dns", map[string]string{"dns": "default"}, 5353}
	for name, test := range map[string]struct {
		egress string
		want   DNSPlace
	}{
		"no rule":              {``, usual},
		"another rule":         {server, usual},
		"OpenShift":            {server + ", " + openShift, inOpenShift},
		"an address":           {address, DNSPlace{}},
		"an address, and pods": {address + ", " + openShift, inOpenShift},
	} {
		t.Run(name, func(t *testing.T) {
			policy := &unstructured.Unstructured{}
			require.NoError(t, yaml.Unmarshal([]byte(`{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}, egress: [`+test.egress+`]}}`), policy))
			require.Equal(t, test.want, PlaceOfDNS([]*unstructured.Unstructured{policy}))
		})
	}
}

func TestServiceOfDNS(t *testing.T) {
	place := DNSPlace{Namespace: "dns", PodLabels: map[string]string{"name": "coredns", "instance": "cluster"}}
	for name, test := range map[string]struct {
		selector map[string]string
		protocol corev1.Protocol
		want     bool
	}{
		"the same labels":    {map[string]string{"name": "coredns", "instance": "cluster"}, corev1.ProtocolUDP, true},
		"more labels":        {map[string]string{"name": "coredns", "instance": "cluster", "k8s-app": "coredns"}, corev1.ProtocolUDP, true},
		"another release":    {map[string]string{"name": "coredns", "instance": "internet"}, corev1.ProtocolUDP, false},
		"nothing in common":  {map[string]string{"app": "a"}, corev1.ProtocolUDP, false},
		"without a selector": {nil, corev1.ProtocolUDP, false},
		"the metrics of DNS": {map[string]string{"name": "coredns", "instance": "cluster"}, corev1.ProtocolTCP, false},
		"fewer labels":       {map[string]string{"name": "coredns"}, corev1.ProtocolUDP, true},
	} {
		t.Run(name, func(t *testing.T) {
			service := &corev1.Service{}
			service.Spec.Selector = test.selector
			service.Spec.Ports = []corev1.ServicePort{{Port: 53, Protocol: test.protocol}}
			require.Equal(t, test.want, place.Leads(service))
		})
	}
}
