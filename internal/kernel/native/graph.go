package native

import (
	"slices"
	"strconv"
)

// topology lists the constructs below a node, with its own: what others depend on comes before them. Dependencies on constructs elsewhere do
// not count.
// https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/dependency.ts
func topology(n *node) []*construct {
	g := graph{outbound: map[*construct]*set[*construct]{}}
	vertices := n.findAll(false)
	for _, c := range vertices {
		g.outbound[c] = &set[*construct]{}
	}
	inbound := map[*construct]bool{}
	for _, source := range vertices {
		for _, target := range source.node.dependencies.list {
			if target = g.vertex(n, target); target == nil {
				continue
			}
			g.outbound[source].add(target)
			inbound[target] = true
		}
	}
	sortVertices(n, vertices)
	g.visited = make(map[*construct]visit, len(vertices))
	for _, c := range vertices {
		if !inbound[c] {
			g.visit(c)
		}
	}
	if len(g.sorted) != len(vertices) {
		handOver("dependencies that form a cycle")
	}
	return g.sorted
}

type graph struct {
	outbound map[*construct]*set[*construct]
	byPath   map[string]*construct
	visited  map[*construct]visit
	sorted   []*construct
}

// vertex finds a construct among those of a graph. JavaScript goes by paths, so that it takes a construct of another tree for the one with the same path.
func (g *graph) vertex(n *node, c *construct) *construct {
	if c.node.root() == n.root() {
		if _, below := g.outbound[c]; below {
			return c
		}
		return nil
	}
	if g.byPath == nil {
		g.byPath = map[string]*construct{}
		for c := range g.outbound {
			g.byPath[c.node.path()] = c
		}
	}
	return g.byPath[c.node.path()]
}

// visit is how far the search below a vertex is.
type visit int

const (
	begun visit = iota + 1
	done
)

func (g *graph) visit(c *construct) {
	switch g.visited[c] {
	case begun:
		handOver("dependencies that form a cycle")
	case done:
		return
	}
	g.visited[c] = begun
	for _, target := range g.outbound[c].list {
		g.visit(target)
	}
	g.visited[c] = done
	g.sorted = append(g.sorted, c)
}

// sortVertices puts the vertices into the order of an object of JavaScript whose keys are their paths. Only a path without a slash can be an array index: that
// of a construct directly below the root.
func sortVertices(n *node, vertices []*construct) {
	if n.scope != nil {
		return
	}
	place := map[*construct]int{}
	for i, c := range n.inKeyOrder() {
		place[c] = i - len(vertices)
	}
	slices.SortStableFunc(vertices, func(a, b *construct) int { return place[a] - place[b] })
}

// inKeyOrder lists the children whose ids are array indices.
func (n *node) inKeyOrder() []*construct {
	var list []*construct
	for id, child := range n.children.All {
		if isArrayIndex(id) {
			list = append(list, child.(*construct))
		}
	}
	return list
}

// isArrayIndex reports whether an object of JavaScript sorts a key by its number.
// https://tc39.es/ecma262/#array-index
func isArrayIndex(key string) bool {
	number, err := strconv.ParseUint(key, 10, 32)
	return err == nil && number < 1<<32-1 && strconv.FormatUint(number, 10) == key
}
