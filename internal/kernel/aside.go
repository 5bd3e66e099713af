package kernel

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	jsiiruntime "github.com/aws/jsii-runtime-go/runtime"

	"github.com/ai-platform/manifests/internal/kernel/native"
)

// Ask calls a method that has no arguments. read gets what the native kernel writes aside of its answer, in another goroutine, while it writes: see native.Aside.
// Ask reports false if the kernel is another. Then the method is to be called as usual.
func Ask(object any, method string, result any, read func(aside *bufio.Reader) error) (asked bool) {
	if running == nil || !running.answersAside() {
		return false
	}
	asides++
	name := native.Aside + strconv.Itoa(asides)
	path := filepath.Join(running.path, name)
	defer os.Remove(path)
	reader, writer, err := makePipe(path)
	if err != nil {
		return false
	}
	defer reader.Close()
	done := make(chan error, 1)
	go func() {
		buffered := bufio.NewReaderSize(reader, 1<<16)
		err := read(buffered)
		_, rest := io.Copy(io.Discard, buffered) // The kernel waits for who reads.
		done <- errors.Join(err, rest)
	}()
	answered := false
	defer func() {
		if !answered { // By a panic in a callback, for example: then the kernel still waits, and its end of the pipe is open.
			_, _, _ = reader.Close(), writer.Close(), <-done
		}
	}()
	jsiiruntime.Invoke(object, method, []any{name}, result)
	answered = true
	err = errors.Join(writer.Close(), <-done)
	// If Node.js took over in the meantime, some of it is missing.
	return err == nil
}

// asides counts the pipes, so that each has a name of its own.
var asides int

// NewObject creates an object of a class whose interface is T, and adds JSON patches to it, by one request to the native kernel. Each patch is the name of a method of
// cdk8s.JsonPatch, and its arguments as encoding/json gives them. NewObject reports false if the kernel is another, or does not know one of them. Then it is to be created
// as usual.
func NewObject[T any](class jsiiruntime.FQN, args []any, patches [][]any) (object T, created bool) {
	created = atOnce(func() {
		jsiiruntime.InitJsiiProxy(&object)
		jsiiruntime.Create(class, append(args, native.Aside, native.Patches{Patches: [][][]any{patches}}), object)
	})
	return object, created
}

// AddPatches creates and adds JSON patches to objects by one request to the native kernel, as NewObject does.
func AddPatches(objects []any, patches [][][]any) (added bool) {
	return atOnce(func() {
		jsiiruntime.InvokeVoid(objects[0], "addJsonPatch", append([]any{native.Aside, native.Patches{Patches: patches}}, objects...))
	})
}

// atOnce makes a request that stands for several, and reports whether it was understood. The runtime looks into maps and pointers among its arguments for objects of
// its own. A struct that it does not know it passes on.
func atOnce(request func()) (understood bool) {
	if running == nil || !running.native {
		return false
	}
	defer func() {
		problem := recover()
		if problem == nil {
			return
		}
		err, is := problem.(error)
		if bug := runtime.Error(nil); !is || errors.As(err, &bug) {
			panic(problem)
		}
		running.native = running.answersAside()
		if running.native && err.Error() != native.Aside {
			panic(problem)
		}
	}()
	request()
	return true
}
