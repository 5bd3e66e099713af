package kernel

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	jsiiruntime "github.com/aws/jsii-runtime-go/runtime"

	"github.com/ai-platform/manifests/internal/kernel/native"
)

// Ask calls a method that has no arguments, and reads what the native kernel puts aside of its answer: see native.Aside. It reports false if the kernel is
// another. Then the method is to be called as usual.
func Ask(object any, method string, result, aside any) bool {
	file, is := asideFile()
	if !is {
		return false
	}
	jsiiruntime.Invoke(object, method, []any{native.Aside}, result)
	content, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return false // Node.js has just taken over.
	}
	if err == nil {
		err = json.Unmarshal(content, aside)
	}
	if err != nil {
		panic(fmt.Errorf("read the answer of the jsii kernel: %w", err))
	}
	return true
}

// asideFile exists while the kernel is native.
func asideFile() (path string, is bool) {
	if running == nil {
		return "", false
	}
	path = filepath.Join(running.path, native.Aside)
	_, err := os.Stat(path)
	return path, err == nil
}

// AddPatches creates and adds JSON patches by one request to the native kernel. Each has the name of a method of cdk8s.JsonPatch, and its arguments as encoding/json
// gives them. It reports false if the kernel is another, or does not know one of them. Then they are to be added as usual.
func AddPatches(object any, patches [][]any) (added bool) {
	if _, is := asideFile(); !is {
		return false
	}
	defer func() {
		if problem := recover(); problem != nil {
			if err, is := problem.(error); !is || err.Error() != native.Aside {
				panic(problem)
			}
		}
	}()
	// The runtime looks into maps and pointers for objects of its own. A struct that it does not know it passes on.
	jsiiruntime.InvokeVoid(object, "addJsonPatch", []any{native.Aside, native.Patches{Patches: patches}})
	return true
}
