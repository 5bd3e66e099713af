package native

import (
	"os"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// Aside is the name of a file in VariableFolder. As the only argument of a method that has none, it asks for the objects of the answer in that file: {"objects":…}. They are
//
//   - those of each chart, for synthYaml, with the answer as "answer";
//   - those among the constructs that are found, for findAll.
//
// The Go runtime reads each answer some eight times, and asks for one object at a time. Node.js knows nothing of this: requests are recorded without
// the argument, and the file is removed when Node.js takes over.
const Aside = "ai-platform-kernel-objects"

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
		content = append(append(content, `{"answer":`...), line...)
		content = js.AppendJSON(append(content, `,"objects":`...), s.kernel.synthesized)
		left = []byte(`{"ok":{"result":""}}`)
	case *node:
		content = js.AppendJSON(append(content, `{"objects":`...), s.kernel.objectsBelow(o))
	}
	if os.WriteFile(s.aside, append(content, '}'), 0o600) != nil {
		_ = os.Remove(s.aside) // Then nobody asks for it any more.
		return line
	}
	return left
}

// objectsBelow are the objects that findAll finds. One with patches that fail has Node.js answer.
func (k *kernel) objectsBelow(n *node) []any {
	var objects []any
	for _, c := range n.findAll(false) {
		if c.class == classAPIObject {
			objects = append(objects, k.invokeAPIObject(c, "toJson", arguments{kernel: k}))
		}
	}
	return objects
}
