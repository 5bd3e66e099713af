package externalsecrets

import (
	"strconv"
	"testing"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestGeneratedSecretProps(t *testing.T) {
	good := GeneratedSecretProps{Passwords: []string{"a"}}
	var many []string
	for i := range 1<<20/128 + 1 {
		many = append(many, strconv.Itoa(i))
	}
	runChecks(t, map[string]expectation{
		"good":    {good.Validate(checktest.Prop), nil},
		"longest": {GeneratedSecretProps{Passwords: []string{"a", "b"}, Length: 128, Name: "my.secret"}.Validate(checktest.Prop), nil},
		"too much": {GeneratedSecretProps{Passwords: many, Length: 128}.Validate(checktest.Prop), []string{
			"prop.passwords: Too long: may not be more than 1048576 bytes",
		}},
		"nothing": {GeneratedSecretProps{}.Validate(checktest.Prop), []string{"prop.passwords: Required value"}},
		"all wrong": {
			GeneratedSecretProps{
				Passwords: []string{"a", "a/b", "a", ""},
				Length:    15,
				Templates: map[string]string{"a": "", "c d": "{{ .a }}", "e": "{{ .f }}"},
				Name:      "A",
			}.Validate(checktest.Prop),
			[]string{
				`prop.passwords[1]: Invalid value: "a/b": ` + checktest.KeyRule,
				`prop.passwords[2]: Duplicate value: "a": the same as prop.passwords[0]`,
				"prop.passwords[3]: Required value",
				"prop.length: Invalid value: 15: must be between 16 and 128, inclusive",
				`prop.templates[a]: Duplicate value: "a": already set by prop.passwords`,
				`prop.templates[c d]: Invalid value: "c d": ` + checktest.KeyRule,
				`prop.templates[e]: Invalid value: "{{ .f }}": refers to the key "f", which does not exist: use one of a, a/b, a, `,
				`prop.name: Invalid value: "A": ` + checktest.SubdomainRule,
			},
		},
	})
}
