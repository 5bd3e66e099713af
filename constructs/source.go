package constructs

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Source is a client that no construct of this library adds, and that may connect to a tier: pods, addresses, or everyone.
// Set Namespace, CIDRs or Anywhere.
//
// The network policy admits the source at the port of the tier's pods. The client's side is not this library's: if the
// namespace of the pods denies connections, its owner must allow them.
type Source struct {
	// Namespace is the namespace of the pods.
	Namespace string

	// PodLabels are labels of the pods. Required with Namespace, unless AllPods is set.
	PodLabels map[string]string

	// AllPods admits all pods of the namespace. Defaults to false.
	AllPods bool

	// CIDRs are address blocks, such as "10.20.0.0/16". They are for clients outside the cluster: whether a block also
	// admits pods and nodes with these addresses depends on the network plugin.
	// https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-ipblock-selectors
	CIDRs []string

	// Anywhere admits all pods, nodes and addresses. Defaults to false.
	Anywhere bool
}

// Sources are all sources of a tier. They become one network policy: <app>-<component>-sources.
type Sources []Source

// Policy is for use within this module. It returns nil without sources.
func (s Sources) Policy(c manifest.Component, port int) *manifest.Object {
	return s.policyAt(c.Destination(port))
}

func (s Sources) policyAt(server manifest.Destination) *manifest.Object {
	if len(s) == 0 {
		return nil
	}
	var peers []*k8s.NetworkPolicyPeer
	for _, source := range s {
		peers = append(peers, source.peers(*server.Pods)...)
	}
	return manifest.AllowSources(server, "sources", peers)
}

// peers has none for everyone.
func (s Source) peers(c manifest.Component) []*k8s.NetworkPolicyPeer {
	if s.Namespace != "" {
		return []*k8s.NetworkPolicyPeer{manifest.ForeignPods{Namespace: s.Namespace, PodLabels: s.PodLabels}.Peer()}
	}
	return manifest.Blocks(c, s.CIDRs)
}

// ValidateAt is Validate for the sources of a component, whose cluster must have the families of the addresses.
func (s Sources) ValidateAt(path *field.Path, c manifest.Component) field.ErrorList {
	errs := s.Validate(path)
	for i, source := range s {
		errs = append(errs, c.Cluster().CheckFamilies(path.Index(i), source.CIDRs)...)
	}
	return errs
}

// Validate checks each source, and refuses those that others contain.
func (s Sources) Validate(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	blocks := disjointBlocks{}
	for i, source := range s {
		at := path.Index(i)
		errs = append(errs, source.validate(at)...)
		errs = append(errs, blocks.add(at.Child("cidrs"), source.CIDRs)...)
		if source.Anywhere && len(s) > 1 {
			errs = append(errs, field.Forbidden(at.Child("anywhere"), "contains the other sources: remove them, or this one"))
		}
		for j, earlier := range s[:i] {
			if source.overlaps(earlier) {
				errs = append(errs, check.Duplicate(at, source.describe(), fmt.Sprintf("overlaps %s: remove one of them", path.Index(j))))
			}
		}
	}
	return errs
}

func (s Source) validate(path *field.Path) field.ErrorList {
	pods := s.Namespace != "" || len(s.PodLabels) > 0 || s.AllPods
	kinds := 0
	for _, set := range []bool{pods, len(s.CIDRs) > 0, s.Anywhere} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds == 0:
		return field.ErrorList{field.Required(path, "set namespace, cidrs or anywhere")}
	case kinds > 1:
		return field.ErrorList{field.Forbidden(path, "namespace, cidrs and anywhere exclude each other: use a source for each")}
	case pods:
		return s.validatePods(path)
	}
	return nil // Addresses are checked together with those of the other sources.
}

func (s Source) validatePods(path *field.Path) field.ErrorList {
	errs := slices.Concat(
		check.RequiredLabel(path.Child("namespace"), s.Namespace, validation.IsDNS1123Label),
		check.Labels(path.Child("podLabels"), s.PodLabels),
	)
	switch {
	case s.AllPods && len(s.PodLabels) > 0:
		errs = append(errs, field.Forbidden(path.Child("podLabels"), "allPods is set: remove one of them"))
	case !s.AllPods && len(s.PodLabels) == 0:
		errs = append(errs, field.Required(path.Child("podLabels"), "set labels of the pods, or allPods to admit all pods of the namespace"))
	}
	return errs
}

// overlaps reports whether the pods of one source are among those of the other.
func (s Source) overlaps(other Source) bool {
	if s.Namespace == "" || s.Namespace != other.Namespace {
		return false
	}
	return containsLabels(s.PodLabels, other.PodLabels) || containsLabels(other.PodLabels, s.PodLabels)
}

// containsLabels reports whether pods with the labels all have the others too.
func containsLabels(labels, others map[string]string) bool {
	for key, value := range others {
		if own, set := labels[key]; !set || own != value {
			return false
		}
	}
	return true
}

// describe names the pods in errors.
func (s Source) describe() string {
	if len(s.PodLabels) == 0 {
		return "all pods of " + s.Namespace
	}
	text := ""
	for _, key := range slices.Sorted(maps.Keys(s.PodLabels)) {
		text += key + "=" + s.PodLabels[key] + " "
	}
	return text + "in " + s.Namespace
}

// disjointBlocks are address blocks of which none contains another, with the props that hold them.
type disjointBlocks map[netip.Prefix]*field.Path

// add checks blocks, and refuses those that overlap earlier ones.
func (d disjointBlocks) add(path *field.Path, cidrs []string) field.ErrorList {
	var errs field.ErrorList
	for i, cidr := range cidrs {
		at := path.Index(i)
		if problems := check.CIDR(at, cidr); len(problems) > 0 {
			errs = append(errs, problems...)
			continue
		}
		block := netip.MustParsePrefix(cidr)
		for _, other := range slices.SortedFunc(maps.Keys(d), netip.Prefix.Compare) {
			if block.Overlaps(other) {
				errs = append(errs, check.Duplicate(at, cidr, fmt.Sprintf("overlaps %s (%s): remove one of them", d[other], other)))
			}
		}
		if d[block] == nil {
			d[block] = at
		}
	}
	return errs
}
