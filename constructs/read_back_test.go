package constructs_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/externalsecrets"
)

// hostileTexts mean something to YAML, of this version or that, or to what it goes through on the way.
var hostileTexts = []string{
	"", " ", "  ", "\t", "\n", "\n\n", " \n", " a", "a ", "a\t", "\ta", "\n a", "a\n", "a\n\n\n", "\n\na", "a\nb", "a \nb \n", "  a\nb", "  a\n b\n", " \n a\n",
	"yes", "No", "on", "OFF", "y", "n", "true", "False", "null", "Null", "~", "0", "-0", "1", "-1", "+1", "010", "0x1F", "0b101", "1.0", "1.", ".5", "1e3", "1E-3",
	".inf", "-.INF", ".nan", "12:30:45", "190:20:30.15", "2001-01-01", "2001-12-14t21:59:43.10-05:00", "<<", "=", "1,000", "99999999999999999999",
	"a: b", "a:", ":", ": a", "a #b", "#", "# a", "- a", "-", "? a", "?", "[a]", "{a: b}", "[", "}", ",", "!a", "!!str a", "&a", "*a", "@a", "`a`", "%a", "%YAML 1.2\n",
	"|", "|-\n", ">", ">+\n  a\n", "'", "\"", "'a'", "\"a\"", "it's \"both\"", "a'b", "\\", "\\n", "a\\", "\\u0041", "$(A)", "$$(A)", "${A}", "{{ .Values.a }}", "%s%d",
	"---", "---\n", "--- a", "...", "...\n", "a\n---\nb", "a\n---\nb\n", "\n---\n", "---\na: b\n---\n", "a\n...\nb", "#!/bin/sh\nexec x\n", "key: |\n  text\n",
	"server {\n\tlisten 80;\n}\n", "a\n\tb\n", "Grüße 世界 🎉", "e\u0301", "\u00a0a\u00a0", "\u200b", "👩\u200d👩\u200d👧", "\U0010fffd", "<b>&amp;</b>", "\u003c",
	"constructor", "__proto__", "$jsii.byref", "${Token[TOKEN.1]}", "[object Object]", "undefined", "NaN",
	strings.Repeat("long ", 2000), strings.Repeat("long\n", 500), strings.Repeat("x", 5000), strings.Repeat("word ", 40) + "\n" + strings.Repeat("word ", 40) + "\n",
	"10_000", "1_000", "2024_01_15", "1_0.5", "-1_000", "0b1_0", "0o8", "a\r\nb", "a\r\nb\r\n", "\r", "\x01", "\x1b[0m", "\v", "\f\n", "\ufeffa", "\ufeff\n",
	strings.Repeat("\n", 50) + "a", "a" + strings.Repeat(" ", 200) + "b", "{\"a\": [1, \"b\", null]}", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
}

// Text is read back as it was given, wherever it stands.
func TestTextSurvives(t *testing.T) {
	env, files, annotations := map[string]string{}, map[string]string{}, map[string]string{}
	for i, text := range hostileTexts {
		env[fmt.Sprintf("TEXT_%03d", i)] = text
		files[fmt.Sprintf("/texts/%03d", i)] = text
		annotations[fmt.Sprintf("text-%03d", i)] = text
	}
	env[fmt.Sprintf("TEXT_%03d", slices.Index(hostileTexts, "$(A)"))] = "$(TEXT_000)" // A variable that there is.
	manifests := manifestsOf(t, synthesize(t, func(chart cdk8s.Chart) {
		constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{Annotations: annotations})
		constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image: "api:1", Env: env, Files: files, Pod: constructs.PodProps{Annotations: annotations},
		})
	}))
	namespace := find(t, manifests, "Namespace", "shop")
	deployment := find(t, manifests, "Deployment", "shop-api")
	data := find(t, manifests, "ConfigMap", "shop-api-files").at("data")
	variables := listOf(deployment.at("spec", "template", "spec", "containers", 0, "env"))
	require.Len(t, variables, len(hostileTexts))
	for i, text := range hostileTexts {
		require.Equal(t, env[variables[i].text("name")], variables[i].text("value"), "as a variable")
		require.Equal(t, text, valueAt(data, fmt.Sprintf("%03d", i)), "in a file")
		key := fmt.Sprintf("text-%03d", i)
		require.Equal(t, text, namespace.at("metadata", "annotations", key), "as an annotation")
		require.Equal(t, text, deployment.at("spec", "template", "metadata", "annotations", key), "as an annotation of pods")
	}
}

