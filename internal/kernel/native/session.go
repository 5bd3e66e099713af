package native

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// Transcript is what Node.js needs to take over: it repeats the requests that this kernel answered, and goes on with those that it did not.
type Transcript struct {
	// Reason says what the program needs Node.js for, as the end of the sentence "the program uses …".
	Reason string

	Requests []string // Lines without their ends. The last is not answered.
	Answers  []string // Lines without their ends, one for each request but the last.
	Rest     []byte   // What was read after the last request.

	// Packages are the files that the requests load. Those with their names are gone.
	Packages []*os.File
}

// session answers the requests that arrive on one stream.
type session struct {
	kernel *kernel
	in     *bufio.Reader
	out    io.Writer

	exitMessage string // The name of the package whose loading ends the session.
	comparing   bool   // Whether Node.js repeats everything at the end.
	aside       string // The file that takes objects which the program wants to have aside.

	transcript Transcript
}

// errEnd is the panic that ends a session.
var errEnd = errors.New("the session has ended")

// run answers requests to their end. It returns a transcript if Node.js has to go on.
func (s *session) run() (rest *Transcript) {
	s.kernel.call = s.call
	s.kernel.open = func(f *os.File) { s.transcript.Packages = append(s.transcript.Packages, f) }
	defer func() {
		problem := recover()
		if problem == nil || problem == any(errEnd) {
			return
		}
		d, ok := problem.(doubt)
		if !ok {
			panic(problem)
		}
		s.transcript.Reason = d.uses
		s.transcript.Rest, _ = s.in.Peek(s.in.Buffered())
		rest = &s.transcript
	}()
	s.write([]byte(`{"hello":"@jsii/runtime@` + anyClient + `"}`))
	for {
		request := s.read()
		if _, complete := request.Get("complete"); complete {
			handOver("an answer to no callback")
		}
		s.respond(request)
	}
}

// respond answers a request.
func (s *session) respond(request *js.Object) {
	if patches, objects := asidePatches(request); patches != nil {
		s.write(s.addPatches(patches, objects))
		return
	}
	aside := wantsAside(request)
	if aside {
		request.Delete("args")
		last := len(s.transcript.Requests) - 1
		s.transcript.Requests[last] = strings.Replace(s.transcript.Requests[last], `"args":["`+Aside+`"]`, `"args":null`, 1)
	}
	public := s.kernel.answer(request)
	line := public
	if aside {
		line = s.putAside(request, public)
	}
	s.transcript.Answers = append(s.transcript.Answers, string(public))
	s.write(line)
}

// read returns the next request.
func (s *session) read() *js.Object {
	line, err := s.in.ReadString('\n')
	if err != nil {
		s.end("")
	}
	line = strings.TrimSuffix(line, "\n")
	if s.exitMessage != "" && strings.Contains(line, s.exitMessage) {
		s.end(line)
		s.write([]byte(`{"error":"` + strconv.Itoa(os.Getpid()) + `"}`))
		panic(errEnd)
	}
	s.transcript.Requests = append(s.transcript.Requests, line)
	value, err := js.Decode([]byte(line))
	request, ok := value.(*js.Object)
	if err != nil || !ok {
		handOver("a request that is not understood")
	}
	if _, exit := request.Get("exit"); exit {
		s.transcript.Requests = s.transcript.Requests[:len(s.transcript.Requests)-1]
		s.end(line)
		panic(errEnd)
	}
	return request
}

// end is called at the end of the session, with the message that ends it. It hands over if Node.js is to compare.
func (s *session) end(line string) {
	if s.comparing {
		s.transcript.Requests = append(s.transcript.Requests, line)
		handOver(comparison)
	}
	if line == "" {
		panic(errEnd)
	}
}

const comparison = "the comparison of the kernels"

// record keeps a request, and its answer for the comparison with that of Node.js.
func (s *session) record(request, answer []byte) {
	s.transcript.Requests = append(s.transcript.Requests, string(request))
	s.transcript.Answers = append(s.transcript.Answers, string(answer))
}

func (s *session) write(line []byte) {
	if _, err := s.out.Write(append(line, '\n')); err != nil {
		panic(errEnd) // The program has ended.
	}
}

// call asks the program, and answers its own requests until it has answered.
func (s *session) call(callback []byte, id string) any {
	s.transcript.Answers = append(s.transcript.Answers, string(callback))
	s.write(callback)
	for {
		request := s.read()
		answer, complete := request.Get("complete")
		if !complete {
			s.respond(request)
			continue
		}
		fields, ok := answer.(*js.Object)
		if !ok {
			handOver("an answer that is not understood")
		}
		if actual, _ := fields.Get("cbid"); actual != id {
			handOver("an answer to another callback")
		}
		if _, failed := fields.Get("err"); failed {
			handOver("a callback that fails")
		}
		result, _ := fields.Get("result")
		return result
	}
}
