package check

import (
	"testing"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestCheckURLPath(t *testing.T) {
	const asciiRule = "must be ASCII without spaces; escape other characters as %XX"
	runChecks(t, map[string]expectation{
		"root":        {errs: URLPath(checktest.Prop, "/")},
		"query":       {errs: URLPath(checktest.Prop, "/health?deep=1&x=%20")},
		"relative":    {URLPath(checktest.Prop, "health"), []string{`prop: Invalid value: "health": must begin with /`}},
		"whole URL":   {URLPath(checktest.Prop, "http://x/health"), []string{`prop: Invalid value: "http://x/health": must begin with /`}},
		"space":       {URLPath(checktest.Prop, "/a b"), []string{`prop: Invalid value: "/a b": ` + asciiRule}},
		"line break":  {URLPath(checktest.Prop, "/a\n"), []string{`prop: Invalid value: "/a\n": ` + asciiRule}},
		"not ASCII":   {URLPath(checktest.Prop, "/ü"), []string{`prop: Invalid value: "/ü": ` + asciiRule}},
		"delete char": {URLPath(checktest.Prop, "/\x7f"), []string{`prop: Invalid value: "/\x7f": ` + asciiRule}},
	})
}
