package reach

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// cell is a pair of peers: each a workload, as namespace/name, or addresses, as 10.20.0.0/24. Those that no policy names
// are one peer, 0.0.0.0/0; where policies name some, the ranges between are peers too.
type cell struct{ from, to string }

// matrix holds for each cell what is open: everything, nothing, or ports such as "TCP 53, UDP 53".
type matrix map[cell]string

const (
	everything = "everything"
	nothing    = "nothing"
)

// openPorts says what the judge found. The judge's type for a range of ports has no name outside its module.
func openPorts[ports fmt.Stringer](all bool, byProtocol map[corev1.Protocol][]ports) string {
	if all {
		return everything
	}
	var found []string
	for _, protocol := range slices.Sorted(maps.Keys(byProtocol)) {
		for _, open := range byProtocol[protocol] {
			found = append(found, fmt.Sprintf("%s %s", protocol, open))
		}
	}
	if len(found) == 0 {
		return nothing
	}
	return strings.Join(found, ", ")
}

// fault says how a cell differs from what it should be; it is empty if it does not.
func (c cell) fault(is, should string) string {
	switch {
	case is == should:
		return ""
	case is == nothing:
		return fmt.Sprintf("%s → %s: missing %s", c.from, c.to, should)
	case should == nothing:
		return fmt.Sprintf("%s → %s: surplus %s", c.from, c.to, is)
	}
	return fmt.Sprintf("%s → %s: %s instead of %s", c.from, c.to, is, should)
}
