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

// Transcript is what Node.js needs to take over: it repeats the requests that this kernel answered, and goes on with the one that it did not.
type Transcript struct {
	// Reason says what the program needs Node.js for, as the end of the sentence "the program uses …".
	Reason string

	// Answered is the number of requests that were answered. They are in the file Record of VariableFolder, each followed by its answer, in lines.
	Answered int

	// Next is what was read since: a line, or nothing.
	Next []byte

	record *record
}

// Record is the name of a file in VariableFolder.
const Record = "record"

// WriteRecord completes the file Record.
func (t *Transcript) WriteRecord() error { return t.record.close() }

// session answers the requests that arrive on one stream.
type session struct {
	kernel *kernel
	in     *bufio.Reader
	out    io.Writer

	exitMessage string // The name of the package whose loading ends the session.
	comparing   bool   // Whether Node.js repeats everything at the end.
	folder      string // VariableFolder.

	strings js.Strings
	request string // The one that is not answered yet.
	record  record
}

// errEnd is the panic that ends a session.
var errEnd = errors.New("the session has ended")

// run answers requests to their end. It returns a transcript if Node.js has to go on.
func (s *session) run() (rest *Transcript) {
	s.strings = js.Strings{}
	s.kernel.call = s.call
	s.kernel.keep = s.keepPackage
	defer func() {
		problem := recover()
		if problem == nil || problem == any(errEnd) {
			return
		}
		d, ok := problem.(doubt)
		if !ok {
			panic(problem)
		}
		unread, _ := s.in.Peek(s.in.Buffered())
		rest = &Transcript{Reason: d.uses, Answered: s.record.answered, Next: unread, record: &s.record}
		if s.request != "" {
			rest.Next = append([]byte(s.request+"\n"), unread...)
		}
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
	if answer := s.atOnce(request); answer != nil {
		s.write(answer)
		return
	}
	if name := asideName(request); name != "" {
		s.respondAside(request, name)
		return
	}
	answer := s.kernel.answer(request)
	s.answered(string(answer))
	s.write(answer)
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
	s.request = line
	value, err := s.strings.Decode([]byte(line))
	request, ok := value.(*js.Object)
	if err != nil || !ok {
		handOver("a request that is not understood")
	}
	if _, exit := request.Get("exit"); exit {
		s.end(line)
		panic(errEnd)
	}
	return request
}

// end is called at the end of the session, with the message that ends it. It hands over if Node.js is to compare.
func (s *session) end(line string) {
	if s.comparing {
		s.request = line
		handOver(comparison)
	}
	if line == "" {
		panic(errEnd)
	}
}

const comparison = "the comparison of the kernels"

// answered records the answer to the request that was read last.
func (s *session) answered(answer string) {
	s.record.add(s.request, answer)
	s.request = ""
}

func (s *session) write(line []byte) {
	if _, err := s.out.Write(append(line, '\n')); err != nil {
		panic(errEnd) // The program has ended.
	}
}

// call asks the program, and answers its own requests until it has answered.
func (s *session) call(callback []byte, id string) any {
	s.answered(string(callback))
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
