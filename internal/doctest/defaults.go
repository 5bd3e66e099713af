// Package doctest reads the documentation of the package under test.
package doctest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// namesDefault begins what a docstring says of a default.
var namesDefault = regexp.MustCompile(`(?i)\bdefaults?\s+(to|of)\b`)

// Defaults lists the fields of exported structs of the package under test whose documentation names a default, as Type.Field.
func Defaults(t *testing.T) []string {
	t.Helper()
	var fields []string
	for name, doc := range fieldDocs(t, ".") {
		if namesDefault.MatchString(doc) {
			fields = append(fields, name)
		}
	}
	slices.Sort(fields)
	return fields
}

// RequireLiterals requires the documentation of each field to contain its default as a literal. Of a struct, a list or a map, it must contain
// every number and text, unless the documentation of the struct's own field does; packages are the directories of such structs. A component
// "shop-api" is documented as <app>-<component>. Words replace the values of a default that is no literal, such as one that is computed.
func RequireLiterals(t *testing.T, wanted map[string]any, words map[string]string, packages ...string) {
	t.Helper()
	docs := fieldDocs(t, append([]string{"."}, packages...)...)
	for field := range words {
		require.Contains(t, wanted, field, "the default whose words are given")
	}
	for field, want := range wanted {
		literals := literalsOf(docs, reflect.ValueOf(want))
		if text, given := words[field]; given {
			literals = []string{text}
		}
		for _, literal := range literals {
			assert.Regexp(t, containing(literal), afterDefault(docs[field]), "the documentation of %s names its default", field)
		}
	}
}

// afterDefault is what a docstring says of defaults, on one line. A list of defaults may begin in the middle of a sentence.
func afterDefault(doc string) string {
	at := namesDefault.FindStringIndex(doc)
	if at == nil {
		return ""
	}
	return strings.Join(strings.Fields(doc[at[0]:]), " ")
}

// containing matches a literal that is no part of another one.
func containing(literal string) *regexp.Regexp {
	return regexp.MustCompile(`(^|[^\w./-])` + regexp.QuoteMeta(literal) + `($|[^\w/-])`)
}

var components = strings.NewReplacer("shop-api", "<app>-<component>", "shop-production", "<app>-<component>", "shop-secrets", "<app>-<component>", "shop-tls", "<app>-tls")

// literalsOf are the texts that documentation has for a value. True stands for a test's own comparison, and has none.
func literalsOf(docs map[string]string, value reflect.Value) []string {
	if value.Kind() == reflect.Bool && value.Bool() {
		return nil
	}
	if value.Kind() == reflect.Bool {
		return []string{"false"}
	}
	if !value.IsValid() || value.IsZero() {
		return nil
	}
	if elapsed, is := value.Interface().(time.Duration); is {
		return []string{duration(elapsed)}
	}
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		return literalsOf(docs, value.Elem())
	case reflect.Struct:
		return structLiterals(docs, value)
	case reflect.Slice, reflect.Map:
		return elementLiterals(docs, value)
	default:
		return []string{components.Replace(fmt.Sprint(value))}
	}
}

// elementLiterals are those of the elements of a list, and the pairs of a map.
func elementLiterals(docs map[string]string, value reflect.Value) (literals []string) {
	for key, element := range value.Seq2() {
		if value.Kind() == reflect.Map {
			literals = append(literals, fmt.Sprintf("%v: %v", key, element))
			continue
		}
		literals = append(literals, literalsOf(docs, element)...)
	}
	return literals
}

// structLiterals leaves out the literals that the documentation of the struct's own fields names.
func structLiterals(docs map[string]string, value reflect.Value) (literals []string) {
	for i := range value.NumField() {
		structField := value.Type().Field(i)
		if !structField.IsExported() {
			continue
		}
		doc := afterDefault(docs[value.Type().Name()+"."+structField.Name])
		for _, literal := range literalsOf(docs, value.Field(i)) {
			if !containing(literal).MatchString(doc) {
				literals = append(literals, literal)
			}
		}
	}
	return literals
}

// duration writes a duration in the largest unit of which it is a whole number.
func duration(value time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if value%unit.of == 0 {
			return fmt.Sprintf("%d %s", value/unit.of, unit.name)
		}
	}
	return fmt.Sprintf("%d ms", value.Milliseconds())
}

// fieldDocs are the docstrings of the exported fields of exported structs, by Type.Field. The first directory's come first.
func fieldDocs(t *testing.T, directories ...string) map[string]string {
	t.Helper()
	docs := map[string]string{}
	for _, directory := range directories {
		sources, err := filepath.Glob(filepath.Join(directory, "*.go"))
		require.NoError(t, err)
		for _, source := range sources {
			file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
			require.NoError(t, err)
			addFieldDocs(docs, file)
		}
	}
	return docs
}

func addFieldDocs(docs map[string]string, file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		spec, isType := node.(*ast.TypeSpec)
		if !isType || !spec.Name.IsExported() {
			return true
		}
		structure, isStruct := spec.Type.(*ast.StructType)
		if !isStruct {
			return true
		}
		for _, field := range structure.Fields.List {
			if len(field.Names) == 0 || !field.Names[0].IsExported() {
				continue
			}
			name := spec.Name.Name + "." + field.Names[0].Name
			if _, documented := docs[name]; !documented {
				docs[name] = field.Doc.Text()
			}
		}
		return true
	})
}
