package native

import (
	"bufio"
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// askAside makes a request in the small tree, and returns its answer and the record.
func askAside(file, request string) (answer string, left *Transcript) {
	var out bytes.Buffer
	in := strings.Join(append(smallTree, getOf(chart1, "node"), request, `{"api":"stats"}`), "\n") + "\n"
	s := session{kernel: newKernel(), in: bufio.NewReader(strings.NewReader(in)), out: &out, aside: file}
	left = s.run()
	return strings.Split(out.String(), "\n")[5], left
}

// What is wanted aside is in the file. Node.js would repeat the request and the answer of a program that does not want it.
func TestObjectsAside(t *testing.T) {
	const node1 = `{"$jsii.byref":"constructs.Node@10003"}`
	const objectYAML = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    app: shop\n  name: shop-config-c87b411f\n  namespace: prod\n"
	object := objectJSON + "}"
	for _, test := range []struct{ on, method, answer, aside string }{
		{app1, "synthYaml", `{"ok":{"result":""}}`, "[[" + object + "]]\n" + objectYAML},
		{node1, "findAll", "", "[" + object + "]"},
	} {
		t.Run(test.method, func(t *testing.T) {
			request := invokeOf(test.on, test.method, "null")
			public, _ := askAside("", request)
			require.Contains(t, public, `{"ok":{"result":`)
			file := filepath.Join(t.TempDir(), Aside)
			require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("longer ", 1000)), 0o600))

			answer, left := askAside(file, invokeOf(test.on, test.method, `["`+Aside+`"]`))
			require.Equal(t, cmp.Or(test.answer, public), answer)
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, test.aside, string(content))
			require.Equal(t, []string{request, public}, []string{left.Requests[4], left.Answers[4]})

			answer, left = askAside(filepath.Join(file, "cannot be written"), invokeOf(test.on, test.method, `["`+Aside+`"]`))
			require.Equal(t, public, answer)
			require.Equal(t, []string{request, public}, []string{left.Requests[4], left.Answers[4]})
		})
	}
}

// Node.js takes over with the request that it knows.
func TestHandsOverWithoutAside(t *testing.T) {
	answer, left := askAside("", invokeOf(app1, "synth", `["`+Aside+`"]`))
	require.Empty(t, answer)
	require.Equal(t, invokeOf(app1, "synth", "null"), left.Requests[len(left.Requests)-1])

	answer, left = askAside("", invokeOf(app1, "synthYaml", `["another argument"]`))
	require.Empty(t, answer)
	require.Equal(t, "a call with too many arguments", left.Reason)
}

// A patch that fails leaves its object out. One that is for Node.js leaves all to it.
func TestObjectsAsideWithBadPatches(t *testing.T) {
	findAll := invokeOf(`{"$jsii.byref":"constructs.Node@10005"}`, "findAll", `["`+Aside+`"]`)
	ask := func(method, arguments, aside string) (answers []string, left *Transcript) {
		var out bytes.Buffer
		in := strings.Join(append(smallTree, strings.Replace(createObject, "config", "another", 1),
			`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"`+method+`","args":[`+arguments+`]}`,
			invokeOf(object1, "addJsonPatch", `[{"$jsii.byref":"cdk8s.JsonPatch@10004"}]`), getOf(chart1, "node"), findAll, `{"api":"stats"}`), "\n") + "\n"
		s := session{kernel: newKernel(), in: bufio.NewReader(strings.NewReader(in)), out: &out, aside: aside}
		left = s.run()
		return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")[1:], left
	}
	file := filepath.Join(t.TempDir(), Aside)
	answers, _ := ask("add", `"/data/below/x",1`, file)
	require.Len(t, answers, 8)
	require.Contains(t, answers[7], object1)
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Regexp(t, `^\[null,\{"apiVersion".*"shop-another-`, string(content))

	answers, left := ask("copy", `"/nothing","/data"`, file)
	require.Len(t, answers, 7)
	require.Equal(t, strings.Replace(findAll, `["`+Aside+`"]`, "null", 1), left.Requests[7])
	require.Equal(t, []int{8, 7}, []int{len(left.Requests), len(left.Answers)})
}

// Patches that are added at once are recorded as if they were added one by one.
func TestPatchesAtOnce(t *testing.T) {
	object2 := `{"$jsii.byref":"cdk8s.ApiObject@10003"}`
	patch := func(id string) string { return `{"$jsii.byref":"cdk8s.JsonPatch@` + id + `"}` }
	args := `["` + Aside + `",{"patches":[[["add","/data",{"b":"1","a":{"10":null}}],["remove","/metadata/namespace"]],[["add","/x",1]]]},` + object1 + "," + object2 + "]"
	another := strings.Replace(createObject, "config", "another", 1)
	oneByOne := []string{
		another,
		`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"add","args":["/data",{"b":"1","a":{"10":null}}]}`,
		`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"remove","args":["/metadata/namespace"]}`,
		invokeOf(object1, "addJsonPatch", "["+patch("10004")+","+patch("10005")+"]"),
		`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"add","args":["/x",1]}`,
		invokeOf(object2, "addJsonPatch", "["+patch("10006")+"]"),
		invokeOf(app1, "synthYaml", "null"),
	}
	want, left := inTree(t, oneByOne...)
	require.Nil(t, left)
	require.Contains(t, want[6], `name: shop-config-c87b411f\ndata:\n  b: \"1\"\n  a: {}\n---\n`)

	answers, left := inTree(t, another, invokeOf(object1, "addJsonPatch", args), invokeOf(app1, "synthYaml", "null"), `{"api":"stats"}`)
	require.Equal(t, []string{want[0], `{"ok":{}}`, want[6]}, answers)
	require.Equal(t, oneByOne, left.Requests[3:10])
	require.Equal(t, want, left.Answers[3:])
}

// If one is for Node.js, or no patch, none is added. The program then makes the requests that Node.js knows.
func TestPatchesNotAtOnce(t *testing.T) {
	patches := func(object, patch string) string {
		return invokeOf(object1, "addJsonPatch", `["`+Aside+`",{"patches":[[["add","/data",{"a":"1"}]],[`+patch+`]]},`+object1+","+object+`]`)
	}
	for _, request := range []string{
		patches(object1, `["add","/data",{"__proto__":{}}]`), patches(object1, `["add","/data",{"$jsii.byref":"x"}]`), patches(object1, `["merge","/data",{}]`),
		patches(object1, `["add"]`), patches(object1, `"add"`), patches(chart1, `["remove","/data"]`), patches(`{"$jsii.byref":"cdk8s.ApiObject@10009"}`, `["remove","/data"]`),
	} {
		answers, left := inTree(t, request, invokeOf(object1, "toJson", "null"), `{"api":"stats"}`)
		require.Equal(t, []string{`{"error":"` + Aside + `"}`, `{"ok":{"result":` + objectJSON + `}}}`}, answers, request)
		require.Equal(t, append(smallTree, invokeOf(object1, "toJson", "null"), `{"api":"stats"}`), left.Requests)
	}
}
