package main

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

type bound struct{ functions, files int }

// bounds say how far a reader has to go at the most. Raise one only if what a constructor now does is worth the way.
var bounds = map[string]bound{
	"NewAlertmanager":       {functions: 219, files: 33},
	"NewApplication":        {functions: 88, files: 18},
	"NewApplicationSet":     {functions: 93, files: 18},
	"NewBackend":            {functions: 361, files: 56},
	"NewBlackboxExporter":   {functions: 216, files: 36},
	"NewCronJob":            {functions: 331, files: 55},
	"NewFrontend":           {functions: 349, files: 54},
	"NewGeneratedSecret":    {functions: 90, files: 18},
	"NewGrafana":            {functions: 257, files: 43},
	"NewIngress":            {functions: 179, files: 19},
	"NewJob":                {functions: 320, files: 53},
	"NewKubeStateMetrics":   {functions: 181, files: 31},
	"NewNamespace":          {functions: 50, files: 11},
	"NewOperatorDashboards": {functions: 99, files: 24},
	"NewOperatorMonitoring": {functions: 178, files: 29},
	"NewPods":               {functions: 132, files: 22},
	"NewPostgres":           {functions: 240, files: 33},
	"NewProject":            {functions: 75, files: 15},
	"NewPrometheus":         {functions: 333, files: 49},
	"NewRedis":              {functions: 179, files: 29},
	"NewScheduler":          {functions: 333, files: 55},
	"NewStoreSecret":        {functions: 94, files: 18},
	"NewWorker":             {functions: 333, files: 54},
}

func TestBounds(t *testing.T) {
	noticeNewFiles(t)
	found, err := load()
	require.NoError(t, err)
	missing := map[string]bool{}
	for name := range bounds {
		missing[name] = true
	}
	for _, c := range found {
		delete(missing, c.name)
		most, ok := bounds[c.name]
		functions, files := len(c.functions), len(c.files())
		switch {
		case !ok:
			t.Errorf("%s has no bound: it leads to %d functions in %d files", c.name, functions, files)
		case functions > most.functions || files > most.files:
			t.Errorf("%s leads to %d functions in %d files, and may lead to %d in %d. This lists them:\n"+
				"go run ./internal/tools/callgraph -list %[1]s", c.name, functions, files, most.functions, most.files)
		}
	}
	for name := range missing {
		t.Errorf("%s has a bound, but there is no such constructor", name)
	}
}

// noticeNewFiles reads the library's folders: Go reuses the result of a test while the files and folders that it opened are
// the same, and it is another process that lists them for load.
func noticeNewFiles(t *testing.T) {
	require.NoError(t, filepath.WalkDir("../../../constructs", func(_ string, _ fs.DirEntry, err error) error { return err }))
}

// Every function that is to be counted is named counted….
const source = `package constructs

import "strings"

type shape interface{ draw() }

type square struct{}

func (square) draw() {}

func (*square) countedMethod() {}

type countedBox[T any] struct{ square }

func (countedBox[T]) countedMethod() { countedGeneric(1.5) }

var variable = behindVariable

func behindVariable() {}

func NewCounted(s shape) {
	s.draw()
	variable()
	countedGeneric(1)
	countedGeneric("")
	strings.Map(countedValue, "")
	defer countedDeferred()
	func() { countedInLiteral() }()
	new(countedBox[int]).square.countedMethod()
	_ = countedBox[string].countedMethod
}

func countedGeneric[T any](T)       { NewCounted(nil) }
func countedValue(r rune) rune      { return r }
func countedDeferred()              {}
func countedInLiteral()             {}
func newUnexported()                {}
func (square) NewMethod()           { newUnexported() }
`

func TestWhatCounts(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "source.go", source, 0)
	require.NoError(t, err)
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.Default()}
	_, err = config.Check(module+"/constructs", fset, []*ast.File{file}, info)
	require.NoError(t, err)
	found := constructors([]*packages.Package{{
		PkgPath: module + "/constructs", Fset: fset, Syntax: []*ast.File{file}, TypesInfo: info,
	}})
	require.Len(t, found, 1)
	var names []string
	for _, f := range found[0].functions {
		names = append(names, f.name)
	}
	require.Equal(t, []string{
		"(*square).countedMethod",
		"(countedBox[T]).countedMethod",
		"NewCounted",
		"countedGeneric",
		"countedValue",
		"countedDeferred",
		"countedInLiteral",
	}, names)
	require.Equal(t, []string{"constructs/source.go"}, found[0].files())
}

func TestUnknownName(t *testing.T) {
	err := run(&strings.Builder{}, "NewRediss", nil)
	require.ErrorContains(t, err, `no constructor is named "NewRediss": there are NewAlertmanager, `)
}
