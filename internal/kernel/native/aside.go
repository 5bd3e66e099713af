package native

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// Aside begins the names of pipes in VariableFolder. As the only argument of a method that has none, such a name asks for the objects of the answer in that pipe:
//
//   - for synthYaml, of each chart the length of its YAML, in a line, its objects, as one line of JSON, and its YAML, which the answer then does not have. The
//     names of the charts' files follow, as a line of JSON, or null if the program is to ask for them;
//   - for findAll, the objects among the constructs that are found, each as a line of JSON. One whose patches fail is null.
//
// The Go runtime reads each answer some eight times, and asks for one object at a time. Node.js knows nothing of this: requests are recorded without
// the argument. A file of the name Aside says that it has not taken over.
const Aside = "ai-platform-kernel-objects"

// Patches are an argument of addJsonPatch, after Aside and before objects: they are created and added to these objects at once, whichever object is asked. They are also
// an argument of ApiObject's constructor, after its own and Aside. The record has a request for each. The answer is an error with the text of Aside if the requests are
// to be made one by one, because one of them is for Node.js.
type Patches struct {
	Patches [][][]any `json:"patches"` // For each object, the methods of JsonPatch and their arguments.
}

// asideName is the name of the pipe that a request is to write to, or nothing.
func asideName(request *js.Object) string {
	value, _ := request.Get("args")
	args, _ := value.([]any)
	if len(args) != 1 || text(request, "api") != "invoke" {
		return ""
	}
	name, _ := args[0].(string)
	if !strings.HasPrefix(name, Aside) {
		return ""
	}
	return name
}

// respondAside answers a request without the objects that it writes to a pipe, if it can.
func (s *session) respondAside(request *js.Object, name string) {
	request.Delete("args")
	s.request = strings.Replace(s.request, `"args":["`+name+`"]`, `"args":null`, 1)
	// To wait for a reader could take for ever: the program may have been killed.
	pipe, err := os.OpenFile(s.folder+"/"+name, os.O_WRONLY|nonblocking, 0)
	if err != nil {
		s.respond(request)
		return
	}
	defer pipe.Close()
	out := bufio.NewWriterSize(pipe, 1<<14)
	switch o := s.kernel.target(request).(type) {
	case *construct:
		if o.app != nil && text(request, "method") == "synthYaml" {
			s.synthAside(o, out, name)
			return
		}
	case *node:
		if text(request, "method") == "findAll" {
			s.findAside(o, out)
		}
	}
	s.respond(request)
}

// findAside writes the objects below a node.
func (s *session) findAside(n *node, out *bufio.Writer) {
	for _, c := range n.findAll(false) {
		if c.class == classAPIObject {
			_, _ = out.Write(append(js.AppendJSON(nil, s.kernel.patched(c)), '\n')) // The program counts the lines.
		}
	}
	_ = out.Flush()
}

// synthAside is synthYaml. The record has the text as Node.js answers it, which is complete after all callbacks only.
func (s *session) synthAside(app *construct, out *bufio.Writer, name string) {
	recorded := record{path: s.folder + "/" + name + ".answer"}
	recorded.write(`{"ok":{"result":"`)
	separator := ""
	var line []byte
	answer := s.kernel.attempt("invoke", func() []byte {
		s.kernel.synthYAML(app, func(objects []any, text string) {
			_, _ = out.WriteString(strconv.Itoa(len(text)) + "\n")
			line = append(js.AppendJSON(line[:0], objects), '\n')
			_, _ = out.Write(line)
			_, _ = out.WriteString(text)
			_ = out.Flush() // The program checks this chart while the next one is made.
			if text != "" {
				recorded.writeEscaped(separator)
				recorded.writeEscaped(text)
				separator = betweenDocuments
			}
		})
		return []byte(`{"result":""}`)
	})
	if answer[2] != 'o' { // An error.
		s.answered(string(answer))
		s.write(answer)
		return
	}
	recorded.write(`"}}`)
	s.record.begin(s.request)
	s.record.copy(&recorded)
	s.record.end()
	s.request = ""
	_, _ = out.Write(append(js.AppendJSON(nil, s.fileNames(app)), '\n'))
	_ = out.Flush() // Without the last line, the program asks again.
	s.write(answer)
}

// fileNames are the names of the charts' files.
// https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/app.ts
func (s *session) fileNames(app *construct) (names any) {
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case doubt, thrown:
			names = nil
		default:
			panic(problem)
		}
	}()
	all := charts(app)
	numbered := false
	for _, c := range all {
		s.recordNaming(c)
		for _, dependency := range c.node.dependencies.list {
			numbered = numbered || chartOf(dependency) != c
		}
	}
	list := make([]any, len(all))
	for i, c := range all {
		name := dnsLabel(c.node, readNameOptions(&js.Object{})) + ".k8s.yaml"
		if numbered {
			digits := strconv.Itoa(i)
			name = "0000"[:max(4-len(digits), 0)] + digits + "-" + name
		}
		list[i] = name
	}
	return list
}

// recordNaming records the requests with which the program would find out the name, so that Node.js compares their answers.
func (s *session) recordNaming(chart *construct) {
	for _, request := range []struct {
		start string
		of    referable
		end   string
	}{
		{`{"api":"sinvoke","fqn":"cdk8s.Names","method":"toDnsLabel","args":[`, chart, `]}`},
		{`{"api":"get","property":"node","objref":`, chart, `}`},
		{`{"api":"get","property":"dependencies","objref":`, chart.node, `}`},
	} {
		line := append(js.AppendJSON([]byte(request.start), s.kernel.reference(request.of)), request.end...)
		value, _ := js.Decode(line)
		s.record.add(string(line), string(s.kernel.answer(value.(*js.Object))))
	}
}

