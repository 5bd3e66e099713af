package native

import (
	"os"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// Aside is the name of a file in VariableFolder. As the only argument of a method that has none, it asks for the objects of the answer in that file, as one line of
// JSON. They are
//
//   - those of each chart, for synthYaml, whose result follows in further lines, as it is;
//   - those among the constructs that are found, for findAll.
//
// The Go runtime reads each answer some eight times, and asks for one object at a time. Node.js knows nothing of this: requests are recorded without
// the argument, and the file is removed when Node.js takes over.
const Aside = "ai-platform-kernel-objects"

// Patches are an argument of addJsonPatch, after Aside and before objects: they are created and added to these objects at once, whichever object is asked. The record
// has a request for each. The answer is an error with the text of Aside if the requests are to be made one by one, because one of them is for Node.js.
type Patches struct {
	Patches [][][]any `json:"patches"` // For each object, the methods of JsonPatch and their arguments.
}

func wantsAside(request *js.Object) bool {
	value, _ := request.Get("args")
	args, _ := value.([]any)
	return len(args) == 1 && args[0] == Aside && text(request, "api") == "invoke"
}

// putAside writes the objects, and returns what is left of the answer.
func (s *session) putAside(request *js.Object, line []byte) []byte {
	if line[2] != 'o' { // An error.
		return line
	}
	var content []byte
	left := line
	switch o := s.kernel.target(request).(type) {
	case *construct:
		synthesized := s.kernel.synthesized
		content = append(append(js.AppendJSON(nil, synthesized.objects), '\n'), synthesized.text...)
		left = []byte(`{"ok":{"result":""}}`)
	case *node:
		content = js.AppendJSON(nil, s.kernel.objectsBelow(o))
	}
	if os.WriteFile(s.aside, content, 0o600) != nil {
		_ = os.Remove(s.aside) // Then nobody asks for it any more.
		return line
	}
	return left
}

// objectsBelow are the objects that findAll finds. One whose patches fail is nil.
func (k *kernel) objectsBelow(n *node) []any {
	objects := []any{}
	for _, c := range n.findAll(false) {
		if c.class == classAPIObject {
			objects = append(objects, k.patched(c))
		}
	}
	return objects
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

// asidePatches are the Patches of a request, and their objects. There are none in other requests.
func asidePatches(request *js.Object) (patches, objects []any) {
	value, _ := request.Get("args")
	args, _ := value.([]any)
	if len(args) < 2 || args[0] != Aside || text(request, "api") != "invoke" || text(request, "method") != "addJsonPatch" {
		return nil, nil
	}
	fields, _ := args[1].(*js.Object)
	if fields == nil {
		return nil, nil
	}
	list, _ := fields.Get("patches")
	patches, _ = list.([]any)
	return patches, args[2:]
}

// addPatches creates and adds patches, and returns the answer.
func (s *session) addPatches(patches, objects []any) (answer []byte) {
	s.transcript.Requests = s.transcript.Requests[:len(s.transcript.Requests)-1]
	defer func() {
		if problem := recover(); problem != nil {
			if _, ok := problem.(doubt); !ok {
				panic(problem)
			}
			answer = []byte(`{"error":"` + Aside + `"}`)
		}
	}()
	changes := make([]patchedObject, len(objects))
	for i, object := range objects {
		changes[i] = s.kernel.patchedObject(object, patches[i])
	}
	for _, c := range changes { // Nothing is for Node.js from here on, so there is something to record.
		s.recordPatches(c)
		for _, patch := range c.patches {
			c.object.apiObject.patches = append(c.object.apiObject.patches, patch)
		}
	}
	return []byte(patchesAdded)
}

// patchesAdded is the answer to addJsonPatch.
const patchesAdded = `{"ok":{}}`

// patchedObject is an object, with the patches that it gets and the calls that create them.
type patchedObject struct {
	object  *construct
	calls   []any
	patches []*jsonPatch
}

func (k *kernel) patchedObject(object, patches any) patchedObject {
	c, ok := k.referred(object).(*construct)
	if !ok || c.apiObject == nil {
		handOver("an object that cannot be patched")
	}
	change := patchedObject{object: c}
	change.calls, _ = patches.([]any)
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
		s.record(append(js.AppendJSON(line, args), '}'), append(append([]byte(`{"ok":`), s.kernel.returned("result", patch)...), '}'))
		ids = append(ids, s.kernel.reference(patch))
	}
	line := append(js.AppendJSON([]byte(`{"api":"invoke","method":"addJsonPatch","args":`), ids), `,"objref":`...)
	s.record(append(js.AppendJSON(line, s.kernel.reference(c.object)), '}'), []byte(patchesAdded))
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
