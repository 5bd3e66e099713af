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

const pipe = Aside + "1"

// inFolder is a directory with a file in place of the pipe.
func inFolder(t *testing.T) (folder, file string) {
	t.Helper()
	folder = t.TempDir()
	file = filepath.Join(folder, pipe)
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	return folder, file
}

// askAside makes a request in the small tree, and returns its answer and the record.
func askAside(folder, request string) (answer string, left *Transcript) {
	var out bytes.Buffer
	in := strings.Join(append(smallTree, getOf(chart1, "node"), request, `{"api":"stats"}`), "\n") + "\n"
	s := session{kernel: newKernel(), in: bufio.NewReader(strings.NewReader(in)), out: &out, folder: folder}
	left = s.run()
	return strings.Split(out.String(), "\n")[5], left
}

// What is wanted aside is in the pipe. Node.js would repeat the request and the answer of a program that does not want it.
func TestObjectsAside(t *testing.T) {
	const node1 = `{"$jsii.byref":"constructs.Node@10003"}`
	const objectYAML = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    app: shop\n  name: shop-config-c87b411f\n  namespace: prod\n"
	object := objectJSON + "}"
	for _, test := range []struct{ on, method, answer, aside string }{
		{app1, "synthYaml", `{"ok":{"result":""}}`, "112\n[" + object + "]\n" + objectYAML + `["shop.k8s.yaml"]` + "\n"},
		{node1, "findAll", "", object + "\n"},
	} {
		t.Run(test.method, func(t *testing.T) {
			request := invokeOf(test.on, test.method, "null")
			public, _ := askAside("", request)
			require.Contains(t, public, `{"ok":{"result":`)
			folder, file := inFolder(t)

			answer, left := askAside(folder, invokeOf(test.on, test.method, `["`+pipe+`"]`))
			require.Equal(t, cmp.Or(test.answer, public), answer)
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, test.aside, string(content))
			requests, answers := recorded(left)
			require.Equal(t, []string{request, public}, []string{requests[4], answers[4]})

			answer, left = askAside(t.TempDir(), invokeOf(test.on, test.method, `["`+pipe+`"]`))
			require.Equal(t, public, answer, "without a pipe")
			requests, answers = recorded(left)
			require.Equal(t, []string{request, public}, []string{requests[4], answers[4]})
		})
	}
}

// Charts without objects write nothing, and those that depend on others have numbers. Node.js would be asked for their names.
func TestChartsAside(t *testing.T) {
	chart := func(id, number string) string {
		return strings.ReplaceAll(strings.Replace(createChart, `"shop"`, `"`+id+`"`, 1), "@10001", "@"+number)
	}
	object := func(in string) string { return strings.Replace(createObject, "@10001", "@"+in, 1) }
	const (
		first, empty, last = "10001", "10002", "10003"
		node               = `{"$jsii.byref":"constructs.Node@10006"}`
	)
	requests := []string{
		createApp, chart("zoo", first), chart("empty", empty), chart("a", last), object(first), object(last),
		`{"api":"get","property":"node","objref":{"$jsii.byref":"cdk8s.Chart@10001"}}`, invokeOf(node, "addDependency", `[{"$jsii.byref":"cdk8s.Chart@10003"}]`),
	}
	folder, file := inFolder(t)
	run := func(request string) (answers []string, left *Transcript) {
		var out bytes.Buffer
		in := strings.Join(append(requests, request, `{"api":"stats"}`), "\n") + "\n"
		s := session{kernel: newKernel(), in: bufio.NewReader(strings.NewReader(in)), out: &out, folder: folder}
		left = s.run()
		return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")[1:], left
	}
	public, _ := run(invokeOf(app1, "synthYaml", "null"))
	_, left := run(invokeOf(app1, "synthYaml", `["`+pipe+`"]`))
	asked, answers := recorded(left)
	require.Equal(t, public, answers[:len(public)])
	require.Equal(t, []string{
		`{"api":"sinvoke","fqn":"cdk8s.Names","method":"toDnsLabel","args":[{"$jsii.byref":"cdk8s.Chart@10003"}]}`, `{"ok":{"result":"a"}}`,
	}, []string{asked[len(public)], answers[len(public)]})
	require.Len(t, answers, len(public)+3*3)
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Regexp(t, `(?s)^\d+\n\[{.*"name":"a-config-.*}\]\napiVersion: .*\n\d+\n\[{.*"name":"zoo-config-.*}\]\napiVersion: .*\n0\n\[\]\n`+
		`\["0000-a.k8s.yaml","0001-zoo.k8s.yaml","0002-empty.k8s.yaml"\]\n$`, string(content))
}

// Node.js takes over with the request that it knows.
func TestHandsOverWithoutAside(t *testing.T) {
	folder, _ := inFolder(t)
	answer, left := askAside(folder, invokeOf(app1, "synth", `["`+pipe+`"]`))
	require.Empty(t, answer)
	requests, _ := recorded(left)
	require.Equal(t, invokeOf(app1, "synth", "null"), requests[len(requests)-1])

	answer, left = askAside(folder, invokeOf(app1, "synthYaml", `["another argument"]`))
	require.Empty(t, answer)
	require.Equal(t, "a call with too many arguments", left.Reason)
}

