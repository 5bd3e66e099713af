package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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

// The README's picture is the one that the command graph draws of production.
func TestReadmeShowsTheConnections(t *testing.T) {
	text := readme(t)
	t.Chdir(repository)
	var drawn bytes.Buffer
	require.NoError(t, run([]string{"graph"}, &drawn))
	picture := regexp.MustCompile("(?s)```mermaid\n(.*?)```").FindStringSubmatch(text)
	require.NotNil(t, picture)
	require.Equal(t, drawn.String(), picture[1], "put the output of \"go run ./apps/ai-platform graph\" into README.md")
}

func TestReadmeLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, match := range link.FindAllStringSubmatch(readme(t), -1) {
		require.FileExists(t, filepath.Join(repository, match[1]))
	}
}
