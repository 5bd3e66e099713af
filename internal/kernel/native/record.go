package native

import (
	"io"
	"os"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// record is what Node.js repeats when it takes over: each request that was answered, and its answer, in lines of their own. It is longer than everything else
// that this kernel holds, so it continues in a file when it becomes long.
type record struct {
	path     string // Of the file. If it is empty, everything stays in memory.
	answered int
	lines    []byte // Those that the file does not have yet.
	file     *os.File
	err      error // Why the file is incomplete.
}

// inMemory is the number of bytes from which on the record is written: less than what most programs need.
const inMemory = 1 << 20

// add records a request and its answer.
func (r *record) add(request, answer string) {
	r.begin(request)
	r.write(answer)
	r.end()
}

// begin records a request. What is written until end is its answer.
func (r *record) begin(request string) {
	r.write(request)
	r.write("\n")
}

func (r *record) end() {
	r.write("\n")
	r.answered++
}

func (r *record) write(text string) {
	r.lines = append(r.lines, text...)
	r.spill()
}

// writeEscaped writes a part of a string of JSON.
func (r *record) writeEscaped(text string) {
	r.lines = js.AppendEscaped(r.lines, text)
	r.spill()
}

func (r *record) spill() {
	if len(r.lines) > inMemory && r.path != "" {
		r.flush()
	}
}

func (r *record) flush() {
	if r.file == nil && r.err == nil {
		r.file, r.err = os.OpenFile(r.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	}
	if r.err == nil {
		_, r.err = r.file.Write(r.lines)
	}
	r.lines = r.lines[:0]
}

// copy adds what another record has, and removes its file.
func (r *record) copy(other *record) {
	if other.file == nil && other.err == nil {
		r.write(string(other.lines))
		return
	}
	other.flush()
	r.flush()
	if other.err == nil {
		_, other.err = other.file.Seek(0, io.SeekStart)
	}
	if r.err == nil && other.err == nil {
		_, r.err = io.Copy(r.file, other.file)
	}
	if r.err == nil {
		r.err = other.err
	}
	_ = other.file.Close()
	_ = os.Remove(other.path)
}

// close completes the file.
func (r *record) close() error {
	r.flush()
	if r.err == nil {
		r.err = r.file.Close()
	}
	return r.err
}
