package check

import (
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Host checks a DNS name or an IP address.
func Host(path *field.Path, host string) field.ErrorList {
	if host == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	if address, err := netip.ParseAddr(host); err == nil && address.Zone() == "" {
		return nil
	}
	return Invalid(path, host, validation.IsDNS1123Subdomain(host))
}

// CIDR wants the form that the API server has no warning about: no bits set beyond the prefix.
func CIDR(path *field.Path, cidr string) field.ErrorList {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return field.ErrorList{field.Invalid(path, cidr, `must be an address block such as "10.20.0.0/16"`)}
	}
	if prefix.Masked().String() != cidr {
		return field.ErrorList{field.Invalid(path, cidr, "must be written as "+prefix.Masked().String())}
	}
	return nil
}

// CIDRs checks blocks of which none may be there twice.
func CIDRs(path *field.Path, cidrs []string) field.ErrorList {
	var errs field.ErrorList
	for i, cidr := range cidrs {
		errs = append(errs, CIDR(path.Index(i), cidr)...)
		if first := slices.Index(cidrs, cidr); first < i {
			errs = append(errs, Duplicate(path.Index(i), cidr, "the same as "+path.Index(first).String()))
		}
	}
	return errs
}

// RequiredLabel checks a name that is a DNS label, by one of the functions of apimachinery.
func RequiredLabel(path *field.Path, name string, problems func(string) []string) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return Invalid(path, name, problems(name))
}

// Pods checks the props namespace and podLabels, which tell pods that no construct makes.
func Pods(path *field.Path, namespace string, podLabels map[string]string) field.ErrorList {
	return append(
		Invalid(path.Child("namespace"), namespace, validation.IsDNS1123Label(namespace)),
		Labels(path.Child("podLabels"), podLabels)...,
	)
}

// URLPath checks the path of a URL, as it is sent.
func URLPath(path *field.Path, value string) field.ErrorList {
	if !strings.HasPrefix(value, "/") {
		return field.ErrorList{field.Invalid(path, value, "must begin with /")}
	}
	for _, char := range value {
		if char <= ' ' || char >= 0x7f {
			return field.ErrorList{field.Invalid(path, value, "must be ASCII without spaces; escape other characters as %XX")}
		}
	}
	return nil
}
