package reach

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// declaration says for each peer whom it reaches, and over which ports. Every other connection must be closed. Each pod of
// the manifests is a key, even if it reaches nobody.
//
// A name without a slash is that of a workload in the namespace that in is called with.
type declaration map[string]reaches

// reaches are the ports, such as "TCP 53, UDP 53", by the peer that they are open at.
type reaches map[string]string

// everywhere, as a peer, is whoever does not close its own side: other namespaces, and all addresses.
const everywhere = "*/*"

// mergePorts puts ports into the order of the matrix.
func mergePorts(lists ...string) string {
	var ports []string
	for _, list := range lists {
		if list != "" {
			ports = append(ports, strings.Split(list, ", ")...)
		}
	}
	slices.SortFunc(ports, func(a, b string) int {
		protocolA, portA, _ := strings.Cut(a, " ")
		protocolB, portB, _ := strings.Cut(b, " ")
		return cmp.Or(strings.Compare(protocolA, protocolB), cmp.Compare(len(portA), len(portB)), strings.Compare(portA, portB))
	})
	return strings.Join(slices.Compact(ports), ", ")
}

// with adds to a declaration.
func (d declaration) with(more declaration) declaration {
	all := declaration{}
	for _, part := range []declaration{d, more} {
		for from, to := range part {
			if all[from] == nil {
				all[from] = reaches{}
			}
			maps.Copy(all[from], to)
		}
	}
	return all
}

// in puts the names that lack one into a namespace.
func (d declaration) in(namespace string) declaration {
	full := func(name string) string {
		if strings.Contains(name, "/") {
			return name
		}
		return namespace + "/" + name
	}
	all := declaration{}
	for from, to := range d {
		all[full(from)] = reaches{}
		for peer, ports := range to {
			all[full(from)][full(peer)] = ports
		}
	}
	return all
}

// peers are all that the declaration names.
func (d declaration) peers() map[string]bool {
	named := map[string]bool{}
	for from, to := range d {
		named[from] = true
		for peer := range to {
			named[peer] = true
		}
	}
	return named
}
