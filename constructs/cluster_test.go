package constructs

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestClusterValidate(t *testing.T) {
	of := func(c Cluster) field.ErrorList { return c.Validate(field.NewPath("cluster")) }
	dns := func(servers ...DNSServer) field.ErrorList { return of(Cluster{DNS: servers}) }
	labels := map[string]string{"k8s-app": "dns"}
	runChecks(t, map[string]expectation{
		"defaults": {of(Cluster{}), nil},
		"presets":  {dns(KubeDNS(), NodeLocalDNS(), OpenShiftDNS(), CoreDNSChart("dns", "coredns")), nil},
		"addresses and pods": {
			dns(DNSServer{Namespace: "dns", PodLabels: labels, CIDRs: []string{"10.0.0.10/32", "fd00::10/128"}, Port: 1053}), nil,
		},
		"the same pods at two ports": {dns(KubeDNS(), DNSServer{Namespace: "kube-system", PodLabels: KubeDNS().PodLabels, Port: 1053}), nil},
		"no servers": {dns([]DNSServer{}...), []string{
			`cluster.dns: Invalid value: []: must not be empty: pods find servers by DNS. Omit it for the default`,
		}},
		"neither pods nor addresses": {dns(DNSServer{Port: 53}), []string{`cluster.dns[0]: Required value: set namespace and podLabels, or cidrs`}},
		"labels without a namespace": {dns(DNSServer{PodLabels: labels}), []string{
			`cluster.dns[0].namespace: Required value: set the namespace of the pods`,
		}},
		"a namespace without labels": {dns(DNSServer{Namespace: "dns", CIDRs: []string{"10.0.0.10/32"}}), []string{
			`cluster.dns[0].podLabels: Required value: without labels, all pods of the namespace would be selected`,
		}},
		"the same server twice": {dns(DNSServer{Namespace: "kube-system", PodLabels: KubeDNS().PodLabels}, NodeLocalDNS(), KubeDNS()), []string{
			`cluster.dns[2]: Duplicate value: {"Namespace":"kube-system","PodLabels":{"k8s-app":"kube-dns"},"CIDRs":null,"Port":53}: the same as cluster.dns[0]: remove one`,
		}},
		"Cilium, users, families": {of(Cluster{NetworkPlugin: NetworkPluginCilium, AssignsUsers: true, IPFamilies: []IPFamily{IPv6, IPv4}}), nil},
		"unknown plugin":          {of(Cluster{NetworkPlugin: "cilium"}), []string{`cluster.networkPlugin: Unsupported value: "cilium": supported values: "Cilium"`}},
		"no families": {of(Cluster{IPFamilies: []IPFamily{}}), []string{
			`cluster.ipFamilies: Invalid value: []: must not be empty: omit it for the cluster's own choice`,
		}},
		"unknown family and a family twice": {of(Cluster{IPFamilies: []IPFamily{IPv4, "ipv6", IPv4}}), []string{
			`cluster.ipFamilies[1]: Unsupported value: "ipv6": supported values: "IPv4", "IPv6"`,
			`cluster.ipFamilies[2]: Duplicate value: "IPv4"`,
		}},
		"DNS of the wrong family": {
			of(Cluster{DNS: []DNSServer{KubeDNS(), {CIDRs: []string{"fd00::10/128", "10.0.0.10/32"}}}, IPFamilies: []IPFamily{IPv6}}),
			[]string{
				`cluster.dns[1].cidrs: Invalid value: "10.0.0.10/32": the cluster has no IPv4 addresses: remove it, or add IPv4 to the IPFamilies of SetCluster`,
			},
		},
		"everything else": {
			dns(DNSServer{Namespace: "DNS", PodLabels: map[string]string{"a b": "c"}, CIDRs: []string{"10.0.0.10", "10.0.0.1/8", "::/0", "::/0"}, Port: 70000}),
			[]string{
				`cluster.dns[0].namespace: Invalid value: "DNS": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
				`cluster.dns[0].podLabels[a b]: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
				`cluster.dns[0].cidrs[0]: Invalid value: "10.0.0.10": must be an address block such as "10.20.0.0/16"`,
				`cluster.dns[0].cidrs[1]: Invalid value: "10.0.0.1/8": must be written as 10.0.0.0/8`,
				`cluster.dns[0].cidrs[3]: Duplicate value: "::/0": the same as cluster.dns[0].cidrs[2]`,
				`cluster.dns[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive`,
			},
		},
	})
}
