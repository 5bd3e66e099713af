package changes

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// parse reads objects, which are in the namespace shop.
func parse(t *testing.T, manifests string) []unstructured.Unstructured {
	t.Helper()
	var objects []unstructured.Unstructured
	for document := range strings.SplitSeq(manifests, "\n---\n") {
		if strings.TrimSpace(document) == "" {
			continue
		}
		encoded, err := yaml.YAMLToJSON([]byte(document))
		require.NoError(t, err)
		var object unstructured.Unstructured
		require.NoError(t, object.UnmarshalJSON(encoded))
		object.SetNamespace("shop")
		objects = append(objects, object)
	}
	return objects
}

func compared(t *testing.T, before, after string) *Comparison {
	t.Helper()
	c := Between(parse(t, before), parse(t, after))
	c.Environment, c.Against = "production", "HEAD"
	c.Finish()
	return c
}

func text(t *testing.T, c *Comparison, color bool) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, c.Text(&out, color))
	return out.String()
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, annotations: {example.com/a: b}}
spec:
  replicas: 3
  selector: {matchLabels: {component: api}}
  template:
    metadata: {labels: {component: api}}
    spec:
      containers:
        - name: api
          image: "api:1"
          args: [serve, --fast]
          env:
            - {name: A, value: a}
            - {name: B, value: $(A)}
          volumeMounts:
            - {name: data, mountPath: /a}
            - {name: data, mountPath: /b}
`

// replaced changes a manifest by pairs of what is there and what comes instead.
func replaced(t *testing.T, manifest string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, manifest, pairs[i])
		manifest = strings.Replace(manifest, pairs[i], pairs[i+1], 1)
	}
	return manifest
}

func TestFields(t *testing.T) {
	for _, test := range []struct {
		name, after, want string
	}{
		{"value", replaced(t, deployment, "replicas: 3", "replicas: 5"), "~ spec.replicas: 3 -> 5"},
		{"type", replaced(t, deployment, `value: a}`, `value: "1"}`), `~ spec.template.spec.containers[api].env[A].value: "a" -> "1"`},
		{"absent", replaced(t, deployment, "  replicas: 3\n", ""), "- spec.replicas: 3"},
		{"element", replaced(t, deployment, "{name: A, value: a}", "{name: C, value: c}"), "" +
			"- spec.template.spec.containers[api].env[A]: {\"name\":\"A\",\"value\":\"a\"}\n" +
			"+ spec.template.spec.containers[api].env[C]: {\"name\":\"C\",\"value\":\"c\"}"},
		{
			"order", replaced(t, deployment, "            - {name: A, value: a}\n", "", "value: $(A)}\n", "value: $(A)}\n            - {name: A, value: a}\n"),
			`~ spec.template.spec.containers[api].env (order): "A B" -> "B A"`,
		},
		{"argument", replaced(t, deployment, "--fast", "--slow"), `~ spec.template.spec.containers[api].args[1]: "--fast" -> "--slow"`},
		{"arguments", replaced(t, deployment, "--fast", "--slow, --loud"), "" +
			"- spec.template.spec.containers[api].args[]: \"--fast\"\n" +
			"+ spec.template.spec.containers[api].args[]: \"--slow\"\n" +
			"+ spec.template.spec.containers[api].args[]: \"--loud\""},
		{
			"element without a name", replaced(t, deployment, "mountPath: /b", "mountPath: /b, readOnly: true"),
			"+ spec.template.spec.containers[api].volumeMounts[mountPath=/b].readOnly: true",
		},
		{"key with dots", replaced(t, deployment, "example.com/a: b", "example.com/a: c"), `~ metadata.annotations[example.com/a]: "b" -> "c"`},
		{"large value", replaced(t, deployment, "image: \"api:1\"", "image: \"api:1\"\n          resources: {limits: {cpu: 500m, memory: 1Gi}, requests: {cpu: 100m, memory: 512Mi, ephemeral-storage: 1Gi}}"), "" +
			"+ spec.template.spec.containers[api].resources:\n" +
			"    limits:\n      cpu: 500m\n      memory: 1Gi\n" +
			"    requests:\n      cpu: 100m\n      ephemeral-storage: 1Gi\n      memory: 512Mi"},
		{
			"long value", replaced(t, deployment, "value: a}", "value: "+strings.Repeat("a", 200)+"}"),
			`~ spec.template.spec.containers[api].env[A].value: "a" -> "` + strings.Repeat("a", 99) + "…",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := "~ Deployment shop/api\n    " + strings.ReplaceAll(test.want, "\n", "\n    ") +
				"\n\nproduction: 1 to change (against HEAD)\n"
			require.Empty(t, cmp.Diff(want, text(t, compared(t, deployment, test.after), false)))
		})
	}
}

