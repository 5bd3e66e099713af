package native

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// converse runs a session with requests, and returns its answers without the greeting.
func converse(t *testing.T, requests ...string) (answers []string, left *Transcript) {
	t.Helper()
	var out bytes.Buffer
	s := session{kernel: newKernel(), in: bufio.NewReader(strings.NewReader(strings.Join(requests, "\n") + "\n")), out: &out, exitMessage: "the exit"}
	left = s.run()
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.Equal(t, []string{`{"hello":"@jsii/runtime@1.999.0"}`}, lines[:1])
	return lines[1:], left
}

// recorded are the requests that Node.js repeats, with the one that it answers, and the answers.
func recorded(left *Transcript) (requests, answers []string) {
	for i, line := range strings.SplitAfter(string(left.record.lines), "\n") {
		if line = strings.TrimSuffix(line, "\n"); line == "" {
			break
		}
		if i%2 == 0 {
			requests = append(requests, line)
		} else {
			answers = append(answers, line)
		}
	}
	next, _, _ := strings.Cut(string(left.Next), "\n")
	return append(requests, next), answers
}

// The requests of a small tree, with the ids that they give: an App, a Chart in it and an ApiObject.
const (
	createApp    = `{"api":"create","fqn":"cdk8s.App","args":[null]}`
	createChart  = `{"api":"create","fqn":"cdk8s.Chart","args":[{"$jsii.byref":"cdk8s.App@10000"},"shop",{"$jsii.struct":{"fqn":"cdk8s.ChartProps","data":{"labels":{"$jsii.map":{"app":"shop"}},"namespace":"prod"}}}]}`
	createObject = `{"api":"create","fqn":"cdk8s.ApiObject","args":[{"$jsii.byref":"cdk8s.Chart@10001"},"config",{"$jsii.struct":{"fqn":"cdk8s.ApiObjectProps","data":{"apiVersion":"v1","kind":"ConfigMap"}}}]}`

	app1    = `{"$jsii.byref":"cdk8s.App@10000"}`
	chart1  = `{"$jsii.byref":"cdk8s.Chart@10001"}`
	object1 = `{"$jsii.byref":"cdk8s.ApiObject@10002"}`

	objectJSON = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"labels":{"app":"shop"},"name":"shop-config-c87b411f","namespace":"prod"}`
)

var smallTree = []string{createApp, createChart, createObject}

// inTree is the conversation after the small tree.
func inTree(t *testing.T, requests ...string) (answers []string, left *Transcript) {
	t.Helper()
	answers, left = converse(t, append(smallTree, requests...)...)
	require.Equal(t, []string{`{"ok":` + app1 + `}`, `{"ok":` + chart1 + `}`, `{"ok":` + object1 + `}`}, answers[:3])
	return answers[3:], left
}

func getOf(object, property string) string {
	return `{"api":"get","property":"` + property + `","objref":` + object + `}`
}

func invokeOf(object, method, arguments string) string {
	return `{"api":"invoke","method":"` + method + `","args":` + arguments + `,"objref":` + object + `}`
}

func TestMembers(t *testing.T) {
	const node = `{"$jsii.byref":"constructs.Node@10003"}`
	node1 := getOf(chart1, "node")
	for _, test := range []struct{ request, answer string }{
		{getOf(app1, "charts"), `{"ok":{"value":[` + chart1 + `]}}`},
		{getOf(app1, "outputFileExtension"), `{"ok":{"value":".k8s.yaml"}}`},
		{getOf(chart1, "labels"), `{"ok":{"value":{"$jsii.map":{"app":"shop"}}}}`},
		{getOf(chart1, "namespace"), `{"ok":{"value":"prod"}}`},
		{getOf(chart1, "apiObjects"), `{"ok":{"value":[` + object1 + `]}}`},
		{getOf(object1, "apiGroup"), `{"ok":{"value":"core"}}`},
		{getOf(object1, "kind"), `{"ok":{"value":"ConfigMap"}}`},
		{getOf(object1, "name"), `{"ok":{"value":"shop-config-c87b411f"}}`},
		{getOf(object1, "chart"), `{"ok":{"value":` + chart1 + `}}`},
		{getOf(object1, "metadata"), `{"ok":{"value":{"$jsii.byref":"cdk8s.ApiObjectMetadataDefinition@10003"}}}`},
		{invokeOf(object1, "toJson", "null"), `{"ok":{"result":` + objectJSON + `}}}`},
		{invokeOf(app1, "synthYaml", "null"), `{"ok":{"result":"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    app: shop\n  name: shop-config-c87b411f\n  namespace: prod\n"}}`},
		{invokeOf(object1, "toString", "null"), `{"ok":{"result":"shop/config"}}`},
		{invokeOf(app1, "toString", "null"), `{"ok":{"result":"<root>"}}`},
		{node1 + "\n" + getOf(node, "path"), `{"ok":{"value":"shop"}}`},
		{node1 + "\n" + getOf(node, "addr"), `{"ok":{"value":"c8ba814a717fad812a994dbbf48586ee703b872233"}}`},
		{node1 + "\n" + getOf(node, "scopes"), `{"ok":{"value":[` + app1 + `,` + chart1 + `]}}`},
		{node1 + "\n" + getOf(node, "dependencies"), `{"ok":{"value":[]}}`},
		{node1 + "\n" + getOf(node, "defaultChild"), `{"ok":{}}`},
		{node1 + "\n" + invokeOf(node, "findAll", `[{"$jsii.enum":"constructs.ConstructOrder/POSTORDER"}]`), `{"ok":{"result":[` + object1 + `,` + chart1 + `]}}`},
		{node1 + "\n" + invokeOf(node, "tryFindChild", `["config"]`), `{"ok":{"result":` + object1 + `}}`},
		{node1 + "\n" + invokeOf(node, "tryFindChild", `["none"]`), `{"ok":{}}`},
		{
			node1 + "\n" + invokeOf(node, "findChild", `["none"]`),
			`{"error":"Error: No child with id: 'none'","name":"@jsii/kernel.RuntimeError"}`,
		},
		{createChart, `{"error":"There is already a Construct with name 'shop' in App","name":"Error"}`},
		{
			`{"api":"create","fqn":"constructs.Construct","args":[` + chart1 + `,""]}`,
			`{"error":"Only root constructs may have an empty ID","name":"Error"}`,
		},
		{
			`{"api":"sinvoke","fqn":"cdk8s.Chart","method":"of","args":[` + app1 + `]}`,
			`{"error":"Error: cannot find a parent chart (directly or indirectly)","name":"@jsii/kernel.RuntimeError"}`,
		},
		{
			node1 + "\n" + invokeOf(node, "lock", "null") + "\n" + createObject,
			`{"error":"Cannot add children to \"shop\" during synthesis","name":"Error"}`,
		},
		{`{"api":"load","name":"the exit","version":"0.0.0","tarball":""}`, `{"error":"` + strconv.Itoa(os.Getpid()) + `"}`},
	} {
		answers, left := inTree(t, test.request)
		require.Nil(t, left, test.request)
		require.Equal(t, test.answer, answers[len(answers)-1], test.request)
	}
}

// What JavaScript does with a patch, down to the order of keys.
func TestPatches(t *testing.T) {
	const add, remove, replace = "add", "remove", "replace"
	type patch struct{ op, arguments string }
	for name, test := range map[string]struct {
		patches []patch
		want    string // After the metadata.
	}{
		"added":               {[]patch{{add, `"/data",{"$jsii.map":{"b":"1","a":"2"}}`}}, `,"data":{"b":"1","a":"2"}}`},
		"integer keys":        {[]patch{{add, `"/data",{"b":"1","10":"2","9":"3","010":"4"}`}}, `,"data":{"9":"3","10":"2","b":"1","010":"4"}}`},
		"null":                {[]patch{{add, `"/data",{"a":null,"b":[null]}`}}, `,"data":{"b":[null]}}`},
		"-0":                  {[]patch{{add, `"/x",-0`}}, `,"x":0}`},
		"numbers":             {[]patch{{add, `"/x",[1e21,1e-7,123456789012345680000,0.1]`}}, `,"x":[1e+21,1e-7,123456789012345680000,0.1]}`},
		"removed":             {[]patch{{remove, `"/kind"`}}, ""},
		"not there":           {[]patch{{remove, `"/spec"`}, {remove, `"/metadata/x"`}}, "}"},
		"escaped":             {[]patch{{add, `"/a~1b~0c",true`}}, `,"a/b~c":true}`},
		"list":                {[]patch{{add, `"/x",[1,2]`}, {add, `"/x/-",3`}, {add, `"/x/0",0`}, {remove, `"/x/1"`}, {replace, `"/x/2",4`}}, `,"x":[0,2,4]}`},
		"far in list":         {[]patch{{add, `"/x",[1]`}, {add, `"/x/9",2`}, {remove, `"/x/7"`}}, `,"x":[1,2]}`},
		"list in list":        {[]patch{{add, `"/x",[[1],[2]]`}, {add, `"/x/1/-",3`}}, `,"x":[[1],[2,3]]}`},
		"names of JavaScript": {[]patch{{add, `"/x",{"constructor":1,"toString":{"hasOwnProperty":2}}`}}, `,"x":{"constructor":1,"toString":{"hasOwnProperty":2}}}`},
		"no slash":            {[]patch{{add, `"x",1`}}, `,"undefined":1}`},
		"first segment":       {[]patch{{add, `"any/x",1`}}, `,"x":1}`},
		"copied":              {[]patch{{add, `"/x",{"a":[1]}`}, {"copy", `"/x","/y"`}, {add, `"/x/a/-",2`}}, `,"x":{"a":[1,2]},"y":{"a":[1]}}`},
		"moved":               {[]patch{{add, `"/x",{"a":1}`}, {"move", `"/x/a","/y"`}}, `,"x":{},"y":1}`},
		"tested":              {[]patch{{"test", `"/kind","ConfigMap"`}, {add, `"/x",1`}}, `,"x":1}`},
		"UTF-16 not sorted":   {[]patch{{add, `"/x",{"\ue000":1,"\ud83d\ude00":2}`}}, `,"x":{"` + "\ue000" + `":1,"😀":2}}`},
	} {
		t.Run(name, func(t *testing.T) {
			var requests []string
			for i, p := range test.patches {
				requests = append(requests,
					`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"`+p.op+`","args":[`+p.arguments+`]}`,
					invokeOf(object1, "addJsonPatch", `[{"$jsii.byref":"cdk8s.JsonPatch@`+strconv.Itoa(10003+i)+`"}]`))
			}
			// Patches leave nothing behind: the second time is like the first.
			requests = append(requests, invokeOf(object1, "toJson", "null"), invokeOf(object1, "toJson", "null"))
			answers, left := inTree(t, requests...)
			require.Nil(t, left)
			want := `{"ok":{"result":` + objectJSON + test.want + `}}`
			if test.want == "" {
				want = strings.Replace(`{"ok":{"result":`+objectJSON+`}}}`, `"kind":"ConfigMap",`, "", 1)
			}
			require.Equal(t, []string{want, want}, answers[len(answers)-2:])
		})
	}
}

// The errors of patches are JavaScript's.
func TestPatchErrors(t *testing.T) {
	const failed = `{"error":"Error: Failed serializing construct at path 'shop/config' with name 'shop-config-c87b411f': `
	for arguments, want := range map[string]string{
		`add","args":["/spec/x",1]`:           `TypeError: Cannot set properties of undefined (setting 'x')`,
		`add","args":["/spec/x/y",1]`:         `TypeError: Cannot read properties of undefined (reading 'x')`,
		`remove","args":["/spec/x"]`:          `TypeError: Cannot read properties of undefined (reading 'x')`,
		`test","args":["/kind",{"a":[1,[]]}]`: `TEST_OPERATION_FAILED: Test operation failed\nname: TEST_OPERATION_FAILED\nindex: 0\noperation: {\n  \"op\": \"test\",\n  \"path\": \"/kind\",\n  \"value\": {\n    \"a\": [\n      1,\n      []\n    ]\n  }\n}\ntree: {\n  \"apiVersion\": \"v1\",\n`,
	} {
		answers, left := inTree(t,
			`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"`+arguments+`}`,
			invokeOf(object1, "addJsonPatch", `[{"$jsii.byref":"cdk8s.JsonPatch@10003"}]`),
			invokeOf(object1, "toJson", "null"))
		require.Nil(t, left)
		require.True(t, strings.HasPrefix(answers[2], failed+want), answers[2])
		require.True(t, strings.HasSuffix(answers[2], `","name":"@jsii/kernel.RuntimeError"}`), answers[2])
	}
}

