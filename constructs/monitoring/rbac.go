package monitoring

import (
	"cmp"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

const rbacVersion = "rbac.authorization.k8s.io/v1"

// KubernetesAPI is the address of the API server for network policies. It differs from that of the Service
// "kubernetes".
type KubernetesAPI struct {
	// CIDRs are the addresses of the API server: "192.0.2.10/32". Defaults to all addresses.
	CIDRs []string

	// Port is the port of the API server. Defaults to the usual ports, 443 and 6443.
	Port int
}

// Validate checks the addresses and the port.
func (k KubernetesAPI) Validate(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, cidr := range k.CIDRs {
		errs = append(errs, check.CIDR(path.Child("cidrs").Index(i), cidr)...)
	}
	if k.Port != 0 {
		errs = append(errs, check.Port(path.Child("port"), k.Port)...)
	}
	return errs
}

// validate also checks the addresses against those that the cluster has.
func (k KubernetesAPI) validate(path *field.Path, at manifest.Component) field.ErrorList {
	return append(k.Validate(path), at.Cluster().CheckFamilies(path.Child("cidrs"), k.CIDRs)...)
}

// connections are to each of the ports.
func (k KubernetesAPI) connections() []manifest.Connection {
	ports := []int{443, 6443}
	if k.Port != 0 {
		ports = []int{k.Port}
	}
	var all []manifest.Connection
	for _, port := range ports {
		all = append(all, manifest.Connection{Destination: manifest.Destination{Port: port, Addresses: k.CIDRs}})
	}
	return all
}

// withAccount has pods run as a ServiceAccount with permissions of its own, and with its token: the one that the props name,
// or else one that the construct adds.
func withAccount(pod constructs.PodProps, c manifest.Component) constructs.PodProps {
	pod.ServiceAccountName = cmp.Or(pod.ServiceAccountName, c.Name())
	pod.AutomountServiceAccountToken = true
	return pod
}

// serviceAccount is the account that the construct adds, unless the props name one that exists.
func serviceAccount(c manifest.Component, named string) *manifest.Object {
	if named != "" {
		return nil
	}
	return &manifest.Object{
		ID: "service-account", APIVersion: "v1", Kind: "ServiceAccount", Name: c.Name(),
		// The pod that needs the token asks for it.
		Fields: map[string]any{"automountServiceAccountToken": false},
	}
}

// role holds permissions in the component's namespace.
func role(c manifest.Component, rules ...*k8s.PolicyRule) *manifest.Object {
	return &manifest.Object{ID: "role", APIVersion: rbacVersion, Kind: "Role", Name: c.Name(), Fields: map[string]any{"rules": rules}}
}

// clusterRole holds permissions in the whole cluster. Its name distinguishes it from those of other namespaces.
func clusterRole(c manifest.Component, rules ...*k8s.PolicyRule) *manifest.Object {
	return &manifest.Object{
		ID: "cluster-role", APIVersion: rbacVersion, Kind: "ClusterRole", Name: c.Namespace + "-" + c.Name(), ClusterScoped: true,
		Fields: map[string]any{"rules": rules},
	}
}

// binding gives a role's permissions to an account in the component's namespace.
func binding(c manifest.Component, role *manifest.Object, account string) *manifest.Object {
	return &manifest.Object{
		ID: role.ID + "-binding", APIVersion: rbacVersion, Kind: role.Kind + "Binding", Name: role.Name, ClusterScoped: role.ClusterScoped,
		Fields: map[string]any{
			"roleRef":  k8s.RoleRef{ApiGroup: jsii.String("rbac.authorization.k8s.io"), Kind: jsii.String(role.Kind), Name: jsii.String(role.Name)},
			"subjects": []*k8s.Subject{{Kind: jsii.String("ServiceAccount"), Name: jsii.String(account), Namespace: jsii.String(c.Namespace)}},
		},
	}
}

func allow(group string, verbs, resources []string) *k8s.PolicyRule {
	return &k8s.PolicyRule{ApiGroups: jsii.Strings(group), Resources: jsii.Strings(resources...), Verbs: jsii.Strings(verbs...)}
}
