package constructs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckFiles(t *testing.T) {
	type files = map[string]string
	long := strings.Repeat("a", 253)
	large := strings.Repeat("a", maxConfigMap-253)
	runChecks(t, map[string]check{
		"none":             {errs: checkFiles(prop, nil)},
		"good":             {errs: checkFiles(prop, files{"/etc/app/a.conf": "x", "/b": "", "/etc/.hidden": "\n---\n", "/constructor": ""})},
		"one name twice":   {errs: checkFiles(prop, files{"/a/x.conf": "", "/b/x.conf": ""})},
		"longest name":     {errs: checkFiles(prop, files{"/" + long: ""})},
		"largest":          {errs: checkFiles(prop, files{"/a": large})},
		"long name":        {checkFiles(prop, files{"/" + long + "a": ""}), []string{`prop[/` + long + `a]: Invalid value: "/` + long + `a": must be no more than 253 characters`}},
		"too large":        {checkFiles(prop, files{"/a": large + "a"}), []string{"prop[/a]: Too long: may not be more than 1048323 bytes"}},
		"too large in all": {checkFiles(prop, files{"/a": large, "/b": large}), []string{"prop: Too long: may not be more than 1048576 bytes"}},
		"relative":         {checkFiles(prop, files{"a": ""}), []string{`prop[a]: Invalid value: "a": must be absolute`}},
		"no path":          {checkFiles(prop, files{"": ""}), []string{"prop[]: Required value"}},
		"space":            {checkFiles(prop, files{"/a b": ""}), []string{`prop[/a b]: Invalid value: "/a b": ` + keyRule}},
		"not a text":       {checkFiles(prop, files{"/a": "\x00"}), []string{`prop[/a]: Invalid value: "\x00": must not contain the character U+0000, which YAML cannot carry`}},
		"JavaScript's prototype": {
			checkFiles(prop, files{"/__proto__": ""}),
			[]string{`prop[/__proto__]: Invalid value: "/__proto__": has a ConfigMap key that JavaScript, and so cdk8s, loses`},
		},
		"one key twice": {
			checkFiles(prop, files{"/a/b_c": "", "/a_b/c": "", "/x/c": "", "/x/b_c": "", "/a_b_c": ""}),
			[]string{
				`prop[/a_b/c]: Invalid value: "/a_b/c": has the ConfigMap key "a_b_c", as "/a/b_c" has`,
				`prop[/a_b_c]: Invalid value: "/a_b_c": has the ConfigMap key "a_b_c", as "/a_b/c" has`,
			},
		},
		"all wrong": {
			checkFiles(prop, files{"b": "\r", "/c d": ""}),
			[]string{
				`prop[/c d]: Invalid value: "/c d": ` + keyRule,
				`prop[b]: Invalid value: "b": must be absolute`,
				`prop[b]: Invalid value: "\r": must not contain the character U+000D, which YAML cannot carry`,
			},
		},
	})
}

func TestFileKeys(t *testing.T) {
	files := map[string]string{"/etc/a.conf": "", "/etc/x/b.conf": "", "/etc/y/b.conf": ""}
	require.Equal(t, map[string]string{
		"/etc/a.conf": "a.conf", "/etc/x/b.conf": "etc_x_b.conf", "/etc/y/b.conf": "etc_y_b.conf",
	}, fileKeys(files))
}

// The checksum changes with every change of names or contents, and with nothing else.
func TestFileAnnotations(t *testing.T) {
	type files = map[string]string
	require.Empty(t, fileAnnotations(nil))
	require.Equal(t, fileAnnotations(files{"/a": "1", "/b": "2"}), fileAnnotations(files{"/b": "2", "/a": "1"}))

	seen := map[string]files{}
	for _, f := range []files{
		{"/a": "1"}, {"/a": "2"}, {"/b": "1"}, {"/a": "1", "/b": ""}, {"/a": ""}, {"/a": "1 2 /b 1"}, {"/a": "1", "/b": "2"}, {"/a": "2", "/b": "1"},
	} {
		sum := fileAnnotations(f)[checksumAnnotation]
		require.Len(t, sum, 64)
		require.NotContains(t, seen, sum, "%v and %v", f, seen[sum])
		seen[sum] = f
	}
}
