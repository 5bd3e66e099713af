package reach

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ai-platform/manifests/operate"
)

// graph is what the command graph prints as JSON.
type graph struct {
	Nodes []graphNode
	Edges []struct {
		From, To string
		Ports    []graphPort
	}
}

type graphNode struct {
	ID, Type, Namespace, Name      string
	NamespaceSelector, PodSelector string
	Blocks                         []networkingv1.IPBlock
}

type graphPort struct {
	Protocol string
	Port     intstr.IntOrString
	EndPort  int32
}

// The command graph and the judge find the same connections of each environment.
func TestGraphAgreesWithTheJudge(t *testing.T) {
	for _, e := range environments {
		t.Run(e.namespace, func(t *testing.T) {
			requireAgreement(t, filepath.Join("..", "..", e.folder), together(t, e))
		})
	}
}

// The same with what the environments' policies do not use: ranges and names of ports, expressions, exceptions, and pods that are open.
func TestGraphAgreesWithTheJudgeAboutTheRest(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("testdata", "graph", "shop.yaml"))
	require.NoError(t, err)
	shop, err := parse(file, "shop")
	require.NoError(t, err)
	requireAgreement(t, filepath.Join("testdata", "graph"), trial{manifests: shop, cluster: clusterWith(t)})
}

// requireAgreement compares each cell of the matrix that has an end in the manifests.
func requireAgreement(t *testing.T, folder string, tr trial) {
	t.Helper()
	all := join(tr.manifests, tr.cluster)
	measured, err := measure(all)
	require.NoError(t, err)
	g := graphOf(t, folder)
	seen := 0
	for between, is := range measured {
		if !tr.has(between.from) && !tr.has(between.to) {
			continue
		}
		require.Equal(t, is, g.open(tr.nodesOf(g, between.from), tr.nodesOf(g, between.to)), "%s → %s", between.from, between.to)
		seen++
	}
	require.Greater(t, seen, len(tr.manifests.workloads)*len(all.workloads))
}

func graphOf(t *testing.T, folder string) graph {
	t.Helper()
	root := &cobra.Command{Use: "reach"}
	root.AddCommand(operate.Commands(operate.Application{Environments: []operate.Environment{{Name: "it", Directory: folder}}})...)
	root.SetArgs([]string{"graph", "--output", "json"})
	var out bytes.Buffer
	root.SetOut(&out)
	require.NoError(t, root.Execute())
	var g graph
	require.NoError(t, json.Unmarshal(out.Bytes(), &g))
	return g
}

// has reports whether a peer of the matrix is a workload of the manifests.
func (tr trial) has(peer string) bool {
	return slices.ContainsFunc(tr.manifests.workloads, func(w workload) bool { return w.peer() == peer })
}

// nodesOf are the nodes that stand for a peer of the matrix.
func (tr trial) nodesOf(g graph, peer string) []string {
	var ids []string
	for _, n := range g.Nodes {
		if tr.isNodeOf(n, peer) {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

func (tr trial) isNodeOf(n graphNode, peer string) bool {
	switch n.Type {
	case "workload":
		return n.Namespace+"/"+n.Name == peer
	case "pods":
		return slices.ContainsFunc(tr.cluster.workloads, func(w workload) bool { return w.peer() == peer && tr.selects(n, w) })
	case "addresses":
		return isAddresses(peer) && slices.ContainsFunc(n.Blocks, func(b networkingv1.IPBlock) bool { return contains(b, peer) })
	}
	return n.Type == "anywhere" && !tr.governs(peer) // Pods of a namespace of the manifests may be closed themselves.
}

func (tr trial) selects(n graphNode, w workload) bool {
	namespace := labels.Set{"kubernetes.io/metadata.name": w.namespace}
	for _, known := range join(tr.manifests, tr.cluster).namespaces {
		if known.Name == w.namespace {
			namespace = labels.Merge(known.Labels, namespace)
		}
	}
	return (n.Namespace == "" || n.Namespace == w.namespace) &&
		matches(n.NamespaceSelector, namespace) && matches(n.PodSelector, w.labels)
}

func matches(selector string, set labels.Set) bool {
	parsed, err := labels.Parse(selector)
	return err == nil && parsed.Matches(set)
}

// contains reports whether a peer of the matrix is in a block. The judge's peers are in it altogether, or not at all.
func contains(b networkingv1.IPBlock, peer string) bool {
	first, _, _ := strings.Cut(peer, "-")
	first, _, _ = strings.Cut(first, "/")
	address := netip.MustParseAddr(first)
	in := func(cidr string) bool { return netip.MustParsePrefix(cidr).Contains(address) }
	return in(b.CIDR) && !slices.ContainsFunc(b.Except, in)
}

// open are the ports of all edges between nodes, as the matrix writes them.
func (g graph) open(from, to []string) string {
	found := nothing
	for _, e := range g.Edges {
		if !slices.Contains(from, e.From) || !slices.Contains(to, e.To) {
			continue
		}
		var ports []string
		for _, p := range e.Ports {
			ports = append(ports, p.String())
		}
		text := strings.Join(ports, ", ")
		switch {
		case text == "SCTP 1-65535, TCP 1-65535, UDP 1-65535":
			return everything
		case found == nothing:
			found = text
		default:
			found = mergePorts(found, text)
		}
	}
	return found
}

func (p graphPort) String() string {
	if p.EndPort != 0 {
		return fmt.Sprintf("%s %d-%d", p.Protocol, p.Port.IntVal, p.EndPort)
	}
	return p.Protocol + " " + p.Port.String()
}