// The program validates while it is synthesized, and may ask in between.
func TestValidation(t *testing.T) {
	const node = `{"$jsii.byref":"constructs.Node@10003"}`
	validation := []string{
		getOf(chart1, "node"),
		`{"api":"create","fqn":"Object","interfaces":["constructs.IValidation"],"overrides":[{"method":"validate","cookie":"Validate"}]}`,
		invokeOf(node, "addValidation", `[{"$jsii.byref":"Object@10004"}]`),
		invokeOf(chart1, "toJson", "null"),
	}
	callback := `{"callback":{"cookie":"Validate","cbid":"jsii::callback::20000","invoke":{"objref":{"$jsii.byref":"Object@10004",` +
		`"$jsii.interfaces":["constructs.IValidation"]},"method":"validate","args":[]}}}`

	answers, left := inTree(t, append(validation,
		getOf(chart1, "namespace"), `{"complete":{"cbid":"jsii::callback::20000","result":[]}}`)...)
	require.Nil(t, left)
	require.Equal(t, []string{callback, `{"ok":{"value":"prod"}}`, `{"ok":{"result":[` + objectJSON + `}]}}`}, answers[3:])

	answers, left = inTree(t, append(validation, `{"complete":{"cbid":"jsii::callback::20000","result":["bad","worse"]}}`)...)
	require.Nil(t, left)
	require.Equal(t, []string{`{"error":"Error: Validation failed with the following errors:\n  [shop] bad\n  [shop] worse","name":"@jsii/kernel.RuntimeError"}`}, answers[4:])
}

