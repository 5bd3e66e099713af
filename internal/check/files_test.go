package check

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestCheckFiles(t *testing.T) {
	type files = map[string]string
	long := strings.Repeat("a", 253)
	large := strings.Repeat("a", maxConfigMap-253)
	runChecks(t, map[string]expectation{
		"none":             {errs: Files(checktest.Prop, nil)},
		"good":             {errs: Files(checktest.Prop, files{"/etc/app/a.conf": "x", "/b": "", "/etc/.hidden": "\n---\n", "/constructor": ""})},
		"one name twice":   {errs: Files(checktest.Prop, files{"/a/x.conf": "", "/b/x.conf": ""})},
		"longest name":     {errs: Files(checktest.Prop, files{"/" + long: ""})},
		"largest":          {errs: Files(checktest.Prop, files{"/a": large})},
		"long name":        {Files(checktest.Prop, files{"/" + long + "a": ""}), []string{`prop[/` + long + `a]: Invalid value: "/` + long + `a": must be no more than 253 characters`}},
		"too large":        {Files(checktest.Prop, files{"/a": large + "a"}), []string{"prop[/a]: Too long: may not be more than 1048323 bytes"}},
		"too large in all": {Files(checktest.Prop, files{"/a": large, "/b": large}), []string{"prop: Too long: may not be more than 1048576 bytes"}},
		"relative":         {Files(checktest.Prop, files{"a": ""}), []string{`prop[a]: Invalid value: "a": must be absolute`}},
		"no path":          {Files(checktest.Prop, files{"": ""}), []string{"prop[]: Required value"}},
		"space":            {Files(checktest.Prop, files{"/a b": ""}), []string{`prop[/a b]: Invalid value: "/a b": ` + checktest.KeyRule}},
		"not a text":       {Files(checktest.Prop, files{"/a": "\xff"}), []string{`prop[/a]: Invalid value: "` + "\ufffd" + `": must be valid UTF-8`}},
		"JavaScript's prototype": {
			Files(checktest.Prop, files{"/__proto__": ""}),
			[]string{`prop[/__proto__]: Invalid value: "/__proto__": reserved as a ConfigMap key by JavaScript, in which cdk8s runs: rename the file`},
		},
		"one key twice": {
			Files(checktest.Prop, files{"/a/b_c": "", "/a_b/c": "", "/x/c": "", "/x/b_c": "", "/a_b_c": ""}),
			[]string{
				`prop[/a_b/c]: Invalid value: "/a_b/c": has the same ConfigMap key as "/a/b_c", "a_b_c": rename one of them`,
				`prop[/a_b_c]: Invalid value: "/a_b_c": has the same ConfigMap key as "/a_b/c", "a_b_c": rename one of them`,
			},
		},
		"all wrong": {
			Files(checktest.Prop, files{"b": "\xff", "/c d": ""}),
			[]string{
				`prop[/c d]: Invalid value: "/c d": ` + checktest.KeyRule,
				`prop[b]: Invalid value: "b": must be absolute`,
				`prop[b]: Invalid value: "` + "\ufffd" + `": must be valid UTF-8`,
			},
		},
	})
}

func TestFileKeys(t *testing.T) {
	files := map[string]string{"/etc/a.conf": "", "/etc/x/b.conf": "", "/etc/y/b.conf": ""}
	require.Equal(t, map[string]string{
		"/etc/a.conf": "a.conf", "/etc/x/b.conf": "etc_x_b.conf", "/etc/y/b.conf": "etc_y_b.conf",
	}, FileKeys(files))
}
