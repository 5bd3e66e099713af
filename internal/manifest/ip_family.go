package manifest

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// The families of addresses, as Services name them.
const (
	IPv4 = "IPv4"
	IPv6 = "IPv6"
)

// anyAddress are the blocks of all addresses of each family.
var anyAddress = map[string]string{"0.0.0.0/0": IPv4, "::/0": IPv6}

// Has reports whether the cluster may have addresses of a family.
func (c Cluster) Has(family string) bool {
	return len(c.IPFamilies) == 0 || slices.Contains(c.IPFamilies, family)
}

// setFamilies asks for the addresses of a Service. Without families the API server fills in the cluster's first one. A cluster that does not
// have both families refuses RequireDualStack; with PreferDualStack it would silently leave one out.
// https://kubernetes.io/docs/concepts/services-networking/dual-stack/#services
func (c Cluster) setFamilies(spec *k8s.ServiceSpec) {
	switch len(c.IPFamilies) {
	case 0:
		return
	case 1:
		spec.IpFamilyPolicy = jsii.String("SingleStack")
	default:
		spec.IpFamilyPolicy = jsii.String("RequireDualStack")
	}
	spec.IpFamilies = jsii.Strings(c.IPFamilies...)
}

// CheckFamilies refuses blocks of a family that the cluster does not have. Those of all addresses may be left out where the other family's
// is among the blocks: see Narrowed.
func (c Cluster) CheckFamilies(path *field.Path, cidrs []string) field.ErrorList {
	var errs field.ErrorList
	for _, cidr := range c.Narrowed(cidrs) {
		if prefix, err := netip.ParsePrefix(cidr); err == nil && !c.Has(familyOf(prefix)) {
			detail := fmt.Sprintf("the cluster has no %s addresses: remove it, or add %[1]s to the IPFamilies of SetCluster", familyOf(prefix))
			errs = append(errs, field.Invalid(path, cidr, detail))
		}
	}
	return errs
}

// Narrowed are the blocks without that of all addresses of a family that the cluster does not have, where they have that of the other.
func (c Cluster) Narrowed(cidrs []string) []string {
	both := slices.Contains(cidrs, "0.0.0.0/0") && slices.Contains(cidrs, "::/0")
	var narrowed []string
	for _, cidr := range cidrs {
		if family, all := anyAddress[cidr]; both && all && !c.Has(family) {
			continue
		}
		narrowed = append(narrowed, cidr)
	}
	return narrowed
}

func familyOf(prefix netip.Prefix) string {
	if prefix.Addr().Is4() {
		return IPv4
	}
	return IPv6
}
