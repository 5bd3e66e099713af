package constructs

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const rbacVersion = "rbac.authorization.k8s.io/v1"

// KubernetesAPI is where pods reach the API server. Network policies know its own addresses and port, which differ from
// those of the Service "kubernetes".
type KubernetesAPI struct {
	// CIDRs are its addresses: "192.0.2.10/32". Default to all, as they are not known here.
	CIDRs []string

	// Port is its port. Defaults to both usual ones, 443 and 6443.
	Port int
}

func (k KubernetesAPI) validate(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, cidr := range k.CIDRs {
		errs = append(errs, checkCIDR(path.Child("cidrs").Index(i), cidr)...)
	}
	if k.Port != 0 {
		errs = append(errs, checkPort(path.Child("port"), k.Port)...)
	}
	return errs
}

// connections are to each of the ports.
func (k KubernetesAPI) connections() []connection {
	ports := []int{443, 6443}
	if k.Port != 0 {
		ports = []int{k.Port}
	}
	var all []connection
	for _, port := range ports {
		all = append(all, connection{server: outsider{port: port, addresses: k.CIDRs}})
	}
	return all
}

// account is the name of the ServiceAccount that the tier's permissions are for, and the object, unless the props name
// one that exists.
func (p place) account(named string) (name string, objects []object) {
	if named != "" {
		return named, nil
	}
	return p.name(), []object{{
		id: "service-account", apiVersion: "v1", kind: "ServiceAccount", name: p.name(),
		// The pod that needs the token asks for it.
		fields: map[string]any{"automountServiceAccountToken": false},
	}}
}

// role gives an account permissions in the tier's namespace.
func (p place) role(account string, rules ...*k8s.PolicyRule) []object {
	return []object{
		{id: "role", apiVersion: rbacVersion, kind: "Role", name: p.name(), fields: map[string]any{"rules": rules}},
		p.binding("role-binding", "Role", p.name(), account),
	}
}

// clusterRole gives an account permissions in the whole cluster. Its name is to be told from those of other namespaces.
func (p place) clusterRole(account string, rules ...*k8s.PolicyRule) []object {
	name := p.namespace + "-" + p.name()
	role := object{
		id: "cluster-role", apiVersion: rbacVersion, kind: "ClusterRole", name: name, clusterScoped: true,
		fields: map[string]any{"rules": rules},
	}
	binding := p.binding("cluster-role-binding", "ClusterRole", name, account)
	binding.clusterScoped = true
	return []object{role, binding}
}

func (p place) binding(id, roleKind, name, account string) object {
	return object{
		id: id, apiVersion: rbacVersion, kind: roleKind + "Binding", name: name,
		fields: map[string]any{
			"roleRef":  k8s.RoleRef{ApiGroup: jsii.String("rbac.authorization.k8s.io"), Kind: jsii.String(roleKind), Name: jsii.String(name)},
			"subjects": []*k8s.Subject{{Kind: jsii.String("ServiceAccount"), Name: jsii.String(account), Namespace: jsii.String(p.namespace)}},
		},
	}
}

func allow(group string, verbs, resources []string) *k8s.PolicyRule {
	return &k8s.PolicyRule{ApiGroups: jsii.Strings(group), Resources: jsii.Strings(resources...), Verbs: jsii.Strings(verbs...)}
}
