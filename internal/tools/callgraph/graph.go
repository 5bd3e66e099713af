package main

import (
	"cmp"
	"errors"
	"go/ast"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

const module = "github.com/ai-platform/manifests"

// constructor is a constructor with the functions behind it, in the order of files and lines.
type constructor struct {
	name      string
	functions []function
}

func (c constructor) files() []string {
	var files []string
	for _, f := range c.functions {
		files = append(files, f.file)
	}
	return slices.Compact(files)
}

// function is a function or a method that the module declares.
type function struct {
	name string
	file string
	line int
	// leadsTo are the functions that the body names, those of other modules and methods of interfaces among them.
	leadsTo []*types.Func
}

type graph map[*types.Func]function

// load finds the constructors, by name, wherever in the module it is called.
func load() ([]constructor, error) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, module+"/...")
	if err != nil {
		return nil, err
	}
	var problems []error
	for _, p := range pkgs {
		for _, e := range p.Errors {
			problems = append(problems, e)
		}
	}
	found := constructors(pkgs)
	if len(found) == 0 {
		problems = append(problems, errors.New("no constructor is found: call this in a folder of the module"))
	}
	return found, errors.Join(problems...)
}

func constructors(pkgs []*packages.Package) []constructor {
	g := graph{}
	for _, p := range pkgs {
		g.add(p)
	}
	var found []constructor
	for f := range g {
		if isConstructor(f) {
			found = append(found, constructor{f.Name(), g.behind(f)})
		}
	}
	slices.SortFunc(found, func(a, b constructor) int { return cmp.Compare(a.name, b.name) })
	return found
}

func isConstructor(f *types.Func) bool {
	inLibrary := strings.HasPrefix(f.Pkg().Path()+"/", module+"/constructs/")
	return inLibrary && f.Signature().Recv() == nil && strings.HasPrefix(f.Name(), "New")
}

// add adds the functions of a package.
func (g graph) add(p *packages.Package) {
	folder := strings.TrimPrefix(p.PkgPath, module+"/")
	for _, file := range p.Syntax {
		for _, decl := range file.Decls {
			d, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			f := p.TypesInfo.Defs[d.Name].(*types.Func)
			at := p.Fset.Position(d.Pos())
			g[f] = function{nameOf(f), path.Join(folder, filepath.Base(at.Filename)), at.Line, named(d, p.TypesInfo)}
		}
	}
}

// nameOf is the name as within the package: "(*tier).addObjects".
func nameOf(f *types.Func) string {
	recv := f.Signature().Recv()
	if recv == nil {
		return f.Name()
	}
	return "(" + types.TypeString(recv.Type(), func(*types.Package) string { return "" }) + ")." + f.Name()
}

func named(d *ast.FuncDecl, info *types.Info) []*types.Func {
	var functions []*types.Func
	ast.Inspect(d, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if f, ok := info.Uses[id].(*types.Func); ok {
				functions = append(functions, f.Origin())
			}
		}
		return true
	})
	return functions
}

// behind are the function itself, and those that it leads to.
func (g graph) behind(start *types.Func) []function {
	var visited []function
	seen := map[*types.Func]bool{}
	var visit func(*types.Func)
	visit = func(at *types.Func) {
		f, ours := g[at]
		if !ours || seen[at] {
			return
		}
		seen[at] = true
		visited = append(visited, f)
		for _, next := range f.leadsTo {
			visit(next)
		}
	}
	visit(start)
	slices.SortFunc(visited, func(a, b function) int { return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line)) })
	return visited
}
