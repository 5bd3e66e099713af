package registry

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository is the root of the repository, seen from this package.
const repository = "../.."

// A construct that nobody lists would be held to nothing: no golden file, no patch, no API server.
func TestEveryConstructIsListed(t *testing.T) {
	var listed []string
	for _, c := range Constructs() {
		listed = append(listed, c.Package()+"."+c.Name())
	}
	var exported []string
	for _, folder := range []string{"constructs", "constructs/monitoring"} {
		for _, name := range constructors(t, filepath.Join(repository, folder)) {
			exported = append(exported, folder+"."+name)
		}
	}
	require.ElementsMatch(t, exported, listed)
}

func TestEveryConstructHasCases(t *testing.T) {
	for _, c := range Constructs() {
		require.NotEmpty(t, c.Cases, c.Name())
		for _, of := range c.Cases {
			require.FileExists(t, filepath.Join(repository, c.Golden(of)))
		}
	}
}

// Props check themselves, so that an importer learns what is wrong with them without Node.js.
func TestPropsValidateThemselves(t *testing.T) {
	for _, c := range Constructs() {
		_, validates := c.Props().MethodByName("Validate")
		require.True(t, validates, c.Props())
	}
}

// constructors are the exported functions of a package that take a scope.
func constructors(t *testing.T, folder string) []string {
	t.Helper()
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		source, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, file.Name()), nil, 0)
		require.NoError(t, err)
		for _, declaration := range source.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && function.Recv == nil && function.Name.IsExported() && takesScope(function) {
				names = append(names, function.Name.Name)
			}
		}
	}
	return names
}

func takesScope(function *ast.FuncDecl) bool {
	if len(function.Type.Params.List) == 0 {
		return false
	}
	selector, ok := function.Type.Params.List[0].Type.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == "Construct"
}
