package kernel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	jsiiruntime "github.com/aws/jsii-runtime-go/runtime"

	"github.com/ai-platform/manifests/internal/kernel/native"
)

// Ask calls a method that has no arguments, and returns what the native kernel puts aside of its answer: objects, and text. See native.Aside. It reports false if
// the kernel is another. Then the method is to be called as usual.
func Ask[T any](object any, method string, result any) (objects []T, text string, asked bool) {
	if running == nil {
		return nil, "", false
	}
	file := filepath.Join(running.path, native.Aside)
	if _, err := os.Stat(file); err != nil {
		return nil, "", false
	}
	jsiiruntime.Invoke(object, method, []any{native.Aside}, result)
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", false // Node.js has just taken over.
	}
	line, rest, _ := bytes.Cut(content, []byte("\n"))
	if err == nil {
		err = json.Unmarshal(line, &objects)
	}
	if err != nil {
		panic(fmt.Errorf("read the objects of the jsii kernel: %w", err))
	}
	return objects, string(rest), true
}

// AddPatches creates and adds JSON patches to objects by one request to the native kernel. Each has the name of a method of cdk8s.JsonPatch, and its arguments as
// encoding/json gives them. It reports false if the kernel is another, or does not know one of them. Then they are to be added as usual.
func AddPatches(objects []any, patches [][][]any) (added bool) {
	if running == nil || !running.native {
		return false
	}
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case runtime.Error:
			panic(problem)
		case error:
			// Node.js, which has taken over since, says that the first argument is no patch.
			running.native = problem.Error() == native.Aside
		default:
			panic(problem)
		}
	}()
	// The runtime looks into maps and pointers for objects of its own. A struct that it does not know it passes on.
	jsiiruntime.InvokeVoid(objects[0], "addJsonPatch", append([]any{native.Aside, native.Patches{Patches: patches}}, objects...))
	return true
}