// Keys mean as much to YAML as values do.
func TestKeysSurvive(t *testing.T) {
	keys := []string{
		"yes", "No", "on", "y", "true", "null", "0", "1", "010", "0x1F", "1.0", "1e3", "1_000.a", "2001-01-01", "toJSON", "toString", "valueOf", "length",
		"hasOwnProperty", "prototype", "then", "a.b", "a-b", "a_b", "A",
	}
	files, labels := map[string]string{}, map[string]string{}
	for _, key := range keys {
		files["/"+key] = "of " + key
		labels[key] = "of-" + key
	}
	manifests := manifestsOf(t, synthesize(t, func(chart cdk8s.Chart) {
		constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{Labels: labels})
		constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image: "api:1", Files: files, Pod: constructs.PodProps{Labels: labels, NodeSelector: labels},
		})
	}))
	namespace := find(t, manifests, "Namespace", "shop")
	deployment := find(t, manifests, "Deployment", "shop-api")
	data := find(t, manifests, "ConfigMap", "shop-api-files").at("data")
	for _, key := range keys {
		require.Equal(t, "of "+key, valueAt(data, key))
		require.Equal(t, "of-"+key, namespace.at("metadata", "labels", key))
		require.Equal(t, "of-"+key, deployment.at("spec", "template", "metadata", "labels", key))
		require.Equal(t, "of-"+key, deployment.at("spec", "template", "spec", "nodeSelector", key))
	}
}

// misreadTexts are those that cdk8s writes so that kubectl reads something else, or nothing.
var misreadTexts = []string{
	"\x7f", "a\u0080b", "\u0085", "a\u0085\nb\n", "\u2028", "a\u2029\n", "\ufffe", "\uffff", "0o7", "-0o17", "+0o17", "0o_7", "0O7", "0B1", "0X1", "1e1_0",
	"\ta\nb\n", "\n\ta\n", "\n\n\tb", "\t\nb",
}

// What would not be read back as it was given is refused, whoever has written it.
func TestTextMisread(t *testing.T) {
	env, annotations := map[string]string{"GOOD": "10_000"}, map[string]string{}
	for i, text := range misreadTexts {
		env[fmt.Sprintf("TEXT_%d", i)], annotations[fmt.Sprintf("text-%d", i)] = text, text
	}
	program := inShop(func(chart cdk8s.Chart) {
		constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Env: env, Files: map[string]string{"/a": "\ta\n"}})
		constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{Annotations: annotations})
		ownConfigMap(chart, "0o17")
	})
	_, rendered := constructs.Render(program)
	written := refusalOf(func() {
		app := cdk8s.NewApp(nil)
		program(app)
		app.SynthYaml()
	})
	requireRefused := func(construct, text, where string) {
		problem := regexp.MustCompile(`(?m)^  ` + regexp.QuoteMeta(fmt.Sprintf("%s: Invalid value: %q: ", construct, text)) + ".*" + regexp.QuoteMeta(where) + "$")
		require.Regexp(t, problem, rendered.Error())
		require.Regexp(t, problem, written)
	}
	for i, text := range misreadTexts {
		requireRefused("[shop/api] backend", text, fmt.Sprintf(" (Deployment shop/shop-api.spec.template.spec.containers[api].env[TEXT_%d].value)", i))
		requireRefused("[shop/namespace] namespace", text, fmt.Sprintf(" (Namespace shop.metadata.annotations.text-%d)", i))
	}
	requireRefused("[shop/api] backend", "\ta\n", " (ConfigMap shop/shop-api-files.data.a)")
	requireRefused("[shop/own] ConfigMap shop/own.data.a", "0o17", "")
	require.NotContains(t, rendered.Error(), "GOOD")
}

