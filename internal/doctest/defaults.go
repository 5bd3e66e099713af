// Package doctest reads the documentation of the package under test.
package doctest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Defaults lists the fields of exported structs of the package under test whose documentation names a default, as Type.Field.
func Defaults(t *testing.T) []string {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	namesDefault := regexp.MustCompile(`(?i)\bdefaults?\s+(to|of)\b`)
	var fields []string
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
		require.NoError(t, err)
		for name, structure := range exportedStructs(file) {
			for _, field := range structure.Fields.List {
				if namesDefault.MatchString(field.Doc.Text()) && field.Names[0].IsExported() {
					fields = append(fields, name+"."+field.Names[0].Name)
				}
			}
		}
	}
	slices.Sort(fields)
	return fields
}

func exportedStructs(file *ast.File) map[string]*ast.StructType {
	structures := map[string]*ast.StructType{}
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.TypeSpec); ok && spec.Name.IsExported() {
			if structure, ok := spec.Type.(*ast.StructType); ok {
				structures[spec.Name.Name] = structure
			}
		}
		return true
	})
	return structures
}
