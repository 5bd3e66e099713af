package connectivity

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hostile are pods of names that mean something to Mermaid, DOT, HTML or Markdown. The API server would refuse most of them.
func hostile(t *testing.T) Picture {
	t.Helper()
	var manifests []string
	for _, name := range []string{"end", "a-b", "a.b", "1st", "öl", `"];x-->y`, "<b>&#35;`*_", `back\slash`, "two\nlines", "a%%b", "click"} {
		manifests = append(manifests, fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: %q, namespace: shop}\nspec: {}\n---\n", name))
	}
	manifests = append(manifests, closed, policyOf(`{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 1}]}], egress: [{to: [{podSelector: {}}]}]}`))
	p := graphOf(t, manifests...).Picture(Options{})
	p.lines = p.lines[:2]
	return p
}

// mermaid's own parser and renderer have accepted this text.
func TestMermaidOfHostileNames(t *testing.T) {
	require.Equal(t, `flowchart LR
    x_y["#34;#93;#59;x--#62;y"]
    node_1st["1st"]
    b_35["#60;b#62;#38;#35;35#59;#96;#42;_"]
    a_b["a#37;#37;b"]
    a_b_2["a-b"]
    a_b_3["a.b"]
    back_slash["back#92;slash"]
    node_click["click"]
    node_end["end"]
    two_lines["two#10;lines"]
    l["#246;l"]
    x_y -->|"1"| x_y
    x_y <-->|"1"| node_1st
`, hostile(t).Mermaid())
}

// Graphviz has accepted this text.
func TestDOTOfHostileNames(t *testing.T) {
	require.Equal(t, "digraph {\n\trankdir=LR\n"+`	"\"];x-->y" [shape=box]
	"1st" [shape=box]
	"<b>&amp;#35;`+"`"+`*_" [shape=box]
	"a%%b" [shape=box]
	"a-b" [shape=box]
	"a.b" [shape=box]
	"back\\slash" [shape=box]
	"click" [shape=box]
	"end" [shape=box]
	"two\nlines" [shape=box]
	"öl" [shape=box]
	"\"];x-->y" -> "\"];x-->y" [label="1"]
	"\"];x-->y" -> "1st" [label="1" dir=both]
}
`, hostile(t).DOT())
}

func TestShapes(t *testing.T) {
	g := graphOf(t, strings.Replace(db, "spec: {", "spec: {volumes: [{name: data, persistentVolumeClaim: {claimName: data}}], ", 1), web,
		policyOf(`{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 1}]}]}`))
	require.Equal(t, `flowchart LR
    any_pod_in_any_namespace(["any pod in any namespace"])
    db[("db")]
    web["web"]
    anywhere(("anywhere"))
    any_pod_in_any_namespace -->|"1"| db
    any_pod_in_any_namespace -->|"1"| web
    db -->|"1"| db
    db <-->|"1"| web
    db -->|"all ports"| anywhere
    web -->|"1"| web
    web -->|"all ports"| anywhere
`, g.Picture(Options{}).Mermaid())
}
