package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// trial is manifests in a cluster, and what they declare.
type trial struct {
	manifests manifests
	cluster   manifests // What is there beside them.
	declared  declaration
}

// requireDeclared compares the whole matrix with the declaration, in every view.
func (tr trial) requireDeclared(t *testing.T) {
	t.Helper()
	for _, v := range views {
		t.Run(v.name, func(t *testing.T) {
			faults, err := tr.faults(v)
			require.NoError(t, err)
			require.Empty(t, strings.Join(faults, "\n"))
		})
	}
}

// faults are all differences between the matrix and the declaration.
func (tr trial) faults(v view) ([]string, error) {
	measured, err := measure(v.of(join(tr.manifests, tr.cluster)))
	if err != nil {
		return nil, err
	}
	faults := slices.Concat(tr.undeclared(), tr.unknown(measured), tr.deaf())
	for c, is := range measured {
		if fault := c.fault(is, tr.expected(v, c)); fault != "" {
			faults = append(faults, fault)
		}
	}
	slices.Sort(faults)
	return faults, nil
}

// expected is what a cell should be. Peers that are both outside the manifests' namespaces are none of their business, and
// must stay as open as they were.
func (tr trial) expected(v view, c cell) string {
	if !v.decides(tr.governs(c.from), tr.governs(c.to)) {
		return everything
	}
	declared := tr.declared[c.from][c.to]
	if isAddresses(c.to) {
		// Where a policy names some addresses, all of them are several peers.
		declared = mergePorts(declared, tr.declared[c.from][anyAddress])
	}
	if anywhere := tr.declared[c.from][everywhere]; anywhere != "" && !v.decides(false, tr.governs(c.to)) {
		declared = mergePorts(declared, anywhere)
	}
	return cmp.Or(declared, nothing)
}

// isAddresses reports whether a peer is no workload.
func isAddresses(peer string) bool { return peer[0] >= '0' && peer[0] <= '9' }

// governs reports whether a peer is in a namespace of the manifests.
func (tr trial) governs(peer string) bool {
	namespace, _, _ := strings.Cut(peer, "/")
	for _, n := range tr.manifests.namespaces {
		if n.Name == namespace {
			return true
		}
	}
	return false
}

// undeclared finds the pods that nobody thought of.
func (tr trial) undeclared() []string {
	var faults []string
	for _, w := range tr.manifests.workloads {
		if _, declared := tr.declared[w.peer()]; !declared {
			faults = append(faults, w.peer()+" is not declared")
		}
	}
	return faults
}

// unknown finds the declared peers that are not in the matrix.
func (tr trial) unknown(measured matrix) []string {
	known := map[string]bool{}
	for c := range measured {
		known[c.from] = true
	}
	var faults []string
	for peer := range tr.declared.peers() {
		if !known[peer] && peer != everywhere && peer != anyAddress {
			faults = append(faults, peer+" is declared and not there")
		}
	}
	return faults
}

// deaf finds the declared ports on which nobody listens. Policies know the ports of pods, not those of Services.
func (tr trial) deaf() []string {
	workloads := map[string]workload{}
	for _, w := range join(tr.manifests, tr.cluster).workloads {
		workloads[w.peer()] = w
	}
	var faults []string
	for from, to := range tr.declared {
		for peer, ports := range to {
			w, isWorkload := workloads[peer]
			for _, port := range strings.Split(ports, ", ") {
				if isWorkload && !w.listensOn(port) {
					faults = append(faults, fmt.Sprintf("%s → %s: no container listens on %s", from, peer, port))
				}
			}
		}
	}
	return faults
}
