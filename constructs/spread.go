package constructs

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Spread distributes the pods of a tier over the zones, nodes or other parts of a cluster.
// https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
type Spread struct {
	// TopologyKey is the label of the nodes whose values are the parts. Required.
	TopologyKey string

	// MaxSkew is how many more pods one part may have than another one. Defaults to 1.
	MaxSkew int

	// Required leaves a pod pending that cannot be placed so. Defaults to false: it is placed anyway.
	Required bool
}

// defaultSpread is over zones and nodes, as far as there are several: in a cluster of one node all pods run there.
var defaultSpread = []Spread{{TopologyKey: "topology.kubernetes.io/zone", MaxSkew: 1}, {TopologyKey: "kubernetes.io/hostname", MaxSkew: 1}}

func spreadWithDefaults(spread []Spread) []Spread {
	if len(spread) == 0 {
		return defaultSpread
	}
	filled := slices.Clone(spread)
	for i := range filled {
		filled[i].MaxSkew = cmp.Or(filled[i].MaxSkew, 1)
	}
	return filled
}

// validateSpread expects the defaults to be filled in.
func validateSpread(path *field.Path, spread []Spread) field.ErrorList {
	var errs field.ErrorList
	for i, s := range spread {
		key := path.Index(i).Child("topologyKey")
		if s.TopologyKey == "" {
			errs = append(errs, field.Required(key, "a label of the nodes"))
		} else {
			errs = append(errs, check.Invalid(key, s.TopologyKey, validation.IsQualifiedName(s.TopologyKey))...)
		}
		same := func(other Spread) bool { return other.TopologyKey == s.TopologyKey }
		if first := slices.IndexFunc(spread, same); first < i {
			errs = append(errs, check.Duplicate(key, s.TopologyKey, "the same as "+path.Index(first).Child("topologyKey").String()))
		}
		errs = append(errs, check.AtLeast(path.Index(i).Child("maxSkew"), s.MaxSkew, 1)...)
	}
	return errs
}

func (s Spread) constraint() manifest.Spread {
	return manifest.Spread{TopologyKey: s.TopologyKey, MaxSkew: s.MaxSkew, Required: s.Required}
}
