package externalsecrets

import (
	"net/url"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

// hostilePasswords have whatever a URL, a template, a shell and YAML give a meaning.
var hostilePasswords = []string{"plain", "@/:%+\"'$", "a b+c", "%41", "{{ .a }}", `\`, "ü ñ", "#?&=;,[]", "\n"}

func TestPostgresURL(t *testing.T) {
	text := PostgresURL{Host: "fd00::7", Port: 5433, Database: "the shop/{{", User: "a@{{b}}:c", PasswordKey: "db-password"}.Template()
	checktest.Equal(t, nil, checkTemplate(checktest.Prop, text, []string{"db-password"}))
	parsed, err := template.New("url").Option("missingkey=error").
		Funcs(template.FuncMap{"replace": func(old, by, in string) string { return strings.ReplaceAll(in, old, by) }}). // As sprig's.
		Parse(text)
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

func TestTemplates(t *testing.T) {
	check := func(text string) field.ErrorList { return checkTemplate(checktest.Prop, text, []string{"a", "b-c"}) }
	unknown := func(text, key string) expectation {
		return expectation{check(text), []string{`prop: Invalid value: "` + strings.ReplaceAll(text, `"`, `\"`) + `": refers to the key ` + key + `, which has no value: it must be one of a, b-c`}}
	}
	runChecks(t, map[string]expectation{
		"empty":               {check(""), nil},
		"constant":            {check("shop"), nil},
		"field":               {check("{{ .a }}"), nil},
		"index":               {check(`{{ index . "b-c" }}`), nil},
		"unknown function":    {check(`{{ .a | toTheMoon }}`), nil},
		"another dot":         {check(`{{ range $k, $v := . }}{{ .z }}{{ end }}{{ with .a }}{{ .z }}{{ end }}`), nil},
		"index of another":    {check(`{{ $x := . }}{{ index $x "z" }}`), nil},
		"syntax":              {check("a\n{{ .a }"), []string{`prop: Invalid value: "a\n{{ .a }": must be a Go template: 2: unexpected "}" in operand`}},
		"unwritable":          {check("\x00"), []string{`prop: Invalid value: "\x00": must not contain the character U+0000, which YAML cannot carry`}},
		"unknown field":       unknown("{{ .z }}", "z"),
		"unknown index":       unknown(`{{ index . "z-z" }}`, "z-z"),
		"unknown in brackets": unknown(`{{ printf "%s" (index . "z-z" | upper) }}`, "z-z"),
		"unknown argument":    unknown(`{{ printf "%s" .z }}{{ .z }}`, "z"),
	})
}