// Dependencies order objects and charts, and synthesis adds those that follow.
func TestDependencies(t *testing.T) {
	second := strings.Replace(createObject, `"config"`, `"first"`, 1)
	answers, left := inTree(t, second,
		invokeOf(object1, "addDependency", `[{"$jsii.byref":"cdk8s.ApiObject@10003"}]`),
		getOf(chart1, "node"),
		invokeOf(`{"$jsii.byref":"constructs.Node@10004"}`, "findAll", "null"),
		invokeOf(chart1, "toJson", "null"))
	require.Nil(t, left)
	require.Equal(t, []string{`{"ok":{"result":[` + chart1 + `,` + object1 + `,{"$jsii.byref":"cdk8s.ApiObject@10003"}]}}`}, answers[3:4])
	require.Regexp(t, `"shop-first-.*"shop-config-`, answers[4])
}

// Charts whose ids are numbers come first, as keys of JavaScript do.
func TestChartsWithNumbers(t *testing.T) {
	chart := func(id string) string { return strings.Replace(createChart, `"shop"`, `"`+id+`"`, 1) }
	answers, left := converse(t, createApp, chart("b"), chart("10"), chart("2"), chart("a"), getOf(app1, "charts"))
	require.Nil(t, left)
	var order []string
	for _, n := range []int{10003, 10002, 10001, 10004} {
		order = append(order, `{"$jsii.byref":"cdk8s.Chart@`+strconv.Itoa(n)+`"}`)
	}
	require.Equal(t, `{"ok":{"value":[`+strings.Join(order, ",")+`]}}`, answers[5])
}