func (k *kernel) patched(c *construct) (object any) {
	defer func() {
		if problem := recover(); problem != nil {
			if _, ok := problem.(thrown); !ok {
				panic(problem)
			}
			object = nil
		}
	}()
	return k.invokeAPIObject(c, "toJson", arguments{kernel: k})
}

// atOnce answers a request that stands for several, which are recorded in its place. It is not answered if it is another.
func (s *session) atOnce(request *js.Object) (answer []byte) {
	value, _ := request.Get("args")
	args, _ := value.([]any)
	class, _ := request.Get("fqn")
	method, _ := request.Get("method")
	var respond func() []byte
	switch {
	case len(args) > 2 && args[0] == Aside && method == "addJsonPatch":
		respond = func() []byte { return s.addPatches(listOfPatches(args[1]), args[2:]) }
	case len(args) == 5 && args[3] == Aside && class == classAPIObject:
		respond = func() []byte { return s.newObject(args[:3], listOfPatches(args[4])) }
	default:
		return nil
	}
	s.request = ""
	defer func() {
		if problem := recover(); problem != nil {
			if _, ok := problem.(doubt); !ok {
				panic(problem)
			}
			answer = []byte(`{"error":"` + Aside + `"}`)
		}
	}()
	return respond()
}

func listOfPatches(argument any) []any {
	fields, ok := argument.(*js.Object)
	if !ok {
		handOver("patches that are not understood")
	}
	list, _ := fields.Get("patches")
	patches, _ := list.([]any)
	return patches
}

// newObject creates an object with patches. Once it is created, nothing is for Node.js any more.
func (s *session) newObject(args, patches []any) (answer []byte) {
	if len(patches) != 1 || !hasName(args[2]) {
		handOver("a new object that is not understood")
	}
	change := s.kernel.patchesOf(patches[0])
	answer = s.kernel.attempt("create", func() []byte {
		change.object = newAPIObject(arguments{s.kernel, args})
		return s.kernel.appendValue(nil, change.object)
	})
	line := js.AppendJSON([]byte(`{"api":"create","fqn":"`+classAPIObject+`","args":`), args)
	s.record.add(string(append(line, '}')), string(answer))
	if change.object != nil {
		s.patch(change)
	}
	return answer
}

// hasName reports whether the props of an object name it. Otherwise its name might be for Node.js.
func hasName(props any) bool {
	metadata, set := fields(props, "cdk8s.ApiObjectProps", "apiVersion", "kind", "metadata").Get("metadata")
	if !set {
		return false
	}
	_, named := fields(metadata, "cdk8s.ApiObjectMetadata", "name", "namespace", "labels", "annotations", "finalizers").Get("name")
	return named
}

// addPatches creates and adds patches.
func (s *session) addPatches(patches, objects []any) (answer []byte) {
	if len(patches) != len(objects) {
		handOver("patches that are not understood")
	}
	changes := make([]patchedObject, len(objects))
	for i, object := range objects {
		c, ok := s.kernel.referred(object).(*construct)
		if !ok || c.apiObject == nil {
			handOver("an object that cannot be patched")
		}
		changes[i] = s.kernel.patchesOf(patches[i])
		changes[i].object = c
	}
	for _, c := range changes { // Nothing is for Node.js from here on, so there is something to record.
		s.patch(c)
	}
	return []byte(patchesAdded)
}

func (s *session) patch(c patchedObject) {
	if len(c.patches) == 0 {
		return
	}
	s.recordPatches(c)
	for _, patch := range c.patches {
		c.object.apiObject.patches = append(c.object.apiObject.patches, patch)
	}
}

// patchesAdded is the answer to addJsonPatch.
const patchesAdded = `{"ok":{}}`

// patchedObject is an object, with the patches that it gets and the calls that create them.
type patchedObject struct {
	object  *construct
	calls   []any
	patches []*jsonPatch
}

// patchesOf creates the patches of an object.
func (k *kernel) patchesOf(calls any) patchedObject {
	var change patchedObject
	change.calls, _ = calls.([]any)
	for _, call := range change.calls {
		method, args := patchCall(call)
		change.patches = append(change.patches, newJSONPatch(method, arguments{k, args}))
	}
	return change
}

// recordPatches records the requests that create patches one by one, and the one that adds them.
func (s *session) recordPatches(c patchedObject) {
	var ids []any
	for i, patch := range c.patches {
		method, args := patchCall(c.calls[i])
		line := append(js.AppendQuoted([]byte(`{"api":"sinvoke","fqn":"cdk8s.JsonPatch","method":`), method), `,"args":`...)
		s.record.add(string(append(js.AppendJSON(line, args), '}')), `{"ok":`+string(s.kernel.returned("result", patch))+"}")
		ids = append(ids, s.kernel.reference(patch))
	}
	line := append(js.AppendJSON([]byte(`{"api":"invoke","method":"addJsonPatch","args":`), ids), `,"objref":`...)
	s.record.add(string(append(js.AppendJSON(line, s.kernel.reference(c.object)), '}')), patchesAdded)
}

func patchCall(patch any) (method string, args []any) {
	call, _ := patch.([]any)
	if len(call) < 2 {
		handOver("a patch that is not understood")
	}
	method, _ = call[0].(string)
	return method, call[1:]
}

// reference is how a request names an object.
func (k *kernel) reference(o referable) *js.Object {
	reference := &js.Object{}
	reference.Set("$jsii.byref", k.objects.idOf(o))
	return reference
}