// A patch that fails leaves its object out. One that is for Node.js leaves all to it.
func TestObjectsAsideWithBadPatches(t *testing.T) {
	findAll := invokeOf(`{"$jsii.byref":"constructs.Node@10005"}`, "findAll", `["`+pipe+`"]`)
	folder, file := inFolder(t)
	ask := func(method, arguments string) (answers []string, left *Transcript) {
		var out bytes.Buffer
		in := strings.Join(append(smallTree, strings.Replace(createObject, "config", "another", 1),
			`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"`+method+`","args":[`+arguments+`]}`,
			invokeOf(object1, "addJsonPatch", `[{"$jsii.byref":"cdk8s.JsonPatch@10004"}]`), getOf(chart1, "node"), findAll, `{"api":"stats"}`), "\n") + "\n"
		s := session{kernel: newKernel(), in: bufio.NewReader(strings.NewReader(in)), out: &out, folder: folder}
		left = s.run()
		return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")[1:], left
	}
	answers, _ := ask("add", `"/data/below/x",1`)
	require.Len(t, answers, 8)
	require.Contains(t, answers[7], object1)
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Regexp(t, `^null\n\{"apiVersion".*"shop-another-.*\n$`, string(content))

	answers, left := ask("copy", `"/nothing","/data"`)
	require.Len(t, answers, 7)
	requests, recordedAnswers := recorded(left)
	require.Equal(t, strings.Replace(findAll, `["`+pipe+`"]`, "null", 1), requests[7])
	require.Equal(t, []int{8, 7}, []int{len(requests), len(recordedAnswers)})
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
	requests, all := recorded(left)
	require.Equal(t, oneByOne, requests[3:10])
	require.Equal(t, want, all[3:])
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
		requests, _ := recorded(left)
		require.Equal(t, append(smallTree, invokeOf(object1, "toJson", "null"), `{"api":"stats"}`), requests)
	}
}

// An object that is created with patches is recorded as if it were created first. One without patches has no request for them.
func TestNewObjectAtOnce(t *testing.T) {
	const named = `{"$jsii.struct":{"fqn":"cdk8s.ApiObjectProps","data":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"$jsii.struct":{"fqn":"cdk8s.ApiObjectMetadata","data":{"name":"another"}}}}}}`
	create := func(props, more string) string {
		return `{"api":"create","fqn":"cdk8s.ApiObject","args":[` + chart1 + `,"another",` + props + more + `]}`
	}
	patch := `{"$jsii.byref":"cdk8s.JsonPatch@10004"}`
	object2 := `{"$jsii.byref":"cdk8s.ApiObject@10003"}`
	with := func(patches string) string { return `,"` + Aside + `",{"patches":[` + patches + `]}` }

	oneByOne := []string{
		create(named, ""),
		`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"add","args":["/data",{"a":"1"}]}`,
		invokeOf(object2, "addJsonPatch", "["+patch+"]"),
		invokeOf(object2, "toJson", "null"),
	}
	want, left := inTree(t, oneByOne...)
	require.Nil(t, left)
	answers, left := inTree(t, create(named, with(`[["add","/data",{"a":"1"}]]`)), oneByOne[3], `{"api":"stats"}`)
	require.Equal(t, []string{want[0], want[3]}, answers)
	requests, all := recorded(left)
	require.Equal(t, oneByOne, requests[3:7])
	require.Equal(t, want, all[3:])

	answers, left = inTree(t, create(named, with("null")), `{"api":"stats"}`)
	require.Equal(t, want[:1], answers)
	requests, _ = recorded(left)
	require.Equal(t, append(smallTree, oneByOne[0], `{"api":"stats"}`), requests)

	// What the constructor throws is the answer.
	locked := []string{getOf(chart1, "node"), invokeOf(`{"$jsii.byref":"constructs.Node@10003"}`, "lock", "null")}
	want, _ = inTree(t, append(locked, create(named, ""))...)
	require.Contains(t, want[2], `{"error":"Cannot add children`)
	answers, left = inTree(t, append(locked, create(named, with(`[["add","/data",{"a":"1"}]]`)), `{"api":"stats"}`)...)
	require.Equal(t, want, answers)
	requests, _ = recorded(left)
	require.Equal(t, append(locked, create(named, ""), `{"api":"stats"}`), requests[3:])

	// What is for Node.js creates nothing.
	unnamed := `{"$jsii.struct":{"fqn":"cdk8s.ApiObjectProps","data":{"apiVersion":"v1","kind":"ConfigMap"}}}`
	public, _ := inTree(t, invokeOf(app1, "synthYaml", "null"))
	for _, request := range []string{
		create(named, with(`[["add","/data",{"__proto__":{}}]]`)), create(named, with(`["add"]`)), create(named, with(`null,null`)), create(unnamed, with("null")),
	} {
		answers, left := inTree(t, request, invokeOf(app1, "synthYaml", "null"), `{"api":"stats"}`)
		require.Equal(t, []string{`{"error":"` + Aside + `"}`, public[0]}, answers, request)
		requests, _ := recorded(left)
		require.Equal(t, append(smallTree, invokeOf(app1, "synthYaml", "null"), `{"api":"stats"}`), requests)
	}
}