// In doubt, Node.js answers. It gets all that it needs for that.
func TestHandsOver(t *testing.T) {
	const last = `{"api":"stats"}`
	for request, uses := range map[string]string{
		`no JSON`: "a request that is not understood",
		last:      "the request stats",
		`{"api":"create","fqn":"cdk8s.Duration"}`:                                                                                                                "cdk8s.Duration",
		`{"api":"create","fqn":"cdk8s.App","overrides":[{"method":"toString"}]}`:                                                                                 "a class of its own that extends cdk8s.App",
		`{"api":"create","fqn":"Object","interfaces":["cdk8s.IResolver"]}`:                                                                                       "an object of its own other than an IValidation",
		`{"api":"create","fqn":"constructs.Construct","args":[` + app1 + `,"toString"]}`:                                                                         `the name "toString"`,
		invokeOf(app1, "synth", "null"):                                                                                                                          "the method synth of cdk8s.App",
		getOf(app1, "yamlOutputType"):                                                                                                                            "the property yamlOutputType of cdk8s.App",
		getOf(`{"$jsii.byref":"cdk8s.App@10009"}`, "node"):                                                                                                       "the unknown object cdk8s.App@10009",
		`{"api":"sinvoke","fqn":"cdk8s.Yaml","method":"load","args":["https://x"]}`:                                                                              "the method load of Yaml",
		`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"add","args":["/x",{"__proto__":{}}]}`:                                                                `the name "__proto__"`,
		`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"add","args":["/x",` + app1 + `]}`:                                                                    "a value that is not data only",
		`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"add","args":["/x",{"$jsii.date":"2026"}]}`:                                                           "a value that is not data only",
		`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"add","args":["/x",1e400]}`:                                                                           "a number that is too large",
		`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":"add","args":["/x",null]}`:                                                                            "a patch without a value",
		`{"api":"sinvoke","fqn":"cdk8s.Names","method":"toDnsLabel","args":[` + app1 + `,{"$jsii.struct":{"fqn":"cdk8s.NameOptions","data":{"delimiter":""}}}]}`: "a special delimiter of names",
		strings.Replace(createObject, `"ConfigMap"`, `"ConfigMap","metadata":{"$jsii.struct":{"fqn":"cdk8s.ApiObjectMetadata","data":{"labels":{"$jsii.map":{"constructor":"a"}}}}}`, 1): `the name "constructor"`,
		strings.Replace(createObject, `"ConfigMap"`, `"ConfigMap","data":{}`, 1):                                                                                                         "the field data of cdk8s.ApiObjectProps",
		invokeOf(object1, "addDependency", "["+object1+"]"):                                                                                                                              "a dependency of a construct on itself",
		`{"api":"load","name":"cdk8s","version":"2.0.0","tarball":"/tmp/cdk8s-1.140.0.1.tgz"}`:                                                                                           "the package cdk8s 2.0.0",
		`{"api":"load","name":"cdk8s","version":"2.69.10","tarball":"/tmp/cdk8s-1.141.0.1.tgz"}`:                                                                                         "jsii-runtime-go 1.141.0",
	} {
		answers, left := inTree(t, request, last)
		require.NotNil(t, left, request)
		require.Equal(t, uses, left.Reason)
		require.Empty(t, answers)
		requests, answers := recorded(left)
		require.Equal(t, append(smallTree, request), requests)
		require.Len(t, answers, 3)
		require.Equal(t, request+"\n"+last+"\n", string(left.Next))
	}
}

