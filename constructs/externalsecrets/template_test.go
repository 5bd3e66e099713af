package externalsecrets

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

// hostilePasswords have whatever a URL, a template, a shell and YAML give a meaning.
var hostilePasswords = []string{"plain", "@/:%+\"'$", "a b+c", "%41", "{{ .a }}", `\`, "ü ñ", "#?&=;,[]", "\n"}

func TestPostgresURL(t *testing.T) {
	u := PostgresURL{Host: "fd00::7", Port: 5433, Database: "the shop/{{", User: "a@{{b}}:c", PasswordKey: "db-password"}
	checktest.Equal(t, nil, checkTemplate(checktest.Prop, u.template(), []string{"db-password"}))
	parsed, err := template.New("url").Funcs(sprig.TxtFuncMap()).Parse(u.template())
	require.NoError(t, err)
	for _, password := range hostilePasswords {
		var made strings.Builder
		require.NoError(t, parsed.Execute(&made, map[string]string{"db-password": password}))
		u, err := url.Parse(made.String())
		require.NoError(t, err, password)
		got, _ := u.User.Password()
		require.Equal(t, []string{password, "a@{{b}}:c", "fd00::7", "5433", "/the shop/{{"}, []string{got, u.User.Username(), u.Hostname(), u.Port(), u.Path})
	}
}

func TestComposed(t *testing.T) {
	check := func(c composed) field.ErrorList {
		return c.validate(checktest.Prop, checktest.Prop.Child("passwords"), []string{"a", "b"})
	}
	good := PostgresURL{Host: "db", Port: 5432, Database: "d", User: "u", PasswordKey: "a"}
	runChecks(t, map[string]expectation{
		"nothing": {check(composed{}), nil},
		"good":    {check(composed{map[string]string{"c": "{{ .a }}"}, map[string]PostgresURL{"d": good}}), nil},
		"keys": {check(composed{map[string]string{"a": "", "c": "", "e f": ""}, map[string]PostgresURL{"b": good, "c": good, "": good}}), []string{
			`prop.templates[a]: Duplicate value: "a": already set by prop.passwords`,
			`prop.templates[e f]: Invalid value: "e f": ` + checktest.KeyRule,
			"prop.postgresURLs[]: Required value",
			`prop.postgresURLs[b]: Duplicate value: "b": already set by prop.passwords`,
			`prop.postgresURLs[c]: Duplicate value: "c": already set by prop.templates`,
		}},
		"an empty URL": {check(composed{nil, map[string]PostgresURL{"c": {}}}), []string{
			"prop.postgresURLs[c].host: Required value",
			"prop.postgresURLs[c].port: Invalid value: 0: " + checktest.PortRule,
			"prop.postgresURLs[c].database: Required value",
			"prop.postgresURLs[c].user: Required value",
			"prop.postgresURLs[c].passwordKey: Required value",
		}},
		"a wrong URL": {check(composed{nil, map[string]PostgresURL{"c": {"a b", -1, "d", "u", "z"}}}), []string{
			`prop.postgresURLs[c].host: Invalid value: "a b": ` + checktest.SubdomainRule,
			"prop.postgresURLs[c].port: Invalid value: -1: " + checktest.PortRule,
			`prop.postgresURLs[c].passwordKey: Unsupported value: "z": supported values: "a", "b"`,
		}},
		"more than a Secret holds": {check(composed{map[string]string{"c": strings.Repeat("x", 1<<20), "d": "x"}, nil}), []string{
			"prop.templates: Too long: may not be more than 1048576 bytes",
		}},
	})
}

func TestTemplates(t *testing.T) {
	check := func(text string) field.ErrorList { return checkTemplate(checktest.Prop, text, []string{"a", "b-c"}) }
	refused := func(text, problem string) expectation {
		return expectation{check(text), []string{"prop: Invalid value: " + strconv.Quote(text) + ": " + problem}}
	}
	unknown := func(text, key string) expectation {
		return refused(text, `refers to the key "`+key+`", which does not exist: use one of a, b-c`)
	}
	const syntax = `invalid Go template, in which {{ index . "a-key" }} is a value: `
	good := map[string]expectation{}
	for _, text := range []string{
		"", "shop", "{{ .a }}", `{{ index . "b-c" }}`, `{{ $x := . }}{{ index $x "b-c" }}`, "{{ .a | upper | b64enc }}", "{{- /* why */ -}}",
		`{{ range $k, $v := . }}{{ $k }}{{ end }}`, `{{ with .a }}{{ . }}{{ end }}`, `{{ define "x" }}{{ .a }}{{ end }}{{ template "x" . }}`,
		`{{ .a | b64dec | fromJson }}`, `{{ pkcs12key .a }}`, `{{ index (splitList "," .a) 0 }}`, `{{ getHostByName "db" }}`,
	} {
		good[text] = expectation{check(text), nil}
	}
	runChecks(t, good)
	runChecks(t, map[string]expectation{
		"syntax":             refused("a\n{{ .a }", syntax+`2: unexpected "}" in operand`),
		"a dash":             refused("{{ .b-c }}", syntax+`1: bad character U+002D '-'`),
		"unknown function":   refused("{{ .a | toTheMoon }}", syntax+`1: function "toTheMoon" not defined`),
		"environment":        refused(`{{ env "HOME" }}`, syntax+`1: function "env" not defined`),
		"a field of a value": refused("{{ .a.b }}", "cannot be executed: 1:5: executing \"\" at <.a.b>: can't evaluate field b in type string"),
		"no arguments":       refused("{{ len }}", "cannot be executed: 1:3: executing \"\" at <len>: wrong number of args for len: want 1 got 0"),
		"unwritable":         {check("\xff"), []string{`prop: Invalid value: "` + "\ufffd" + `": must be valid UTF-8`}},
		"unknown field":      unknown("{{ .z }}", "z"),
		"unknown index":      unknown(`{{ index . "z-z" }}`, "z-z"),
		"of the root":        unknown(`{{ index $ "z" }}`, "z"),
		"in a condition":     unknown(`{{ if .a }}{{ index . "z" }}{{ end }}`, "z"),
		"as a condition":     unknown(`{{ if .z }}{{ end }}`, "z"),
		"in a block":         unknown(`{{ block "x" . }}{{ index . "z" }}{{ end }}`, "z"),
		"in brackets":        unknown(`{{ printf "%s" (index . "z-z" | upper) }}`, "z-z"),
		"as an argument":     unknown(`{{ printf "%s" .z }}`, "z"),
	})
}
