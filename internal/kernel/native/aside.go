package native

import "github.com/ai-platform/manifests/internal/kernel/js"

// Aside, as the only argument of a method that has none, asks for its answer in the file of that name in VariableFolder: the Go runtime reads an answer
// several times. What it gets instead is this text, followed by the length of the answer. Node.js knows nothing of it: the request is recorded without, and
// the file is removed when Node.js takes over.
const Aside = "ai-platform-kernel-answer"

// wantsAside reports whether the answer to a request is wanted aside.
func wantsAside(request *js.Object) bool {
	value, _ := request.Get("args")
	args, _ := value.([]any)
	return len(args) == 1 && args[0] == Aside && text(request, "api") == "invoke"
}

// writeAside overwrites the last answer, which was read before the program sent another request.
func (s *session) writeAside(line []byte) bool {
	if s.answers == nil || line[2] != 'o' { // An error is for the runtime.
		return false
	}
	_, err := s.answers.WriteAt(line, 0)
	return err == nil
}
