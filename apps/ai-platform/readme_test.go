package main

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
)

func readme(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, "README.md"))
	require.NoError(t, err)
	return string(content)
}

// The README's program is the one that the package's example compiles and runs.
func TestReadmeShowsTheExample(t *testing.T) {
	files := token.NewFileSet()
	example, err := parser.ParseFile(files, filepath.Join(repository, "constructs", "example_test.go"), nil, 0)
	require.NoError(t, err)
	for _, declaration := range example.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || function.Name.Name != "shop" {
			continue
		}
		var source strings.Builder
		require.NoError(t, (&printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}).Fprint(&source, files, function))
		require.Contains(t, readme(t), source.String())
		return
	}
	require.Fail(t, "the example has no function shop")
}

// The README's picture has an arrow for each connection that the policies open, and no other.
func TestReadmeShowsTheConnections(t *testing.T) {
	var drawn []string
	arrow := regexp.MustCompile(`(?m)^ +([a-z-]+)(?:[\[(]+[^\])]*[\])]+)? -(?:->|\. [a-z]+ \.->) ([a-z-]+)`)
	for _, match := range arrow.FindAllStringSubmatch(readme(t), -1) {
		if match[1] != "internet" {
			drawn = append(drawn, match[1]+" -> "+match[2])
		}
	}
	sort.Strings(drawn)
	declared := append(openings(t), exits(t)...)
	sort.Strings(declared)
	require.Equal(t, declared, drawn)
}

// exits are the connections that production's policies allow to what is no pod: a rule has addresses, or no peers at all
// for the API server, which may be anywhere.
func exits(t *testing.T) []string {
	t.Helper()
	leads := map[string]bool{}
	for _, o := range production(t) {
		spec, _ := o["spec"].(map[string]any)
		rules, _ := spec["egress"].([]any)
		for _, rule := range rules {
			from := podName(t, inspect.At(t, spec, "podSelector", "matchLabels"))
			peers, _ := rule.(map[string]any)["to"].([]any)
			switch {
			case len(peers) == 0:
				leads[from+" -> kubernetes"] = true
			case peers[0].(map[string]any)["ipBlock"] != nil:
				leads[from+" -> slack"] = true
			}
		}
	}
	return slices.Collect(maps.Keys(leads))
}

func production(t *testing.T) []inspect.Object {
	t.Helper()
	return inspect.Objects(t, filepath.Join(repository, platform.Production().Directory()))
}

// openings are the connections that the ingress policies of production allow.
func openings(t *testing.T) []string {
	t.Helper()
	var open []string
	for _, o := range production(t) {
		spec, _ := o["spec"].(map[string]any)
		rules, _ := spec["ingress"].([]any)
		for _, rule := range rules {
			from := inspect.At(t, rule, "from", 0, "podSelector", "matchLabels")
			open = append(open, podName(t, from)+" -> "+podName(t, inspect.At(t, spec, "podSelector", "matchLabels")))
		}
	}
	return open
}

func podName(t *testing.T, labels any) string {
	t.Helper()
	selected := labels.(map[string]any)
	switch {
	case selected["component"] != nil:
		return selected["component"].(string)
	case selected["app.kubernetes.io/name"] == "ingress-nginx":
		return "controller"
	case selected["acme.cert-manager.io/http01-solver"] != nil:
		return "solver"
	}
	require.Failf(t, "unknown pods", "%v", labels)
	return ""
}

func TestReadmeLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, match := range link.FindAllStringSubmatch(readme(t), -1) {
		require.FileExists(t, filepath.Join(repository, match[1]))
	}
}
