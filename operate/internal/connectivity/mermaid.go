package connectivity

import (
	"fmt"
	"regexp"
	"strings"
)

// Mermaid is the picture as a flowchart. https://mermaid.js.org/syntax/flowchart.html
func (p Picture) Mermaid() string {
	ids := mermaidIDs(p.nodes)
	var text strings.Builder
	text.WriteString("flowchart LR\n")
	for _, n := range p.nodes {
		opening, closing := mermaidShape(n)
		fmt.Fprintf(&text, "    %s%s\"%s\"%s\n", ids[n.ID], opening, mermaidText(n.ID), closing)
	}
	for _, l := range p.lines {
		arrow := "-->"
		if l.both {
			arrow = "<-->"
		}
		fmt.Fprintf(&text, "    %s %s|\"%s\"| %s\n", ids[l.from], arrow, mermaidText(l.label), ids[l.to])
	}
	return text.String()
}

func mermaidShape(n Node) (opening, closing string) {
	switch {
	case n.Type == Workload && n.Volume:
		return "[(", ")]"
	case n.Type == Workload:
		return "[", "]"
	case n.Type == Pods:
		return "([", "])"
	}
	return "((", "))"
}

var (
	notMermaidID = regexp.MustCompile(`[^a-zA-Z0-9]+`)

	// mermaidWords begin statements, or end them.
	mermaidWords = regexp.MustCompile(`(?i)^(graph|flowchart|subgraph|end|style|default|linkstyle|interpolate|classdef|class|click|href|call|direction)$`)
)

// mermaidIDs are readable, and none of them has a meaning of its own in Mermaid.
func mermaidIDs(nodes []Node) map[string]string {
	ids := map[string]string{}
	taken := map[string]bool{}
	for _, n := range nodes {
		id := strings.Trim(notMermaidID.ReplaceAllString(n.ID, "_"), "_")
		if id == "" || mermaidWords.MatchString(id) || id[0] >= '0' && id[0] <= '9' {
			id = "node_" + id
		}
		for unique, i := id, 2; ; i++ {
			if !taken[unique] {
				ids[n.ID], taken[unique] = unique, true
				break
			}
			unique = fmt.Sprintf("%s_%d", id, i)
		}
	}
	return ids
}

var notMermaidText = regexp.MustCompile(`[^a-zA-Z0-9 .,:/=()_-]`)

// mermaidText writes as a number what could end the text, or be taken for HTML or Markdown.
func mermaidText(text string) string {
	return notMermaidText.ReplaceAllStringFunc(text, func(s string) string { return fmt.Sprintf("#%d;", []rune(s)[0]) })
}