func TestNoDifferences(t *testing.T) {
	// What only the API server writes is not a difference, nor is another version.
	stored := replaced(t, deployment, "name: api,", "name: api, uid: u, resourceVersion: \"1\", generation: 2, managedFields: [{manager: kubectl}],") + "status: {replicas: 3}\n"
	c := compared(t, stored, deployment)
	require.False(t, c.Differs())
	require.Equal(t, "production: no differences (against HEAD)\n", text(t, c, false))
	encoded, err := json.Marshal(c)
	require.NoError(t, err)
	require.JSONEq(t, `{"environment": "production", "against": "HEAD", "changes": []}`, string(encoded))
}

func TestTexts(t *testing.T) {
	const before = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: files}\ndata: {a.conf: \"1\\n2\\n3\\n4\\n5\\n\"}\n"
	after := replaced(t, before, `3\n`, `three\n`, "}\n", "}\n", `5\n"`, `5\n", b.conf: "x\ny\n"`)
	require.Empty(t, cmp.Diff(`~ ConfigMap shop/files
    ~ data[a.conf]:
         @@ -1,5 +1,5 @@
          1
          2
        - 3
        + three
          4
          5
    + data[b.conf]: 2 lines

production: 1 to change (against HEAD)
`, text(t, compared(t, before, after), false)))
}

func TestSecretsAreHidden(t *testing.T) {
	const before = "apiVersion: v1\nkind: Secret\nmetadata: {name: passwords, annotations: {a: horse}}\nstringData: {a: correct, b: horse, c: \"battery\\nstaple\"}\n"
	c := compared(t, before, replaced(t, before, "a: horse", "a: staple", "correct", "wrong", "b: horse, ", "", "staple\"", "wrong\"")+"type: Opaque\n")
	encoded, err := json.Marshal(c)
	require.NoError(t, err)
	for _, output := range []string{text(t, c, false), string(encoded)} {
		require.Contains(t, output, "stringData.a")
		require.Contains(t, output, "Opaque")
		require.NotRegexp(t, "correct|wrong|horse|battery|staple", output)
	}
}

func TestColor(t *testing.T) {
	require.Equal(t, "\x1b[33m~ Deployment shop/api\x1b[0m\n\x1b[33m    ~ spec.replicas: 3 -> 5\x1b[0m\n\nproduction: 1 to change (against HEAD)\n",
		text(t, compared(t, deployment, replaced(t, deployment, "replicas: 3", "replicas: 5")), true))
}

func TestJSON(t *testing.T) {
	c := compared(t, deployment, replaced(t, deployment, "replicas: 3", "replicas: 0", "matchLabels: {component: api}", "matchLabels: {component: web}"))
	encoded, err := json.Marshal(c)
	require.NoError(t, err)
	require.JSONEq(t, `{"environment": "production", "against": "HEAD", "changes": [{
		"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "api", "action": "update",
		"fields": [
			{"path": "spec.replicas", "old": 3, "new": 0},
			{"path": "spec.selector.matchLabels.component", "old": "api", "new": "web"}
		],
		"dangers": [{"kind": "selector",
			"message": "spec.selector: delete the object with --cascade=orphan, apply, then delete what controls the former pods"}]
	}]}`, string(encoded))
}

// Lines of SQL and of diffs look like the headers of a difference.
func TestTextsThatLookLikeHeaders(t *testing.T) {
	script := func(text string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {init.sql: " + text + "}"
	}
	printed := text(t, compared(t, script(`"a\n-- grant\nb\n"`), script(`"a\n++ added\nb\n"`)), false)
	require.Contains(t, printed, "        - -- grant\n")
	require.Contains(t, printed, "        + ++ added\n")
}

// A list that is reordered besides is shown as a whole.
func TestReorderedList(t *testing.T) {
	printed := text(t, compared(t, strings.Replace(deployment, "[serve, --fast]", "[a, b, c]", 1), strings.Replace(deployment, "[serve, --fast]", "[b, a, d]", 1)), false)
	require.Contains(t, printed, `args: ["a","b","c"] -> ["b","a","d"]`)
}

func TestFinalNewline(t *testing.T) {
	const before = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \"x\\ny\\n\"}"
	require.Contains(t, text(t, compared(t, before, replaced(t, before, `y\n`, "y")), false), `
         @@ -1,2 +1,2 @@
          x
        - y
        + y
        \ No newline at end of file
`)
}

// A ConfigMap may hold the output of a program, or what somebody wants a terminal to do.
func TestTerminalEscapes(t *testing.T) {
	const before = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \"x\\ny\\n\"}"
	after := replaced(t, before, `y\n`, `\e]0;owned\a\u009b31mä\u202e\t|\r\n`, "{a: ", `{"\e[2Jb": "\u009bc", a: `)
	printed := text(t, compared(t, before, after), false)
	require.Contains(t, printed, `        + \x1b]0;owned\a\u009b31mä\u202e`+"\t"+`|\r`+"\n")
	require.Contains(t, printed, `+ data[\x1b[2Jb]: "\u009bc"`)
}