// The client removes the file of a package as soon as it is loaded. Node.js loads another.
func TestLoadKeepsPackage(t *testing.T) {
	folder := t.TempDir()
	for _, tarball := range []string{
		filepath.Join(t.TempDir(), "constructs-1.140.0.123.tgz"),
		"/dev/shm/constructs-1.140.0.123.tgz", // In another file system.
	} {
		require.NoError(t, os.WriteFile(tarball, []byte("content of "+tarball), 0o600))
		t.Cleanup(func() { _ = os.Remove(tarball) })
		load := func(tarball string) string {
			return `{"api":"load","name":"constructs","version":"10.4.2","tarball":"` + tarball + `"}`
		}
		var out bytes.Buffer
		s := session{kernel: newKernel(), in: bufio.NewReader(strings.NewReader(load(tarball) + "\n" + `{"api":"stats"}` + "\n")), out: &out, folder: folder}
		requests, answers := recorded(s.run())
		kept := filepath.Join(folder, "constructs.tgz")
		require.Equal(t, []string{load(kept), `{"api":"stats"}`}, requests)
		require.Equal(t, []string{`{"ok":{"assembly":"constructs","types":11}}`}, answers)
		require.NoError(t, os.Remove(tarball))
		content, err := os.ReadFile(kept)
		require.NoError(t, err)
		require.Equal(t, "content of "+tarball, string(content))
	}
}

// What is long is in the file.
func TestLongRecord(t *testing.T) {
	r := record{path: filepath.Join(t.TempDir(), Record)}
	want := ""
	for i := range 5 {
		request, answer := strconv.Itoa(i), strings.Repeat(strconv.Itoa(i), inMemory/3)
		r.add(request, answer)
		want += request + "\n" + answer + "\n"
		require.Less(t, len(r.lines), inMemory+10)
	}
	require.NotEmpty(t, r.lines)
	require.Equal(t, 5, r.answered)
	require.NoError(t, r.close())
	content, err := os.ReadFile(r.path)
	require.NoError(t, err)
	require.Equal(t, want, string(content))

	for size, files := range map[int]int{10: 0, 3 * inMemory: 1} {
		folder := t.TempDir()
		r = record{path: filepath.Join(folder, Record)}
		other := record{path: filepath.Join(folder, "other")}
		r.write("before ")
		for range size / 10 {
			other.write("0123456789")
		}
		r.copy(&other)
		r.write(" after")
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.Len(t, entries, files)
		require.NoError(t, r.close())
		content, err := os.ReadFile(r.path)
		require.NoError(t, err)
		require.Equal(t, "before "+strings.Repeat("0123456789", size/10)+" after", string(content))
	}

	r = record{path: filepath.Join(t.TempDir(), "none", Record)}
	r.add("request", strings.Repeat("a", 2*inMemory))
	r.add("request", "answer")
	require.ErrorIs(t, r.close(), os.ErrNotExist)
}
