package reach

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ai-platform/manifests/operate"
	"github.com/ai-platform/manifests/test/repository"
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

// The command graph and the analyzer find the same connections. testdata/graph has what the environments' policies do not use: ranges and
// names of ports, expressions, exceptions, and pods that are open.
func TestGraphAgreesWithTheAnalyzer(t *testing.T) {
	shop := readFiles(t, "testdata/graph/shop.yaml", "default")
	requireAgreement(t, "testdata/graph", shop, join(shop, readFiles(t, "testdata/cluster.yaml", "default")))
	for _, e := range environments {
		application := e.read(t)
		requireAgreement(t, repository.Path(e.directory), application, inCluster(t, application))
	}
}

// requireAgreement compares each pair of peers of which one is a workload of the application.
func requireAgreement(t *testing.T, directory string, application, cluster manifests) {
	t.Helper()
	c := comparison{graphOf(t, directory), application, cluster}
	seen := 0
	for between, ports := range connectionsOf(t, cluster) {
		if c.draws(between.from) || c.draws(between.to) {
			drawn := c.graph.open(c.nodesOf(between.from), c.nodesOf(between.to))
			require.Equal(t, ports, drawn, "%s: %s => %s", directory, between.from, between.to)
			seen++
		}
	}
	require.Greater(t, seen, len(application.pods)/2*len(cluster.pods)/2)
}

func graphOf(t *testing.T, directory string) graph {
	t.Helper()
	root := &cobra.Command{Use: "reach"}
	root.AddCommand(operate.Commands(operate.Application{Environments: []operate.Environment{{Name: "it", Directory: directory}}})...)
	root.SetArgs([]string{"graph", "--output", "json"})
	var out bytes.Buffer
	root.SetOut(&out)
	require.NoError(t, root.Execute())
	var g graph
	require.NoError(t, json.Unmarshal(out.Bytes(), &g))
	return g
}

// comparison is a graph, the manifests that it draws, and these in a cluster.
type comparison struct {
	graph                graph
	application, cluster manifests
}

// draws reports whether a peer of the analyzer is a workload of the manifests.
func (c comparison) draws(peer string) bool {
	return slices.ContainsFunc(c.application.pods, func(pod *corev1.Pod) bool { return peerOf(pod) == peer })
}

// nodesOf are the nodes that stand for a peer of the analyzer.
func (c comparison) nodesOf(peer string) []string {
	var ids []string
	for _, n := range c.graph.Nodes {
		if c.isNodeOf(n, peer) {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

func (c comparison) isNodeOf(n graphNode, peer string) bool {
	switch n.Type {
	case "workload":
		return strings.HasPrefix(peer, n.Namespace+"/"+n.Name+"[")
	case "pods":
		return !c.draws(peer) && slices.ContainsFunc(c.cluster.pods, func(pod *corev1.Pod) bool {
			return peerOf(pod) == peer && c.selects(n, pod)
		})
	case "addresses":
		return isAddresses(peer) && slices.ContainsFunc(n.Blocks, func(b networkingv1.IPBlock) bool { return contains(b, peer) })
	}
	return n.Type == "anywhere" && !c.application.own(peer) // Pods of a namespace of the manifests may be closed themselves.
}

func (c comparison) selects(n graphNode, pod *corev1.Pod) bool {
	namespace := labels.Set{"kubernetes.io/metadata.name": pod.Namespace}
	for _, known := range c.cluster.namespaces {
		if known.Name == pod.Namespace {
			namespace = labels.Merge(known.Labels, namespace)
		}
	}
	return (n.Namespace == "" || n.Namespace == pod.Namespace) &&
		matches(n.NamespaceSelector, namespace) && matches(n.PodSelector, pod.Labels)
}

// isAddresses reports whether a peer is no workload.
func isAddresses(peer string) bool { return peer[0] >= '0' && peer[0] <= '9' }

func matches(selector string, set labels.Set) bool {
	parsed, err := labels.Parse(selector)
	return err == nil && parsed.Matches(set)
}

// contains reports whether a peer's addresses are in a block. Those of the analyzer are in it altogether, or not at all.
func contains(b networkingv1.IPBlock, peer string) bool {
	first, _, _ := strings.Cut(peer, "-")
	address := netip.MustParseAddr(first)
	in := func(cidr string) bool { return netip.MustParsePrefix(cidr).Contains(address) }
	return in(b.CIDR) && !slices.ContainsFunc(b.Except, in)
}

// open are the ports of all edges between nodes, as the analyzer writes them.
func (g graph) open(from, to []string) string {
	byProtocol := map[string][]string{}
	for _, e := range g.Edges {
		if !slices.Contains(from, e.From) || !slices.Contains(to, e.To) {
			continue
		}
		for _, p := range e.Ports {
			byProtocol[p.Protocol] = append(byProtocol[p.Protocol], p.String())
		}
	}
	isWhole := func(protocol string) bool { return slices.Contains(byProtocol[protocol], "1-65535") }
	switch {
	case len(byProtocol) == 0:
		return nothing
	case isWhole("SCTP") && isWhole("TCP") && isWhole("UDP"):
		return everything
	}
	var lists []string
	for _, protocol := range slices.Sorted(maps.Keys(byProtocol)) {
		ports := byProtocol[protocol]
		slices.SortFunc(ports, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
		lists = append(lists, protocol+" "+strings.Join(slices.Compact(ports), ","))
	}
	return strings.Join(lists, ",")
}

func (p graphPort) String() string {
	if p.EndPort != 0 {
		return fmt.Sprintf("%d-%d", p.Port.IntVal, p.EndPort)
	}
	return p.Port.String()
}
