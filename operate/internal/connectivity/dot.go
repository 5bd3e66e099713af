package connectivity

import (
	"fmt"
	"strings"
)

// DOT is the picture in the language of Graphviz. https://graphviz.org/doc/info/lang.html
func (p Picture) DOT() string {
	var text strings.Builder
	text.WriteString("digraph {\n\trankdir=LR\n")
	for _, n := range p.nodes {
		fmt.Fprintf(&text, "\t%s [shape=%s]\n", dotText(n.ID), dotShape(n))
	}
	for _, l := range p.lines {
		direction := ""
		if l.both {
			direction = " dir=both"
		}
		fmt.Fprintf(&text, "\t%s -> %s [label=%s%s]\n", dotText(l.from), dotText(l.to), dotText(l.label), direction)
	}
	text.WriteString("}\n")
	return text.String()
}

func dotShape(n Node) string {
	switch {
	case n.Type == Workload && n.Volume:
		return "cylinder"
	case n.Type == Workload:
		return "box"
	}
	return "ellipse"
}

// dotText quotes a text. In labels a backslash begins an escape, and an ampersand an entity of HTML.
func dotText(text string) string {
	return `"` + strings.NewReplacer("&", "&amp;", `\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}
