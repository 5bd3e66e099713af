package registry

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	constructs.Close()
	os.Exit(code)
}

// repository is the root of the repository, seen from this package.
const repository = "../.."

// A construct that nobody lists would be held to nothing: no golden file, no patch, no API server.
func TestEveryConstructIsListed(t *testing.T) {
	var listed []string
	for _, c := range Constructs() {
		listed = append(listed, c.Package()+"."+c.Name())
	}
	folders, err := filepath.Glob(filepath.Join(repository, "constructs", "*"))
	require.NoError(t, err)
	var exported []string
	for _, folder := range append(folders, filepath.Join(repository, "constructs")) {
		for _, name := range constructors(t, folder) {
			below, err := filepath.Rel(repository, folder)
			require.NoError(t, err)
			exported = append(exported, filepath.ToSlash(below)+"."+name)
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

// Props check themselves, so that an importer learns without Node.js what synthesis would say.
func TestPropsValidateThemselves(t *testing.T) {
	for _, c := range Constructs() {
		t.Run(c.Name(), func(t *testing.T) {
			_, err := constructs.Render(func(app cdk8s.App) {
				require.Empty(t, validate(c.Kind, c.Full(newChart(app, "full"))[0]))
			})
			require.NoError(t, err)

			nothing := reflect.New(c.Props()).Elem().Interface()
			_, err = constructs.Render(func(app cdk8s.App) { c.Create(newChart(app, "shop"), "a", nothing) })
			require.Equal(t, problemsOf(err, "[shop/a] "), validate(c.Kind, nothing))
		})
	}
}

// Whether the chart has a namespace is not the props' business.
func TestPropsValidateWithoutANamespace(t *testing.T) {
	_, err := constructs.Render(func(app cdk8s.App) {
		chart := cdk8s.NewChart(app, jsii.String("open"), nil)
		backend := constructs.NewBackend(chart, "api", apiProps)
		require.Empty(t, validate("frontend", constructs.FrontendProps{Image: "pages:1", Backend: backend}))
		require.Empty(t, validate("ingress", constructs.IngressProps{Host: "shop.example.com", Tier: backend, Routes: []constructs.IngressRoute{{Path: "/api", Tier: backend}}}))
	})
	require.NoError(t, err)
}

func newChart(app cdk8s.App, id string) cdk8s.Chart {
	return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{Namespace: jsii.String(id)})
}

func validate(kind string, props any) []string {
	validating := props.(interface {
		Validate(path *field.Path) field.ErrorList
	})
	return checktest.Messages(validating.Validate(field.NewPath(kind)))
}

// problemsOf are the lines of synthesis's error, without the path of the construct.
func problemsOf(err error, construct string) []string {
	if err == nil {
		return nil
	}
	var problems []string
	for _, line := range strings.Split(err.Error(), "\n  ")[1:] {
		problems = append(problems, strings.TrimPrefix(line, construct))
	}
	return problems
}

// Every package holds the defaults that its documentation names.
func TestEveryPackageHoldsItsDefaults(t *testing.T) {
	for _, c := range Constructs() {
		test, err := os.ReadFile(filepath.Join(repository, c.Package(), "defaults_test.go"))
		require.NoError(t, err)
		require.Contains(t, string(test), "doctest.Defaults(t)", c.Package())
	}
}

// constructors are the exported functions of a package that take a scope and return something. SetCluster returns nothing.
func constructors(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, declaration := range source.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && function.Recv == nil && function.Name.IsExported() && takesScope(function) && function.Type.Results != nil {
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
