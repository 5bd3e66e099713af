package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/operate"
)

// documents are the texts for people, by their path in the repository.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "deploy/helm/*/README.md"} {
		paths, err := filepath.Glob(filepath.Join(repository, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		for _, path := range paths {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			name, err := filepath.Rel(repository, path)
			require.NoError(t, err)
			texts[name] = string(content)
		}
	}
	return texts
}

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

func TestProgramsInDocumentsCompile(t *testing.T) {
	compiled := map[string]bool{}
	for name, text := range documents(t) {
		for _, block := range goBlock.FindAllStringSubmatch(text, -1) {
			if !strings.HasPrefix(block[1], "package ") {
				continue
			}
			program := filepath.Join(t.TempDir(), "main.go")
			require.NoError(t, os.WriteFile(program, []byte(block[1]), 0o600))
			vet := exec.CommandContext(t.Context(), "go", "vet", program)
			vet.Dir = repository
			output, err := vet.CombinedOutput()
			require.NoError(t, err, "%s: %s", name, output)
			compiled[name] = true
		}
	}
	require.Equal(t, map[string]bool{"README.md": true, filepath.Join("docs", "library.md"): true}, compiled)
}

// The function in the README's program is the one that the package's example runs.
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
		require.Contains(t, documents(t)["README.md"], source.String())
		return
	}
	require.Fail(t, "the example has no function shop")
}

// The README quotes the beginning of the output that a test keeps.
func TestReadmeShowsTheOutputOfVerify(t *testing.T) {
	output, err := os.ReadFile(filepath.Join(repository, "test", "rollout", "testdata", "verify", "missing-key.txt"))
	require.NoError(t, err)
	quoted, _, found := strings.Cut(string(output), "failed       services")
	require.True(t, found)
	require.Contains(t, documents(t)["README.md"], "```console\n"+quoted+"```")
}

// The picture is the one that the command graph draws of production.
func TestDocumentShowsTheConnections(t *testing.T) {
	text := documents(t)[filepath.Join("docs", "network.md")]
	t.Chdir(repository)
	var drawn bytes.Buffer
	require.NoError(t, run([]string{"graph"}, &drawn))
	picture := regexp.MustCompile("(?s)```mermaid\n(.*?)```").FindStringSubmatch(text)
	require.NotNil(t, picture)
	require.Equal(t, drawn.String(), picture[1], "put the output of \"go run ./apps/ai-platform graph\" into docs/network.md")
}

// The oldest version of Kubernetes is the one whose schemas the tests use, and the control plane's is the one that they run.
func TestDocumentsNameTheTestedVersions(t *testing.T) {
	chart := findIn(t, "deploy/helm/ai-platform/Chart.yaml", `kubeVersion: ">=(\d+\.\d+)\.0-0"`)
	schemas := findIn(t, "test/judges/kubectl_validate_test.go", `oldestKubernetes = version.MustParseGeneric\("(.+)"\)`)
	require.Equal(t, operate.MinimumVersion, chart)
	require.Equal(t, operate.MinimumVersion, schemas)
	controlPlane := findIn(t, "test/controlplane/go.mod", `k8s\.io/kubernetes v(\d+\.\d+)\.`)
	types := findIn(t, "go.mod", `k8s\.io/api v0\.(\d+)\.`)

	readme, support := documents(t)["README.md"], documents(t)[filepath.Join("docs", "support.md")]
	require.Contains(t, readme, fmt.Sprintf("Kubernetes %s or newer.", operate.MinimumVersion))
	require.Contains(t, readme, fmt.Sprintf("a real Kubernetes %s control plane", controlPlane))
	require.Contains(t, support, fmt.Sprintf("| Kubernetes | %s and newer | a control plane of %s, the schemas of %s, the Go types of 1.%s |",
		operate.MinimumVersion, controlPlane, schemas, types))
}

func findIn(t *testing.T, path, expression string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(path)))
	require.NoError(t, err)
	found := regexp.MustCompile(expression).FindSubmatch(content)
	require.NotNil(t, found, "%s has no %s", path, expression)
	return string(found[1])
}

func TestLinksInDocuments(t *testing.T) {
	all := documents(t)
	link := regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`)
	for name, text := range all {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target := name
			if match[1] != "" {
				target = filepath.Join(filepath.Dir(name), filepath.FromSlash(match[1]))
			}
			_, err := os.Stat(filepath.Join(repository, target))
			require.NoError(t, err, "%s: %s", name, match[0])
			if match[2] != "" {
				require.Contains(t, anchors(all[target]), match[2], "%s: %s", name, match[0])
			}
		}
	}
}

// anchors are those that GitHub gives to headings.
func anchors(text string) []string {
	var found []string
	outside := regexp.MustCompile("(?ms)^```.*?^```").ReplaceAllString(text, "")
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(outside, -1) {
		kept := regexp.MustCompile(`[^\p{L}\p{N}_ -]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		found = append(found, "#"+strings.ReplaceAll(kept, " ", "-"))
	}
	return found
}

// Snippets and sentences use names that exist. The changelog also has old names.
func TestNamesInDocuments(t *testing.T) {
	exists := exportedNames(t)
	inPackage := regexp.MustCompile(`\b(constructs|monitoring|externalsecrets|argocd)\.([A-Z]\w*)`)
	inStruct := regexp.MustCompile("`([A-Z]\\w+)\\.([A-Z]\\w+)")
	checked := 0
	for name, text := range documents(t) {
		if name == "CHANGELOG.md" {
			continue
		}
		for _, match := range slices.Concat(inPackage.FindAllString(text, -1), inStruct.FindAllString(text, -1)) {
			match = strings.TrimPrefix(match, "`")
			if parent, _, _ := strings.Cut(match, "."); exists[parent] {
				require.True(t, exists[match], "%s: %s", name, match)
				checked++
			}
		}
	}
	require.Greater(t, checked, 20)
}

// exportedNames are those of packages and structs, and of what is in each: constructs, constructs.Backend, BackendProps, BackendProps.Image.
func exportedNames(t *testing.T) map[string]bool {
	t.Helper()
	exists := map[string]bool{}
	for _, directory := range []string{"constructs", "constructs/monitoring", "constructs/externalsecrets", "constructs/argocd", "apps/ai-platform/platform"} {
		sources, err := filepath.Glob(filepath.Join(repository, directory, "*.go"))
		require.NoError(t, err)
		for _, source := range sources {
			if strings.HasSuffix(source, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
			require.NoError(t, err)
			exists[file.Name.Name] = true
			for name, object := range file.Scope.Objects {
				exists[file.Name.Name+"."+name] = true
				if spec, ok := object.Decl.(*ast.TypeSpec); ok {
					addFields(exists, spec)
				}
			}
		}
	}
	return exists
}

// addFields leaves out structs that embed others, whose fields are theirs too.
func addFields(exists map[string]bool, spec *ast.TypeSpec) {
	structure, ok := spec.Type.(*ast.StructType)
	if !ok || slices.ContainsFunc(structure.Fields.List, func(f *ast.Field) bool { return len(f.Names) == 0 }) {
		return
	}
	exists[spec.Name.Name] = true
	for _, field := range structure.Fields.List {
		for _, name := range field.Names {
			exists[spec.Name.Name+"."+name.Name] = true
		}
	}
}
