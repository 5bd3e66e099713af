package constructs

import (
	"fmt"
	"reflect"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Cluster is what an application must know of the cluster that it runs in. See SetCluster.
type Cluster struct {
	// DNS are the servers that pods resolve names with. Network policies allow connections to them from every tier that
	// connects to another. Defaults to KubeDNS and NodeLocalDNS; with NetworkPluginCilium to KubeDNS and
	// CiliumNodeLocalDNS, and with IPv6 alone to KubeDNS.
	DNS []DNSServer

	// NetworkPlugin is NetworkPluginCilium for what network policies cannot express and Cilium's own can. Defaults to
	// any plugin that enforces network policies.
	NetworkPlugin NetworkPlugin

	// AssignsUsers leaves the user, the group and the group of volumes out of all pods, because the cluster assigns them
	// and refuses others, as OpenShift does. Pods must still not run as root. A cluster that does not assign users runs
	// the images as their own users. Defaults to false.
	AssignsUsers bool

	// IPFamilies are the families of the addresses that Services get: IPv4, IPv6, or both in order of preference.
	// Network policies then allow no addresses of the other family. Defaults to the cluster's own choice.
	IPFamilies []IPFamily
}

// NetworkPlugin is a network plugin with policies of its own.
type NetworkPlugin string

// NetworkPluginCilium is Cilium with its own kinds of policies. GKE Dataplane V2 does not have CiliumNetworkPolicy: there,
// set only DNS, to KubeDNS and CiliumNodeLocalDNS.
const NetworkPluginCilium NetworkPlugin = "Cilium"

// IPFamily is a family of IP addresses.
type IPFamily string

// The families of IP addresses.
const (
	IPv4 IPFamily = manifest.IPv4
	IPv6 IPFamily = manifest.IPv6
)

// DNSServer is a DNS server as network policies name it: pods, addresses, or both.
type DNSServer struct {
	// Namespace and PodLabels select the pods of the server. Required, unless there are CIDRs.
	Namespace string
	PodLabels map[string]string

	// CIDRs are the address blocks of servers that policies cannot select as pods: those outside the cluster, and those
	// in the network of their node. Required, unless there are PodLabels.
	CIDRs []string

	// Port is the UDP and TCP port that the server listens on. For pods, it may be another than the Service's. Defaults
	// to 53.
	Port int
}

// KubeDNS returns kube-dns: pods in namespace kube-system with the label k8s-app=kube-dns, which CoreDNS has in most
// clusters.
func KubeDNS() DNSServer { return DNSServer(manifest.KubeDNS()) }

// NodeLocalDNS returns NodeLocal DNSCache at its usual address, 169.254.20.10. If the cluster uses another address, or
// pods send queries to the cache at the address of the Service kube-dns, list these addresses as CIDRs.
func NodeLocalDNS() DNSServer { return DNSServer(manifest.NodeLocalDNS()) }

// CiliumNodeLocalDNS returns NodeLocal DNSCache in a cluster where Cilium redirects requests to it, with a
// CiliumLocalRedirectPolicy: pods in namespace kube-system with the label k8s-app=node-local-dns.
func CiliumNodeLocalDNS() DNSServer { return DNSServer(manifest.CiliumNodeLocalDNS()) }

// OpenShiftDNS returns the DNS of OpenShift, whose pods listen on port 5353.
func OpenShiftDNS() DNSServer {
	// https://github.com/openshift/cluster-dns-operator/blob/master/pkg/operator/controller/names.go
	// https://github.com/openshift/cluster-dns-operator/blob/master/assets/dns/service.yaml
	return DNSServer{
		Namespace: "openshift-dns", PodLabels: map[string]string{"dns.operator.openshift.io/daemonset-dns": "default"}, Port: 5353,
	}
}

// CoreDNSChart returns the DNS that CoreDNS's own Helm chart installs, as a release in a namespace. KubeDNS does not
// select its pods, whose label is k8s-app=coredns, unless the chart's value k8sAppLabelOverride changes it.
func CoreDNSChart(namespace, release string) DNSServer {
	// https://github.com/coredns/helm/blob/master/charts/coredns/templates/deployment.yaml
	return DNSServer{Namespace: namespace, PodLabels: map[string]string{
		"app.kubernetes.io/name": "coredns", "app.kubernetes.io/instance": release,
	}, Port: 53}
}

// SetCluster describes the cluster to all constructs of an app. scope is the app or any construct in it. Call SetCluster
// once, before the first construct is added. Without it, the defaults of Cluster hold.
//
// Synthesis reports an invalid Cluster as it does invalid props.
func SetCluster(scope awsconstructs.Construct, cluster Cluster) {
	path := field.NewPath("cluster")
	manifest.SetCluster(scope, path, cluster.manifest(), cluster.Validate(path))
}

func (c Cluster) manifest() manifest.Cluster {
	converted := manifest.Cluster{Cilium: c.NetworkPlugin == NetworkPluginCilium, AssignsUsers: c.AssignsUsers}
	for _, family := range c.IPFamilies {
		converted.IPFamilies = append(converted.IPFamilies, string(family))
	}
	for _, server := range c.DNS {
		converted.DNS = append(converted.DNS, manifest.DNSServer(server))
	}
	return converted
}

// Validate checks the cluster.
func (c Cluster) Validate(path *field.Path) field.ErrorList {
	errs := c.validateDNS(path.Child("dns"))
	if c.NetworkPlugin != "" {
		errs = append(errs, check.OneOf(path.Child("networkPlugin"), c.NetworkPlugin, NetworkPluginCilium)...)
	}
	return append(errs, c.validateFamilies(path.Child("ipFamilies"))...)
}

func (c Cluster) validateFamilies(path *field.Path) field.ErrorList {
	if c.IPFamilies != nil && len(c.IPFamilies) == 0 {
		return field.ErrorList{field.Invalid(path, c.IPFamilies, "must not be empty: omit it for the cluster's own choice")}
	}
	var errs field.ErrorList
	for i, family := range c.IPFamilies {
		errs = append(errs, check.OneOf(path.Index(i), family, IPv4, IPv6)...)
		if slices.Index(c.IPFamilies, family) < i {
			errs = append(errs, field.Duplicate(path.Index(i), family))
		}
	}
	return errs
}

func (c Cluster) validateDNS(path *field.Path) field.ErrorList {
	if c.DNS != nil && len(c.DNS) == 0 {
		return field.ErrorList{field.Invalid(path, c.DNS, "must not be empty: pods find servers by DNS. Omit it for the default")}
	}
	var errs field.ErrorList
	servers := c.manifest().WithDefaults().DNS
	for i, server := range c.DNS {
		errs = append(errs, server.Validate(path.Index(i))...)
		if len(c.validateFamilies(path)) == 0 {
			errs = append(errs, c.manifest().CheckFamilies(path.Index(i).Child("cidrs"), server.CIDRs)...)
		}
		for j := range i {
			if reflect.DeepEqual(servers[i], servers[j]) {
				errs = append(errs, check.Duplicate(path.Index(i), server, fmt.Sprintf("the same as %s: remove one", path.Index(j))))
				break
			}
		}
	}
	return errs
}

// Validate checks the server.
func (s DNSServer) Validate(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	switch {
	case s.Namespace != "" || len(s.PodLabels) > 0:
		errs = append(errs, s.validatePods(path)...)
	case len(s.CIDRs) == 0:
		errs = append(errs, field.Required(path, "set namespace and podLabels, or cidrs"))
	}
	errs = append(errs, check.CIDRs(path.Child("cidrs"), s.CIDRs)...)
	if s.Port != 0 {
		errs = append(errs, check.Port(path.Child("port"), s.Port)...)
	}
	return errs
}

func (s DNSServer) validatePods(path *field.Path) field.ErrorList {
	switch {
	case s.Namespace == "":
		return field.ErrorList{field.Required(path.Child("namespace"), "set the namespace of the pods")}
	case len(s.PodLabels) == 0:
		return field.ErrorList{field.Required(path.Child("podLabels"), "without labels, all pods of the namespace would be selected")}
	}
	return check.Pods(path, s.Namespace, s.PodLabels)
}