// refusalOf is what cdk8s itself says of a tree.
func refusalOf(synthesis func()) (message string) {
	defer func() { message = fmt.Sprint(recover()) }()
	synthesis()
	return ""
}

// ownConfigMap is an object of the program's own.
func ownConfigMap(chart cdk8s.Chart, text string) {
	addObject(chart, "v1", "ConfigMap", "own", addition{"/data", map[string]string{"a": text}})
}

// Patches are looked at, too, and keys.
func TestPatchMisread(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		backend := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1"})
		backend.Service().AddJsonPatch(
			cdk8s.JsonPatch_Add(jsii.String("/metadata/annotations"), map[string]string{"mode": "0o17", "0o7": "a"}),
		)
	}))
	require.EqualError(t, err, validationFailed+`
  [shop/api] backend: Invalid value: "0o7": cdk8s writes the key in a form that kubectl reads as another one: rename it (Service shop/shop-api.metadata.annotations)
  [shop/api] backend: Invalid value: "0o17": cdk8s writes the text in a form that kubectl reads as 15: change it (Service shop/shop-api.metadata.annotations.mode)`)
}

// What cannot come to its end as text is refused where it is given.
func TestTextRefused(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image: "api:1", Env: map[string]string{"A": "a\xff", "B": "a\x00"}, Files: map[string]string{"/a": "a\xff", "/b": "a\x00"},
		})
		constructs.NewFrontend(chart, "pages", constructs.FrontendProps{Image: "pages:1", APIBaseURL: "\x00"})
		constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{Annotations: map[string]string{"a": "a\xff"}})
	}))
	require.EqualError(t, err, validationFailed+`
  [shop/api] backend.env[A]: Invalid value: "a�": must be valid UTF-8
  [shop/api] backend.env[B]: Invalid value: "a\x00": must not contain NUL: the container would not start
  [shop/api] backend.files[/a]: Invalid value: "a�": must be valid UTF-8
  [shop/pages] frontend.apiBaseURL: Invalid value: "\x00": must not contain NUL: the container would not start
  [shop/namespace] namespace.annotations[a]: Invalid value: "a�": must be valid UTF-8`)
}

// FuzzText looks for texts that kubectl reads as others than were given, and for good ones that are refused: what is refused must be
// misread when cdk8s writes it alone. To look further than its seeds: go test -run '^$' -fuzz FuzzText ./constructs
func FuzzText(f *testing.F) {
	for _, text := range slices.Concat(hostileTexts, misreadTexts) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip("no text")
		}
		files, err := constructs.Render(inShop(func(chart cdk8s.Chart) { ownConfigMap(chart, text) }))
		if err == nil {
			own := find(t, manifestsOf(t, string(files["shop.k8s.yaml"])), "ConfigMap", "own")
			require.Equal(t, text, own.at("data", "a"))
			return
		}
		require.ErrorContains(t, err, "ConfigMap shop/own.data.a: Invalid value")
		var read manifest
		if yaml.Unmarshal([]byte(*cdk8s.Yaml_Stringify(map[string]string{"a": text})), &read) == nil {
			require.NotEqual(t, text, read.at("a"), "is refused for no reason")
		}
	})
}

// The one key that JavaScript's objects do not keep.
func TestKeyThatIsNotKept(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Files: map[string]string{"/__proto__": "text"}})
		externalsecrets.NewGeneratedSecret(chart, "secrets", externalsecrets.GeneratedSecretProps{
			Passwords: []string{"a"}, Templates: map[string]string{"__proto__": ""}, ReadElsewhere: true,
		})
	}))
	require.EqualError(t, err, validationFailed+`
  [shop/api] backend.files[/__proto__]: Invalid value: "/__proto__": reserved as a ConfigMap key by JavaScript, in which cdk8s runs: rename the file
  [shop/secrets] generatedSecret: Invalid value: "__proto__": reserved by JavaScript, in which cdk8s runs: remove the key (ExternalSecret shop/shop-secrets.spec.target.template.data)`)
}
