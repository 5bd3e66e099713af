package constructs_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/constructs"
)

const howDoIDocument = "../docs/how-do-i.md"

// wish is a row of docs/how-do-i.md.
type wish struct {
	want    string
	program func(chart cdk8s.Chart) // The document quotes the fields of its last props, except for those that every program sets.
	object  string                  // Kind and name, of a Job without its digest.
	at      string                  // The keys and indices that lead to a value of the object.
	is      string                  // The value, in YAML.
}

func TestHowDoI(t *testing.T) {
	for _, group := range wishes {
		for _, w := range group.wishes {
			t.Run(w.want, func(t *testing.T) {
				files, err := constructs.Render(inShop(w.program))
				require.NoError(t, err)
				kind, name, _ := strings.Cut(w.object, " ")
				manifests := manifestsOf(t, string(files["shop.k8s.yaml"]))
				if i := slices.IndexFunc(manifests, func(m manifest) bool { return m.kind() == "Job" }); kind == "Job" && i >= 0 {
					name += strings.TrimPrefix(manifests[i].name(), name) // It ends in a digest.
				}
				found := find(t, manifests, kind, name).at(steps(w.at)...)
				var want any
				require.NoError(t, yaml.Unmarshal([]byte(w.is), &want))
				require.Equal(t, want, found)
			})
		}
	}
}

func steps(path string) []any {
	var steps []any
	for _, step := range strings.Fields(path) {
		if index, err := strconv.Atoi(step); err == nil {
			steps = append(steps, index)
		} else {
			steps = append(steps, step)
		}
	}
	return steps
}

// The document is made of the rows, so that each is held by TestHowDoI.
func TestHowDoIDocument(t *testing.T) {
	quoted := quotedProps(t)
	var b strings.Builder
	b.WriteString(howDoIHead)
	for _, group := range wishes {
		fmt.Fprintf(&b, "\n## %s\n\n| I want to | I write | and get |\n|---|---|---|\n", group.about)
		for _, w := range group.wishes {
			require.NotEmpty(t, quoted[w.want], w.want)
			fmt.Fprintf(&b, "| %s | `%s` | %s |\n", w.want, strings.ReplaceAll(quoted[w.want], "|", `\|`), w.sets())
		}
	}
	if updateGolden() {
		require.NoError(t, os.WriteFile(howDoIDocument, []byte(b.String()), 0o666))
		return
	}
	document, err := os.ReadFile(howDoIDocument)
	require.NoError(t, err, "make update-golden writes it")
	require.Empty(t, cmp.Diff(strings.Split(string(document), "\n"), strings.Split(b.String(), "\n")), "make update-golden writes it")
}

const howDoIHead = `# How do I …?

Each row is a program that a test runs: the second column quotes the properties that it sets, in addition to an image and what else is required, and
the third shows a field that follows from them, and its object. ` + "`chart`" + ` is a chart whose id and namespace are "shop". [tiers.md](tiers.md) explains the
tiers, and ` + "`go doc`" + ` each property.
`

// sets is the field with its value, in YAML.
func (w wish) sets() string {
	keys := slices.DeleteFunc(strings.Fields(w.at), isIndex)
	key := keys[len(keys)-1]
	if w.is == "null" {
		return fmt.Sprintf("no `%s` in `%s`", key, w.object)
	}
	return fmt.Sprintf("`%s: %s` in `%s`", key, w.is, w.object)
}

func isIndex(step string) bool {
	_, err := strconv.Atoi(step)
	return err == nil
}

// quotedProps are the properties that each program sets, by what is wanted.
func quotedProps(t *testing.T) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "how_do_i_wishes_test.go", nil, 0)
	require.NoError(t, err)
	quoted := map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		row, ok := node.(*ast.CompositeLit)
		if !ok || len(row.Elts) < 2 {
			return true
		}
		want, isText := row.Elts[0].(*ast.BasicLit)
		program, isProgram := row.Elts[1].(*ast.FuncLit)
		if isText && isProgram {
			text, err := strconv.Unquote(want.Value)
			require.NoError(t, err)
			quoted[text] = quote(t, files, program)
			return false
		}
		return true
	})
	return quoted
}

// quote is the first call whose result a program does not keep, without the arguments that all programs have.
func quote(t *testing.T, files *token.FileSet, program *ast.FuncLit) string {
	t.Helper()
	var call *ast.CallExpr
	for _, statement := range program.Body.List {
		if expression, ok := statement.(*ast.ExprStmt); ok && call == nil {
			call, _ = expression.X.(*ast.CallExpr)
		}
	}
	require.NotNil(t, call)
	if props, ok := call.Args[len(call.Args)-1].(*ast.CompositeLit); ok {
		var fields []string
		for _, element := range props.Elts {
			field := source(t, files, element)
			if name, _, _ := strings.Cut(field, ":"); name != "Image" && name != "Credentials" && name != "Host" && name != "Tier" {
				fields = append(fields, field)
			}
		}
		return source(t, files, props.Type) + "{" + strings.Join(fields, ", ") + "}"
	}
	return source(t, files, call)
}

// source is the source of an expression on one line, without the packages' names.
func source(t *testing.T, files *token.FileSet, node ast.Node) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, format.Node(&b, files, node))
	text := strings.NewReplacer("constructs.", "", "monitoring.", "").Replace(b.String())
	text = strings.Join(strings.Fields(text), " ")
	return strings.NewReplacer("{ ", "{", ", }", "}", " }", "}").Replace(text)
}
