package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

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
		require.Equal(t, text, variables[i].text("value"), "as a variable")
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

// What would not be read back as it was given is refused.
func TestTextRefused(t *testing.T) {
	refused := []string{"a\r\nb", "\r", "\x00", "\x1b", "\x7f", "\u0085", "\u2028", "\u2029", "\ufeffa", "a\xff", "1_000", "0o7", "-0o17", "0b1_0", "\ta\nb\n"}
	for _, text := range refused {
		_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{
				Image: "api:1", Env: map[string]string{"A": text}, Files: map[string]string{"/a": text},
			})
			constructs.NewFrontend(chart, "pages", constructs.FrontendProps{Image: "pages:1", APIBaseURL: text})
			constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{Annotations: map[string]string{"a": text}})
		}))
		require.ErrorContains(t, err, "[shop/api] backend.env[A]: Invalid value", "%q", text)
		require.ErrorContains(t, err, "[shop/api] backend.files[/a]: Invalid value", "%q", text)
		require.ErrorContains(t, err, "[shop/pages] frontend.apiBaseURL: Invalid value", "%q", text)
		require.ErrorContains(t, err, "[shop/namespace] namespace.annotations[a]: Invalid value", "%q", text)
	}
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
  [shop/api] backend.files[/__proto__]: Invalid value: "/__proto__": has a ConfigMap key that JavaScript, and so cdk8s, loses
  [shop/secrets] generatedSecret: Invalid value: "__proto__": is a key that JavaScript, and so cdk8s, loses (ExternalSecret shop/shop-secrets.spec.target.template.data)`)
}
